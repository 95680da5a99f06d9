"""The life of a report as runners, crashes and operators see it."""

import threading
import uuid

import pytest

from tests.database.world import Claim, World


def test_one_link_in_one_capture_out(world: World) -> None:
    account = world.account()
    report = world.report(account)
    claim = world.must_claim()
    assert (claim.report_id, claim.positions, claim.read_ct) == (report, [1], 1)
    assert world.open(claim, 1)
    assert world.record(claim, 1, http_status=200, outlet="The Courier") == "recorded"
    state = world.state(report)
    assert (state["status"], state["captured_count"], state["open_count"]) == ("completed", 1, 0)
    assert world.item(report)["outlet"] == "The Courier"
    assert world.messages() == 0
    assert world.value("admin", "select char_length(token) from private.share_links where report_id = %s", report) >= 32


def test_accounts_take_turns(world: World) -> None:
    many, one = world.account(), world.account()
    world.report(many, 10)
    world.report(one, 1)
    served = [world.state(world.must_claim().report_id)["account_id"] for _ in range(3)]
    assert served == [many, one, many]


def test_reports_of_an_account_take_turns(world: World) -> None:
    account = world.account()
    first, second = world.report(account, 6), world.report(account, 2)
    assert [world.must_claim().report_id for _ in range(4)] == [first, second, first, first]
    assert world.claim() is None


def test_an_account_has_one_unread_message(world: World) -> None:
    account = world.account()
    for _ in range(3):
        world.report(account, 5)
    assert world.messages() == 1
    world.must_claim()
    assert world.value("admin", "select count(*) from pgmq.q_turns where read_ct = 0") == 1


def test_no_link_is_handed_out_twice(world: World) -> None:
    world.report(world.account(), 5)
    positions = [position for _ in range(3) for position in world.must_claim().positions]
    assert sorted(positions) == [1, 2, 3, 4, 5]
    assert world.claim() is None


def test_heartbeat_keeps_the_claim(world: World) -> None:
    world.report(world.account())
    claim = world.must_claim()
    world.run("select pgmq.set_vt('turns', %s, 2)", claim.msg_id)
    assert world.heartbeat(claim)
    left = world.value(
        "admin", "select extract(epoch from vt - clock_timestamp()) from pgmq.q_turns where msg_id = %s", claim.msg_id
    )
    assert 25 < left <= 30


def test_heartbeat_of_a_lost_claim_says_so_and_changes_nothing(world: World) -> None:
    world.report(world.account())
    old = world.must_claim()
    world.expire(old)
    new = world.must_claim()
    world.expire(new)
    assert not world.heartbeat(old)
    assert world.must_claim().msg_id == old.msg_id


def test_outcome_of_a_lost_claim_is_dropped(world: World) -> None:
    report = world.report(world.account())
    old = world.must_claim()
    world.open(old, 1)
    world.expire(old)
    new = world.must_claim()
    assert (new.msg_id, new.read_ct) == (old.msg_id, 2)
    assert world.record(old, 1) == "late"
    assert not world.open(old, 1)
    assert not world.release(old, 1, opened=True)
    assert world.state(report)["status"] == "processing"
    assert world.record(new, 1) == "recorded"
    assert world.record(new, 1) == "late"
    assert world.state(report)["captured_count"] == 1


def test_message_read_again_hands_out_one_link_at_a_time(world: World) -> None:
    report = world.report(world.account(), 2)
    dead = world.must_claim()
    assert dead.positions == [1, 2]
    world.open(dead, 1)
    world.expire(dead)
    second = world.must_claim()
    # The link that was not open when the runner died comes first.
    assert second.positions == [2]
    world.open(second, 2)
    assert world.record(second, 2) == "recorded"
    third = world.must_claim()
    assert (third.msg_id, third.read_ct, third.positions) == (dead.msg_id, 3, [1])
    world.open(third, 1)
    world.record(third, 1)
    assert world.state(report)["status"] == "completed"
    assert world.messages() == 0


def test_second_attempt_without_outcome_is_crashed(world: World) -> None:
    account = world.account()
    report = world.report(account)
    for _ in range(2):
        claim = world.must_claim()
        assert world.open(claim, 1)
        world.expire(claim)
    assert world.claim() is None
    assert world.item(report)["reason"] == "crashed"
    assert world.state(report)["status"] == "failed"
    assert world.balance(account) == 3


def test_third_attempt_is_never_opened(world: World) -> None:
    report = world.report(world.account())
    claim = world.must_claim()
    assert world.open(claim, 1)
    assert world.open(claim, 1)
    assert not world.open(claim, 1)
    assert world.item(report)["attempts"] == 2


def test_message_read_ten_times_is_given_up(world: World) -> None:
    report = world.report(world.account(), 2)
    claim: Claim | None = None
    for read in range(1, 10):
        claim = world.must_claim()
        assert claim.read_ct == read
        world.expire(claim)
    assert world.claim() is None
    assert [world.item(report, n)["reason"] for n in (1, 2)] == ["crashed", "crashed"]
    assert world.messages() == 0


@pytest.mark.parametrize(
    ("reason", "status", "again"),
    [
        ("dns", None, True),
        ("connect", None, True),
        ("tls", None, True),
        ("timeout", None, True),
        ("crashed", None, True),
        ("http_error", 503, True),
        ("http_error", 404, False),
        ("refused", None, False),
        ("blocked", 200, False),
        ("not_a_page", 200, False),
        ("too_large", 200, False),
    ],
)
def test_second_attempt_for_some_reasons(world: World, reason: str, status: int | None, again: bool) -> None:
    report = world.report(world.account())
    claim = world.must_claim()
    world.open(claim, 1)
    assert world.record(claim, 1, reason, http_status=status) == ("retry" if again else "recorded")
    if again:
        claim = world.must_claim()
        assert claim.read_ct == 1
        world.open(claim, 1)
        assert world.record(claim, 1, reason, http_status=status) == "recorded"
    item = world.item(report)
    assert (item["status"], item["reason"], item["http_status"]) == ("failed", reason, status)
    assert item["attempts"] == (2 if again else 1)
    assert world.claim() is None


def test_failed_report_is_refunded_once(world: World) -> None:
    account = world.account()
    report = world.report(account, 2)
    claim = world.must_claim()
    for position in (1, 2):
        world.record(claim, position, "blocked")
    state = world.state(report)
    assert (state["status"], state["credits_used"], state["credits_refunded"]) == ("failed", 1, 1)
    assert state["error"] and state["completed_at"]
    assert world.ledger(account) == [("welcome", 3), ("charge", -1), ("refund", 1)]
    assert world.balance(account) == 3
    with pytest.raises(Exception, match="one_refund_a_report"):
        world.value(
            "admin", "select private.post_credit_entry(%s, 'refund', 1, %s, 'system', null, 'again')", account, report
        )


def test_nothing_is_given_back_for_part_of_a_report(world: World) -> None:
    account = world.account()
    report = world.report(account, 2)
    claim = world.must_claim()
    world.record(claim, 1, "blocked")
    world.record(claim, 2)
    assert world.state(report)["status"] == "completed"
    assert world.balance(account) == 2


@pytest.mark.parametrize("reason", [None, "blocked"])
def test_two_last_outcomes_at_once(world: World, reason: str | None) -> None:
    account = world.account()
    report = world.report(account, 2)
    one, two = world.must_claim(1), world.must_claim(1)
    answers: list[str] = []

    def record(claim: Claim) -> None:
        other = World(world.urls)
        answers.append(other.record(claim, claim.positions[0], reason))
        other.close()

    threads = [threading.Thread(target=record, args=(claim,)) for claim in (one, two)]
    with world.transaction("admin") as value:
        # Both wait for the account's lock, and go on together.
        value("select 1 from public.accounts where id = %s for update", account)
        for thread in threads:
            thread.start()
        _until_waiting(world, 2)
    for thread in threads:
        thread.join()
    assert answers == ["recorded", "recorded"]
    state = world.state(report)
    assert state["open_count"] == 0
    assert state["status"] == ("completed" if reason is None else "failed")
    assert world.balance(account) == (2 if reason is None else 3)


def _until_waiting(world: World, processes: int) -> None:
    for _ in range(10_000):
        if world.value("admin", "select count(*) from pg_locks where not granted") >= processes:
            return
    raise AssertionError("nobody waits for a lock")


def test_purged_queue_heals(world: World) -> None:
    account = world.account()
    report = world.report(account, 4)
    held = world.must_claim()
    world.open(held, 1)
    world.run("delete from pgmq.q_turns")
    assert world.claim() is None
    swept = world.sweep()
    assert (swept["released"], swept["sent"]) == (2, 1)
    seen: list[int] = []
    while claim := world.claim():
        for position in claim.positions:
            assert world.open(claim, position)
            assert world.record(claim, position) == "recorded"
            seen.append(position)
    assert sorted(seen) == [1, 2, 3, 4]
    assert world.state(report)["status"] == "completed"
    assert world.sweep() == {"released": 0, "sent": 0, "ended": 0}


def test_outcome_counts_although_the_queue_was_purged(world: World) -> None:
    report = world.report(world.account())
    claim = world.must_claim()
    world.open(claim, 1)
    world.run("delete from pgmq.q_turns")
    assert world.record(claim, 1) == "recorded"
    assert world.state(report)["status"] == "completed"


def test_queue_made_anew_heals(world: World) -> None:
    world.report(world.account(), 4)
    world.must_claim()
    world.run("truncate pgmq.q_turns restart identity")
    world.sweep()
    seen = []
    while claim := world.claim():
        for position in claim.positions:
            world.record(claim, position)
            seen.append(position)
    assert sorted(seen) == [1, 2, 3, 4]


def test_release_gives_the_link_back_uncounted(world: World) -> None:
    report = world.report(world.account(), 2)
    claim = world.must_claim()
    world.open(claim, 1)
    assert world.release(claim, 1, opened=True)
    assert world.release(claim, 2, opened=False)
    assert [world.item(report, n)["attempts"] for n in (1, 2)] == [0, 0]
    assert world.must_claim().positions == [1, 2]
    assert world.messages() == 1


def test_overdue_when_held_without_progress(world: World) -> None:
    account = world.account()
    report = world.report(account, 3)
    claim = world.must_claim()
    world.record(claim, 1)
    world.run("update public.reports set progressed_at = now() - interval '4 minutes' where id = %s", report)
    assert world.sweep()["ended"] == 1
    state = world.state(report)
    assert (state["status"], state["captured_count"]) == ("completed", 1)
    assert [world.item(report, n)["reason"] for n in (2, 3)] == ["timeout", "timeout"]
    assert world.record(claim, 2) == "late"
    assert not world.heartbeat(claim)


def test_waiting_is_not_overdue(world: World) -> None:
    report = world.report(world.account(), 1)
    world.run("update public.reports set progressed_at = now() - interval '4 hours' where id = %s", report)
    assert world.sweep()["ended"] == 0
    claim = world.must_claim()
    # The clock starts when a runner holds a turn of it.
    assert world.sweep()["ended"] == 0
    world.run("update public.reports set progressed_at = now() - interval '4 hours' where id = %s", report)
    world.expire(claim)
    assert world.sweep()["ended"] == 0
    world.must_claim()
    assert world.sweep()["ended"] == 0


def test_a_report_never_lives_longer_than_a_day(world: World) -> None:
    account = world.account()
    report = world.report(account, 3)
    world.run("update public.reports set created_at = now() - interval '25 hours' where id = %s", report)
    assert world.sweep()["ended"] == 1
    assert world.state(report)["status"] == "failed"
    assert world.balance(account) == 3
    assert world.claim() is None


def test_one_sweep_at_a_time(world: World) -> None:
    world.report(world.account())
    world.run("delete from pgmq.q_turns")
    with world.transaction("admin") as value:
        value("select pg_advisory_xact_lock(hashtextextended('sweep', 0))")
        assert world.sweep() == {"released": 0, "sent": 0, "ended": 0}
    assert world.sweep()["sent"] == 1


@pytest.mark.parametrize(
    "message", ["{}", '{"account_id": "nobody"}', '{"account_id": 7}', "[]", f'{{"account_id": "{uuid.uuid4()}"}}']
)
def test_strange_messages_are_thrown_away(world: World, message: str) -> None:
    world.run("select pgmq.send('turns', %s::jsonb)", message)
    report = world.report(world.account())
    assert world.must_claim().report_id == report
    assert world.claim() is None
    assert world.messages() == 1


def test_long_texts_are_cut_not_refused(world: World) -> None:
    report = world.report(world.account())
    claim = world.must_claim()
    facts = dict.fromkeys(("headline", "outlet", "author", "excerpt", "language", "final_url"), "x" * 20_000)
    assert world.record(claim, 1, **facts) == "recorded"
    assert len(world.item(report)["headline"]) == 500


def test_capture_needs_its_pictures(world: World) -> None:
    report = world.report(world.account())
    claim = world.must_claim()
    with pytest.raises(Exception, match="report_items_check"):
        world.record(claim, 1, screenshot=None, thumbnail=None)
    assert world.item(report)["status"] == "pending"
