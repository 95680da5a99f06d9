"""60 requests in any 60 seconds per key, and headers that say so."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.settings import Settings
from tests.database.world import World
from tests.integration.api.stand import Customer, Stand, assert_error

BALANCE = "/api/v1/credits/balance"


@pytest.fixture
def limited(start: Callable[..., Stand], world: World) -> Customer:
    """A customer of a web process with the limit that customers meet."""
    return Customer(start(rate_limit_per_minute=Settings.model_fields["rate_limit_per_minute"].default), world)


def test_the_sixty_first_request_is_refused(limited: Customer) -> None:
    for left in range(59, -1, -1):
        answer = limited.get(BALANCE)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"perkey";q=60;w=60'
        assert re.fullmatch(rf'"perkey";r={left};t=([1-9]|[1-5]\d|60)', answer.headers["ratelimit"])
    answer = limited.get(BALANCE)
    assert_error(answer, 429, code="rate_limited")
    assert answer.json()["error"].startswith("Rate limit exceeded. Limit: 60 requests per minute per API key.")
    seconds = int(answer.headers["retry-after"])
    assert 1 <= seconds <= 60
    assert answer.headers["ratelimit"] == f'"perkey";r=0;t={seconds}'
    assert answer.headers["ratelimit-policy"] == '"perkey";q=60;w=60'


def test_another_key_of_the_account_has_a_limit_of_its_own(limited: Customer) -> None:
    for _ in range(61):
        last = limited.get(BALANCE)
    assert last.status_code == 429
    key, _ = limited.another_key()
    assert limited.get(BALANCE, headers={"X-API-Key": key}).status_code == 200


def test_nothing_is_done_for_who_is_over_the_limit(start: Callable[..., Stand], world: World) -> None:
    customer = Customer(start(rate_limit_per_minute=1), world)
    customer.get(BALANCE)
    again = {"Idempotency-Key": "once"}
    assert customer.post("/api/v1/reports", json={"urls": ["https://news.example"]}, headers=again).status_code == 429
    assert world.balance(customer.account) == 10
    # A 429 is not stored as the answer of the key.
    stored = world.value(
        "admin", "select count(*) from private.idempotency_keys where account_id = %s", customer.account
    )
    assert stored == 0


def test_every_answer_to_a_valid_key_says_where_its_limit_stands(customer: Customer) -> None:
    missing = f"/api/v1/reports/{'0' * 32}"
    processing = customer.create()
    statuses = []
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", BALANCE, {}),
        ("POST", "/api/v1/reports", {"json": {"urls": []}}),
        ("POST", "/api/v1/reports", {"json": {"urls": [f"https://news.example/{n}" for n in range(500)]}}),
        ("POST", "/api/v1/reports", {"json": {"urls": ["https://news.example"]}, "headers": {"Idempotency-Key": "a"}}),
        ("POST", "/api/v1/reports", {"json": {"urls": ["https://other.example"]}, "headers": {"Idempotency-Key": "a"}}),
        ("GET", missing, {}),
        ("GET", "/api/v1/nothing", {}),
        ("DELETE", "/api/v1/reports", {}),
        ("GET", f"/api/v1/reports/{processing}/html", {}),
        ("POST", "/api/v1/reports", {"content": b"x" * 2_000_000}),
        ("POST", "/api/v1/reports", {"content": b"{}"}),
        ("GET", "/api/v1/docs", {}),
    ]
    for method, path, options in requests:
        answer = customer.request(method, path, **options)
        statuses.append(answer.status_code)
        assert answer.headers.get_list("ratelimit-policy") == ['"perkey";q=100000;w=60']
        assert re.fullmatch(r'"perkey";r=\d+;t=\d+', answer.headers["ratelimit"])
    assert statuses == [200, 400, 202, 202, 422, 404, 404, 405, 409, 413, 415, 200]
    poor = Customer(customer.stand, customer.world, credits=4)
    poor.create(300)
    answer = poor.post("/api/v1/reports", json={"urls": [f"https://news.example/{n}" for n in range(300)]})
    assert (answer.status_code, "ratelimit" in answer.headers) == (402, True)


def test_each_request_counts_once(start: Callable[..., Stand], world: World) -> None:
    customer = Customer(start(rate_limit_per_minute=10), world)
    left = [
        customer.request(method, path).headers["ratelimit"].split(";")[1]
        for method, path in [("GET", BALANCE), ("GET", "/api/v1/nothing"), ("DELETE", BALANCE), ("GET", BALANCE)]
    ]
    assert left == ["r=9", "r=8", "r=7", "r=6"]


def test_no_other_limiter_writes_headers(customer: Customer) -> None:
    assert not [name for name in customer.get(BALANCE).headers if name.startswith("x-ratelimit")]
