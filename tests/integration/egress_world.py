"""What the tests of the egress guard share: servers on loopback, and a browser's end of a connection."""

import asyncio
import base64
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest

from jobs import addresses
from jobs.addresses import Address
from jobs.egress import Credential, EgressGuard

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server on loopback that remembers the heads it got."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0


@asynccontextmanager
async def serving(handler: Handler, server: Server | None = None) -> AsyncIterator[Server]:
    state = server or Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        state.connections += 1
        state.open += 1
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            state.open -= 1
            tasks.discard(task)
            writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**20)
    state.port = listener.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def replying(server: Server, reply: bytes, keep: bool = True) -> Handler:
    """Answers every request with the same bytes; afterwards closes, or waits for the next one."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            server.heads.append(head)
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    server.bodies.append(await reader.readexactly(int(line.split(b":")[1])))
            if b"transfer-encoding: chunked" in head.lower():
                server.bodies.append(await reader.readuntil(b"0\r\n\r\n"))
            writer.write(reply)
            await writer.drain()
            if not keep:
                return

    return handle


@asynccontextmanager
async def site(reply: bytes, keep: bool = True) -> AsyncIterator[Server]:
    server = Server()
    async with serving(replying(server, reply, keep), server):
        yield server


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def length_reply(body: bytes, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), extra, body)


class Browser:
    """One connection to the guard, as Chromium would use it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, credential: Credential) -> None:
        self.reader, self.writer = reader, writer
        token = base64.b64encode(f"{credential.username}:{credential.password}".encode())
        self.auth = b"Proxy-Authorization: Basic %s\r\n" % token

    async def send(self, head: bytes, body: bytes = b"") -> None:
        """`head`: lines without the credential and the empty line."""
        self.writer.write(head + b"\r\n" + self.auth + b"\r\n" + body)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """The next response: status and head. Raises `IncompleteReadError` when the connection ended."""
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ")[1]), head

    async def read(self, size: int) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """What comes until the connection ends; a reset counts as an end."""
        got = b""
        async with asyncio.timeout(5):
            while True:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    return got
                if not data:
                    return got
                got += data

    async def get(self, url: str, *headers: bytes) -> tuple[int, bytes]:
        await self.send(b"\r\n".join([b"GET %s HTTP/1.1" % url.encode(), b"Host: elsewhere.example", *headers]))
        return await self.answer()

    async def tunnel(self, authority: str) -> int:
        await self.send(b"CONNECT %s HTTP/1.1\r\nHost: %s" % (authority.encode(), authority.encode()))
        return (await self.answer())[0]


@asynccontextmanager
async def browser(guard: EgressGuard, credential: Credential | None = None) -> AsyncIterator[Browser]:
    host, port = guard.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**20)
    try:
        yield Browser(reader, writer, credential or guard.credential())
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def guard_for(*servers: Server, byte_limit: int = 64 * 2**20, connect_timeout: float = 2.0) -> EgressGuard:
    allow = frozenset(("127.0.0.1", server.port) for server in servers)
    return EgressGuard(allow, byte_limit=byte_limit, connect_timeout=connect_timeout)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def url(server: Server, path: str = "/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def resolving(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """The first look-up answers the first list, the second the second ...; returns the names asked for."""
    asked: list[str] = []

    def look_up(name: str, port: int) -> list[Address]:
        asked.append(name)
        return [ipaddress.ip_address(text) for text in rounds[min(len(asked), len(rounds)) - 1]]

    monkeypatch.setattr(addresses, "look_up", look_up)
    return asked


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if (await reader.readexactly(1)) == b"G":
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@contextmanager
def deaf() -> Iterator[Server]:
    """A port whose queue is full: further connections get no answer."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield Server(listener.getsockname()[1])
