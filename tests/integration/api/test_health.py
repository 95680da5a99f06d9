"""Health, and what happens while database, Redis or client are away."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api.limits import RateLimits
from core import reports, turns
from core.database import Database
from core.keys import new_api_key
from core.reports import KeyId, QueueHealth
from tests.integration.api.stand import Customer, Stand, assert_error
from tests.integration.redis_server import RedisServer, needs_redis

BALANCE = "/api/v1/credits/balance"
# Nothing listens there.
NO_DATABASE = "postgresql://coverage_web@127.0.0.1:1/postgres"
SENTENCE = "The service is unavailable for a moment. Please try again in a few seconds."


def test_alive(stand: Stand) -> None:
    answer = stand.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready(customer: Customer) -> None:
    customer.create()
    body = customer.stand.client.get("/readyz").json()
    oldest = body["queue"].pop("oldestSeconds")
    assert 0 <= oldest < 60
    assert body == {"status": "ok", "database": "ok", "queue": {"status": "ok", "length": 1}}


def test_a_queue_that_does_not_move_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(_: Any) -> QueueHealth:
        return QueueHealth(7, 301)

    monkeypatch.setattr(reports, "queue_health", stuck)
    answer = stand.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["queue"] == {"status": "stuck", "length": 7, "oldestSeconds": 301}


def test_without_a_database(start: Callable[..., Stand]) -> None:
    stand = start(web_database_url=NO_DATABASE)
    assert stand.client.get("/healthz").status_code == 200
    ready = stand.client.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "unavailable")
    started = time.monotonic()
    answer = stand.client.get(BALANCE, headers={"X-API-Key": new_api_key().key})
    assert time.monotonic() - started < 5
    assert_error(answer, 503, SENTENCE, code="unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    # What needs no database is answered: errors, and the reference.
    assert_error(stand.client.get(BALANCE), 401)
    assert stand.client.get("/api/v1/docs").status_code == 200
    assert_error(stand.client.get(f"/api/portal/reports/share/{'a' * 43}"), 503)


def test_a_database_that_comes_back_is_found_again(customer: Customer) -> None:
    assert customer.get(BALANCE).status_code == 200
    customer.world.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coveragereport'"
    )
    assert customer.get(BALANCE).status_code == 200


def test_uses_outlive_a_database_that_is_away(
    customer: Customer, start: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[tuple[Any, ...]] = []
    write = reports.record_key_uses

    async def fail_once(*arguments: Any) -> None:
        if not failed:
            failed.append(arguments)
            raise psycopg.OperationalError("away")
        await write(*arguments)

    monkeypatch.setattr("api.background.FLUSH_SECONDS", 0.2)
    monkeypatch.setattr(reports, "record_key_uses", fail_once)
    mine = Customer(start(), customer.world)
    mine.get(BALANCE)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        count = mine.world.value("admin", "select request_count from public.api_keys where id = %s", mine.key_id)
        if count:
            break
        time.sleep(0.05)
    assert (count, len(failed)) == (1, 1)


def test_the_web_process_sweeps(
    customer: Customer, start: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = []
    sweep = turns.sweep

    async def note(db: Database) -> turns.Swept:
        swept.append(await sweep(db))
        return swept[-1]

    monkeypatch.setattr(turns, "sweep", note)
    monkeypatch.setattr("api.background.SWEEP_SECONDS", 0.1)
    customer.create()
    customer.world.run("delete from pgmq.q_turns")
    start()
    until = time.monotonic() + 10
    while len(swept) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(swept) >= 2
    assert customer.world.messages() == 1


def test_a_body_that_does_not_come_is_408(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.body._READ_SECONDS", 0.2)
    host, port = customer.stand.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        head = (
            "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
        )
        connection.sendall(head.encode())
        answer = connection.recv(4096)
        while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
            answer += connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


def test_a_client_that_leaves_is_no_error(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[tuple[str, Any]] = []
    monkeypatch.setattr("api.outer.log.info", lambda _, **fields: lines.append(("info", fields["status"])))
    monkeypatch.setattr("api.outer.log.exception", lambda *_, **__: lines.append(("exception", None)))
    host, port = customer.stand.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        head = (
            "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
        )
        connection.sendall(head.encode())
    until = time.monotonic() + 5
    while not lines and time.monotonic() < until:
        time.sleep(0.02)
    assert lines == [("info", 499)]


@pytest.mark.anyio
@needs_redis
async def test_limits_in_redis_hold_for_all_processes(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        one, other = (RateLimits(3, server.url) for _ in range(2))
        key = KeyId(uuid4())
        rates = [await limits.take(key) for limits in (one, other, one, other)]
        assert [rate.allowed for rate in rates] == [True, True, True, False]
        assert [rate.remaining for rate in rates] == [2, 1, 0, 0]
        assert 1 <= rates[-1].seconds <= 60
        # What is not ours in its place: as if Redis were away.
        with server.client() as client:
            names = list(client.scan_iter())
            assert all(0 < client.ttl(name) <= 60 for name in names)
            client.mset(dict.fromkeys(names, "nonsense"))
        assert (await one.take(key)).allowed
    # Redis is away: each process counts for itself.
    assert (await other.take(key)).allowed
