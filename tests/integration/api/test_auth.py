"""Who may ask, and in which order a request is looked at."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import reports
from core.keys import new_api_key
from tests.database.world import Urls, World
from tests.integration.api.stand import Customer, Stand, an_address, assert_error, web_process

BALANCE = "/api/v1/credits/balance"
REPORTS = "/api/v1/reports"
REFUSAL = "Missing or invalid API key. Pass X-API-Key header."
PROTECTED = [
    ("GET", BALANCE),
    ("GET", REPORTS),
    ("POST", REPORTS),
    ("POST", f"{REPORTS}/estimate"),
    ("GET", f"{REPORTS}/{'0' * 32}"),
    ("GET", f"{REPORTS}/{'0' * 32}/html"),
    ("GET", f"{REPORTS}/{'0' * 32}/items"),
]
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_nothing_is_told_without_a_key(stand: Stand, method: str, path: str) -> None:
    answer = stand.client.request(method, path, headers=JSON)
    assert_error(answer, 401, REFUSAL, code="unauthorized")
    assert "ratelimit" not in answer.headers


def test_one_text_for_every_bad_key(customer: Customer) -> None:
    new = new_api_key().key
    wrong = new[:-1] + ("0" if new[-1] != "0" else "1")
    for key in ("", "x", "cr_live_", "cr_live_abc123", "cr_test_" + new[8:], wrong, new, f"Bearer {new}", new.lower()):
        assert_error(customer.get(BALANCE, headers={"X-API-Key": key}), 401, REFUSAL, code="unauthorized")


def test_two_keys_are_none(customer: Customer) -> None:
    headers = [*customer.headers.items(), ("X-API-Key", customer.key)]
    assert_error(customer.stand.client.get(BALANCE, headers=headers), 401, REFUSAL)


def test_a_key_in_another_place_is_no_key(customer: Customer) -> None:
    client = customer.stand.client
    assert client.get(BALANCE, headers={"Authorization": f"Bearer {customer.key}"}).status_code == 401
    assert client.get(BALANCE, params={"api_key": customer.key}).status_code == 401


def test_a_key_with_a_wrong_checksum_does_not_touch_the_database(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def note(*arguments: Any) -> None:
        asked.append(arguments)

    monkeypatch.setattr(reports, "find_api_key", note)
    key = new_api_key().key
    assert customer.get(BALANCE, headers={"X-API-Key": key[:-3] + "abc"}).status_code == 401
    assert not asked
    assert customer.get(BALANCE, headers={"X-API-Key": key}).status_code == 401
    assert len(asked) == 1


def test_a_revoked_key_is_refused_on_the_next_request(customer: Customer) -> None:
    assert customer.get(BALANCE).status_code == 200
    customer.world.value(
        "admin", "select private.revoke_api_key(%s, %s, 'cli:test')", customer.account, customer.key_id
    )
    assert_error(customer.get(BALANCE), 401, REFUSAL)


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_a_deactivated_account_is_403_everywhere(customer: Customer, method: str, path: str) -> None:
    deactivate(customer)
    answer = customer.request(method, path, headers=JSON)
    assert_error(answer, 403, "Account is deactivated.", code="account_deactivated")
    assert answer.headers["ratelimit"]


def test_a_deactivated_account_pays_nothing_and_may_come_back(customer: Customer) -> None:
    deactivate(customer)
    assert customer.post(REPORTS, json={"urls": ["https://news.example/"]}).status_code == 403
    customer.world.value(
        "admin", "select private.set_account_status(%s, 'active', 'cli:test', 'test')", customer.account
    )
    assert customer.get(BALANCE).json() == {"balance": 10}


def test_an_account_deactivated_at_the_last_moment_is_403(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deactivated(*_: Any) -> reports.AccountDeactivated:
        return reports.AccountDeactivated()

    monkeypatch.setattr(reports, "create_report", deactivated)
    answer = customer.post(REPORTS, json={"urls": ["https://news.example/"]})
    assert_error(answer, 403, "Account is deactivated.")


def test_the_order_of_checks(start: Callable[..., Stand], world: World) -> None:
    stand = start(rate_limit_per_minute=2)
    customer = Customer(stand, world, credits=4)
    unknown = new_api_key().key

    def post(key: str | None, address: str, content: bytes = b"{", media_type: str = "application/json") -> int:
        headers = {"X-Forwarded-For": address, "Content-Type": media_type} | ({"X-API-Key": key} if key else {})
        return stand.client.post(REPORTS, content=content, headers=headers).status_code

    # 413 and 415 before the key.
    assert post(None, an_address(), b"x" * 2_000_000) == 413
    assert post(None, an_address(), media_type="text/plain") == 415
    # The key's shape before the address limit, the address limit before the look-up.
    busy = an_address()
    for _ in range(60):
        assert post(unknown, busy) == 401
    assert post("cr_live_short", busy) == 401
    assert post(unknown, busy) == 429
    assert post(customer.key, busy) == 429
    # The account before the key's limit, the limit before the body.
    calm = an_address()
    assert post(customer.key, calm) == 400
    assert post(customer.key, calm) == 400
    assert post(customer.key, calm) == 429
    deactivate(customer)
    assert post(customer.key, calm) == 403


def test_the_body_before_the_idempotency_key_before_the_credits(customer: Customer) -> None:
    broke = Customer(customer.stand, customer.world, credits=4)
    names = {"Idempotency-Key": "once"}
    report = broke.post(REPORTS, json={"urls": [f"https://news.example/{n}" for n in range(300)]}, headers=names)
    assert report.status_code == 202
    expensive = {"urls": [f"https://news.example/{n}" for n in range(400)]}
    assert broke.post(REPORTS, json={"urls": []}, headers=names).status_code == 400
    assert broke.post(REPORTS, json=expensive, headers=names).status_code == 422
    assert broke.post(REPORTS, json=expensive).status_code == 402


def test_bad_keys_are_limited_by_address(start: Callable[..., Stand]) -> None:
    stand = start()
    address = an_address()
    for _ in range(60):
        unknown = {"X-API-Key": new_api_key().key, "X-Forwarded-For": address}
        assert stand.client.get(BALANCE, headers=unknown).status_code == 401
    answer = stand.client.get(BALANCE, headers=unknown)
    assert_error(answer, 429, code="rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert stand.client.get(BALANCE, headers=unknown | {"X-Forwarded-For": an_address()}).status_code == 401


def test_bad_keys_at_once_are_limited_like_bad_keys_one_by_one(start: Callable[..., Stand]) -> None:
    stand, address = start(), an_address()

    def guess(_: int) -> int:
        headers = {"X-API-Key": new_api_key().key, "X-Forwarded-For": address}
        return httpx.get(f"{stand.url}{BALANCE}", headers=headers).status_code

    with ThreadPoolExecutor(24) as pool:
        assert Counter(pool.map(guess, range(100))) == {401: 60, 429: 40}


def test_uses_of_a_key_are_counted(customer: Customer) -> None:
    before = datetime.now(UTC)
    for _ in range(3):
        customer.get(BALANCE)
    row = wait_for_use(customer)
    assert row["request_count"] == 3
    assert before - timedelta(seconds=1) < row["last_used_at"] < datetime.now(UTC)


def test_uses_are_written_down_when_the_process_stops(urls: Urls, world: World, tmp_path: Path) -> None:
    with web_process(urls, tmp_path) as stand:
        customer = Customer(stand, world)
        assert customer.get(BALANCE).status_code == 200
    assert key_row(customer)["request_count"] == 1


def test_neither_keys_nor_share_tokens_are_logged(
    customer: Customer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, Any]] = []

    monkeypatch.setattr("api.outer.log.info", lambda event, **fields: lines.append({"event": event, **fields}))
    share = customer.share_path(customer.completed())
    token = share.rpartition("/")[2]
    customer.stand.client.get(share, headers=[(b"Request-Id", b"mi\tne \xe9" + b"x" * 300)])
    for path in (f"{share}/images/{'0' * 32}.jpg", f"{share}x", f"{share}/more", f"/{token}", f"/?token={token}"):
        customer.get(path)
    customer.get(f"{REPORTS}/{customer.key}")
    written = json.dumps(lines) + capfd.readouterr().err
    assert token not in written
    assert customer.key[16:] not in written
    assert {"/api/portal/reports/share/{token}", "(unknown)"} <= {line["route"] for line in lines}
    (callers_id,) = {line["callers_request_id"] for line in lines if "callers_request_id" in line}
    assert callers_id == "mine" + "x" * 96


def deactivate(customer: Customer) -> None:
    customer.world.value(
        "admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'test')", customer.account
    )


def key_row(customer: Customer) -> dict[str, Any]:
    return customer.world.rows("admin", "select * from public.api_keys where id = %s", customer.key_id)[0]


def wait_for_use(customer: Customer) -> dict[str, Any]:
    """Uses are written every 5 s."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        row = key_row(customer)
        if row["request_count"]:
            return row
        time.sleep(0.1)
    raise AssertionError("the use was not written down")
