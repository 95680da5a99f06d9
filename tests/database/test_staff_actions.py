"""What support staff do to accounts and reports: with a reason, a trace, and once."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from core import support
from core.reports import AccountId
from tests.database.desk import Desk, at_once, refused, until_one_waits
from tests.database.world import Claim

pytestmark = pytest.mark.anyio

Act = Callable[[Desk, str], Awaitable[object]]


def entry(
    desk: Desk, action: str, target: object, before: object, after: object, reason: str = "Why"
) -> dict[str, object]:
    """A row of the audit log."""
    return {
        "actor": f"staff:{desk.staff}",
        "action": action,
        "target": str(target),
        "before": before,
        "after": after,
        "reason": reason,
    }


async def adjust(desk: Desk, account: AccountId, delta: int, key: str = "once", reason: str = "Why") -> int:
    return await support.adjust_credits(desk.db, desk.staff, account, delta, reason, key)


# -- Reasons --------------------------------------------------------------------------------------------------------


async def _adjust(desk: Desk, reason: str) -> object:
    return await adjust(desk, desk.account(), 1, reason=reason)


async def _deactivate(desk: Desk, reason: str) -> object:
    await support.set_account_status(desk.db, desk.staff, desk.account(), "deactivated", reason)
    return None


async def _retry(desk: Desk, reason: str) -> object:
    return await support.retry_report(desk.db, desk.staff, desk.world.report(desk.account()), reason)


async def _refund(desk: Desk, reason: str) -> object:
    return await support.refund_report(desk.db, desk.staff, desk.world.report(desk.account()), reason)


@pytest.mark.parametrize("act", [_adjust, _deactivate, _retry, _refund])
async def test_every_action_needs_a_reason_of_at_most_500_characters(desk: Desk, act: Act) -> None:
    for reason in ("", " \n\t", None):
        with refused(400, "missing"):
            await act(desk, reason)  # type: ignore[arg-type]
    with refused(400, "too_long"):
        await act(desk, "é" * 501)
    await act(desk, " " + "é" * 500 + "\n")


async def test_a_reason_is_one_line_without_control_characters(desk: Desk) -> None:
    account = desk.account()
    await adjust(desk, account, 1, reason=" One\r\n two\x07\u202e three ")
    assert [row["reason"] for row in desk.audited(account, "credits.adjust")] == ["One two three"]


# -- Credits --------------------------------------------------------------------------------------------------------


async def test_credits_are_adjusted_once_a_key_and_audited(desk: Desk) -> None:
    account = desk.account()
    assert await adjust(desk, account, 5) == 8
    assert await adjust(desk, account, 5) == 8
    assert await adjust(desk, account, -8, "other") == 0
    assert desk.world.ledger(account) == [("welcome", 3), ("adjustment", 5), ("adjustment", -8)]
    assert desk.audited(account, "credits.adjust") == [
        entry(desk, "credits.adjust", account, {"balance": 3}, {"balance": 8}),
        entry(desk, "credits.adjust", account, {"balance": 8}, {"balance": 0}),
    ]
    # The same key in another account is another key.
    assert await adjust(desk, desk.account(), 5) == 8


async def test_two_clicks_at_once_are_one_adjustment(desk: Desk) -> None:
    account = desk.account()
    balances, codes = await at_once(*(adjust(desk, account, 5) for _ in range(4)))
    assert (balances, codes) == ([8] * 4, [])
    assert desk.world.ledger(account) == [("welcome", 3), ("adjustment", 5)]
    assert len(desk.audited(account, "credits.adjust")) == 1


async def test_a_key_used_for_another_change_is_refused(desk: Desk) -> None:
    account = desk.account()
    await adjust(desk, account, 5)
    with refused(409, "idempotency_conflict"):
        await adjust(desk, account, 6)
    assert desk.world.balance(account) == 8


@pytest.mark.parametrize("key", [None, "", " ", "a b", "é", "x" * 201, "a\nb"])
async def test_a_key_is_required(desk: Desk, key: str) -> None:
    with refused(400, "invalid_idempotency_key"):
        await adjust(desk, desk.account(), 5, key)


@pytest.mark.parametrize("delta", [0, 1_000_001, -1_000_001, 2**31 - 1, -(2**31), None])
async def test_a_change_has_bounds(desk: Desk, delta: int) -> None:
    with refused(400, "invalid_change"):
        await adjust(desk, desk.account(), delta)


async def test_the_balance_has_bounds(desk: Desk) -> None:
    account = desk.account()
    assert await adjust(desk, account, 1_000_000, "a") == 1_000_003
    assert await adjust(desk, account, -1_000_000, "b") == 3
    with refused(409, "balance_too_low"):
        await adjust(desk, account, -4, "c")
    desk.world.value("admin", "select private.adjust_credits(%s, 999999990, 'test', 'cli:test', 'd')", account)
    with refused(409, "balance_too_high"):
        await adjust(desk, account, 8, "e")
    assert desk.world.balance(account) == 999_999_993


async def test_a_refused_change_can_be_made_later_under_its_key(desk: Desk) -> None:
    account = desk.account()
    with refused(409, "balance_too_low"):
        await adjust(desk, account, -5)
    await adjust(desk, account, 5, "more")
    assert await adjust(desk, account, -5) == 3


async def test_no_key_of_staff_takes_the_key_of_a_refund(desk: Desk) -> None:
    account = desk.account()
    report = desk.world.report(account, 2)
    for key in (f"staff_refund:{report}", f"refund:{report}"):
        await adjust(desk, account, 1, key)
    desk.world.record(desk.world.must_claim(), 1)
    assert await support.refund_report(desk.db, desk.staff, report, "Stuck") == "completed"
    assert desk.world.balance(account) == 3 - 1 + 2 + 1


# -- Status ---------------------------------------------------------------------------------------------------------


async def test_an_account_is_deactivated_and_reactivated_with_a_trace(desk: Desk) -> None:
    db, staff, account = desk.db, desk.staff, desk.account()
    for status in ("deactivated", "deactivated", "active", "active"):
        await support.set_account_status(db, staff, account, status, "Why")
        assert desk.world.value("admin", "select status from public.accounts where id = %s", account) == status
    assert desk.audited(account, "account.deactivate", "account.reactivate") == [
        entry(desk, "account.deactivate", account, {"status": "active"}, {"status": "deactivated"}),
        entry(desk, "account.reactivate", account, {"status": "deactivated"}, {"status": "active"}),
    ]


@pytest.mark.parametrize("status", ["", "deleted", None])
async def test_other_statuses_do_not_exist(desk: Desk, status: str) -> None:
    with refused(400, "invalid_status"):
        await support.set_account_status(desk.db, desk.staff, desk.account(), status, "Why")  # type: ignore[arg-type]


async def test_nothing_is_done_to_an_account_that_is_unknown_or_deleted(desk: Desk) -> None:
    deleted = desk.account()
    desk.world.run("update public.accounts set status = 'deactivated', deleted_at = now() where id = %s", deleted)
    for account, status, code in (
        (deleted, 409, "account_deleted"),
        (AccountId(uuid.uuid4()), 404, "no_such_account"),
    ):
        with refused(status, code):
            await adjust(desk, account, 1)
        with refused(status, code):
            await support.set_account_status(desk.db, desk.staff, account, "active", "Why")
        with refused(status, code):
            await support.start_view(desk.db, desk.staff, account, "Why")
    assert desk.audited(deleted, "credits.adjust", "account.reactivate", "view.start") == []


# -- Reports that are stuck -----------------------------------------------------------------------------------------


def opened(desk: Desk, links: int = 2) -> Claim:
    """A runner has opened link 1 of a new report."""
    desk.world.report(desk.account(10), links)
    claim = desk.world.must_claim()
    assert desk.world.open(claim, 1)
    return claim


def account_of(desk: Desk, report: uuid.UUID) -> AccountId:
    return AccountId(desk.world.state(report)["account_id"])


async def test_a_retry_takes_the_links_back_and_sends_a_turn(desk: Desk) -> None:
    world, claim = desk.world, opened(desk, 3)
    report = claim.report_id
    world.record(claim, 2, "timeout")
    assert world.record(claim, 1) == "recorded"
    second = world.must_claim()
    assert world.open(second, second.positions[0])
    # The queue was purged by hand, and no sweep came by since.
    world.run("delete from pgmq.q_turns where read_ct = 0")
    assert await support.retry_report(desk.db, desk.staff, report, "Why") == 2
    assert desk.audited(account_of(desk, report), "report.retry") == [
        entry(
            desk, "report.retry", report, {"open": 2, "claimed": 2, "attempts": 1},
            {"open": 2, "claimed": 0, "attempts": 0},
        )
    ]  # fmt: skip
    # Whoever held a link has lost it.
    assert not world.heartbeat(second)
    assert world.record(second, second.positions[0]) == "late"
    again = world.must_claim()
    assert sorted(again.positions) == [2, 3]
    assert [world.item(report, position)["attempts"] for position in again.positions] == [0, 0]
    for position in again.positions:
        world.open(again, position)
        world.record(again, position)
    assert world.state(report)["status"] == "completed"
    # The message of the old claim ends when it is read.
    world.expire(second)
    assert world.claim() is None
    assert world.messages() == 0


async def test_a_refund_of_a_report_without_captures_fails_it(desk: Desk) -> None:
    claim = opened(desk)
    report, account = claim.report_id, account_of(desk, claim.report_id)
    assert await support.refund_report(desk.db, desk.staff, report, "Why") == "failed"
    state = desk.world.state(report)
    assert (state["status"], state["credits_refunded"], state["open_count"]) == ("failed", 1, 0)
    assert [desk.world.item(report, position)["reason"] for position in (1, 2)] == ["timeout", "timeout"]
    assert desk.world.ledger(account)[-2:] == [("charge", -1), ("refund", 1)]
    assert desk.world.record(claim, 1) == "late"
    (row,) = desk.audited(account, "report.refund")
    assert (row["actor"], row["target"], row["reason"]) == (f"staff:{desk.staff}", str(report), "Why")
    assert row["before"] == {
        "status": "processing", "open": 2, "captured": 0, "credits_used": 1, "credits_refunded": 0, "balance": 9,
    }  # fmt: skip
    assert row["after"] == {
        "status": "failed", "open": 0, "captured": 0, "credits_used": 1, "credits_refunded": 1, "balance": 10,
    }  # fmt: skip


async def test_a_refund_of_a_report_with_captures_completes_it_and_gives_its_price_back(desk: Desk) -> None:
    claim = opened(desk, 3)
    report, account = claim.report_id, account_of(desk, claim.report_id)
    desk.world.record(claim, 1)
    assert await support.refund_report(desk.db, desk.staff, report, "Why") == "completed"
    state = desk.world.state(report)
    assert (state["status"], state["captured_count"], state["credits_refunded"]) == ("completed", 1, 0)
    assert desk.world.ledger(account)[-2:] == [("charge", -1), ("adjustment", 1)]
    newest = (await support.ledger(desk.db, desk.staff, account))[0]
    assert newest.note == "Price of the report Report given back: Why"
    (shown,) = await support.list_reports(desk.db, desk.staff, account)
    assert (shown.given_back, shown.credits_refunded) == (1, 0)
    (row,) = desk.audited(account, "report.refund")
    assert (row["before"]["balance"], row["after"]["balance"], row["after"]["status"]) == (9, 10, "completed")


async def test_a_refund_with_a_long_reason_and_name_fits_the_ledger(desk: Desk) -> None:
    claim = opened(desk)
    desk.world.run("update public.reports set name = %s where id = %s", "n" * 200, claim.report_id)
    desk.world.record(claim, 1)
    await support.refund_report(desk.db, desk.staff, claim.report_id, "r" * 500)
    newest = (await support.ledger(desk.db, desk.staff, account_of(desk, claim.report_id)))[0]
    assert newest.note is not None and len(newest.note) == 500


async def test_what_has_ended_is_neither_retried_nor_refunded(desk: Desk) -> None:
    completed, failed = opened(desk, 1), opened(desk, 1)
    desk.world.record(completed, 1)
    desk.world.record(failed, 1, "blocked")
    refunded = opened(desk, 2).report_id
    await support.refund_report(desk.db, desk.staff, refunded, "Why")
    for report in (completed.report_id, failed.report_id, refunded):
        ledger = desk.world.ledger(account_of(desk, report))
        with refused(409, "not_processing"):
            await support.retry_report(desk.db, desk.staff, report, "Why")
        with refused(409, "not_processing"):
            await support.refund_report(desk.db, desk.staff, report, "Why")
        assert desk.world.ledger(account_of(desk, report)) == ledger
    with refused(404, "no_such_report"):
        await support.retry_report(desk.db, desk.staff, uuid.uuid4(), "Why")
    with refused(404, "no_such_report"):
        await support.refund_report(desk.db, desk.staff, uuid.uuid4(), "Why")


async def test_of_a_retry_and_a_refund_at_once_one_wins(desk: Desk) -> None:
    for _ in range(5):
        desk.world.empty_queue()
        claim = opened(desk)
        desk.world.record(claim, 1)
        report, account = claim.report_id, account_of(desk, claim.report_id)
        won, codes = await at_once(
            support.retry_report(desk.db, desk.staff, report, "Why"),
            support.refund_report(desk.db, desk.staff, report, "Why"),
        )
        (answer,), (code,) = won, codes
        status = desk.world.state(report)["status"]
        assert (answer, code, status) in [
            (1, "just_retried", "processing"),
            ("completed", "not_processing", "completed"),
        ]
        assert len(desk.audited(account, "report.retry", "report.refund")) == 1
        assert desk.world.balance(account) == (9 if status == "processing" else 10)


@pytest.mark.parametrize("act", [support.retry_report, support.refund_report])
async def test_of_two_who_do_the_same_at_once_one_wins(desk: Desk, act: Callable[..., Awaitable[object]]) -> None:
    claim = opened(desk)
    won, codes = await at_once(*(act(desk.db, desk.staff, claim.report_id, "Why") for _ in range(4)))  # type: ignore[arg-type]
    assert (len(won), len(codes)) == (1, 3)
    assert len(desk.audited(account_of(desk, claim.report_id), "report.retry", "report.refund")) == 1


async def test_a_minute_after_a_retry_staff_may_act_again(desk: Desk) -> None:
    report = opened(desk).report_id
    await support.retry_report(desk.db, desk.staff, report, "Why")
    for age, code in (("59 s", "just_retried"), ("61 s", None)):
        desk.world.run(
            "update private.report_retries set retried_at = clock_timestamp() - %s::interval where report_id = %s",
            age,
            report,
        )
        if code:
            with refused(409, code):
                await support.retry_report(desk.db, desk.staff, report, "Why")
        else:
            assert await support.retry_report(desk.db, desk.staff, report, "Why") == 2
    desk.world.run("update private.report_retries set retried_at = clock_timestamp() - interval '61 s'")
    assert await support.refund_report(desk.db, desk.staff, report, "Why") == "failed"


async def test_a_refund_that_waits_for_the_last_outcome_is_refused(desk: Desk) -> None:
    claim = opened(desk, 1)
    report = claim.report_id
    with desk.world.transaction("jobs") as value:
        value(
            "select private.record_outcome(%s, %s, %s, 1, %s)",
            claim.msg_id, claim.read_ct, report, '{"reason": "blocked"}',
        )  # fmt: skip
        refund = asyncio.create_task(at_once(support.refund_report(desk.db, desk.staff, report, "Why")))
        await until_one_waits(desk.world)
    assert await refund == ([], ["not_processing"])
    assert desk.world.ledger(account_of(desk, report))[-2:] == [("charge", -1), ("refund", 1)]


async def test_an_outcome_that_waits_for_a_retry_comes_too_late(desk: Desk) -> None:
    claim = opened(desk, 1)
    report = claim.report_id
    with desk.world.transaction("web") as value:
        value("select private.staff_retry_report(%s, %s, 'Why')", desk.staff, report)
        outcome = asyncio.create_task(asyncio.to_thread(desk.world.record, claim, 1))
        await until_one_waits(desk.world)
    assert await outcome == "late"
    assert desk.world.state(report)["open_count"] == 1
