"""Staff look at an account as its owner sees it: all of it, nothing but it, for 30 minutes, and only look."""

import uuid
from typing import Any

import psycopg
import pytest

from core import support
from core.reports import AccountId
from tests.database.desk import Desk, at_once, refused
from tests.database.people import Person, Team, make_team
from tests.database.world import World

pytestmark = pytest.mark.anyio

# What people have for themselves, whatever account they are in.
OWN = {"profiles"}


@pytest.fixture
def team(desk: Desk) -> Team:
    """An account with something in every corner."""
    team = make_team(desk.world, 10)
    report = desk.world.report(team.account, 2)
    desk.world.record(desk.world.must_claim(), 1)
    assert desk.world.state(report)["captured_count"] == 1
    team.owner.call("invite_member", team.account, "invited@example.com", "admin", uuid.uuid4().hex * 2)
    team.owner.call("request_credits", team.account, 50, None)
    return team


async def look(desk: Desk, team: Team) -> uuid.UUID:
    return await support.start_view(desk.db, desk.staff, AccountId(team.account), "A question")


def staff_of(desk: Desk) -> Person:
    return Person(desk.world, desk.staff)


def readable_tables(world: World) -> list[str]:
    rows = world.rows(
        "admin",
        "select c.relname from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')"
        " and has_table_privilege('authenticated', c.oid, 'SELECT') order by 1",
    )
    return [row["relname"] for row in rows if row["relname"] not in OWN]


def seen_by(person: Person, world: World) -> dict[str, list[str]]:
    """Every row of every table that the person sees."""
    return {
        table: [row["row"] for row in person.rows(f"select t::text as row from public.{table} t order by 1")]
        for table in readable_tables(world)
    }


async def test_a_view_shows_what_the_owner_sees(desk: Desk, team: Team) -> None:
    staff = staff_of(desk)
    assert not any(seen_by(staff, desk.world).values())
    await look(desk, team)
    assert seen_by(staff, desk.world) == seen_by(team.owner, desk.world)
    # Nobody else sees more for it.
    another = desk.world.user()
    desk.world.value("admin", "select private.add_staff(%s, 'cli:test')", f"{another}@example.com")
    for person in (Person(desk.world, another), Person(desk.world, desk.world.user())):
        assert not any(seen_by(person, desk.world).values())


async def test_a_view_ends_by_itself_after_30_minutes(desk: Desk, team: Team) -> None:
    view = await look(desk, team)
    (open_view,) = await support.open_views(desk.db, desk.staff)
    assert (open_view.id, open_view.account_id, open_view.reason) == (view, team.account, "A question")
    assert (open_view.expires_at - open_view.started_at).total_seconds() == 1800
    age(desk, view, "29 minutes 59 s")
    assert any(seen_by(staff_of(desk), desk.world).values())
    age(desk, view, "30 minutes 1 s")
    assert not any(seen_by(staff_of(desk), desk.world).values())
    assert await support.open_views(desk.db, desk.staff) == []
    # It is over: ending it changes nothing, and looking again is another view.
    await support.end_view(desk.db, desk.staff, view)
    assert desk.audited(team.account, "view.end") == []
    assert await look(desk, team) != view
    assert len(desk.audited(team.account, "view.start")) == 2


def age(desk: Desk, view: uuid.UUID, age: str) -> None:
    desk.world.run(
        "update private.staff_views set started_at = now() - %s::interval,"
        " expires_at = now() - %s::interval + interval '30 minutes' where id = %s",
        age, age, view,
    )  # fmt: skip


async def test_no_view_is_longer_than_30_minutes(desk: Desk, team: Team) -> None:
    view = await look(desk, team)
    with pytest.raises(psycopg.errors.CheckViolation):
        desk.world.run("update private.staff_views set expires_at = now() + interval '1 hour' where id = %s", view)


async def test_a_view_ends_when_it_is_ended_and_leaves_a_trace(desk: Desk, team: Team) -> None:
    view = await look(desk, team)
    for _ in range(2):
        await support.end_view(desk.db, desk.staff, view)
    assert not any(seen_by(staff_of(desk), desk.world).values())
    start, end = desk.audited(team.account, "view.start", "view.end")
    assert (start["action"], start["before"], start["reason"]) == ("view.start", None, "A question")
    assert (end["action"], end["actor"], end["target"]) == ("view.end", f"staff:{desk.staff}", str(view))
    assert start["after"] == end["before"] and end["after"].keys() == {"ended_at"}


async def test_a_view_ends_with_the_staff_and_does_not_come_back(desk: Desk, team: Team) -> None:
    await look(desk, team)
    email = f"{desk.staff}@example.com"
    desk.world.value("admin", "select private.remove_staff(%s, 'cli:test')", email)
    assert not any(seen_by(staff_of(desk), desk.world).values())
    desk.world.value("admin", "select private.add_staff(%s, 'cli:test')", email)
    assert not any(seen_by(staff_of(desk), desk.world).values())
    assert len(desk.audited(team.account, "view.start")) == 1


async def test_clicking_twice_is_one_view(desk: Desk, team: Team) -> None:
    views, codes = await at_once(*(look(desk, team) for _ in range(4)))
    assert len(set(views)) == 1 and codes == []
    assert len(desk.audited(team.account, "view.start")) == 1


async def test_only_ones_own_view_can_be_ended(desk: Desk, team: Team) -> None:
    view = await look(desk, team)
    another = desk.world.user()
    desk.world.value("admin", "select private.add_staff(%s, 'cli:test')", f"{another}@example.com")
    for who, which in ((another, view), (desk.staff, uuid.uuid4())):
        with refused(404, "no_such_view"):
            await support.end_view(desk.db, support.StaffId(who), which)
    assert any(seen_by(staff_of(desk), desk.world).values())
    assert await support.open_views(desk.db, support.StaffId(another)) == []


@pytest.mark.parametrize("reason", ["", None, "x" * 501])
async def test_a_view_needs_a_reason(desk: Desk, team: Team, reason: Any) -> None:
    with refused(400, "too_long" if reason else "missing"):
        await support.start_view(desk.db, desk.staff, AccountId(team.account), reason)
    assert not any(seen_by(staff_of(desk), desk.world).values())


# -- Looking is all -------------------------------------------------------------------------------------------------


def public_functions(world: World, volatility: str) -> list[dict[str, Any]]:
    """Functions that people may call on an account or something of it, with the names and types of their arguments."""
    rows = world.rows(
        "admin",
        "select p.proname as name, p.proargnames[1:p.pronargs] as names,"
        " array(select format_type(t, null) from unnest(p.proargtypes) t) as types"
        " from pg_proc p where p.pronamespace = 'public'::regnamespace and p.provolatile = %s"
        " and has_function_privilege('authenticated', p.oid, 'EXECUTE') order by 1",
        volatility,
    )
    return [row for row in rows if row["names"] and row["types"][0] == "uuid"]


def arguments(world: World, team: Team, function: dict[str, Any]) -> list[object]:
    """Arguments that the function would take from the owner, as far as names and types tell."""
    one = "select id from public.{} where account_id = %s limit 1"
    known: dict[str, object] = {
        "p_account": team.account,
        "p_user": team.member.id,
        "p_role": "member",
        "p_email": "new@example.com",
        "p_urls": ["https://example.com/new"],
        "p_prefix": "cr_live_BBBBBBBB",
        "p_accent": "#102030",
        "p_limit": 10,
        "p_offset": 0,
        "p_credits": 10,
        "p_sort": "created_at",
        "p_descending": True,
    }
    for name, table in (("p_report", "reports"), ("p_key", "api_keys")):
        known[name] = world.value("admin", one.format(table), team.account)
    for name, table in (("p_invitation", "invitations"), ("p_request", "credit_requests")):
        if table in readable_tables(world):
            known[name] = world.value("admin", one.format(table), team.account)
    by_type: dict[str, object] = {"text": "ab" * 32, "uuid": uuid.uuid4()}
    return [
        known.get(name, None if name in ("p_status", "p_search", "p_before") else by_type.get(kind))
        for name, kind in zip(function["names"], function["types"], strict=True)
    ]


def of_account(world: World, account: uuid.UUID) -> dict[str, list[str]]:
    """Everything the database keeps of the account."""
    tables = world.rows(
        "admin",
        "select n.nspname || '.' || c.relname as name, a.attname as key"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid"
        " and a.attname = case when c.relname = 'accounts' then 'id' else 'account_id' end"
        " where n.nspname in ('public', 'private') and c.relkind = 'r'",
    )
    return {
        table["name"]: [
            row["row"]
            for row in world.rows(
                "admin", f"select t::text as row from {table['name']} t where {table['key']} = %s order by 1", account
            )
        ]
        for table in tables
    }


async def test_what_reads_answers_staff_as_the_owner(desk: Desk, team: Team) -> None:
    await look(desk, team)
    functions = public_functions(desk.world, "s")
    assert {"search_reports", "report_page", "account_overview"} <= {function["name"] for function in functions}
    for function in functions:
        sent = arguments(desk.world, team, function)
        marks = ", ".join(["%s"] * len(sent))
        told = "to_jsonb(f) #- '{progress,seconds}' #- '{may_delete}'"
        query = f"select {told} as told from public.{function['name']}({marks}) f"
        # The seconds that go by and what the asker may do are of their own.
        assert staff_of(desk).rows(query, *sent) == team.owner.rows(query, *sent) != [], function["name"]


async def test_what_changes_is_refused_and_changes_nothing(desk: Desk, team: Team) -> None:
    await look(desk, team)
    functions = public_functions(desk.world, "v")
    assert {"rename_account", "create_report", "revoke_share_link"} <= {function["name"] for function in functions}
    before = of_account(desk.world, team.account)
    assert before["public.members"] and before["public.reports"] and before["private.staff_views"]
    for function in functions:
        with pytest.raises(psycopg.Error) as refusal:
            staff_of(desk).call(function["name"], *arguments(desk.world, team, function))
        assert (refusal.value.sqlstate, refusal.value.diag.message_detail) == ("PT403", "read_only"), function["name"]
        assert of_account(desk.world, team.account) == before, function["name"]


async def test_tables_are_not_written_either(desk: Desk, team: Team) -> None:
    await look(desk, team)
    for statement in (
        f"insert into public.members values ('{team.account}', '{desk.staff}', 'owner')",
        "update public.accounts set credit_balance = 1000",
        "delete from public.reports",
        "select * from private.staff_views",
        f"select private.staff_start_view('{desk.staff}', '{team.account}', 'x')",
        f"select private.staff_adjust_credits('{desk.staff}', '{team.account}', 5, 'x', 'x')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff_of(desk).rows(statement)
