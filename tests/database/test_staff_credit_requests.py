"""What support staff see of an account that asks for credits, and how they decide."""

import asyncio
import uuid

import pytest

from core import support
from core.reports import AccountId
from tests.database.desk import Desk, at_once, refused, until_one_waits
from tests.database.people import Team, make_team

pytestmark = pytest.mark.anyio


async def test_an_account_with_its_people_and_keys(desk: Desk) -> None:
    world = desk.world
    owner = world.user()
    account = AccountId(world.value("admin", "select private.ensure_account_for(%s, 'Courier')", owner))
    key = world.creator(account)
    world.run("insert into public.profiles (user_id, name) values (%s, 'Ann')", owner)
    world.report(account, 2)
    page = await support.account_page(desk.db, desk.staff, account)
    assert (page.account.id, page.account.name, page.account.credit_balance) == (account, "Courier", 2)
    assert page.account.created_at.tzinfo is not None and page.account.deleted_at is None
    (member,) = page.members
    assert (member.user_id, member.email, member.name) == (owner, f"{owner}@example.com", "Ann")
    assert (member.role, member.last_seen_at) == ("owner", None)
    (shown,) = page.keys
    assert (shown.id, shown.name, shown.created_by, shown.revoked_at) == (key, "key", None, None)
    assert page.open_credit_request is None
    assert page.counts == support.Counts(processing=1, completed=0, failed=0, links=2)


@pytest.fixture
def team(desk: Desk) -> Team:
    return make_team(desk.world)


def ask(team: Team, credits: int = 50) -> uuid.UUID:
    request: uuid.UUID = team.owner.call("request_credits", team.account, credits, "For March")
    return request


async def decide(desk: Desk, request: uuid.UUID, *, approve: bool = True, credits: int | None = None) -> int:
    return await support.decide_credit_request(
        desk.db, desk.staff, request, approve=approve, note="As agreed", credits=credits
    )


async def test_an_open_request_is_shown_with_its_account(desk: Desk, team: Team) -> None:
    request = ask(team)
    shown = (await support.account_page(desk.db, desk.staff, AccountId(team.account))).open_credit_request
    assert shown is not None
    assert (shown.id, shown.credits, shown.message, shown.requested_by) == (
        request, 50, "For March", team.owner.email,
    )  # fmt: skip
    await decide(desk, request)
    page = await support.account_page(desk.db, desk.staff, AccountId(team.account))
    assert page.open_credit_request is None


async def test_open_requests_come_first_and_the_oldest_of_them(desk: Desk) -> None:
    teams = [make_team(desk.world) for _ in range(4)]
    requests = [ask(team) for team in teams]
    await decide(desk, requests[0], approve=False)
    await decide(desk, requests[1])
    mine = set(requests)

    async def listed(status: support.CreditRequestStatus | None) -> list[uuid.UUID]:
        found = await support.list_credit_requests(desk.db, desk.staff, status)
        return [one.id for one in found if one.id in mine]

    assert await listed("open") == requests[2:]
    assert await listed("approved") == [requests[1]]
    assert await listed(None) == [requests[2], requests[3], requests[1], requests[0]]
    (declined,) = [
        one for one in await support.list_credit_requests(desk.db, desk.staff, "declined") if one.id == requests[0]
    ]
    assert (declined.account_id, declined.account_name) == (teams[0].account, declined.account_name)
    assert (declined.credits, declined.credit_balance, declined.message) == (50, 3, "For March")
    assert (declined.requested_by, declined.decision_note) == (teams[0].owner.email, "As agreed")
    assert declined.decided_by == f"{desk.staff}@example.com (support)" and declined.decided_at is not None


async def test_an_approved_request_is_an_adjustment_that_the_customer_sees(desk: Desk, team: Team) -> None:
    request = ask(team)
    assert await decide(desk, request, credits=40) == 43
    (seen,) = team.member.rows("select status, decision_note from public.credit_requests")
    assert seen == {"status": "approved", "decision_note": "As agreed"}
    newest = team.member.rows("select * from public.list_ledger(%s)", team.account)[0]
    assert (newest["kind"], newest["delta"], newest["note"], newest["who"]) == (
        "adjustment",
        40,
        "As agreed",
        "Support",
    )
    (row,) = desk.audited(team.account, "credit_request.approve")
    assert (row["actor"], row["target"], row["reason"]) == (f"staff:{desk.staff}", str(request), "As agreed")
    assert row["before"] == {"status": "open", "credits": 50, "balance": 3}
    assert row["after"] == {"status": "approved", "credits": 40, "balance": 43}
    assert len(desk.audited(team.account, "credits.adjust")) == 1


async def test_as_many_as_were_asked_for_unless_told_otherwise(desk: Desk, team: Team) -> None:
    assert await decide(desk, ask(team)) == 53


async def test_a_declined_request_grants_nothing_and_makes_room_for_another(desk: Desk, team: Team) -> None:
    assert await decide(desk, ask(team), approve=False, credits=40) == 3
    assert desk.world.ledger(team.account) == [("welcome", 3)]
    (row,) = desk.audited(team.account, "credit_request.decline")
    assert row["after"] == {"status": "declined", "credits": None, "balance": 3}
    assert await decide(desk, ask(team, 5)) == 8


@pytest.mark.parametrize("first", [True, False])
async def test_a_request_is_decided_once(desk: Desk, team: Team, first: bool) -> None:
    request = ask(team)
    await decide(desk, request, approve=first)
    for approve in (True, False):
        with refused(409, "not_open"):
            await decide(desk, request, approve=approve)
    assert desk.world.balance(team.account) == (53 if first else 3)


async def test_of_decisions_at_once_one_counts(desk: Desk, team: Team) -> None:
    request = ask(team)
    won, codes = await at_once(*(decide(desk, request, approve=approve) for approve in (True, True, False, True)))
    assert (len(won), codes) == (1, ["not_open"] * 3)
    assert desk.world.balance(team.account) == won[0]
    assert len(desk.audited(team.account, "credit_request.approve", "credit_request.decline")) == 1


async def test_a_request_withdrawn_meanwhile_is_not_granted(desk: Desk, team: Team) -> None:
    request = ask(team)
    with team.owner.transaction() as call:
        call("withdraw_credit_request", request)
        decision = asyncio.create_task(at_once(decide(desk, request)))
        await until_one_waits(desk.world)
    assert await decision == ([], ["not_open"])
    assert desk.world.balance(team.account) == 3
    with refused(404, "no_such_request"):
        await decide(desk, request)


@pytest.mark.parametrize("credits", [0, -1, 1_000_001])
async def test_a_grant_has_bounds(desk: Desk, team: Team, credits: int) -> None:
    request = ask(team)
    with refused(400, "invalid_credits"):
        await decide(desk, request, credits=credits)
    desk.world.value("admin", "select private.adjust_credits(%s, 999999990, 'test', 'cli:test', 'full')", team.account)
    with refused(409, "balance_too_high"):
        await decide(desk, request, credits=8)
    assert await decide(desk, request, credits=7) == 1_000_000_000


async def test_a_decision_needs_a_note(desk: Desk, team: Team) -> None:
    request = ask(team)
    for note, code in (("", "missing"), ("x" * 501, "too_long")):
        with refused(400, code):
            await support.decide_credit_request(desk.db, desk.staff, request, approve=True, note=note)
    with refused(400, "invalid_decision"):
        await support.decide_credit_request(desk.db, desk.staff, request, approve=None, note="x")  # type: ignore[arg-type]
    assert await decide(desk, request) == 53
