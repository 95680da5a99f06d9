"""Requests with an API key are written down for support: which, and when."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from core import api_requests, reports
from tests.database.world import Urls, World
from tests.integration.api.stand import Customer, Stand, web_process

BALANCE = "/api/v1/credits/balance"
REPORTS = "/api/v1/reports"


def recorded(customer: Customer) -> list[dict[str, Any]]:
    return customer.world.rows(
        "admin",
        "select request_id, key_id, method, route, status from private.api_requests where account_id = %s"
        " order by created_at, request_id",
        customer.account,
    )


def row(customer: Customer, answer: httpx.Response, method: str, route: str) -> dict[str, Any]:
    return {
        "request_id": answer.headers["request-id"],
        "key_id": customer.key_id,
        "method": method,
        "route": route,
        "status": answer.status_code,
    }


def test_every_request_with_a_valid_key_is_written_down_when_the_process_stops(
    urls: Urls, world: World, tmp_path: Path
) -> None:
    with web_process(urls, tmp_path) as stand:
        customer = Customer(stand, world)
        report = customer.create()
        sent = [
            ("GET", BALANCE, BALANCE),
            ("HEAD", BALANCE, BALANCE),
            ("POST", REPORTS, REPORTS),
            ("GET", f"{REPORTS}/{report}", f"{REPORTS}/{{report_id}}"),
            ("GET", f"{REPORTS}/{'0' * 32}", f"{REPORTS}/{{report_id}}"),
            ("GET", "/api/v1/nothing", "(unknown)"),
        ]
        expected = [
            row(customer, customer.request(method, path, headers={"Content-Type": "text/plain"}), method, route)
            for method, path, route in sent
        ]
        stand.client.get(BALANCE)
        world.value("admin", "select private.set_account_status(%s, 'deactivated', 'cli:t', 't')", customer.account)
        expected.append(row(customer, customer.get(BALANCE), "GET", BALANCE))
    assert [one["status"] for one in expected] == [200, 200, 415, 200, 404, 404, 403]
    assert recorded(customer)[1:] == expected


def test_requests_are_written_down_while_the_process_runs(
    start: Callable[..., Stand], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[object] = []
    write = api_requests.record

    async def fail_once(*arguments: Any) -> None:
        if not failed:
            failed.append(arguments)
            raise psycopg.OperationalError("away")
        await write(*arguments)

    monkeypatch.setattr("api.background.FLUSH_SECONDS", 0.1)
    monkeypatch.setattr(api_requests, "record", fail_once)
    customer = Customer(start(), world)
    customer.get(BALANCE)
    until = time.monotonic() + 10
    while not recorded(customer) and time.monotonic() < until:
        time.sleep(0.05)
    assert (len(recorded(customer)), len(failed)) == (1, 1)


@pytest.mark.parametrize("module", [reports, api_requests])
def test_a_stop_does_not_cut_a_flush_off(
    urls: Urls, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    name = "record_key_uses" if module is reports else "record"
    write = getattr(module, name)
    began = threading.Event()

    async def slow(*arguments: Any) -> None:
        began.set()
        # The process is told to stop meanwhile.
        await asyncio.sleep(0.5)
        await write(*arguments)

    monkeypatch.setattr("api.background.FLUSH_SECONDS", 0.1)
    monkeypatch.setattr(module, name, slow)
    with web_process(urls, tmp_path) as stand:
        customer = Customer(stand, world)
        customer.get(BALANCE)
        assert began.wait(10)
    count = world.value("admin", "select request_count from public.api_keys where id = %s", customer.key_id)
    assert (count, len(recorded(customer))) == (1, 1)


def test_a_database_that_is_away_does_not_keep_the_process_from_stopping(
    urls: Urls, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(reports, "record_key_uses", away)
    with web_process(urls, tmp_path) as stand:
        customer = Customer(stand, world)
        customer.get(BALANCE)
    # The key uses are lost, the requests are not.
    assert len(recorded(customer)) == 1
