"""What only support staff may do, whether they look at the account or not: the part of the table for their pages."""

import uuid
from dataclasses import replace

from dashboard import routes
from tests.doors.actions import SUPPORT, Action, made
from tests.doors.doors import Arguments, Event, nothing
from tests.doors.scene import VIEWER, Scene

AT = "/support/accounts/{account}"
ACCOUNT = "support.account.state.AccountState"
REPORTS = "support.account.reports.AccountReportsState"
LEDGER = "support.account.ledger.AccountLedgerState"
REQUESTS = "support.account.api_requests.AccountRequestsState"
ASKED = "support.requests.CreditRequestsState"


def form(**fields: object) -> Arguments:
    """What a dialog sends; values in braces come from what was made."""
    return lambda s: {
        "form": {
            name: value.format(**s.made, account=s.account) if isinstance(value, str) else value
            for name, value in fields.items()
        }
    }


def on_the_page(handler: str, arguments: Arguments) -> Event:
    """Something that is done to the account of the page, once it is there."""
    return Event(f"{ACCOUNT}.{handler}", arguments, path=AT, before=((f"{ACCOUNT}.load", nothing, "is_ready"),))


def adjusting(change: str) -> Event:
    """A change of credits, previewed as the page does it."""
    event = on_the_page("adjust", form(change=change, reason="For a test"))
    opening = (f"{ACCOUNT}.show_dialog", lambda _: {"name": "credits", "is_open": True})
    previewing = (f"{ACCOUNT}.preview", lambda _: {"change": change}, "after")
    return replace(event, before=(*event.before, opening, previewing))


def held_report(scene: Scene) -> uuid.UUID:
    """A report whose one link a runner holds, for longer than the test takes."""
    report = scene.report("processing")
    message = scene.value("select * from pgmq.send('turns', '{}'::jsonb, 600)")
    scene.world.run(
        "insert into public.report_items (report_id, account_id, position, url, claim_msg_id, claim_read_ct)"
        " values (%s, %s, 1, 'https://nowhere.invalid/', %s, 1)",
        report, scene.account, message,
    )  # fmt: skip
    scene.world.run("update public.reports set open_count = 1, url_count = 1 where id = %s", report)
    return report


def api_request(scene: Scene) -> str:
    """A request to the API, with a key that has the secret for a name."""
    request = f"req_{uuid.uuid4().hex}"
    scene.world.run(
        "insert into private.api_requests (request_id, account_id, key_id, method, route, status, created_at)"
        " values (%s, %s, %s, 'GET', '/api/v1/reports', 200, now())",
        request, scene.account, scene.key(),
    )  # fmt: skip
    return request


def audited(scene: Scene) -> object:
    """An entry that nobody but support is told of."""
    return scene.value(
        "select private.audit('cli:test', 'account.rename', %s, null, null, null, %s)", scene.account, scene.secret
    )


def balance(scene: Scene) -> object:
    return scene.value("select credit_balance from public.accounts where id = %s", scene.account)


def status(scene: Scene) -> object:
    return scene.value("select status from public.accounts where id = %s", scene.account)


def report_status(scene: Scene) -> object:
    return scene.value("select status from public.reports where id = %s", scene.made["report"])


def request_status(scene: Scene) -> object:
    return scene.value("select status from public.credit_requests where id = %s", scene.made["request"])


def retries(scene: Scene) -> object:
    return scene.value("select count(*) from private.report_retries where report_id = %s", scene.made["report"])


def views_begun(scene: Scene) -> object:
    """Views, and sessions that show the account: who looks already, is only shown it."""
    return scene.rows(
        "select (select count(*) from private.staff_views where account_id = %s),"
        " (select count(*) from private.sessions where account_id = %s)",
        scene.account, scene.account,
    )  # fmt: skip


def forget_the_account(scene: Scene) -> None:
    """The browser of who acts shows another account."""
    scene.world.run("update private.sessions set account_id = null where user_id = %s", scene.actor_id)


ACTIONS = [
    Action(
        "find an account as support", SUPPORT,
        (
            Event(
                "support.search.SearchState.search", lambda s: {"form": {"query": s.secret}}, path="/support",
                wait="summary",
            ),
        ),
    ),
    Action(
        "see the page of an account as support", SUPPORT,
        (
            Event(f"{ACCOUNT}.load", path=AT, wait="is_ready"),
            Event(f"{ACCOUNT}.refresh", path=AT, wait="is_ready"),
        ),
    ),
    Action(
        "see the reports of an account as support", SUPPORT,
        (
            Event(f"{REPORTS}.load", path=AT, wait="is_ready"),
            Event(f"{REPORTS}.tick", path=AT, wait="is_ready"),
            Event(f"{REPORTS}.show", lambda _: {"shown": "all"}, path=AT, wait="is_ready"),
            Event(f"{REPORTS}.turn", lambda _: {"step": "newer"}, path=AT, wait="is_ready"),
        ),
        prepare=made(report=held_report),
    ),
    Action(
        "see the ledger of an account as support", SUPPORT,
        (
            Event(f"{LEDGER}.load", path=AT, wait="is_ready"),
            Event(f"{LEDGER}.turn", lambda _: {"step": "newer"}, path=AT, wait="is_ready"),
        ),
        prepare=lambda s: s.credits(5),
    ),
    Action(
        "see the API requests of an account as support", SUPPORT,
        (
            Event(f"{REQUESTS}.load", path=AT, wait="is_ready"),
            Event(f"{REQUESTS}.turn", lambda _: {"step": "newer"}, path=AT, wait="is_ready"),
        ),
        prepare=api_request,
    ),
    Action(
        "adjust credits", SUPPORT, (adjusting("5"),),
        look=balance,
    ),
    Action(
        "deactivate an account", SUPPORT, (on_the_page("deactivate", form(reason="For a test")),),
        look=status,
    ),
    Action(
        "reactivate an account", SUPPORT, (on_the_page("reactivate", form(reason="For a test")),),
        prepare=lambda s: s.world.run("update public.accounts set status = 'deactivated' where id = %s", s.account),
        look=status,
    ),
    Action(
        "start to look at an account", SUPPORT, (on_the_page("look", form(reason="For a test")),),
        prepare=forget_the_account, look=views_begun,
    ),
    Action(
        "go on looking at an account", {VIEWER}, (on_the_page("go_on_looking", nothing),),
        prepare=forget_the_account, look=views_begun,
    ),
    Action(
        "end one's look at an account", {VIEWER}, (on_the_page("end_look", nothing),),
        look=lambda s: s.value(
            "select count(*) from private.staff_views where account_id = %s and ended_at is null", s.account
        ),
    ),
    Action(
        "start a report again", SUPPORT,
        (Event(f"{REPORTS}.retry", form(report="{report}", reason="For a test"), path=AT),),
        prepare=made(report=held_report), look=retries,
    ),
    Action(
        "end a report and give its price back", SUPPORT,
        (Event(f"{REPORTS}.refund", form(report="{report}", reason="For a test"), path=AT),),
        prepare=made(report=held_report), look=report_status,
    ),
    Action(
        "see what accounts ask for", SUPPORT,
        (
            Event(f"{ASKED}.load", path=routes.SUPPORT_REQUESTS, wait="is_ready"),
            Event(f"{ASKED}.refresh", path=routes.SUPPORT_REQUESTS, wait="is_ready"),
        ),
        prepare=made(request=lambda s: s.credit_request()),
    ),
    Action(
        "grant what an account asks for", SUPPORT,
        (
            Event(
                f"{ASKED}.approve", form(request="{request}", credits="5", note="For a test"),
                path=routes.SUPPORT_REQUESTS,
            ),
        ),
        prepare=made(request=lambda s: s.credit_request()), look=request_status,
    ),
    Action(
        "decline what an account asks for", SUPPORT,
        (Event(f"{ASKED}.decline", form(request="{request}", note="For a test"), path=routes.SUPPORT_REQUESTS),),
        prepare=made(request=lambda s: s.credit_request()), look=request_status,
    ),
    Action(
        "read the audit log", SUPPORT,
        (Event("support.audit.AuditState.load", path="/support/audit?account={account}", wait="is_ready"),),
        prepare=audited,
    ),
]  # fmt: skip

HANDLERS: dict[str, str] = {
    "support.search.SearchState.load": "empties the field, in this tab",
    f"{ACCOUNT}.show_tab": "shows another part of the page, in this tab",
    f"{ACCOUNT}.show_dialog": "opens a form, in this tab",
    f"{ACCOUNT}.preview": "reads the balance again, of the account that the tab shows",
    f"{REPORTS}.show_dialog": "opens a form, in this tab",
    f"{ASKED}.show_dialog": "the same",
    "support.audit.AuditState.narrow": "goes to another address of the log",
}
"""Event handlers of support that change nothing but what the tab shows; the gate lets them through for staff alone."""

PAGES = dict.fromkeys((routes.SUPPORT, routes.SUPPORT_ACCOUNT, routes.SUPPORT_REQUESTS, routes.SUPPORT_AUDIT), SUPPORT)
"""The pages of support."""
