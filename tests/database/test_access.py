"""Who may do what: row level security for people, EXECUTE and nothing else for our processes."""

import json
import uuid

import psycopg
import pytest
from psycopg import errors

from tests.database.world import World

TABLES = ["accounts", "members", "api_keys", "credit_entries", "reports", "report_items"]
WORKED_AT_BY_FUNCTIONS = [*TABLES, "profiles", "invitations", "credit_requests"]


def seen_by(world: World, user: uuid.UUID | None, table: str) -> int:
    role = "authenticated" if user else "anon"
    with psycopg.connect(world.urls.admin) as connection:
        connection.execute(
            "select set_config('request.jwt.claims', %s, true)", [json.dumps({"sub": str(user)} if user else {})]
        )
        connection.execute(f"set local role {role}".encode())
        row = connection.execute(f"select count(*) from public.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def member(world: World) -> uuid.UUID:
    user = world.user()
    account = world.value("admin", "select private.ensure_account_for(%s, 'Team')", user)
    world.report(account)
    other = world.account()
    world.report(other)
    return user


@pytest.mark.parametrize("table", TABLES)
def test_members_see_their_account_and_no_other(world: World, member: uuid.UUID, table: str) -> None:
    expected = {"credit_entries": 2}.get(table, 1)
    assert seen_by(world, member, table) == expected
    assert seen_by(world, world.user(), table) == 0


@pytest.mark.parametrize("table", TABLES)
def test_strangers_read_nothing(world: World, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        seen_by(world, None, table)


@pytest.mark.parametrize("table", WORKED_AT_BY_FUNCTIONS)
@pytest.mark.parametrize("privilege", ["INSERT", "UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_no_api_role_writes(world: World, table: str, privilege: str, role: str) -> None:
    assert not world.value("admin", "select has_table_privilege(%s, %s, %s)", role, f"public.{table}", privilege)


@pytest.mark.parametrize("role", ["coverage_web", "coverage_jobs"])
def test_our_processes_read_no_table(world: World, role: str) -> None:
    readable = world.rows(
        "admin",
        """
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'private', 'pgmq', 'auth') and c.relkind in ('r', 'v', 'm', 'p')
            and has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        """,
        role,
    )
    assert readable == []


def executable(world: World, role: str) -> set[str]:
    rows = world.rows(
        "admin",
        """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private') and has_function_privilege(%s, p.oid, 'EXECUTE')
        """,
        role,
    )
    return {row["proname"] for row in rows}


SESSIONS = {
    "is_staff", "open_session", "find_session", "find_session_by_id", "release_session", "lease_session",
    "renew_session", "choose_account", "list_sessions", "end_session", "end_sessions",
}  # fmt: skip
SUPPORT = {
    "record_api_requests", "staff_search", "staff_account", "staff_ledger", "staff_report", "staff_reports",
    "staff_recent_requests",
    "staff_audit", "staff_adjust_credits", "staff_set_account_status", "staff_retry_report", "staff_refund_report",
    "staff_credit_requests", "staff_decide_credit_request", "staff_start_view", "staff_end_view", "staff_open_views",
}  # fmt: skip
LOGOS = {"find_logo", "set_logo"}
REPORT_PAGES = {"branding", "list_prices"}
INVITATIONS = {"find_invitation", "list_invitations_to", "accept_invitation_to", "decline_invitation_to"}
REMOVALS = {"claim_removals", "removal_done"}
PEOPLE = {
    # Oneself and one's account.
    "who_am_i", "save_profile", "ensure_account", "create_own_account", "rename_account", "set_branding",
    # Keys.
    "create_api_key", "revoke_api_key", "list_api_keys",
    # Reports.
    "create_report", "rename_report", "revoke_share_link", "renew_share_link", "delete_report", "search_reports",
    "report_page", "account_overview",
    # Team.
    "my_managed_account_ids", "list_invitations", "list_members", "set_member_role", "remove_member", "leave_account",
    "transfer_ownership", "invite_member", "renew_invitation", "cancel_invitation", "accept_invitation",
    # Credits.
    "list_ledger", "request_credits", "withdraw_credit_request",
    # The end.
    "delete_account",
}  # fmt: skip


def test_each_role_executes_its_functions_and_no_other(world: World) -> None:
    assert executable(world, "coverage_jobs") == {
        "claim_turn", "open_link", "heartbeat", "release_link", "record_outcome", "sweep", "queue_health",
    } | REMOVALS  # fmt: skip
    assert executable(world, "coverage_web") == {
        "create_report", "credit_balance", "find_api_key", "find_image", "find_share", "find_shared_image",
        "get_report", "list_items", "list_reports", "queue_health", "record_key_uses", "report_face",
        "report_price", "sweep",
    } | LOGOS | REPORT_PAGES | INVITATIONS | SESSIONS | SUPPORT  # fmt: skip
    assert executable(world, "authenticated") == {"my_account_ids"} | PEOPLE
    assert executable(world, "anon") == set()
    assert executable(world, "service_role") == set()


def test_web_role_is_turned_away_from_the_tables(world: World) -> None:
    for query in ("select * from public.accounts", "select * from private.share_links", "select * from pgmq.q_turns"):
        with pytest.raises(errors.InsufficientPrivilege):
            world.rows("web", query)


@pytest.mark.parametrize("role", ["web", "jobs"])
@pytest.mark.parametrize(
    "query",
    [
        "create table public.mine (id integer)",
        "create table private.mine (id integer)",
        "create temporary table mine (id integer)",
        "create schema mine",
        "create role mine",
        "set role postgres",
    ],
)
def test_our_roles_make_nothing_of_their_own(world: World, role: str, query: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        world.rows(role, query)


def test_staff_are_added_and_removed_with_a_trace(world: World) -> None:
    user = world.user()
    email = f"{user}@example.com"
    assert world.value("admin", "select private.add_staff(%s, 'cli:test')", email.upper()) == user
    world.value("admin", "select private.add_staff(%s, 'cli:test')", email)
    assert world.value("admin", "select private.remove_staff(%s, 'cli:test')", email)
    assert not world.value("admin", "select private.remove_staff(%s, 'cli:test')", email)
    rows = world.rows("admin", "select action from private.audit_log where target = %s order by id", str(user))
    assert [row["action"] for row in rows] == ["staff.add", "staff.remove"]
    with pytest.raises(errors.NoDataFound):
        world.value("admin", "select private.add_staff('nobody@example.com', 'cli:test')")
