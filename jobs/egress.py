"""The egress guard: the one way from Chromium to the web.

An HTTP proxy on loopback. It connects to public addresses alone, knows by its credential which page asks, counts what
the page moves, and keeps why a connection failed, which Chromium alone would show as a tunnel failure.
"""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from core.reasons import Reason
from jobs.addresses import Address, AddressPolicy, NotFound, NotPublic
from jobs.http_messages import Target
from jobs.http_proxy import ClientSide
from jobs.http_upstream import ServerSide, Unreachable
from jobs.traffic import Credential, Lane, PageTraffic

__all__ = ["Credential", "EgressGuard", "PageTraffic"]

SEND_LIMIT = 16 * 2**20
"""Bytes a page may send."""
MAX_CONNECTIONS = 1024
HEAD_TIMEOUT = 30.0
IDLE_TIMEOUT = 90.0
HALF_CLOSED_TIMEOUT = 10.0
_SWEEP_INTERVAL = 1.0


class EgressGuard:
    """Listens while it is entered. `allow`: the only non-public (host, port) pairs, as spelled in URLs.

    `byte_limit`: bytes from servers a page; `connect_timeout`: seconds for a connection, and again for a look-up.
    """

    def __init__(
        self, allow: frozenset[tuple[str, int]], *, byte_limit: int = 64 * 2**20, connect_timeout: float = 10.0
    ) -> None:
        self._policy = AddressPolicy(allow, connect_timeout)
        self._byte_limit = byte_limit
        self._connect_timeout = connect_timeout
        self._lanes: dict[str, Lane] = {}
        self._clients: set[ClientSide] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._empty = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: ClientSide(self), "127.0.0.1", 0, backlog=512)
        self.spawn(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self._lanes.clear()
        for client in list(self._clients):
            client.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while self._clients:
                    self._empty.clear()
                    await self._empty.wait()

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, for the browser's proxy settings."""
        if self._server is None:
            raise RuntimeError("the guard is not listening")
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def credential(self) -> Credential:
        """A new one, for a new lane: a browser context that shows one page at a time."""
        credential = Credential.random()
        self._lanes[credential.username] = Lane(credential, self._byte_limit, SEND_LIMIT)
        return credential

    def attach(self, credential: Credential) -> PageTraffic:
        """A fresh tally for the next page of the lane. Raises `KeyError` after `forget`."""
        lane = self._lanes[credential.username]
        lane.traffic = PageTraffic()
        return lane.traffic

    def forget(self, credential: Credential) -> None:
        """The lane is closed: its connections are cut, its credential is worth nothing."""
        lane = self._lanes.pop(credential.username, None)
        if lane is not None:
            lane.cut()

    # What connections ask (jobs.http_proxy.Gate)

    def now(self) -> float:
        """The loop's time, seconds."""
        return asyncio.get_running_loop().time()

    def opened(self, client: ClientSide) -> bool:
        """Registers a connection; False when there are too many."""
        self._clients.add(client)
        return len(self._clients) <= MAX_CONNECTIONS and self._server is not None and self._server.is_serving()

    def closed(self, client: ClientSide) -> None:
        """The connection is gone."""
        self._clients.discard(client)
        self._empty.set()

    def authorise(self, header: bytes | None) -> Lane | None:
        """The lane that a Proxy-Authorization header belongs to."""
        scheme, _, encoded = (header or b"").partition(b" ")
        if scheme.lower() != b"basic":
            return None
        try:
            username, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        lane = self._lanes.get(username)
        expected = lane.credential.password if lane is not None else ""
        matches = secrets.compare_digest(password.encode(), expected.encode())
        return lane if matches else None

    async def connect(self, lane: Lane, target: Target, factory: Callable[[], ServerSide]) -> ServerSide:
        """Connects to the checked address of a target. Raises `Unreachable`."""
        try:
            addresses = await self._policy.addresses(target.host, target.port, lane.lookups)
        except NotPublic as refusal:
            raise Unreachable(Reason.REFUSED) from refusal
        except NotFound as missing:
            raise Unreachable(Reason.DNS) from missing
        server = await self._connect_first(addresses, target.port, factory)
        lane.traffic.connected(target.host, target.port)
        return server

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Runs a task that is cancelled when the guard closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _connect_first(
        self, addresses: list[Address], port: int, factory: Callable[[], ServerSide]
    ) -> ServerSide:
        """The first address that answers. Each but the last gets half of the time that is left."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._connect_timeout
        reason = Reason.CONNECT
        for left, address in zip(reversed(range(len(addresses))), addresses, strict=True):
            try:
                async with asyncio.timeout((deadline - loop.time()) / (2 if left else 1)):
                    return (await loop.create_connection(factory, str(address), port))[1]
            except TimeoutError:
                reason = Reason.TIMEOUT
            except OSError:
                reason = Reason.CONNECT
        raise Unreachable(reason)

    async def _sweep(self) -> None:
        """Ends what has stood still for too long."""
        while True:
            await asyncio.sleep(_SWEEP_INTERVAL)
            now = self.now()
            for client in list(self._clients):
                idle = HALF_CLOSED_TIMEOUT if client.half_closed else IDLE_TIMEOUT
                late_head = client.head_since is not None and now - client.head_since > HEAD_TIMEOUT
                if late_head or now - client.active > idle:
                    client.abort()
