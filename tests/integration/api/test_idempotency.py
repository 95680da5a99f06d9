"""A request that is sent again with the same Idempotency-Key is answered as before, and charged once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.api.stand import Customer, assert_error

REPORTS = "/api/v1/reports"
LINK = {"urls": ["https://news.example/"]}


def links(count: int) -> dict[str, list[str]]:
    return {"urls": [f"https://news.example/{number}" for number in range(count)]}


def test_a_repeated_request_is_answered_once(customer: Customer) -> None:
    first, second = (customer.post(REPORTS, json=LINK, headers={"Idempotency-Key": "abc"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert customer.world.balance(customer.account) == 9


def test_the_answer_stays_the_first_one(customer: Customer) -> None:
    names = {"Idempotency-Key": "abc"}
    first = customer.post(REPORTS, json=LINK, headers=names).json()
    customer.finish(first["id"], [None])
    assert customer.post(REPORTS, json=LINK, headers=names).json() == first


def test_bare_and_quoted_are_the_same_key(customer: Customer) -> None:
    bodies = [
        customer.post(REPORTS, json=LINK, headers={"Idempotency-Key": key}).json()
        for key in ("8e03978e-40d5", '"8e03978e-40d5"')
    ]
    assert bodies[0] == bodies[1]


def test_the_same_body_may_be_written_differently(customer: Customer) -> None:
    names = {"Idempotency-Key": "abc", "Content-Type": "application/json"}
    spellings = [
        '{"urls":["https://news.example/"],"reportName":"a"}',
        '{ "reportName": "\\u0061", "urls": ["https://news.example/"] }',
    ]
    answers = [customer.post(REPORTS, content=body, headers=names) for body in spellings]
    assert answers[0].json() == answers[1].json()


def test_another_body_is_422(customer: Customer) -> None:
    names = {"Idempotency-Key": "abc"}
    customer.post(REPORTS, json=LINK, headers=names)
    answer = customer.post(REPORTS, json=links(2), headers=names)
    sentence = "This Idempotency-Key was used with another body. Use a new key."
    assert_error(answer, 422, sentence, code="idempotency_key_reused")
    assert customer.world.balance(customer.account) == 9


def test_a_key_at_work_is_409(customer: Customer) -> None:
    with customer.world.transaction("web") as value:
        value(
            "select private.create_report(%s, %s, null, 'Report', %s, 'abc', %s)",
            customer.account, customer.key_id, ["https://news.example/"], b"\0" * 32,
        )  # fmt: skip
        answer = customer.post(REPORTS, json=LINK, headers={"Idempotency-Key": "abc"})
    assert_error(answer, 409, code="idempotency_key_in_use")
    assert answer.headers["retry-after"] == "1"


def test_keys_belong_to_an_account(customer: Customer, stranger: Customer) -> None:
    names = {"Idempotency-Key": "abc"}
    mine, theirs = (one.post(REPORTS, json=LINK, headers=names) for one in (customer, stranger))
    assert mine.json()["id"] != theirs.json()["id"]
    key, _ = customer.another_key()
    assert customer.post(REPORTS, json=LINK, headers=names | {"X-API-Key": key}).json() == mine.json()


def test_402_is_repeated_too(customer: Customer) -> None:
    poor = Customer(customer.stand, customer.world, credits=4)
    poor.create(300)
    names = {"Idempotency-Key": "abc"}
    assert poor.post(REPORTS, json=links(300), headers=names).status_code == 402
    poor.world.value(
        "admin", "select private.adjust_credits(%s, 10, 'test', 'cli:test', %s)", poor.account, str(uuid.uuid4())
    )
    answer = poor.post(REPORTS, json=links(300), headers=names)
    assert_error(answer, 402, "Insufficient credits", required=3, available=1)
    assert answer.headers["idempotent-replayed"] == "true"


def test_a_body_that_was_wrong_does_not_use_up_the_key(customer: Customer) -> None:
    names = {"Idempotency-Key": "abc"}
    assert customer.post(REPORTS, json={"urls": []}, headers=names).status_code == 400
    assert customer.post(REPORTS, json=LINK, headers=names).status_code == 202


@pytest.mark.parametrize("key", ["", '""', "k" * 256, '"' + "k" * 256 + '"', b"\xe9"])
def test_a_key_that_is_none_is_400(customer: Customer, key: str | bytes) -> None:
    value = key if isinstance(key, bytes) else key.encode()
    headers = [(name.encode(), text.encode()) for name, text in customer.headers.items()]
    answer = customer.stand.client.post(REPORTS, json=LINK, headers=[*headers, (b"Idempotency-Key", value)])
    assert_error(answer, 400, code="invalid_idempotency_key")


def test_the_longest_key(customer: Customer) -> None:
    assert customer.post(REPORTS, json=LINK, headers={"Idempotency-Key": f'"{"k" * 255}"'}).status_code == 202


def test_twenty_retries_at_once_make_one_report(customer: Customer) -> None:
    def post(_: int) -> httpx.Response:
        with httpx.Client(base_url=customer.stand.url, timeout=60) as client:
            return client.post(REPORTS, json=LINK, headers=customer.headers | {"Idempotency-Key": "abc"})

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(20)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 202}) == 1
    assert customer.world.balance(customer.account) == 9
