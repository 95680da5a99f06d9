"""Money: the ledger, the balance, the price, the charge."""

import threading
import uuid

import psycopg
import pytest
from psycopg import errors

from tests.database.world import World


@pytest.mark.parametrize(
    ("links", "price"),
    [
        (1, 1), (100, 1), (101, 2), (250, 2), (251, 3), (500, 3), (501, 4), (600, 4), (750, 4), (751, 5), (1000, 5),
        (2000, 9),
    ],
)  # fmt: skip
def test_price(world: World, links: int, price: int) -> None:
    assert world.value("web", "select private.report_price(%s)", links) == price


def test_account_owner_and_welcome_credits_once(world: World) -> None:
    user = world.user()
    ensure = "select private.ensure_account_for(%s, 'Team')"
    account = world.value("admin", ensure, user)
    assert world.value("admin", ensure, user) == account
    assert world.ledger(account) == [("welcome", 3)]
    assert world.value("admin", "select role from public.members where user_id = %s", user) == "owner"


def test_two_first_sign_ins_at_once_make_one_account(world: World) -> None:
    user = world.user()
    accounts: list[uuid.UUID] = []

    def sign_in() -> None:
        other = World(world.urls)
        accounts.append(other.value("admin", "select private.ensure_account_for(%s, 'Team')", user))
        other.close()

    threads = [threading.Thread(target=sign_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accounts) == 4 and len(set(accounts)) == 1


def test_unconfirmed_address_gets_no_credits(world: World) -> None:
    user = world.user()
    world.run("update auth.users set email_confirmed_at = null where id = %s", user)
    with pytest.raises(errors.CheckViolation, match="not confirmed"):
        world.value("admin", "select private.ensure_account_for(%s, 'Team')", user)


@pytest.mark.parametrize(
    "statement", ["update public.credit_entries set delta = 100", "delete from public.credit_entries"]
)
def test_ledger_is_append_only(world: World, statement: str) -> None:
    account = world.account()
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        world.run(f"{statement} where account_id = %s", account)
    with pytest.raises(psycopg.Error):
        world.run("truncate public.credit_entries")


@pytest.mark.parametrize("statement", ["update private.audit_log set actor = 'me'", "delete from private.audit_log"])
def test_audit_log_is_append_only(world: World, statement: str) -> None:
    world.account(credits=10)
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        world.run(statement)


def adjust(world: World, account: uuid.UUID, delta: int, key: str, reason: str = "Goodwill") -> int:
    balance: int = world.value(
        "admin", "select private.adjust_credits(%s, %s, %s, 'cli:test', %s)", account, delta, reason, key
    )
    return balance


def test_adjustment_is_idempotent_and_audited_once(world: World) -> None:
    account = world.account()
    assert adjust(world, account, 5, "a") == 8
    assert adjust(world, account, 5, "a") == 8
    assert world.balance(account) == 8
    with pytest.raises(errors.UniqueViolation):
        adjust(world, account, 6, "a")
    logged = "select before, after, reason from private.audit_log where account_id = %s and action = 'credits.adjust'"
    rows = world.rows("admin", logged, account)
    assert rows == [{"before": {"balance": 3}, "after": {"balance": 8}, "reason": "Goodwill"}]


@pytest.mark.parametrize("delta", [-4, -(2**31), 2**31 - 1])
def test_balance_stays_in_bounds(world: World, delta: int) -> None:
    account = world.account()
    with pytest.raises(errors.CheckViolation):
        adjust(world, account, delta, "x")
    assert world.balance(account) == 3


def test_adjustment_needs_a_reason_and_a_change(world: World) -> None:
    account = world.account()
    for delta, reason in ((1, " "), (0, "why")):
        with pytest.raises(errors.CheckViolation):
            adjust(world, account, delta, "x", reason)


def test_report_is_charged_with_its_items_and_its_turn(world: World) -> None:
    account = world.account()
    answer = world.create(account, 101)
    assert (answer["outcome"], answer["url_count"], answer["credits_used"]) == ("created", 101, 2)
    assert world.ledger(account) == [("welcome", 3), ("charge", -2)]
    assert world.messages() == 1


def test_no_credits_changes_nothing(world: World) -> None:
    account = world.account(credits=1)
    answer = world.create(account, 101)
    assert answer == {"outcome": "insufficient_credits", "required": 2, "available": 1, "replayed": False}
    assert world.balance(account) == 1
    assert world.messages() == 0
    assert world.value("admin", "select count(*) from public.reports where account_id = %s", account) == 0


def test_a_failing_charge_takes_all_with_it(world: World) -> None:
    account = world.account()
    with pytest.raises(errors.UniqueViolation):
        world.value(
            "web", "select private.create_report(%s, %s, null, 'Report', %s, null, null)",
            account, world.key(account), ["https://example.com/", "https://example.com/"],
        )  # fmt: skip
    assert world.balance(account) == 3
    assert world.messages() == 0


def test_deactivated_account_makes_no_report(world: World) -> None:
    account = world.account()
    world.value("admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'unpaid')", account)
    assert world.create(account)["outcome"] == "deactivated"
    world.value("admin", "select private.set_account_status(%s, 'active', 'cli:test', 'paid')", account)
    assert world.create(account)["outcome"] == "created"


def test_ten_credits_buy_ten_reports_however_many_ask(world: World) -> None:
    account = world.account(credits=10)
    key = world.key(account)
    outcomes: list[str] = []

    def ask() -> None:
        other = World(world.urls)
        for _ in range(5):
            answer = other.value(
                "web", "select private.create_report(%s, %s, null, 'Report', %s, null, null)",
                account, key, ["https://example.com/"],
            )  # fmt: skip
            outcomes.append(answer["outcome"])
        other.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created"] * 10 + ["insufficient_credits"] * 20
    assert world.balance(account) == 0
    total = world.value("admin", "select sum(delta) from public.credit_entries where account_id = %s", account)
    assert total == 0


def test_same_key_and_body_replays(world: World) -> None:
    account = world.account()
    first = world.create(account, 2, idempotency_key="k", body=b"one")
    again = world.create(account, 2, idempotency_key="k", body=b"one")
    assert again == first | {"replayed": True}
    assert world.balance(account) == 2
    assert world.create(account, 2, idempotency_key="k", body=b"two") == {"outcome": "mismatch"}
    # Another account's keys are its own.
    assert world.create(world.account(), 2, idempotency_key="k", body=b"two")["outcome"] == "created"


def test_refusal_for_want_of_credits_replays_too(world: World) -> None:
    account = world.account(credits=1)
    first = world.create(account, 101, idempotency_key="k")
    adjust(world, account, 10, "more")
    assert world.create(account, 101, idempotency_key="k") == first | {"replayed": True}


def test_key_is_kept_for_a_day(world: World) -> None:
    account = world.account()
    first = world.create(account, idempotency_key="k", body=b"one")
    world.run(
        "update private.idempotency_keys set created_at = now() - interval '25 hours' where account_id = %s", account
    )
    second = world.create(account, idempotency_key="k", body=b"two")
    assert second["outcome"] == "created" and second["report_id"] != first["report_id"]
    world.run(
        "update private.idempotency_keys set created_at = now() - interval '25 hours' where account_id = %s", account
    )
    world.sweep()
    assert world.value("admin", "select count(*) from private.idempotency_keys where account_id = %s", account) == 0


def test_same_key_while_the_first_runs(world: World) -> None:
    account = world.account()
    key = world.creator(account)
    with world.transaction("web") as value:
        digest = b"\0" * 32
        value(
            "select private.create_report(%s, %s, null, 'Report', %s, 'k', %s)",
            account, key, ["https://example.com/"], digest,
        )  # fmt: skip
        assert world.create(account, idempotency_key="k") == {"outcome": "in_progress"}
    assert world.balance(account) == 2
