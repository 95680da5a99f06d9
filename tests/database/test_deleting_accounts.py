"""Deleting an account: what goes, what stays without names, and that nothing else may be changed."""

import hashlib
import uuid
from typing import Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.database.people import Person, Team, audited, make_team, person, raced, refused
from tests.database.world import World

NAME = "Penrose & Co"
# Tables that name accounts, by what becomes of their rows.
DELETED = {
    "public.reports", "public.report_items", "private.idempotency_keys", "private.account_turns", "public.api_keys",
    "private.logos", "public.invitations", "public.credit_requests", "public.members",
    "private.staff_views",
}  # fmt: skip
CLEARED = {"private.sessions"}
WITHOUT_NAMES = {"public.credit_entries", "private.audit_log"}
# No words in them, and they end by themselves.
LEFT = {"private.api_requests"}


def token_hash(account: uuid.UUID) -> str:
    """Of the token of the account's invitation."""
    return hashlib.sha256(str(account).encode()).hexdigest()


@pytest.fixture
def team(world: World) -> Team:
    """An account with one of everything, and words of its own everywhere."""
    team = make_team(world, credits=20)
    team.owner.call("rename_account", team.account, NAME)
    team.owner.call("set_branding", team.account, "#112233", "Words of Penrose")
    logo = uuid.uuid4().hex
    world.value(
        "web", "select private.set_logo(%s, %s, %s, %s, 9, 9)", team.owner.id, team.account, logo, f"logos/{logo}.png"
    )
    world.run(
        "insert into private.sessions (hash, user_id, account_id, tokens, tokens_expire_at, user_agent, address)"
        " values (sha256(random()::text::bytea), %s, %s, '', now(), '', '')",
        team.member.id, team.account,
    )  # fmt: skip
    team.member.call("create_report", team.account, "Penrose in May", ["https://example.com/"], "form")
    world.record(world.must_claim(), 1)
    team.owner.call(
        "create_report", team.account, "Penrose in June", ["https://example.com/1", "https://example.com/2"]
    )
    world.create(team.account, idempotency_key="key")
    team.owner.call("invite_member", team.account, "penrose@example.com", "admin", token_hash(team.account))
    team.owner.call("request_credits", team.account, 5, "For Penrose")
    staff = person(world)
    world.value("admin", "select private.add_staff(%s, 'cli:test')", staff.email)
    world.value("web", "select private.staff_start_view(%s, %s, 'Penrose asked')", staff.id, team.account)
    adjust = "select private.adjust_credits(%s, 3, 'Penrose was kind', 'cli:test', %s)"
    world.value("admin", adjust, team.account, str(uuid.uuid4()))
    return team


def rows_of(world: World, table: str, account: uuid.UUID) -> list[dict[str, Any]]:
    rows = world.rows("admin", f"select to_jsonb(t) as row from {table} t where account_id = %s", account)
    return [row["row"] for row in rows]


def test_every_table_that_names_accounts_is_known(world: World) -> None:
    rows = world.rows(
        "admin",
        """
        select n.nspname || '.' || c.relname as name from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'private') and a.attname = 'account_id' and not a.attisdropped
        """,
    )
    assert {row["name"] for row in rows} == DELETED | CLEARED | WITHOUT_NAMES | LEFT, (
        "say in private.delete_rows_of_account what becomes of the new table, and here"
    )


def test_everything_goes_but_ledger_and_audit_log(world: World, team: Team) -> None:
    for table in DELETED | CLEARED | WITHOUT_NAMES:
        assert rows_of(world, table, team.account), f"the test has nothing in {table}"
    reports = rows_of(world, "public.reports", team.account)
    ledger, balance = world.ledger(team.account), world.balance(team.account)
    logged = audited(world, team.account)
    world.run("delete from private.removals where prefix like 'reports/%%'")

    team.owner.call("delete_account", team.account, f" {NAME} ")

    for table in DELETED | CLEARED:
        assert rows_of(world, table, team.account) == [], table
    tombstone = world.rows("admin", "select * from public.accounts where id = %s", team.account)[0]
    assert (tombstone["name"], tombstone["status"], tombstone["branding"]) == ("deleted", "deactivated", {})
    assert tombstone["deleted_at"] is not None and tombstone["credit_balance"] == balance
    assert world.ledger(team.account) == ledger and sum(delta for _, delta in ledger) == balance
    assert audited(world, team.account) == [*logged, "account.delete"]
    for table in WITHOUT_NAMES:
        kept = str(rows_of(world, table, team.account))
        assert "Penrose" not in kept and "penrose" not in kept and "deleted" in kept
    removals = {row["prefix"] for row in world.rows("admin", "select prefix from private.removals")}
    assert {f"reports/{uuid.UUID(report['id']).hex}/" for report in reports} <= removals
    assert any(prefix.startswith("logos/") for prefix in removals)


def test_numbers_states_and_roles_stay_in_the_audit_log(world: World, team: Team) -> None:
    team.owner.call("set_member_role", team.account, team.member.id, "admin")
    team.owner.call("delete_account", team.account, NAME)
    rows = rows_of(world, "private.audit_log", team.account)
    found = {row["action"]: (row["before"], row["after"], row["reason"]) for row in rows}
    assert found["member.set_role"] == ({"role": "member"}, {"role": "admin"}, None)
    assert found["credits.adjust"][0].keys() == {"balance"}
    assert found["credits.adjust"][2] == "deleted"
    assert found["invitation.create"] == (None, {"email": "deleted", "role": "admin"}, None)
    assert found["credit_request.create"][1] == {"credits": 5, "message": "deleted"}
    assert found["account.delete"] == (None, {"status": "deleted"}, None)


@pytest.mark.parametrize(
    ("facts", "erased"),
    [
        (None, None),
        ({}, {}),
        ("Penrose", "deleted"),
        (["Penrose"], "deleted"),
        (7, 7),
        ({"a": {"b": "Penrose"}, "c": ["Penrose"], "d": None, "e": True, "status": "active"},
         {"a": "deleted", "c": "deleted", "d": None, "e": True, "status": "active"}),
    ],
)  # fmt: skip
def test_words_are_taken_out_of_facts(world: World, facts: Any, erased: Any) -> None:
    assert world.value("admin", "select private.without_words(%s)", None if facts is None else Jsonb(facts)) == erased


def test_links_keys_and_work_end(world: World, team: Team) -> None:
    done = world.value(
        "admin", "select id from public.reports where account_id = %s and status = 'completed'", team.account
    )
    token = team.owner.call("report_page", done)["share_token"]
    image = world.item(done)["screenshot_id"]
    digest = hashlib.sha256(team.account.bytes).digest()
    team.owner.call("create_api_key", team.account, "k", "cr_live_AAAAAAAA", digest.hex())
    claim = world.must_claim()
    team.owner.call("delete_account", team.account, NAME)
    assert world.value("web", "select report_id from private.find_share(%s)", token) is None
    assert world.value("web", "select private.find_shared_image(%s, %s)", token, image) is None
    assert world.value("web", "select private.find_image(%s)", image) is None
    assert world.rows("web", "select * from private.find_api_key(%s)", digest) == []
    assert (
        world.value("web", "select state from private.find_invitation(%s)", bytes.fromhex(token_hash(team.account)))
        is None
    )
    # The runner is told that it comes late, and the queue is clean again.
    assert world.record(claim, claim.positions[0]) == "late"
    world.expire(claim)
    assert world.claim() is None and world.messages() == 0
    assert world.sweep() == {"released": 0, "sent": 0, "ended": 0}


def test_people_of_it_see_nothing_more(world: World, team: Team) -> None:
    team.owner.call("delete_account", team.account, NAME)
    for someone in (team.owner, team.admin, team.member):
        for table in ("accounts", "members", "credit_entries", "reports"):
            assert someone.rows(f"select from public.{table}") == []
        with refused(404, "not_found"):
            someone.call("account_overview", team.account)
        with refused(404, "not_found"):
            someone.call("delete_account", team.account, "deleted")
    # A new account is a new account, and no gift.
    account = team.owner.call("ensure_account")
    assert account != team.account and world.ledger(account) == []


def test_only_the_owner_who_types_the_name(world: World, team: Team) -> None:
    for someone in (team.admin, team.member):
        with refused(403, "forbidden", "Only owners can"):
            someone.call("delete_account", team.account, NAME)
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            team.outsider.call("delete_account", account, NAME)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call("delete_account", team.account, NAME)
    for name in (None, "", "penrose & co", "x" * 1000):
        with refused(400, "name_mismatch"):
            team.owner.call("delete_account", team.account, name)
    assert len(rows_of(world, "public.reports", team.account)) == 3


def test_a_report_made_at_the_same_time_is_not_made(world: World, team: Team) -> None:
    by_key = raced(
        world, team.owner, ("delete_account", team.account, NAME),
        lambda: world.value(
            "web", "select private.create_report(%s, null, null, 'x', '{https://example.com/}', null, null)",
            team.account,
        ),
    )  # fmt: skip
    assert by_key.result() == {"outcome": "deactivated"}
    assert rows_of(world, "public.reports", team.account) == []


def test_a_member_at_work_at_the_same_time_is_a_stranger_then(world: World, team: Team) -> None:
    delete = ("delete_account", team.account, NAME)
    make = ("create_report", team.account, "x", ["https://example.com/"])
    with refused(404, "not_found"):
        raced(world, team.owner, delete, lambda: team.member.call(*make)).result()


def test_tombstone_gets_no_credits_and_no_life(world: World, team: Team) -> None:
    team.owner.call("delete_account", team.account, NAME)
    with pytest.raises(errors.CheckViolation, match="deleted"):
        world.value("admin", "select private.adjust_credits(%s, 1, 'x', 'cli:test', 'x')", team.account)
    with pytest.raises(errors.CheckViolation):
        world.value("admin", "select private.set_account_status(%s, 'active', 'cli:test', 'x')", team.account)


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        "public.credit_entries set note = 'deleted'",
        "public.credit_entries set note = 'other'",
        "public.credit_entries set note = null",
        "public.credit_entries set delta = delta + 1, note = 'deleted'",
        "public.credit_entries set actor = 'deleted'",
        "private.audit_log set reason = 'deleted'",
        "private.audit_log set actor = 'me'",
        "private.audit_log set before = null",
        "private.audit_log set created_at = now()",
    ],
)
def test_ledger_and_audit_log_change_in_no_other_way(world: World, team: Team, change: str, deleted: bool) -> None:
    if deleted:
        team.owner.call("delete_account", team.account, NAME)
        # Done before: these words are "deleted" already, or never were there.
        change = change.replace("note = 'deleted'", "note = 'again'").replace("reason = 'deleted'", "reason = 'again'")
    table = change.split()[0]
    before = rows_of(world, table, team.account)
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        world.run(f"update {change} where account_id = %s", team.account)
    assert rows_of(world, table, team.account) == before


def test_words_of_a_living_account_stay(world: World, team: Team) -> None:
    for change in (
        "update public.credit_entries set note = 'deleted' where account_id = %s and note is not null",
        "update private.audit_log set reason = 'deleted' where account_id = %s and action = 'credits.adjust'",
        "select private.erase_words(%s)",
    ):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            world.run(change, team.account)


def test_another_account_is_as_it_was(world: World, team: Team) -> None:
    other: Person = person(world)
    account = other.call("ensure_account")
    other.call("rename_account", account, NAME)
    before = {table: rows_of(world, table, account) for table in DELETED | WITHOUT_NAMES}
    team.owner.call("delete_account", team.account, NAME)
    assert {table: rows_of(world, table, account) for table in DELETED | WITHOUT_NAMES} == before
