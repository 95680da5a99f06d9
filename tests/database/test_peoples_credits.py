"""The ledger in words, and asking support for credits."""

import uuid
from typing import Any

import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, make_team, raced, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


def ledger(someone: Person, account: uuid.UUID | None, limit: int | None = 50, before: int | None = None) -> Any:
    return someone.rows("select * from public.list_ledger(%s, %s, %s)", account, limit, before)


def test_ledger_says_who_did_what(world: World, team: Team) -> None:
    team.owner.call("save_profile", "Ada")
    team.member.call("create_report", team.account, "Launch", ["https://example.com/"])
    failed = world.must_claim()
    world.record(failed, 1, "blocked")
    by_key = world.report(team.account)
    gift = "select private.adjust_credits(%s, 5, %s, %s, %s)"
    world.value("admin", gift, team.account, "Sorry", f"staff:{team.outsider.id}", "one")
    world.value("admin", gift, team.account, "Sorry again", "cli:root", "two")
    assert [
        (row["kind"], row["delta"], row["balance_after"], row["who"], row["report_name"], row["note"])
        for row in ledger(team.member, team.account)
    ] == [
        ("adjustment", 5, 12, "Support", None, "Sorry again"),
        ("adjustment", 5, 7, "Support", None, "Sorry"),
        ("charge", -1, 2, "API key key (cr_live_AAAAAAAA)", "Report", None),
        ("refund", 1, 3, "System", "Launch", "None of the links could be captured"),
        ("charge", -1, 2, team.member.email, "Launch", None),
        ("welcome", 3, 3, "Ada", None, "Welcome"),
    ]
    world.record(world.must_claim(), 1)
    team.owner.call("delete_report", by_key)
    row = ledger(team.member, team.account)[2]
    assert (row["report_id"], row["report_name"]) == (by_key, None)


def test_ledger_is_paged(world: World, team: Team) -> None:
    for n in range(5):
        world.value("admin", "select private.adjust_credits(%s, %s, 'x', 'cli:test', %s)", team.account, n + 1, str(n))
    first = ledger(team.member, team.account, 2)
    second = ledger(team.member, team.account, 1000, first[-1]["id"])
    assert [row["delta"] for row in first + second] == [5, 4, 3, 2, 1, 3]
    for limit in (0, -1, None):
        with refused(400, "invalid_limit"):
            ledger(team.member, team.account, limit)


def test_strangers_see_no_ledger(team: Team) -> None:
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            ledger(team.outsider, account)
    with pytest.raises(errors.InsufficientPrivilege):
        ledger(team.anonymous, team.account)


def requests(someone: Person) -> list[dict[str, Any]]:
    return someone.rows("select id, credits, message, status from public.credit_requests order by created_at")


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_ask_for_credits(world: World, team: Team, role: str) -> None:
    request = team.person(role).call("request_credits", team.account, 500, " A launch\nin May ")
    assert requests(team.member) == [{"id": request, "credits": 500, "message": "A launch\nin May", "status": "open"}]
    with refused(409, "already_requested", "Withdraw it"):
        team.owner.call("request_credits", team.account, 10, None)
    team.person(role).call("withdraw_credit_request", request)
    assert requests(team.member) == []
    with refused(404, "not_found"):
        team.owner.call("withdraw_credit_request", request)
    team.owner.call("request_credits", team.account, 10, None)
    assert world.balance(team.account) == 3
    assert audited(world, team.account)[1:] == [
        "credit_request.create", "credit_request.withdraw", "credit_request.create",
    ]  # fmt: skip


def test_others_ask_for_nothing(world: World, team: Team) -> None:
    request = team.owner.call("request_credits", team.account, 500, None)
    calls: list[tuple[Any, ...]] = [
        ("request_credits", team.account, 500, None), ("withdraw_credit_request", request),
    ]  # fmt: skip
    for call in calls:
        with refused(403, "forbidden", "Only owners and admins"):
            team.member.call(*call)
        with refused(404, "not_found"):
            team.outsider.call(*call)
        with pytest.raises(errors.InsufficientPrivilege):
            team.anonymous.call(*call)
        for unknown in (None, uuid.uuid4()):
            with refused(404, "not_found"):
                team.owner.call(call[0], unknown, *call[2:])
    for unknown in (request, uuid.uuid4()):
        with refused(404, "not_found", "This request does not exist, or it is not yours"):
            team.outsider.call("withdraw_credit_request", unknown)
    assert requests(team.outsider) == []
    assert len(requests(team.owner)) == 1


@pytest.mark.parametrize(
    ("credits", "message", "code"),
    [(0, None, "invalid_credits"), (None, None, "invalid_credits"), (1_000_001, None, "invalid_credits"),
     (-5, None, "invalid_credits"), (1, "x" * 501, "too_long")],
)  # fmt: skip
def test_request_refuses(team: Team, credits: int | None, message: str | None, code: str) -> None:
    with refused(400, code):
        team.owner.call("request_credits", team.account, credits, message)


def test_one_open_request_also_at_once(world: World, team: Team) -> None:
    ask = ("request_credits", team.account, 5, None)
    with refused(409, "already_requested"):
        raced(world, team.owner, ask, lambda: team.admin.call(*ask)).result()
    with pytest.raises(errors.UniqueViolation):
        world.run("insert into public.credit_requests (account_id, credits) values (%s, 1)", team.account)


def test_decided_request_is_not_withdrawn(world: World, team: Team) -> None:
    request = team.owner.call("request_credits", team.account, 5, None)
    world.run("update public.credit_requests set status = 'declined', decided_at = now() where id = %s", request)
    with refused(409, "already_decided"):
        team.owner.call("withdraw_credit_request", request)
    team.owner.call("request_credits", team.account, 5, None)
    assert [row["status"] for row in requests(team.owner)] == ["declined", "open"]
