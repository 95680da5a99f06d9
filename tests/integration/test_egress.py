"""The egress guard against real sockets: who may use it, what may be reached, why it failed, and how it ends."""

import asyncio
import socket
import time

import pytest

from core.reasons import Reason
from jobs import addresses, egress
from jobs.addresses import Address
from jobs.egress import Credential
from tests.integration.egress_world import (
    Browser,
    Server,
    browser,
    deaf,
    echo,
    guard_for,
    length_reply,
    pour,
    resolving,
    serving,
    site,
    until,
    url,
)

pytestmark = pytest.mark.anyio


# Credentials


@pytest.mark.parametrize(
    "auth",
    [
        b"",
        b"Proxy-Authorization: Basic bm9ib2R5Og==\r\n",
        b"Proxy-Authorization: Basic ???\r\n",
        b"Proxy-Authorization: Basic /w==\r\n",
        b"Proxy-Authorization: Bearer x\r\n",
        b"Authorization: Basic eDp5\r\n",
    ],
)
@pytest.mark.parametrize("method", ["GET", "CONNECT"])
async def test_without_a_good_credential_nothing_is_opened(auth: bytes, method: str) -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        good, page.auth = page.auth, auth
        target = url(server) if method == "GET" else f"127.0.0.1:{server.port}"
        await page.send(f"{method} {target} HTTP/1.1\r\nHost: x".encode())
        status, head = await page.answer()
        assert status == 407
        assert b'\r\nProxy-Authenticate: Basic realm="coveragereport"\r\n' in head
        assert server.connections == 0
        # The browser asks again on the same connection.
        await page.read(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
        page.auth = good
        assert (await page.get(url(server)))[0] == 200


async def test_a_wrong_password_is_no_credential() -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard:
        known = guard.credential()
        async with browser(guard, Credential(known.username, known.password[:-1])) as page:
            assert (await page.get(url(server)))[0] == 407
        async with browser(guard, Credential(known.username, "")) as page:
            assert (await page.get(url(server)))[0] == 407


async def test_two_credentials_in_one_request_are_none() -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        page.auth *= 2
        assert (await page.get(url(server)))[0] == 407


async def test_the_guard_itself_answers_the_authorise_host() -> None:
    async with guard_for() as guard, browser(guard) as page:
        good, page.auth = page.auth, b""
        status, head = await page.get("http://authorise.invalid/")
        assert status == 407
        await page.read(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
        page.auth = good
        assert (await page.get("http://authorise.invalid/"))[0] == 204


async def test_a_connection_stays_with_its_lane() -> None:
    async with site(length_reply(b"x")) as server, guard_for(server) as guard, browser(guard) as page:
        assert (await page.get(url(server)))[0] == 200
        await page.read(1)
        other = Browser(page.reader, page.writer, guard.credential())
        assert (await other.get(url(server)))[0] == 403


# What may be reached


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:7f00:1]",
    ],
)
@pytest.mark.parametrize("plain", [True, False])
async def test_loopback_is_refused_in_every_spelling(host: str, plain: bool) -> None:
    async with site(length_reply(b"secret")) as server, guard_for() as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            at = f"{host}:{server.port}"
            status = (await page.get(f"http://{at}/"))[0] if plain else await page.tunnel(at)
            assert status == 403
            assert await page.rest() == b"Forbidden\n"
            assert tally.failure(host, server.port) is Reason.REFUSED
            assert server.connections == 0


async def test_an_allowed_pair_opens_itself_alone() -> None:
    async with serving(echo) as allowed, serving(echo) as other, guard_for(allowed) as guard:
        for host, server, expected in [
            ("127.0.0.1", allowed, 200),
            ("127.0.0.1", other, 403),
            ("localhost", allowed, 403),
            ("127.1", allowed, 403),
            ("127.0.0.2", allowed, 403),
            ("[::1]", allowed, 403),
        ]:
            async with browser(guard) as page:
                assert await page.tunnel(f"{host}:{server.port}") == expected
        assert other.connections == 0


async def test_a_name_that_turns_private_is_refused_on_the_next_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the look-up that was judged is the one that is connected to, and every connection has its own."""
    asked = resolving(monkeypatch, ["192.0.2.7"], ["127.0.0.1"])
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == "192.0.2.7")
    async with site(length_reply(b"secret")) as server, guard_for(connect_timeout=0.3) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        for expected, reason in [((502, 504), (Reason.CONNECT, Reason.TIMEOUT)), ((403,), (Reason.REFUSED,))]:
            async with browser(guard, credential) as page:
                assert await page.tunnel(f"rebind.example:{server.port}") in expected
            assert tally.failure("rebind.example", server.port) in reason
        assert asked == ["rebind.example", "rebind.example"]
        assert server.connections == 0


async def test_mixed_answers_are_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["8.8.8.8", "127.0.0.1"])
    async with site(length_reply(b"secret")) as server, guard_for() as guard, browser(guard) as page:
        assert await page.tunnel(f"mixed.example:{server.port}") == 403
        assert server.connections == 0


@pytest.mark.parametrize("port", [22, 25, 1023])
async def test_low_ports_are_refused(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, ["8.8.8.8"])
    async with guard_for() as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"news.example:{port}") == 403
        assert tally.failure("news.example", port) is Reason.REFUSED
        assert not asked


# Why it failed


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(addresses, "look_up", look_up)
    closed = Server(free_port())
    async with guard_for(closed) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            assert (await page.get("http://Missing.example./"))[0] == 502
        assert tally.failure("missing.example", 80) is Reason.DNS
        assert tally.failure("missing.example", 443) is None
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{closed.port}") == 502
        assert tally.failure("127.0.0.1", closed.port) is Reason.CONNECT
        assert guard.attach(credential).failure("127.0.0.1", closed.port) is None
        assert tally.bytes_received == 0


async def test_a_server_that_does_not_accept_in_time() -> None:
    with deaf() as server:
        async with guard_for(server, connect_timeout=0.3) as guard:
            credential = guard.credential()
            tally = guard.attach(credential)
            async with browser(guard, credential) as page:
                assert await page.tunnel(f"127.0.0.1:{server.port}") == 504
            assert tally.failure("127.0.0.1", server.port) is Reason.TIMEOUT


async def test_the_browser_hanging_up_ends_the_attempt_to_connect() -> None:
    with deaf() as server:
        async with guard_for(server, connect_timeout=30) as guard:
            before = len(asyncio.all_tasks())
            async with browser(guard) as page:
                await page.send(b"CONNECT 127.0.0.1:%d HTTP/1.1" % server.port)
                await until(lambda: len(asyncio.all_tasks()) > before)
            await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["127.0.0.3", "127.0.0.1"])
    monkeypatch.setattr(addresses, "is_public", lambda address: True)
    monkeypatch.setattr(addresses, "is_own", lambda address: False)
    async with serving(echo) as server, guard_for() as guard, browser(guard) as page:
        assert await page.tunnel(f"two.example:{server.port}") == 200


@pytest.mark.parametrize("plain", [True, False])
async def test_a_server_that_hangs_up_without_a_byte(plain: bool) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with serving(hang_up) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            if plain:
                assert (await page.get(url(server)))[0] == 502
            else:
                assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
                page.writer.write(b"hello")
                await page.rest()
        assert tally.failure("127.0.0.1", server.port) is Reason.CONNECT


async def test_a_connection_that_works_forgets_the_failure_before_it() -> None:
    async with serving(echo) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        tally.failed("127.0.0.1", server.port, Reason.CONNECT)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
            assert tally.failure("127.0.0.1", server.port) is None
        await until(lambda: server.open == 0)
        assert tally.failure("127.0.0.1", server.port) is None, "the browser hung up, not the server"


def test_failures_do_not_pile_up() -> None:
    tally = egress.PageTraffic()
    for number in range(3000):
        tally.failed(f"{number}.example", 443, Reason.DNS)
    assert tally.failure("0.example", 443) is None
    assert tally.failure("2999.example", 443) is Reason.DNS


# The end


async def test_forget_cuts_the_lane_and_no_other() -> None:
    async with serving(echo) as server, guard_for(server) as guard:
        credential, at = guard.credential(), f"127.0.0.1:{server.port}"
        async with browser(guard, credential) as page, browser(guard) as stranger:
            assert [await page.tunnel(at), await stranger.tunnel(at)] == [200, 200]
            guard.forget(credential)
            guard.forget(credential)
            assert await page.rest() == b""
            await until(lambda: server.open == 1)
            stranger.writer.write(b"still")
            assert await stranger.read(5) == b"still"
        async with browser(guard, credential) as page:
            assert await page.tunnel(at) == 407
        with pytest.raises(KeyError):
            guard.attach(credential)


async def test_the_browser_hanging_up_ends_the_servers_connection() -> None:
    async with serving(echo) as server, guard_for(server) as guard:
        async with browser(guard) as page:
            assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
            assert server.open == 1
        await until(lambda: server.open == 0)


async def test_leaving_the_guard_ends_everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stuck(name: str, port: int) -> list[Address]:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
        raise OSError

    monkeypatch.setattr(addresses, "look_up", stuck)
    before = len(asyncio.all_tasks())
    async with serving(echo) as server, serving(pour) as pouring:
        guard = await guard_for(server, pouring).__aenter__()
        async with (
            browser(guard) as tunnel,
            browser(guard) as full,
            browser(guard) as looking,
            browser(guard) as silent,
        ):
            await tunnel.tunnel(f"127.0.0.1:{server.port}")
            await full.tunnel(f"127.0.0.1:{pouring.port}")
            full.writer.write(b"x")
            await looking.send(b"CONNECT stuck.example:443 HTTP/1.1")
            await until(lambda: pouring.open == 1)
            started = time.monotonic()
            await guard.__aexit__(None, None, None)
            assert time.monotonic() - started < 1
            for page in (tunnel, looking, silent):
                assert await page.rest() == b""
            await until(lambda: server.open == 0 and pouring.open == 0)
            host, port = silent.writer.get_extra_info("peername")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(host, port)
    release.set()
    await until(lambda: len(asyncio.all_tasks()) <= before)
