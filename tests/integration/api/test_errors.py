"""Every error has our shape, and says what is wrong."""

import json
import re
import socket
from contextlib import suppress
from typing import Any

import pytest

from core import reports
from tests.integration.api.stand import Customer, Stand, assert_error

REPORTS = "/api/v1/reports"
LINK = {"urls": ["https://news.example/"]}


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/reports/",
        "/api/v2/reports",
        "/api/portal/nothing",
        "/favicon.ico",
        "/%00",
        "/docs",
        "/openapi.json",
    ],
)
def test_an_unknown_path_is_404(stand: Stand, path: str) -> None:
    assert_error(stand.client.get(path), 404, "There is nothing at this address.", code="not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", REPORTS, "GET, HEAD, OPTIONS, POST"),
        ("PUT", REPORTS, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", f"{REPORTS}/{'0' * 32}", "GET, HEAD, OPTIONS"),
        ("POST", f"{REPORTS}/{'0' * 32}", "GET, HEAD, OPTIONS"),
        ("DELETE", f"{REPORTS}/estimate", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/api/v1/credits/balance", "GET, HEAD, OPTIONS"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(stand: Stand, method: str, path: str, allow: str) -> None:
    answer = stand.client.request(method, path)
    assert_error(answer, 405, f"This address does not answer to {method}.", code="method_not_allowed")
    assert answer.headers["allow"] == allow


def test_options_names_the_methods(stand: Stand) -> None:
    answer = stand.client.options(REPORTS)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS, POST", b"")
    assert_error(stand.client.options("/api/v1/nothing"), 404)


def test_head_is_get_without_a_body(customer: Customer) -> None:
    head, get = (customer.request(method, "/api/v1/credits/balance") for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert customer.request("HEAD", f"{REPORTS}/{'0' * 32}").status_code == 404


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty. Send a JSON object."),
        (b"  ", "The body is empty. Send a JSON object."),
        (b"{", "The body is not valid JSON (line 1, column 2)."),
        (b'{"urls": [}', "The body is not valid JSON (line 1, column 11)."),
        (b"urls=https://news.example", "The body is not valid JSON (line 1, column 1)."),
        (b'{"urls": NaN}', "The body is not valid JSON: NaN is no JSON value."),
        (b'{"urls": -Infinity}', "The body is not valid JSON: -Infinity is no JSON value."),
        (b'{"urls": "\xff"}', "The body is not valid UTF-8."),
        (b"\x1f\x8b\x08\x00", "The body is not valid UTF-8."),
        (b"[]", "The body must be a JSON object."),
        (b'"urls"', "The body must be a JSON object."),
        (b"null", "The body must be a JSON object."),
        (b"7", "The body must be a JSON object."),
        (b'{"a": 1, "a": 1}', "The JSON in the body has the same field twice in one object."),
        (b'{"urls": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "The JSON in the body is nested too deeply."),
        (b'{"urls":' * 100_000 + b"1" + b"}" * 100_000, "The JSON in the body is nested too deeply."),
        (b'{"urls": ' + b"9" * 5000 + b"}", "The body is not valid JSON: it holds a number that is too long."),
        (b"{}", "urls is required: an array of 1 to 500 links."),
        (b'{"urls": null}', "urls must be an array of links."),
        (b'{"urls": "https://news.example"}', "urls must be an array of links."),
        (b'{"urls": {"0": "https://news.example"}}', "urls must be an array of links."),
        (b'{"urls": []}', "urls is empty. Send 1 to 500 links."),
        (json.dumps({"urls": ["https://news.example"] * 501}).encode(), "urls holds 501 items. The maximum is 500."),
        (b'{"urls": ["ftp://a.example", 7, null, "", "\\ud800", "https://a:b@c.example"]}', "No valid URLs were found"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [REPORTS, f"{REPORTS}/estimate"])
def test_a_body_that_is_wrong_is_400_and_says_why(customer: Customer, path: str, body: bytes, sentence: str) -> None:
    answer = customer.post(path, content=body, headers={"Content-Type": "application/json"})
    assert_error(answer, 400, sentence)
    assert customer.world.balance(customer.account) == 10


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (7, "reportName must be a string."),
        (True, "reportName must be a string."),
        (["January"], "reportName must be a string."),
        ({"name": "January"}, "reportName must be a string."),
        ("n" * 201, "reportName is longer than 200 characters."),
    ],
)
def test_a_name_that_is_wrong_is_400(customer: Customer, name: object, sentence: str) -> None:
    assert_error(customer.post(REPORTS, json={**LINK, "reportName": name}), 400, sentence, code="invalid_report_name")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
     "application/json; charset=utf-16", "application/json; charset=latin-1", "text/json"],
)  # fmt: skip
def test_a_body_that_is_not_declared_as_json_is_415(customer: Customer, content_type: str) -> None:
    answer = customer.post(REPORTS, content=json.dumps(LINK), headers={"Content-Type": content_type})
    assert_error(answer, 415, code="unsupported_media_type")


def test_a_compressed_body_is_415(customer: Customer) -> None:
    assert_error(customer.post(REPORTS, json=LINK, headers={"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"',
     "application/vnd.example+json", "application/json; profile=x"],
)  # fmt: skip
def test_json_goes_by_several_names(customer: Customer, content_type: str) -> None:
    answer = customer.post(f"{REPORTS}/estimate", content=json.dumps(LINK), headers={"Content-Type": content_type})
    assert answer.status_code == 200


def test_ten_megabytes_are_413(customer: Customer) -> None:
    answer = customer.post(REPORTS, content=b"x" * 10_000_000, headers={"Content-Type": "application/json"})
    assert_error(answer, 413, "The body is too large. The limit is 1 MB.", code="body_too_large")
    assert customer.world.balance(customer.account) == 10


def test_ten_megabytes_of_unknown_length_are_413(customer: Customer) -> None:
    chunks = (b"x" * 100_000 for _ in range(100))
    answer = customer.post(REPORTS, content=chunks, headers={"Content-Type": "application/json"})
    assert_error(answer, 413, code="body_too_large")


def test_a_client_may_send_all_of_it_before_it_listens(stand: Stand) -> None:
    host, port = stand.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x" * 100_000)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_the_connection_is_good_for_the_next_request_after_413(customer: Customer) -> None:
    for _ in range(3):
        assert customer.post(REPORTS, content=b"x" * 2_000_000).status_code == 413
        assert customer.get("/api/v1/credits/balance").status_code == 200


def test_five_hundred_links_of_full_length_fit(customer: Customer) -> None:
    urls = [f"https://news.example/{number}/".ljust(2048, "a") for number in range(500)]
    answer = customer.post(f"{REPORTS}/estimate", json={"urls": urls})
    assert (answer.status_code, answer.json()["urlCount"]) == (200, 500)


def test_an_unexpected_error_is_500_and_tells_nothing(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("the secret is melon")

    monkeypatch.setattr(reports, "credit_balance", fail)
    answer = customer.get("/api/v1/credits/balance")
    assert_error(answer, 500, "Unexpected server error. If this persists, contact support.", code="server_error")
    assert "melon" not in answer.text
    assert answer.headers["ratelimit"]


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/api/v1/credits/balance",
        "/nothing",
        "/api/v1/docs",
        "/api/portal/images/0.jpg",
    ],
)
def test_every_answer_has_a_request_id_of_ours(stand: Stand, path: str) -> None:
    answers = [stand.client.get(path, headers={"Request-Id": "mine", "X-Request-Id": "mine"}) for _ in range(2)]
    ids = [answer.headers["request-id"] for answer in answers]
    assert all(re.fullmatch("req_[0-9a-f]{32}", one) for one in ids)
    assert ids[0] != ids[1]


def test_every_answer_forbids_guessing_its_type(stand: Stand) -> None:
    assert stand.client.get("/healthz").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"GET /healthz HTTP/1.1\r\n" + b"X-Long: " + b"x" * 1_000_000, "The head of the request is too large."),
        (b"GET /" + b"x" * 1_000_000, "The head of the request is too large."),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "Invalid HTTP request received."),
    ],
)
def test_what_is_no_request_is_400_in_our_shape(stand: Stand, head: bytes, sentence: str) -> None:
    host, port = stand.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        with suppress(ConnectionError):
            for start in range(0, len(head), 20_000):
                connection.sendall(head[start : start + 20_000])
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"] == sentence
    assert json.loads(body)["requestId"].encode() in first


def test_the_server_does_not_name_its_software(stand: Stand) -> None:
    assert "server" not in stand.client.get("/healthz").headers
