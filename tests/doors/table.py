"""Who may do what, through which doors. Written by hand: what is not here is not meant to be possible.

Each action is tried through each of its doors as each role (`tests/doors/test_doors.py`): who may, changes what `look`
reads, or is told the scene's secret; who may not, changes nothing and is not told. Every event handler, every function
that people can call and every endpoint of the portal stands here, or below with the reason why it is no action.
"""

import hashlib
import io
import uuid

from PIL import Image

from dashboard import routes
from tests.doors import support
from tests.doors.actions import MANAGERS, MEMBERS, OWNERS, READERS, SIGNED_IN, Action, made
from tests.doors.doors import Event, Portal, Rpc
from tests.doors.scene import ADMIN, MEMBER, OWNER, VIEWER, Scene

# -- Keys -----------------------------------------------------------------------------------------------------------

KEYS = [
    Action(
        "see the API keys", READERS,
        (
            Rpc("list_api_keys", lambda s: {"p_account": s.account}),
            Portal("GET", "/api/portal/keys", query="?account={account}"),
            Event("pages.keys.KeysState.load", path=routes.KEYS, wait="is_ready"),
        ),
        prepare=made(key=lambda s: s.key()),
    ),
    Action(
        "create an API key", MANAGERS,
        (
            Rpc("create_api_key", lambda s: {
                "p_account": s.account, "p_name": "k",
                "p_prefix": "cr_live_BBBBBBBB", "p_hash": hashlib.sha256(s.account.bytes).hexdigest(),
            }),
            Portal("POST", "/api/portal/keys", query="?account={account}", body=lambda s: {"name": "k"}),
        ),
        look=lambda s: s.value("select count(*) from public.api_keys where account_id = %s", s.account),
    ),
    Action(
        "revoke an API key", MANAGERS,
        (
            Rpc("revoke_api_key", lambda s: {"p_key": s.made["key"]}),
            Portal("DELETE", "/api/portal/keys/{key_id}"),
            Event("pages.keys.KeysState.revoke", lambda s: {"key_id": s.made["key"]}, routes.KEYS),
        ),
        prepare=made(key=lambda s: s.key()),
        look=lambda s: s.value("select revoked_at is null from public.api_keys where id = %s", s.made["key"]),
    ),
]  # fmt: skip

# -- Team -----------------------------------------------------------------------------------------------------------


def role_of_other(scene: Scene) -> object:
    return scene.value(
        "select role from public.members where account_id = %s and user_id = %s", scene.account, scene.made["other"]
    )


def invited_by_a_secret(scene: Scene) -> None:
    """An invitation by somebody whose name is the secret."""
    inviter = scene.another(ADMIN)
    scene.world.run("insert into public.profiles (user_id, name) values (%s, %s)", inviter, scene.secret)
    scene.world.run("update public.invitations set invited_by = %s where id = %s", inviter, scene.invitation())


def role_change(name: str, allowed: set[str], before: str, after: str) -> Action:
    """Giving somebody else who is `before` the role `after`."""
    return Action(
        name, allowed,
        (
            Rpc("set_member_role", lambda s: {"p_account": s.account, "p_user": s.made["other"], "p_role": after}),
            Event(
                "pages.team.state.TeamState.set_role",
                lambda s: {"user_id": s.made["other"], "role": after},
                routes.TEAM,
            ),
        ),
        prepare=made(other=lambda s: s.another(before)), look=role_of_other,
    )  # fmt: skip


TEAM = [
    Action(
        "see the members", READERS,
        (
            Rpc("list_members", lambda s: {"p_account": s.account}),
            Event("pages.team.state.TeamState.load", path=routes.TEAM, wait="is_ready"),
        ),
        prepare=lambda s: s.world.run(
            "insert into public.profiles (user_id, name) values (%s, %s)", s.another(MEMBER), s.secret
        ),
    ),
    role_change("change the role of a member", MANAGERS, MEMBER, "admin"),
    role_change("make a member an owner", OWNERS, MEMBER, "owner"),
    role_change("take the role of an owner away", OWNERS, OWNER, "member"),
    Action(
        "remove a member", MANAGERS,
        (
            Rpc("remove_member", lambda s: {"p_account": s.account, "p_user": s.made["other"]}),
            Event("pages.team.state.TeamState.remove", lambda s: {"user_id": s.made["other"]}, routes.TEAM),
        ),
        prepare=made(other=lambda s: s.another(MEMBER)), look=role_of_other,
    ),
    Action(
        "remove an owner", OWNERS,
        (
            Rpc("remove_member", lambda s: {"p_account": s.account, "p_user": s.made["other"]}),
            Event("pages.team.state.TeamState.remove", lambda s: {"user_id": s.made["other"]}, routes.TEAM),
        ),
        prepare=made(other=lambda s: s.another(OWNER)), look=role_of_other,
    ),
    Action(
        "hand the account over", OWNERS,
        (
            Rpc("transfer_ownership", lambda s: {"p_account": s.account, "p_user": s.made["other"]}),
            Event("pages.team.state.TeamState.transfer", lambda s: {"user_id": s.made["other"]}, routes.TEAM),
        ),
        prepare=made(other=lambda s: s.another(MEMBER)), look=role_of_other,
    ),
    Action(
        "leave the account", MEMBERS,
        (
            Rpc("leave_account", lambda s: {"p_account": s.account}),
            Event("pages.team.state.TeamState.quit", path=routes.TEAM),
            Event("pages.profile.state.ProfileState.leave_team", lambda s: {"account_id": s.account}),
        ),
        # The last owner cannot.
        prepare=lambda s: s.another(OWNER),
        look=lambda s: s.value("select count(*) from public.members where account_id = %s", s.account),
    ),
    Action(
        "see who is invited", MANAGERS | {VIEWER},
        # In the page, those who see the members see the name of who invites anyway.
        (Rpc("list_invitations", lambda s: {"p_account": s.account}),),
        prepare=invited_by_a_secret,
    ),
    Action(
        "invite somebody", MANAGERS,
        (
            Rpc("invite_member", lambda s: {
                "p_account": s.account, "p_email": f"{uuid.uuid4().hex}@example.com", "p_role": "member",
                "p_token_hash": hashlib.sha256(s.account.bytes).hexdigest(),
            }),
            Portal(
                "POST", "/api/portal/invitations", query="?account={account}",
                body=lambda s: {"email": f"{uuid.uuid4().hex}@example.com", "role": "member"},
            ),
        ),
        look=lambda s: s.value("select count(*) from public.invitations where account_id = %s", s.account),
    ),
    Action(
        "send an invitation again", MANAGERS,
        (
            Rpc("renew_invitation", lambda s: {
                "p_invitation": s.made["invitation"], "p_token_hash": hashlib.sha256(s.account.bytes).hexdigest(),
            }),
            Portal("POST", "/api/portal/invitations/{invitation_id}/renewal"),
        ),
        prepare=made(invitation=lambda s: s.invitation()),
        look=lambda s: s.value("select sent_at from public.invitations where id = %s", s.made["invitation"]),
    ),
    Action(
        "cancel an invitation", MANAGERS,
        (
            Rpc("cancel_invitation", lambda s: {"p_invitation": s.made["invitation"]}),
            Event(
                "pages.team.state.TeamState.cancel", lambda s: {"invitation_id": s.made["invitation"]}, routes.TEAM
            ),
        ),
        prepare=made(invitation=lambda s: s.invitation()),
        look=lambda s: s.value("select cancelled_at from public.invitations where id = %s", s.made["invitation"]),
    ),
    Action(
        "accept an invitation to one's own address", SIGNED_IN,
        (
            Rpc("accept_invitation", lambda s: {"p_token": s.made["token"]}),
            Portal("POST", "/invitations/{token}", form=lambda s: {"go": "on"}),
            Portal("POST", "/api/portal/invitations/{invitation_id}/acceptance", form=lambda s: {"go": "on"}),
        ),
        prepare=made(invitation=lambda s: s.invitation(s.actor.email if s.actor else "")),
        look=lambda s: s.value("select accepted_at from public.invitations where id = %s", s.made["invitation"]),
    ),
    Action(
        "see who invites one's own address", SIGNED_IN,
        (Portal("GET", "/invitations"),),
        prepare=made(invitation=lambda s: s.invitation(s.actor.email if s.actor else "")),
    ),
    Action(
        "decline an invitation to one's own address", SIGNED_IN,
        (Portal("POST", "/api/portal/invitations/{invitation_id}/refusal", form=lambda s: {"go": "on"}),),
        prepare=made(invitation=lambda s: s.invitation(s.actor.email if s.actor else "")),
        look=lambda s: s.value("select cancelled_at from public.invitations where id = %s", s.made["invitation"]),
    ),
    Action(
        "decline an invitation to another address", set(),
        (Portal("POST", "/api/portal/invitations/{invitation_id}/refusal", form=lambda s: {"go": "on"}),),
        prepare=made(invitation=lambda s: s.invitation()),
        look=lambda s: s.value("select cancelled_at from public.invitations where id = %s", s.made["invitation"]),
    ),
    Action(
        "accept an invitation to another address", set(),
        (
            Rpc("accept_invitation", lambda s: {"p_token": s.made["token"]}),
            Portal("POST", "/invitations/{token}", form=lambda s: {"go": "on"}),
            Portal("POST", "/api/portal/invitations/{invitation_id}/acceptance", form=lambda s: {"go": "on"}),
        ),
        prepare=made(invitation=lambda s: s.invitation()),
        look=lambda s: s.value("select accepted_at from public.invitations where id = %s", s.made["invitation"]),
    ),
]  # fmt: skip

# -- Reports --------------------------------------------------------------------------------------------------------

ENDED = made(report=lambda s: s.report())

PAGE = "pages.report.state.ReportState"
AT = "/reports/{report}"


def token_of(scene: Scene) -> object:
    return scene.rows("select token, revoked_at from private.share_links where report_id = %s", scene.made["report"])


REPORTS = [
    Action(
        "see the account at a glance", READERS,
        (
            Rpc("account_overview", lambda s: {"p_account": s.account}),
            Event("pages.overview.OverviewState.load", wait="is_ready"),
            Event("pages.overview.OverviewState.refresh", wait="is_ready"),
        ),
        prepare=ENDED,
    ),
    Action(
        "search the reports", READERS,
        (
            Rpc("search_reports", lambda s: {"p_account": s.account}),
            Event("pages.reports.ReportsState.load", path="/reports", wait="is_ready"),
            Event("pages.reports.ReportsState.refresh", path="/reports?status=completed", wait="is_ready"),
        ),
        prepare=ENDED,
    ),
    Action(
        "see a report", READERS,
        (
            Rpc("report_page", lambda s: {"p_report": s.made["report"]}),
            Portal("GET", "/api/portal/reports/{report_id}/html"),
            Event(f"{PAGE}.load", path=AT, wait="is_ready"),
            Event(f"{PAGE}.tick", path=AT, wait="is_ready"),
            Event(f"{PAGE}.show", lambda _: {"shown": "all"}, path=AT, wait="is_ready"),
            Event(f"{PAGE}.turn", lambda _: {"page": 1}, path=AT, wait="is_ready"),
            Event("pages.new_report.NewReportState.load", path="/reports/new?from={report}", wait="is_ready"),
        ),
        prepare=ENDED,
    ),
    Action(
        "make a report", MEMBERS,
        (
            Rpc("create_report", lambda s: {
                "p_account": s.account, "p_name": "r", "p_urls": ["https://nowhere.invalid/"],
                "p_idempotency_key": uuid.uuid4().hex,
            }),
            Event(
                "pages.new_report.NewReportState.create",
                lambda _: {"form": {"name": "r", "links": "https://nowhere.invalid/", "key": uuid.uuid4().hex}},
                path="/reports/new",
            ),
        ),
        prepare=lambda s: s.credits(10),
        look=lambda s: s.value("select count(*) from public.reports where account_id = %s", s.account),
    ),
    Action(
        "rename a report", MEMBERS,
        (
            Rpc("rename_report", lambda s: {"p_report": s.made["report"], "p_name": "Another name"}),
            Event(f"{PAGE}.rename", lambda _: {"form": {"name": "Another name"}}, path=AT),
        ),
        prepare=ENDED,
        look=lambda s: s.value("select name from public.reports where id = %s", s.made["report"]),
    ),
    Action(
        "revoke the share link of a report", MEMBERS,
        (
            Rpc("revoke_share_link", lambda s: {"p_report": s.made["report"]}),
            Event(f"{PAGE}.revoke_link", path=AT),
        ),
        prepare=ENDED, look=token_of,
    ),
    Action(
        "renew the share link of a report", MEMBERS,
        (
            Rpc("renew_share_link", lambda s: {"p_report": s.made["report"]}),
            Event(f"{PAGE}.renew_link", path=AT),
        ),
        prepare=ENDED, look=token_of,
    ),
    Action(
        "delete a report of somebody else", MANAGERS,
        (
            Rpc("delete_report", lambda s: {"p_report": s.made["report"]}),
            Event(f"{PAGE}.delete", path=AT),
        ),
        prepare=ENDED,
        look=lambda s: s.value("select count(*) from public.reports where id = %s", s.made["report"]),
    ),
    Action(
        "delete a report of one's own", MEMBERS,
        (
            Rpc("delete_report", lambda s: {"p_report": s.made["report"]}),
            Event(f"{PAGE}.delete", path=AT),
        ),
        prepare=made(report=lambda s: s.report(by=s.actor_id)),
        look=lambda s: s.value("select count(*) from public.reports where id = %s", s.made["report"]),
    ),
]  # fmt: skip

# -- Account and oneself --------------------------------------------------------------------------------------------


def _logo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 32), "navy").save(file, "PNG")
    return file.getvalue()


def branding(scene: Scene) -> object:
    return scene.value("select branding from public.accounts where id = %s", scene.account)


_A_NAME = ("pages.branding.BrandingState.try_title", lambda _: {"text": "Another name"})
_A_COLOUR = ("pages.branding.BrandingState.try_accent", lambda _: {"colour": "#123456"})


def session_of_other(scene: Scene) -> object:
    return scene.value("select count(*) from private.sessions where id = %s", scene.made["session"])


ACCOUNT = [
    Action(
        "see the branding", READERS,
        (Event("pages.branding.BrandingState.load", wait="is_ready"),),
    ),
    Action(
        "rename the account", MANAGERS,
        (
            Rpc("rename_account", lambda s: {"p_account": s.account, "p_name": "Another name"}),
            Event("pages.branding.BrandingState.save", before=(_A_NAME,)),
        ),
        look=lambda s: s.value("select name from public.accounts where id = %s", s.account),
    ),
    Action(
        "change colour and introduction", MANAGERS,
        (
            Rpc("set_branding", lambda s: {"p_account": s.account, "p_accent": "#123456", "p_intro": "Hello"}),
            Event("pages.branding.BrandingState.save", before=(_A_NAME, _A_COLOUR)),
        ),
        look=branding,
    ),
    Action(
        "put up a logo", MANAGERS,
        (
            Portal(
                "POST", "/api/portal/logo", query="?account={account}", file=_logo(), file_type="image/png"
            ),
        ),
        look=branding,
    ),
    Action(
        "take the logo away", MANAGERS,
        (Portal("DELETE", "/api/portal/logo", query="?account={account}"),),
        prepare=lambda s: s.value(
            "select private.set_logo(%s, %s, %s, %s, 10, 10)",
            s.user(OWNER), s.account, uuid.uuid4().hex, f"logos/{uuid.uuid4().hex}.png",
        ),
        look=branding,
    ),
    Action(
        "delete the account", OWNERS,
        (
            Rpc("delete_account", lambda s: {"p_account": s.account, "p_name": s.secret}),
            Event("pages.profile.state.ProfileState.delete_account", lambda s: {"form": {"account_name": s.secret}}),
        ),
        look=lambda s: s.value("select deleted_at from public.accounts where id = %s", s.account),
    ),
    Action(
        "tell how one is called", SIGNED_IN,
        (
            Rpc("save_profile", lambda s: {"p_name": f"Name {s.account}"}),
            Event(
                "pages.profile.state.ProfileState.save",
                lambda s: {"form": {"name": f"Name {s.account}", "time_zone": ""}},
            ),
        ),
        look=lambda s: s.value("select name from public.profiles where user_id = %s", s.actor_id),
    ),
    Action(
        "take the time zone of one's browser", SIGNED_IN,
        (
            Event(
                "pages.profile.state.ProfileState.use_browser_zone",
                before=(("pages.profile.state.ProfileState.tell_zone", lambda _: {"zone": "Asia/Tokyo"}),),
            ),
        ),
        prepare=lambda s: s.world.run(
            "update public.profiles set time_zone = null where user_id = %s", s.actor_id
        ),
        look=lambda s: s.value("select time_zone from public.profiles where user_id = %s", s.actor_id),
    ),
    Action(
        "choose one's theme", SIGNED_IN,
        (Event("pages.profile.state.ProfileState.choose_theme", lambda _: {"theme": "dark"}),),
        prepare=lambda s: s.world.run(
            "update public.profiles set theme = 'light' where user_id = %s", s.actor_id
        ),
        look=lambda s: s.value("select theme from public.profiles where user_id = %s", s.actor_id),
    ),
    Action(
        "sign out another browser of one's own", SIGNED_IN,
        (Event("pages.profile.state.ProfileState.end_session", lambda s: {"session_id": s.made["session"]}),),
        prepare=made(session=lambda s: s.session(s.actor_id or s.user(OWNER))), look=session_of_other,
    ),
    Action(
        "sign out a browser of somebody else", set(),
        (Event("pages.profile.state.ProfileState.end_session", lambda s: {"session_id": s.made["session"]}),),
        prepare=made(session=lambda s: s.session(s.another(MEMBER))), look=session_of_other,
    ),
    Action(
        "show another account of one's own", MEMBERS,
        (Event("visit.Visit.switch_account", lambda s: {"account_id": s.account}),),
        prepare=lambda s: s.world.run("update private.sessions set account_id = null where user_id = %s", s.actor_id),
        look=lambda s: s.value(
            "select count(*) from private.sessions where account_id = %s and user_id = %s", s.account, s.actor_id
        ),
    ),
]  # fmt: skip

# -- Credits --------------------------------------------------------------------------------------------------------

CREDITS = [
    Action(
        "see the ledger", READERS,
        (
            Rpc("list_ledger", lambda s: {"p_account": s.account}),
            Portal("GET", "/api/portal/ledger.csv", query="?account={account}"),
            Event("pages.credits.state.CreditsState.load", wait="is_ready"),
            Event("pages.credits.state.CreditsState.older", wait="is_ready"),
            Event("pages.credits.state.CreditsState.newer", wait="is_ready"),
        ),
        prepare=lambda s: s.credits(5),
    ),
    Action(
        "see whether support has answered", READERS,
        (Event("pages.credits.state.CreditsState.follow", wait="is_ready"),),
        prepare=lambda s: s.credit_request(),
    ),
    Action(
        "ask for credits", MANAGERS,
        (
            Rpc("request_credits", lambda s: {"p_account": s.account, "p_credits": 5, "p_message": "Please"}),
            Event(
                "pages.credits.state.CreditsState.ask", lambda _: {"form": {"credits": "5", "message": "Please"}}
            ),
        ),
        look=lambda s: s.value("select count(*) from public.credit_requests where account_id = %s", s.account),
    ),
    Action(
        "take back that one asked for credits", MANAGERS,
        (
            Rpc("withdraw_credit_request", lambda s: {"p_request": s.made["request"]}),
            Event("pages.credits.state.CreditsState.withdraw", lambda s: {"request_id": s.made["request"]}),
        ),
        prepare=made(request=lambda s: s.credit_request()),
        look=lambda s: s.value("select status from public.credit_requests where id = %s", s.made["request"]),
    ),
]  # fmt: skip

# -- Support --------------------------------------------------------------------------------------------------------


def open_views(scene: Scene) -> object:
    return scene.value(
        "select count(*) from private.staff_views where account_id = %s and ended_at is null", scene.account
    )


STAFF_ONLY = [
    Action("stop looking at the account", {VIEWER}, (Event("visit.Visit.stop_looking"),), look=open_views),
]

ACTIONS: list[Action] = [*KEYS, *TEAM, *REPORTS, *ACCOUNT, *CREDITS, *STAFF_ONLY, *support.ACTIONS]

# -- No actions -----------------------------------------------------------------------------------------------------

HANDLERS: dict[str, str] = {
    **support.HANDLERS,
    "pages.reports.ReportsState.find": "goes to another address of the list",
    "pages.reports.ReportsState.show_status": "the same",
    "pages.reports.ReportsState.show_from": "the same",
    "pages.reports.ReportsState.show_to": "the same",
    "pages.new_report.NewReportState.preview": "cleans the links that were sent, and tells their price",
    "pages.new_report.NewReportState.use_samples": "fills the form with links that everybody may have",
    "pages.report.state.ReportState.start_renaming": "opens a field, in this tab",
    "pages.report.state.ReportState.stop_renaming": "closes it",
    "pages.team.state.TeamState.choose_heir": "marks somebody of the list, in this tab",
    "pages.branding.BrandingState.logo_changed": "reads the address of the logo, which reports show to everybody",
    "pages.branding.BrandingState.try_title": "what is typed, in this tab",
    "pages.branding.BrandingState.try_accent": "the same",
    "pages.branding.BrandingState.try_intro": "the same",
    "pages.branding.BrandingState.undo": "the same",
    "pages.profile.state.ProfileState.begin_deletion": "clears what was said in the dialog",
    "pages.profile.state.ProfileState.load": "reads what is the user's own",
    "pages.profile.state.ProfileState.tell_zone": "what the browser says, in this tab",
    "pages.profile.state.ProfileState.make_team": "create_own_account",
    "visit.Visit.pulse": "passes the gate, does nothing",
    "visit.Visit.dismiss": "takes a toast away, in this tab",
    "visit.Visit.say": "shows a toast, in this tab",
}
"""Event handlers that change nothing but what the tab shows, and read nothing of the account."""

FUNCTIONS: dict[str, str] = {
    "who_am_i": "tells who asks about themselves",
    "ensure_account": "makes an account for who has none, and nothing for who has one",
    "create_own_account": "the same, when somebody asks for it",
}
"""Functions that people may call and that concern nobody but them."""

ENDPOINTS: dict[str, str] = {
    "GET /sign-in": "a form for everybody",
    "POST /api/portal/session": "signs in: tests/integration/dashboard/test_sign_in.py",
    "POST /api/portal/session/end": "signs out who asks",
    "GET /welcome": "a form for who has no account",
    "POST /api/portal/accounts": "create_own_account",
    "GET /sign-up": "a form for everybody",
    "POST /api/portal/users": "signs up",
    "POST /api/portal/users/confirmation": "sends a mail to its owner",
    "GET /check-mail": "says that a mail is under way",
    "GET /api/portal/confirm": "for who has the link of a mail",
    "POST /api/portal/confirm": "the same",
    "GET /forgot-password": "a form for everybody",  # pragma: allowlist secret
    "POST /api/portal/recovery": "sends a mail to its owner",
    "GET /new-password": "a form for who came by a mail",  # pragma: allowlist secret
    "POST /api/portal/password": "changes the password of who knows it",  # pragma: allowlist secret
    "POST /api/portal/email": "changes the address of who knows the password",
    "GET /api/portal/portal.js": "a script for everybody",
    "GET /mail": "the outbox of this machine, for who sits at it",
    "GET /api/portal/reports/share/{token}": "for who has the link",
    "GET /api/portal/reports/share/{token}/images/{image_id}.jpg": "the same",
    "GET /api/portal/images/{image_id}.jpg": "for who has the address",
    "GET /api/portal/logos/{logo_id}.png": "for who has the address",
    "GET /invitations/{token}": "for who has the link",
    "POST /api/portal/branding/preview": "shows what was sent",
    "POST /api/portal/links": "finds the links in what was sent, and keeps nothing",
    "GET /healthz": "for whoever watches the process",
    "GET /readyz": "the same",
}
"""Endpoints without a role: for everybody, or for who holds a secret that is the right by itself."""

PAGES: dict[str, set[str]] = {
    **support.PAGES,
    routes.OVERVIEW: SIGNED_IN,
    routes.REPORTS: SIGNED_IN,
    routes.NEW_REPORT: SIGNED_IN,
    routes.REPORT: SIGNED_IN,
    routes.KEYS: SIGNED_IN,
    routes.TEAM: SIGNED_IN,
    routes.CREDITS: SIGNED_IN,
    routes.BRANDING: SIGNED_IN,
    routes.PROFILE: SIGNED_IN,
}
"""The pages, and who is given them at all; what is in them, their handlers decide."""
