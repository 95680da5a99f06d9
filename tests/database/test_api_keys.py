"""API keys: five an account, found by hash, revoked for good."""

import hashlib
import threading
from datetime import UTC, datetime

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.database.world import World


def test_sixth_key_is_refused_until_one_is_revoked(world: World) -> None:
    account = world.account()
    keys = [world.key(account) for _ in range(5)]
    with pytest.raises(errors.CheckViolation, match="Revoke one first"):
        world.key(account)
    assert world.value("admin", "select private.revoke_api_key(%s, %s, 'cli:test')", account, keys[2])
    assert not world.value("admin", "select private.revoke_api_key(%s, %s, 'cli:test')", account, keys[2])
    world.key(account)


def test_five_keys_also_at_once(world: World) -> None:
    account = world.account()
    made: list[bool] = []

    def make() -> None:
        other = World(world.urls)
        try:
            other.key(account)
            made.append(True)
        except errors.CheckViolation:
            made.append(False)
        other.close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 3 + [True] * 5


def test_another_accounts_key_cannot_be_revoked(world: World) -> None:
    key = world.key(world.account())
    assert not world.value("admin", "select private.revoke_api_key(%s, %s, 'cli:test')", world.account(), key)


def test_key_is_found_by_its_hash_until_it_is_revoked(world: World) -> None:
    account = world.account()
    digest = hashlib.sha256(account.bytes).digest()
    key = world.value(
        "admin", "select private.create_api_key(%s, 'k', 'cr_live_BBBBBBBB', %s, null, 'cli:test')", account, digest
    )
    find = "select * from private.find_api_key(%s)"
    assert world.rows("web", find, digest) == [{"key_id": key, "account_id": account, "active": True}]
    world.value("admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'x')", account)
    assert world.rows("web", find, digest)[0]["active"] is False
    world.value("admin", "select private.revoke_api_key(%s, %s, 'cli:test')", account, key)
    assert world.rows("web", find, digest) == []


def test_uses_are_added_up_and_time_never_goes_back(world: World) -> None:
    key = world.key(world.account())
    late, early = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    for count, last in ((2, late), (3, early)):
        use = {"key_id": str(key), "count": count, "last_used_at": last.isoformat()}
        world.value("web", "select private.record_key_uses(%s)", Jsonb([use]))
    assert world.rows("admin", "select request_count, last_used_at from public.api_keys where id = %s", key) == [
        {"request_count": 5, "last_used_at": late}
    ]
