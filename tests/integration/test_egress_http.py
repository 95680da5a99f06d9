"""Plain http through the egress guard: both sides must see a message end at the same byte."""

import asyncio
import socket
import struct

import pytest

from tests.integration.egress_world import browser, guard_for, length_reply, serving, site, until, url

pytestmark = pytest.mark.anyio


async def test_the_server_gets_the_request_and_nothing_meant_for_the_proxy() -> None:
    async with site(length_reply(b"hello")) as server, guard_for(server) as guard, browser(guard) as page:
        status, _ = await page.get(
            url(server, "/a?b=c"),
            b"Accept: */*",
            b"Proxy-Connection: keep-alive",
            b"Connection: keep-alive, X-Hop",
            b"X-Hop: secret",
            b"TE: trailers",
            b"Keep-Alive: 5",
            b"Cookie: a=b",
        )
        assert (status, await page.read(5)) == (200, b"hello")
        host = b"127.0.0.1:%d" % server.port
        assert server.heads == [
            b"GET /a?b=c HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive\r\nAccept: */*\r\nCookie: a=b\r\n\r\n" % host
        ]


async def test_both_connections_are_kept_for_the_next_request() -> None:
    async with site(length_reply(b"ok")) as server, guard_for(server) as guard, browser(guard) as page:
        for _ in range(3):
            assert (await page.get(url(server)))[0] == 200
            assert await page.read(2) == b"ok"
        assert (len(server.heads), server.connections) == (3, 1)


async def test_a_server_that_wants_to_close_is_not_asked_again() -> None:
    reply = length_reply(b"ok", b"Connection: close\r\n")
    async with site(reply) as server, guard_for(server) as guard, browser(guard) as page:
        for _ in range(2):
            _, head = await page.get(url(server))
            assert b"\r\nConnection: keep-alive\r\n" in head
            assert await page.read(2) == b"ok"
        assert server.connections == 2


async def test_another_server_gets_a_connection_of_its_own() -> None:
    async with (
        site(length_reply(b"1")) as one,
        site(length_reply(b"2")) as two,
        guard_for(one, two) as guard,
        browser(guard) as page,
    ):
        for server, expected in [(one, b"1"), (two, b"2"), (one, b"1")]:
            assert (await page.get(url(server)))[0] == 200
            assert await page.read(1) == expected
        await until(lambda: two.open == 0)


async def test_a_kept_server_connection_that_died_is_left_to_the_browser_to_repeat() -> None:
    reply = length_reply(b"x")

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await reader.readuntil(b"\r\n\r\n")  # the second request is read and never answered

    async with serving(once) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            assert (await page.get(url(server)))[0] == 200
            await page.read(1)
            await page.send(b"GET %s HTTP/1.1" % url(server).encode())
            assert await page.rest() == b""
        assert tally.failure("127.0.0.1", server.port) is None


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.0 200 OK\n\nabcde",
        b"HTTP/1.1 200\r\nX-Folded: a\r\n b\r\nX Bad: c\r\nX-Space : d\r\n\r\nabcde",
    ],
)
@pytest.mark.parametrize("step", [1, 7, 4096])
async def test_what_servers_send_arrives_whole(reply: bytes, step: int) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for start in range(0, len(reply), step):
            writer.write(reply[start : start + step])
            await asyncio.sleep(0)

    async with serving(dribble) as server, guard_for(server) as guard, browser(guard) as page:
        status, head = await page.get(url(server), b"Connection: close")
        body = await page.rest()
        assert status == 200
        if b"chunked" in head:
            assert b"Content-Length" not in head
            assert body == reply.partition(b"\r\n\r\n")[2]
        else:
            assert body == b"abcde"


async def test_a_response_of_doubtful_length_ends_the_connection() -> None:
    both = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
    async with site(both) as server, guard_for(server) as guard, browser(guard) as page:
        _, head = await page.get(url(server))
        assert b"\r\nConnection: close\r\n" in head and b"Content-Length" not in head
        assert await page.rest() == b"5\r\nabcde\r\n0\r\n\r\n"


FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
CHUNKS = b"2\r\nok\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "head", "body"),
    [
        ("GET", b"200 OK\r\nContent-Length: 2", b"ok"),
        ("GET", b"200 OK\r\nTransfer-Encoding: chunked", CHUNKS),
        ("GET", b"204 No Content\r\nContent-Length: %d" % len(FORGED), b""),
        ("GET", b"205 Reset Content\r\nContent-Length: %d" % len(FORGED), b""),
        ("GET", b"304 Not Modified\r\nContent-Length: %d" % len(FORGED), b""),
        ("GET", b"204 No Content\r\nTransfer-Encoding: chunked", b""),
        ("HEAD", b"200 OK\r\nContent-Length: %d" % len(FORGED), b""),
    ],
)
async def test_a_response_cannot_answer_the_next_request(method: str, head: bytes, body: bytes) -> None:
    reply = b"HTTP/1.1 %s\r\n\r\n%s%s" % (head, body, FORGED)
    async with (
        site(reply) as server,
        site(length_reply(b"true!")) as other,
        guard_for(server, other) as guard,
        browser(guard) as page,
    ):
        await page.send(f"{method} {url(server)} HTTP/1.1".encode())
        await page.answer()
        assert await page.read(len(body)) == body
        await until(lambda: server.open == 0)
        assert (await page.get(url(other)))[0] == 200
        assert await page.read(5) == b"true!"


async def test_a_kept_server_cannot_answer_before_it_is_asked() -> None:
    async def eager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(length_reply(b"ok"))
        await writer.drain()
        await go.wait()
        writer.write(FORGED)
        await reader.read()

    go = asyncio.Event()
    async with serving(eager) as server, guard_for(server) as guard, browser(guard) as page:
        assert (await page.get(url(server)))[0] == 200
        assert await page.read(2) == b"ok"
        assert server.open == 1
        go.set()
        await until(lambda: server.open == 0)
        assert (await page.get(url(server)))[0] == 200
        assert await page.read(2) == b"ok"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + length_reply(b"x"),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 600 + b"\r\n",
    ],
)
async def test_a_response_that_makes_no_sense_is_a_bad_gateway(reply: bytes) -> None:
    async with site(reply) as server, guard_for(server) as guard, browser(guard) as page:
        status, head = await page.get(url(server))
        assert status == 502
        assert b"Proxy-Authenticate" not in head
        assert await page.rest() == b"Bad Gateway\n"


@pytest.mark.parametrize(
    "body",
    [
        b"1\r\na\r\n" * 20_000,
        b"z\r\n",
        b"5\r\nabcdeXX",
        b"3\nabc\r\n",
        b"-1\r\n",
        b"1" * 2000,
        b"fffffffff\r\n",
        b"0\r\nT: a\rb\r\n\r\n",
    ],
)
async def test_broken_chunks_end_the_connection(body: bytes) -> None:
    reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with site(reply + b"1\r\na\r\n" + body) as server, guard_for(server) as guard, browser(guard) as page:
        await page.send(b"GET %s HTTP/1.1" % url(server).encode())
        assert not (await page.rest()).endswith(b"0\r\n\r\n")
        await until(lambda: server.open == 0)


@pytest.mark.parametrize("head", [b"Content-Length: 9", b"Transfer-Encoding: chunked", b"X: until the end"])
async def test_a_response_that_breaks_off_is_not_passed_off_as_whole(head: bytes) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n%s\r\n\r\n8\r\nabc" % head)
        await go.wait()
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    go = asyncio.Event()
    async with serving(reset) as server, guard_for(server) as guard, browser(guard) as page:
        assert (await page.get(url(server)))[0] == 200
        assert await page.read(6) == b"8\r\nabc"
        go.set()
        with pytest.raises(ConnectionResetError):
            await page.read(1)


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 300000", b"x" * 300_000),
        (b"Transfer-Encoding: chunked", b"186a0\r\n" + b"y" * 100_000 + b"\r\n0\r\n\r\n"),
    ],
)
async def test_request_bodies_go_through(framing: bytes, body: bytes) -> None:
    async with site(length_reply(b"ok")) as server, guard_for(server) as guard, browser(guard) as page:
        for _ in range(2):
            await page.send(b"POST %s HTTP/1.1\r\n%s\r\nExpect: 100-continue" % (url(server).encode(), framing), body)
            assert (await page.answer())[0] == 200
            assert await page.read(2) == b"ok"
        assert server.bodies == [body, body]
        assert b"Expect" not in server.heads[0]


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: site.example",
        b"GET https://site.example/ HTTP/1.1",
        b"GET ftp://site.example/ HTTP/1.1",
        b"GET http://%(at)s/ HTTP/1.0",
        b"GET http://%(at)s/ HTTP/2",
        b"GET http://%(at)s/",
        b"GET  http://%(at)s/ HTTP/1.1",
        b"GET http://%(at)s/a b HTTP/1.1",
        b"GET http://user@%(at)s/ HTTP/1.1",
        b"GET http://%(at)s#@x/ HTTP/1.1",
        b"GET http://%(at)s/a#b HTTP/1.1",
        b"GET http://%(at)s\\@x/ HTTP/1.1",
        b"GET http://127.0.0.1:/ HTTP/1.1",
        b"GET http://127.0.0.1:99999/ HTTP/1.1",
        b"GET http://[::1%%25eth0]/ HTTP/1.1",
        b"GET http:/// HTTP/1.1",
        b"G T http://%(at)s/ HTTP/1.1",
        b"CONNECT 127.0.0.1 HTTP/1.1",
        b"CONNECT %(at)s/ HTTP/1.1",
        b"CONNECT x@%(at)s HTTP/1.1",
        b"CONNECT 127.0.0.1:0 HTTP/1.1",
        b"CONNECT %(at)s HTTP/1.1\r\nContent-Length: 5",
        b"POST http://%(at)s/ HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        b"POST http://%(at)s/ HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5",
        b"POST http://%(at)s/ HTTP/1.1\r\nContent-Length: 5, 5",
        b"POST http://%(at)s/ HTTP/1.1\r\nContent-Length: -5",
        b"POST http://%(at)s/ HTTP/1.1\r\nContent-Length: 0x5",
        b"POST http://%(at)s/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"POST http://%(at)s/ HTTP/1.1\r\nTransfer-Encoding: xchunked",
        b"GET http://%(at)s/ HTTP/1.1\r\nX: a\r\n folded",
        b"GET http://%(at)s/ HTTP/1.1\r\nX : a",
        b"GET http://%(at)s/ HTTP/1.1\r\nX",
        b"GET http://%(at)s/ HTTP/1.1\r\nX: a\nY: b",
        b"GET http://%(at)s/ HTTP/1.1\r\nX: a\rY: b",
        b"GET http://%(at)s/ HTTP/1.1\r\nX: a\0",
        b"GET http://%(at)s/ HTTP/1.1\nX: a\n",
        b"GET http://%(at)s/ HTTP/1.1\r\nX: " + b"a" * 70_000,
    ],
)
async def test_requests_of_doubtful_meaning_are_refused(head: bytes) -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        await page.send(head % {b"at": b"127.0.0.1:%d" % server.port})
        assert (await page.rest()).startswith(b"HTTP/1.1 400 ")
        assert server.connections == 0


async def test_a_broken_request_chunk_is_refused() -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        head = b"POST %s HTTP/1.1\r\nTransfer-Encoding: chunked" % url(server).encode()
        await page.send(head, b"3\r\nabcGET /evil HTTP/1.1\r\n\r\n")
        assert (await page.rest()).startswith(b"HTTP/1.1 400 ")
        await until(lambda: server.open == 0)


async def test_an_upgrade_outside_a_tunnel_is_refused() -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        assert (await page.get(url(server), b"Connection: Upgrade", b"Upgrade: websocket"))[0] == 403
        assert server.connections == 0
