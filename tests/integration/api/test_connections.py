"""The wire below the API: connections, and what HTTP allows a client to send."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from api.server import Protocol
from tests.integration.api.stand import Customer, Stand

LINK = b'{"urls": ["https://news.example/"]}'
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@contextmanager
def connected(stand: Stand) -> Iterator[socket.socket]:
    host, port = stand.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def exchange(stand: Stand, request: bytes) -> bytes:
    """Everything that comes back until the server closes the connection."""
    with connected(stand) as connection:
        with suppress(ConnectionError):
            for start in range(0, len(request), 20_000):
                connection.sendall(request[start : start + 20_000])
        return read_all(connection)


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def estimate(customer: Customer, *fields: str) -> bytes:
    lines = ["POST /api/v1/reports/estimate HTTP/1.1", "Host: x", "Content-Type: application/json", *fields]
    lines += [f"{name}: {value}" for name, value in customer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_an_offer_to_upgrade_loses_neither_body_nor_connection(customer: Customer, protocol: str) -> None:
    fields = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    with connected(customer.stand) as connection:
        connection.sendall(estimate(customer, *fields, f"Content-Length: {len(LINK)}") + LINK)
        answer = connection.recv(65536)
        assert statuses(answer) == [200]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["urlCount"] == 1
        connection.sendall(LAST)
        assert statuses(read_all(connection)) == [200]


def test_the_body_after_an_offer_to_upgrade_may_come_later_and_in_chunks(customer: Customer) -> None:
    with connected(customer.stand) as connection:
        connection.sendall(
            estimate(
                customer, "Connection: Upgrade", "Upgrade: h2c", "Expect: 100-continue", "Transfer-Encoding: chunked"
            )
        )
        assert statuses(connection.recv(65536)) == [100]
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(LINK), LINK) + LAST)
        assert statuses(read_all(connection)) == [200, 200]


def test_a_tunnel_is_400(stand: Stand) -> None:
    assert statuses(exchange(stand, b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n")) == [400]


def test_what_follows_a_body_is_no_header(customer: Customer) -> None:
    key = customer.headers.pop("X-API-Key").encode()
    chunks = b"%x\r\n%s\r\n0\r\nX-API-Key: %s\r\n\r\n" % (len(LINK), LINK, key)
    assert statuses(exchange(customer.stand, estimate(customer, "Transfer-Encoding: chunked") + chunks + LAST)) == [
        401,
        200,
    ]


@pytest.mark.parametrize(
    "rest",
    [
        b"0\r\n" + b"X-Trailer: x\r\n" * 100_000,
        b"0\r\nX-Trailer: " + b"x" * 1_000_000,
        b"1;" + b"x" * 1_000_000,
    ],
)
def test_what_follows_a_body_has_an_end(customer: Customer, rest: bytes) -> None:
    answer = exchange(customer.stand, estimate(customer, "Transfer-Encoding: chunked") + rest)
    assert statuses(answer) == [400]
    assert b"The head of the request is too large." in answer


@pytest.mark.parametrize("hosts", [[], ["a", "b"], ["a", "a"]])
def test_a_request_names_one_host(stand: Stand, hosts: list[str]) -> None:
    lines = ["GET /healthz HTTP/1.1", *(f"Host: {host}" for host in hosts), "", ""]
    assert statuses(exchange(stand, "\r\n".join(lines).encode())) == [400]


def test_an_old_client_names_none(stand: Stand) -> None:
    assert statuses(exchange(stand, b"GET /healthz HTTP/1.0\r\n\r\n")) == [200]


def test_one_refusal_is_the_last_word(stand: Stand) -> None:
    assert statuses(exchange(stand, HEALTH + b"no request\r\n\r\n")) == [400]


@pytest.mark.parametrize(
    ("first", "then", "answered"),
    [
        (b"", b"", []),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x", []),
        (HEALTH, b"", [200]),
        (HEALTH, b"GET /", [200]),
        (b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", b"x", [404]),
    ],
)
def test_a_connection_without_a_request_ends(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, first: bytes, then: bytes, answered: list[int]
) -> None:
    monkeypatch.setattr(Protocol, "timeout_keep_alive", property(lambda _: 0.6, lambda *_: None), raising=False)
    with connected(stand) as connection:
        connection.sendall(first)
        received = connection.recv(65536) if answered else b""
        connection.settimeout(0.2)
        for _ in range(10):
            with suppress(TimeoutError, ConnectionError):
                connection.sendall(then)
                if connection.recv(65536) == b"":
                    break
        else:
            raise AssertionError("the connection is still open")
    assert statuses(received) == answered
