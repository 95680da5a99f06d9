"""Requests of API keys: written once, under the account of their key, for 30 days."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from tests.database.world import World


def noted(key: uuid.UUID, age: timedelta = timedelta(), **fields: Any) -> dict[str, Any]:
    return {
        "request_id": f"req_{uuid.uuid4().hex}",
        "key_id": str(key),
        "method": "GET",
        "route": "/api/v1/reports",
        "status": 200,
        "created_at": (datetime.now(UTC) - age).isoformat(),
    } | fields


def record(world: World, *rows: dict[str, Any]) -> None:
    world.value("web", "select private.record_api_requests(%s)", Jsonb(rows))


def kept(world: World, account: uuid.UUID) -> list[str]:
    rows = world.rows("admin", "select request_id from private.api_requests where account_id = %s", account)
    return [row["request_id"] for row in rows]


def test_a_request_belongs_to_the_account_of_its_key(world: World) -> None:
    account, other = world.account(), world.account()
    row = noted(world.key(account), account_id=str(other))
    record(world, row)
    assert kept(world, account) == [row["request_id"]]
    assert kept(world, other) == []


def test_a_batch_sent_again_changes_nothing(world: World) -> None:
    account = world.account()
    row = noted(world.key(account))
    record(world, row)
    record(world, row | {"status": 500}, noted(world.key(account)))
    statuses = world.rows("admin", "select status from private.api_requests where account_id = %s", account)
    assert [one["status"] for one in statuses] == [200, 200]


def test_a_key_that_is_gone_does_not_hold_up_the_others(world: World) -> None:
    account = world.account()
    row = noted(world.key(account), method="X" * 40, route="/" * 300)
    record(world, noted(uuid.uuid4()), row)
    assert kept(world, account) == [row["request_id"]]


def test_the_sweep_forgets_requests_after_30_days(world: World) -> None:
    account = world.account()
    key = world.key(account)
    old, recent = noted(key, timedelta(days=30, minutes=1)), noted(key, timedelta(days=29, hours=23))
    record(world, old, recent)
    world.sweep()
    assert kept(world, account) == [recent["request_id"]]
