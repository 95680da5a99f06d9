"""Tunnels through the egress guard, and the limits on what a page may move."""

import asyncio
import time

import pytest

from jobs import egress, traffic
from tests.integration.egress_world import browser, echo, guard_for, length_reply, pour, serving, site, until, url

pytestmark = pytest.mark.anyio


# Tunnels


async def test_a_tunnel_carries_both_directions_and_the_ends_of_both() -> None:
    payload = bytes(range(256)) * 8192
    async with serving(echo) as server, guard_for(server) as guard, browser(guard) as page:
        assert await page.tunnel(f"127.0.0.1:{server.port}") == 200

        async def send() -> None:
            page.writer.write(payload)
            await page.writer.drain()
            page.writer.write_eof()

        sending = asyncio.create_task(send())
        assert await page.rest() == payload
        await sending
        await until(lambda: server.open == 0)


async def test_a_server_that_ends_first_can_still_be_written_to() -> None:
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        writer.write(b"bye")
        writer.write_eof()
        got.append(await reader.read())

    async with serving(talk) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
            page.writer.write(b"hi")
            assert await page.rest() == b"bye"
            page.writer.write(b"later")
            page.writer.write_eof()
            await until(lambda: got == [b"later"])
        assert tally.failure("127.0.0.1", server.port) is None, "it had answered"


async def test_bytes_sent_along_with_connect_are_not_lost() -> None:
    async with serving(echo) as server, guard_for(server) as guard, browser(guard) as page:
        await page.send(b"CONNECT 127.0.0.1:%d HTTP/1.1" % server.port, b"early")
        assert (await page.answer())[0] == 200
        assert await page.read(5) == b"early"


async def test_a_slow_reader_makes_the_server_wait() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.transport.set_write_buffer_limits(high=0)
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with serving(pour) as server, guard_for(server, byte_limit=2**30) as guard, browser(guard) as page:
        assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
        before = -1
        async with asyncio.timeout(20):
            while before != sent:
                before = sent
                await asyncio.sleep(0.3)
        assert 0 < sent < 48 * 2**20, "socket buffers and ours, not all that the server has"
        await page.read(before)
        await until(lambda: sent > before)


async def test_a_slow_server_makes_the_browser_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "SEND_LIMIT", 2**30)
    go = asyncio.Event()

    async def sip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        while await reader.read(65536):
            pass

    async with serving(sip) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
            total = 64 * 2**20
            page.writer.write(b"x" * total)
            before = -1
            async with asyncio.timeout(20):
                while before != tally.bytes_sent:
                    before = tally.bytes_sent
                    await asyncio.sleep(0.3)
            assert 0 < tally.bytes_sent < total // 2
            go.set()
            await until(lambda: tally.bytes_sent > before)


# Limits


async def test_bytes_are_counted_for_the_page_that_is_attached() -> None:
    async with site(length_reply(b"x" * 1000)) as server, guard_for(server) as guard:
        credential = guard.credential()
        first = guard.attach(credential)
        async with browser(guard, credential) as page:
            await page.get(url(server))
            await page.read(1000)
            assert first.bytes_received == len(length_reply(b"x" * 1000))
            second = guard.attach(credential)
            await page.get(url(server))
            await page.read(1000)
        assert first.bytes_received == second.bytes_received
        assert not first.over_limit


@pytest.mark.parametrize("plain", [True, False])
async def test_a_page_over_its_limit_loses_every_connection(plain: bool) -> None:
    async with serving(pour) as server, serving(echo) as quiet, guard_for(server, quiet, byte_limit=2**20) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as other, browser(guard, credential) as page, browser(guard) as stranger:
            assert await other.tunnel(f"127.0.0.1:{quiet.port}") == 200
            assert await stranger.tunnel(f"127.0.0.1:{quiet.port}") == 200
            if plain:
                await page.send(b"GET %s HTTP/1.1" % url(server).encode())
            else:
                await page.tunnel(f"127.0.0.1:{server.port}")
                page.writer.write(b"x")
            assert len(await page.rest()) <= 2**20 + 1000
            assert await other.rest() == b""
            assert tally.over_limit
            stranger.writer.write(b"still")
            assert await stranger.read(5) == b"still"
        await until(lambda: server.open == 0)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{quiet.port}") == 403
        guard.attach(credential)
        async with browser(guard, credential) as page:
            assert await page.tunnel(f"127.0.0.1:{quiet.port}") == 200


@pytest.mark.parametrize("plain", [True, False])
async def test_a_page_cannot_send_without_end(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "SEND_LIMIT", 2**20)
    got = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        while data := await reader.read(65536):
            got += len(data)

    async with serving(swallow) as server, guard_for(server) as guard:
        credential = guard.credential()
        tally = guard.attach(credential)
        async with browser(guard, credential) as page:
            if plain:
                await page.send(b"POST %s HTTP/1.1\r\nContent-Length: 9000000" % url(server).encode())
            else:
                await page.tunnel(f"127.0.0.1:{server.port}")
            page.writer.write(b"x" * 4 * 2**20)
            assert await page.rest() == b""
        assert tally.over_limit
        assert got <= 2**20


async def test_a_lane_has_only_so_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "MAX_CONNECTIONS", 2)
    async with serving(echo) as server, guard_for(server) as guard:
        credential, at = guard.credential(), f"127.0.0.1:{server.port}"
        async with browser(guard, credential) as one, browser(guard, credential) as two, browser(guard) as stranger:
            assert [await one.tunnel(at), await two.tunnel(at), await stranger.tunnel(at)] == [200, 200, 200]
            async with browser(guard, credential) as three:
                assert await three.tunnel(at) == 503
        await until(lambda: server.open == 0)
        async with browser(guard, credential) as again:
            assert await again.tunnel(at) == 200


async def test_the_guard_has_only_so_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "MAX_CONNECTIONS", 1)
    async with serving(echo) as server, guard_for(server) as guard, browser(guard) as one:
        assert await one.tunnel(f"127.0.0.1:{server.port}") == 200
        async with browser(guard) as two:
            assert await two.rest() == b""


@pytest.mark.parametrize("sent", [b"", b"GET http://si"])
async def test_a_head_that_does_not_come_is_not_waited_for(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "_SWEEP_INTERVAL", 0.05)
    monkeypatch.setattr(egress, "HEAD_TIMEOUT" if sent else "IDLE_TIMEOUT", 0.2)
    async with guard_for() as guard, browser(guard) as page:
        page.writer.write(sent)
        assert await page.rest() == b""


async def test_idle_tunnels_end_and_busy_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "_SWEEP_INTERVAL", 0.05)
    monkeypatch.setattr(egress, "IDLE_TIMEOUT", 0.5)
    async with serving(echo) as server, guard_for(server) as guard, browser(guard) as idle, browser(guard) as busy:
        for page in (idle, busy):
            assert await page.tunnel(f"127.0.0.1:{server.port}") == 200
        started, ended = time.monotonic(), asyncio.create_task(idle.rest())
        while not ended.done():
            busy.writer.write(b"x")
            assert await busy.read(1) == b"x"
            await asyncio.sleep(0.05)
            assert time.monotonic() - started < 5
        busy.writer.write(b"x")
        assert await busy.read(1) == b"x"
