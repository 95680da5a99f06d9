"""What support staff find and read, and that nobody else does."""

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from core import support
from core.reports import AccountId
from core.support import StaffId
from tests.database.desk import Desk, refused
from tests.database.world import World

pytestmark = pytest.mark.anyio


def staff_functions(world: World) -> list[tuple[str, int]]:
    rows = world.rows(
        "admin",
        "select p.proname, p.pronargs from pg_proc p where p.pronamespace = 'private'::regnamespace"
        " and starts_with(p.proname, 'staff_') and has_function_privilege('coverage_web', p.oid, 'EXECUTE')",
    )
    return [(row["proname"], row["pronargs"]) for row in rows]


@pytest.mark.parametrize("who", ["an ordinary user", "an owner", "nobody", "a stranger", "removed staff"])
async def test_only_staff_get_in(desk: Desk, who: str) -> None:
    world = desk.world
    user: uuid.UUID | None = desk.staff
    match who:
        case "an ordinary user":
            user = world.user()
        case "an owner":
            user = world.value("admin", "select user_id from public.members where account_id = %s", desk.account())
        case "nobody":
            user = None
        case "a stranger":
            user = uuid.uuid4()
        case _:
            world.value("admin", "select private.remove_staff(%s, 'cli:test')", f"{desk.staff}@example.com")
    functions = staff_functions(world)
    assert len(functions) >= 15
    for name, arguments in functions:
        call = f"select private.{name}({', '.join(['%s'] + ['null'] * (arguments - 1))})"
        with pytest.raises(psycopg.Error, match="Only support staff") as refusal:
            world.value("web", call, user)
        assert (refusal.value.sqlstate, refusal.value.diag.message_detail) == ("PT403", "not_staff")


# -- Search ---------------------------------------------------------------------------------------------------------


def named(desk: Desk, name: str) -> AccountId:
    account = desk.account()
    desk.world.run("update public.accounts set name = %s where id = %s", name, account)
    return account


async def found(desk: Desk, query: str) -> list[tuple[str, str]]:
    return [(one.kind, one.target) for one in await support.search(desk.db, desk.staff, query)]


async def test_accounts_are_found_by_a_part_of_their_name(desk: Desk) -> None:
    word = uuid.uuid4().hex[:12]
    whole, start, middle = named(desk, word), named(desk, f"{word} & Sons"), named(desk, f"The {word.upper()} Ärzte")
    # All its trigrams, but not itself.
    named(desk, f"{word[:-1]} {word[1:]}")
    assert await found(desk, f"  {word.upper()} ") == [("account", str(one)) for one in (whole, start, middle)]
    assert await found(desk, f"{word} ä") == [("account", str(middle))]
    (one,) = await support.search(desk.db, desk.staff, f"{word} & ")
    assert one == support.Found("account", str(start), start, f"{word} & Sons", f"{word} & Sons", "active")
    desk.world.run("update public.accounts set status = 'deactivated', deleted_at = now() where id = %s", start)
    for query in (f"{word} & ", str(start)):
        assert [one.detail for one in await support.search(desk.db, desk.staff, query)] == ["deleted"]


@pytest.mark.parametrize("query", ["%%%", "a%z", "a_z", "\\\\", "'; drop table x; --", "{a}", "\x01\x02"])
async def test_what_is_typed_is_taken_as_it_is(desk: Desk, query: str) -> None:
    named(desk, "a-z")
    assert await found(desk, query) == []


async def test_two_letters_are_enough_in_any_script(desk: Desk) -> None:
    account = named(desk, "港聞 " + uuid.uuid4().hex)
    assert ("account", str(account)) in await found(desk, "港聞")


@pytest.mark.parametrize("query", ["", " ", "a", "x" * 321])
async def test_too_little_and_too_much_is_refused(desk: Desk, query: str) -> None:
    with refused(400, "invalid_query"):
        await support.search(desk.db, desk.staff, query)


async def test_users_are_found_by_a_part_of_their_address(desk: Desk) -> None:
    world = desk.world
    user, homeless = world.user(), world.user()
    account = world.value("admin", "select private.ensure_account_for(%s, 'Home')", user)
    name = str(user)
    assert await support.search(desk.db, desk.staff, name[2:].upper() + "@exam") == [
        support.Found("member", name, account, "Home", f"{name}@example.com", "owner")
    ]
    assert await support.search(desk.db, desk.staff, f"{homeless}@example.com") == [
        support.Found("member", str(homeless), None, None, f"{homeless}@example.com", "no account")
    ]
    assert await found(desk, name) == [("member", name)]
    world.run("update auth.users set deleted_at = now() where id = %s", user)
    assert await found(desk, f"{name}@example.com") == await found(desk, name) == []


async def test_keys_are_found_by_prefix_and_by_the_whole_key(desk: Desk) -> None:
    account = desk.account()
    prefix = "cr_live_" + uuid.uuid4().hex[:8]
    key = desk.world.value(
        "admin", "select private.create_api_key(%s, 'CI', %s, %s, null, 'cli:test')",
        account, prefix, uuid.uuid4().bytes * 2,
    )  # fmt: skip
    expected = support.Found("key", str(key), account, "Team", "CI", prefix)
    assert await support.search(desk.db, desk.staff, prefix) == [expected]
    assert await support.search(desk.db, desk.staff, prefix + "x" * 28) == [expected]
    desk.world.value("admin", "select private.revoke_api_key(%s, %s, 'cli:test')", account, key)
    assert [one.detail for one in await support.search(desk.db, desk.staff, prefix)] == [f"{prefix}, revoked"]
    assert await found(desk, "cr_live_00000000") == []


async def test_reports_accounts_and_requests_are_found_by_id(desk: Desk) -> None:
    account = desk.account()
    report = desk.world.report(account)
    for spelling in (str(report), report.hex, report.hex.upper(), f" {report} "):
        assert await support.search(desk.db, desk.staff, spelling) == [
            support.Found("report", str(report), account, "Team", "Report", "processing")
        ]
    assert await found(desk, account.hex) == [("account", str(account))]
    assert await found(desk, uuid.uuid4().hex) == []
    request = note_request(desk, account)
    assert await support.search(desk.db, desk.staff, request) == [
        support.Found("request", request, account, "Team", "GET /api/v1/reports", "200")
    ]
    assert await found(desk, "req_" + "0" * 32) == []


async def test_a_search_ends_at_50(desk: Desk) -> None:
    word = uuid.uuid4().hex[:20]
    desk.world.run("insert into public.accounts (name) select %s || ' ' || n from generate_series(1, 60) n", word)
    assert len(await found(desk, word)) == 50
    desk.world.run("delete from public.accounts where name like %s", word + "%")


# -- Reading --------------------------------------------------------------------------------------------------------


def note_request(desk: Desk, account: AccountId, age: timedelta = timedelta()) -> str:
    request = f"req_{uuid.uuid4().hex}"
    row = {
        "request_id": request,
        "key_id": str(desk.world.creator(account)),
        "method": "GET",
        "route": "/api/v1/reports",
        "status": 200,
        "created_at": (datetime.now(UTC) - age).isoformat(),
    }
    desk.world.value("web", "select private.record_api_requests(%s)", Jsonb([row]))
    return request


async def test_an_unknown_account_is_404_everywhere(desk: Desk) -> None:
    db, staff, unknown = desk.db, desk.staff, AccountId(uuid.uuid4())
    for call in (support.account_page, support.ledger, support.list_reports, support.recent_requests):
        with refused(404, "no_such_account"):
            await call(db, staff, unknown)
    with refused(404, "no_such_account"):
        await support.find_report(db, staff, unknown, uuid.uuid4())


async def test_the_ledger_says_who_it_was(desk: Desk) -> None:
    account = desk.account()
    report = desk.world.report(account)
    await support.adjust_credits(desk.db, desk.staff, account, 5, "Goodwill", "a")
    entries = await support.ledger(desk.db, desk.staff, account)
    owner = desk.world.value("admin", "select user_id from public.members where account_id = %s", account)
    assert [(one.kind, one.delta, one.balance_after, one.who, one.note) for one in entries] == [
        ("adjustment", 5, 7, f"{desk.staff}@example.com (support)", "Goodwill"),
        ("charge", -1, 2, "API key key (cr_live_AAAAAAAA)", None),
        ("welcome", 3, 3, f"{owner}@example.com", "Welcome"),
    ]
    assert (entries[1].report_id, entries[1].report_name) == (report, "Report")
    pages = [await support.ledger(desk.db, desk.staff, account, 1, before) for before in (None, entries[0].id)]
    assert [one.id for page in pages for one in page] == [one.id for one in entries[:2]]


async def test_how_a_running_report_does(desk: Desk) -> None:
    world, account = desk.world, desk.account(10)
    report = world.report(account, 5)

    async def health() -> support.SupportReport:
        (shown,) = await support.list_reports(desk.db, desk.staff, account)
        return shown

    waiting = await health()
    assert (waiting.open_links, waiting.held_links, waiting.waiting_links, waiting.queued) == (5, 0, 5, True)
    assert (waiting.overdue, waiting.seconds_since_link_ended) == (False, None)
    assert waiting.created_by == "API key key (cr_live_AAAAAAAA)"

    claim = world.must_claim(2)
    world.open(claim, 1)
    world.record(claim, 1)
    world.run("update public.report_items set ended_at = now() - interval '200 s' where ended_at is not null")
    world.run("update public.reports set progressed_at = now() - interval '200 s' where id = %s", report)
    stuck = await health()
    assert (stuck.open_links, stuck.held_links, stuck.waiting_links, stuck.queued) == (4, 1, 3, True)
    assert stuck.overdue and stuck.seconds_since_link_ended in range(199, 230)

    world.expire(claim)
    lost = await health()
    assert (lost.open_links, lost.held_links, lost.waiting_links, lost.overdue) == (4, 0, 3, False)

    world.run("delete from pgmq.q_turns")
    assert not (await health()).queued


async def test_reports_newest_first_page_by_page(desk: Desk) -> None:
    world, account = desk.world, desk.account(10)
    reports = [world.report(account) for _ in range(4)]
    world.record(world.must_claim(), 1)
    listed = await support.list_reports(desk.db, desk.staff, account)
    assert [one.id for one in listed] == reports[::-1]
    done = listed[-1]
    assert (done.status, done.open_links, done.overdue) == ("completed", None, None)
    assert [one.id for one in await support.list_reports(desk.db, desk.staff, account, "processing")] == reports[:0:-1]
    page = await support.list_reports(desk.db, desk.staff, account, limit=2, starting_after=reports[2])
    assert [one.id for one in page] == [reports[1], reports[0]]
    # A report of somebody else's is no place to go on from.
    other = world.report(desk.account())
    assert await support.list_reports(desk.db, desk.staff, account, starting_after=other) == []


async def test_one_report_is_found_wherever_it_stands(desk: Desk) -> None:
    world, account = desk.world, desk.account(10)
    reports = [world.report(account) for _ in range(4)]
    # Two of one moment, as an import makes them.
    world.run("update public.reports set created_at = '2026-05-01' where id = any (%s)", reports[:2])
    listed = await support.list_reports(desk.db, desk.staff, account)
    for one in listed:
        found = await support.find_report(desk.db, desk.staff, account, one.id)
        assert found is not None and (found.id, found.created_at) == (one.id, one.created_at)
    for other in (world.report(desk.account()), uuid.uuid4()):
        assert await support.find_report(desk.db, desk.staff, account, other) is None


async def test_requests_newest_first_page_by_page(desk: Desk) -> None:
    account = desk.account()
    requests = [note_request(desk, account, timedelta(minutes=age)) for age in range(3)]
    other = note_request(desk, desk.account())
    listed = await support.recent_requests(desk.db, desk.staff, account)
    assert [one.request_id for one in listed] == requests
    assert (listed[0].method, listed[0].route, listed[0].status) == ("GET", "/api/v1/reports", 200)
    assert (listed[0].key_name, listed[0].key_prefix) == ("key", "cr_live_AAAAAAAA")
    page = await support.recent_requests(desk.db, desk.staff, account, 1, requests[0])
    assert [one.request_id for one in page] == [requests[1]]
    assert await support.recent_requests(desk.db, desk.staff, account, before=other) == []


async def test_the_audit_log_by_account_actor_action_and_time(desk: Desk) -> None:
    db, staff, account = desk.db, desk.staff, desk.account()
    await support.adjust_credits(db, staff, account, 5, "Goodwill", "a")
    await support.set_account_status(db, staff, account, "deactivated", "Unpaid")
    await support.set_account_status(db, staff, account, "active", "Paid")

    async def actions(**filters: object) -> list[str]:
        found = await support.audit_log(db, staff, **{"account": account} | filters)  # type: ignore[arg-type]
        return [one.action for one in found]

    everything = ["account.reactivate", "account.deactivate", "credits.adjust"]
    assert await actions() == [*everything, "account.create"]
    assert await actions(actor=f"staff:{staff}") == everything
    assert await actions(actor=f"{staff}@EXAMPLE.com") == everything
    assert await actions(account=None, actor=f"{staff}@example.com") == everything
    assert await actions(actor="cli:test") == []
    assert await actions(action="account") == [*everything[:2], "account.create"]
    assert await actions(action="account.deactivate") == ["account.deactivate"]
    assert await actions(action="acc") == []
    assert await actions(until=datetime.now(UTC) - timedelta(hours=1)) == []
    assert await actions(since=datetime.now(UTC) - timedelta(hours=1), limit=2) == everything[:2]
    newest, second = (await support.audit_log(db, staff, account=account))[:2]
    assert await actions(before=newest.id, limit=2) == everything[1:]
    assert second == support.AuditEntry(
        second.id, second.created_at, f"staff:{staff}", f"{staff}@example.com (support)", "account.deactivate",
        account, "Team", str(account), {"status": "active"}, {"status": "deactivated"}, "Unpaid",
    )  # fmt: skip


async def test_who_did_it_in_words(desk: Desk) -> None:
    say = "select private.actor_words(%s)"
    for actor, words in (
        ("system", "System"),
        ("cli:ann", "Command line (ann)"),
        (str(uuid.uuid4()), "deleted"),
        (f"staff:{uuid.uuid4()}", "deleted"),
        ("deleted", "deleted"),
        ("staff:x", "staff:x"),
    ):
        assert desk.world.value("admin", say, actor) == words


async def test_a_page_is_never_longer_than_100(desk: Desk) -> None:
    account = desk.account()
    desk.world.run(
        "insert into private.audit_log (actor, action, account_id)"
        " select 'system', 'x', %s from generate_series(1, 110)",
        account,
    )
    for limit, length in ((1_000_000, 100), (0, 1), (-5, 1)):
        assert len(await support.audit_log(desk.db, StaffId(desk.staff), account=account, limit=limit)) == length
