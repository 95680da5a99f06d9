"""One connection of Chromium to the guard, and the connection to a web server behind it.

`ClientSide` reads requests, asks the gate for a connection, then relays: a tunnel after CONNECT, else one exchange of
request and response after the other. What either side sends is passed on as it arrives; who reads too slowly makes the
other side wait.
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from contextlib import suppress
from enum import Enum
from typing import Any, Protocol, cast

from core.reasons import Reason
from jobs.http_exchange import Exchange
from jobs.http_messages import BadMessage, Request, Target, head_end, parse_request
from jobs.http_upstream import WRITE_BUFFER, ServerSide, Unreachable
from jobs.traffic import Lane

AUTHORISE_HOST = "authorise.invalid"
_RESET = struct.pack("ii", 1, 0)
_MAX_PENDING = 256 * 1024
_STATUS = {
    204: b"No Content",
    400: b"Bad Request",
    403: b"Forbidden",
    407: b"Proxy Authentication Required",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
}
_STATUS_OF = {Reason.DNS: 502, Reason.REFUSED: 403, Reason.CONNECT: 502, Reason.TIMEOUT: 504}


class Gate(Protocol):
    """What a connection asks of the guard that accepted it."""

    def now(self) -> float:
        """The loop's time, seconds."""

    def opened(self, client: "ClientSide") -> bool:
        """Registers a connection; False when there are too many."""

    def closed(self, client: "ClientSide") -> None:
        """The connection is gone."""

    def authorise(self, header: bytes | None) -> Lane | None:
        """The lane that a Proxy-Authorization header belongs to."""

    async def connect(self, lane: Lane, target: Target, factory: Callable[[], "ServerSide"]) -> "ServerSide":
        """Connects to the checked address of a target. Raises `Unreachable`."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Runs a task that the guard cancels when it closes."""


class _State(Enum):
    HEAD = 1  # -> CONNECTING, EXCHANGE (server kept from the last one)
    CONNECTING = 2  # -> TUNNEL, EXCHANGE
    EXCHANGE = 3  # -> HEAD
    TUNNEL = 4
    CLOSING = 5  # from all of them


class ClientSide(asyncio.Protocol):
    """A connection of Chromium."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._state = _State.HEAD
        self._lane: Lane | None = None
        self._pending = bytearray()
        self._server: ServerSide | None = None
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._blocked = False
        self._ended = False
        self.active = gate.now()
        """When the last byte passed, loop time."""
        self.head_since: float | None = None
        """When the first byte of a head that is not complete came, loop time."""
        self.half_closed = False
        """One side of a tunnel sends no more."""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER)
        if not self._gate.opened(self):
            self.abort()

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self.active = self._gate.now()
        if self._state is _State.TUNNEL:
            self._send(data)
        elif self._state is not _State.CLOSING:
            self._pending += data
            self._advance()
            self._update_reading()

    def eof_received(self) -> bool:
        """asyncio calls it. True keeps a tunnel open for the other direction."""
        server, self._ended = self._server, True
        if self._state is not _State.TUNNEL or server is None:
            return False
        if self.half_closed:  # both have ended: what is on its way still goes out
            self._server = None
            server.transport.close()
            return False
        self.half_closed = True
        server.end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """asyncio calls it."""
        self._state = _State.CLOSING
        self._drop_server()
        if self._task is not None:
            self._task.cancel()
        if self._lane is not None:
            self._lane.connections.discard(self)
        self._gate.closed(self)

    def pause_writing(self) -> None:
        """asyncio calls it."""
        if self._server is not None:
            self._server.listen(False)

    def resume_writing(self) -> None:
        """asyncio calls it."""
        if self._server is not None:
            self._server.listen(True)

    def abort(self) -> None:
        """Cuts both sides at once, so that Chromium sees a break and not an end."""
        self._state = _State.CLOSING
        self._drop_server()
        if self._transport is not None:
            with suppress(OSError):
                connection = self._transport.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    # From Chromium

    def _advance(self) -> None:
        try:
            while self._pending:
                if self._state is _State.HEAD:
                    if not self._read_request():
                        return
                elif self._state is _State.EXCHANGE and not self._current.request.body.done:
                    self._send(self._current.take_request(self._pending))
                else:
                    return
        except BadMessage:
            self._answer(400)

    def _read_request(self) -> bool:
        if self.head_since is None:
            self.head_since = self.active
        end = head_end(self._pending)
        if not end:
            return False
        request = parse_request(bytes(self._pending[:end]))
        del self._pending[:end]
        self.head_since = None
        self._admit(request)
        return True

    def _admit(self, request: Request) -> None:
        lane = self._gate.authorise(request.header(b"proxy-authorization"))
        keep_alive = request.body.done and request.keep_alive
        if lane is None:
            self._answer(407, keep_alive)
        elif request.target.host == AUTHORISE_HOST and not request.is_connect:
            self._answer(204, keep_alive)
        elif self._lane not in (None, lane) or request.wants_upgrade or lane.traffic.over_limit:
            self._answer(403)
        elif not lane.admit(self):
            self._answer(503)
        else:
            self._lane = lane
            self._start(lane, request)

    def _start(self, lane: Lane, request: Request) -> None:
        server = self._server
        if server is not None and server.target.same_place(request.target) and not request.is_connect:
            server.received = False
            self._begin(server, request)
            return
        self._drop_server()
        self._state = _State.CONNECTING
        self._task = self._gate.spawn(self._connect(lane, request))

    async def _connect(self, lane: Lane, request: Request) -> None:
        traffic, target = lane.traffic, request.target
        try:
            server = await self._gate.connect(lane, target, lambda: ServerSide(self, target, traffic))
        except Unreachable as problem:
            traffic.failed(target.host, target.port, problem.reason)
            self._answer(_STATUS_OF[problem.reason])
            return
        self.active = self._gate.now()
        if self._state is not _State.CONNECTING:
            server.transport.abort()
        elif server.closed:
            server.blame()
            self._answer(502)
        elif request.is_connect:
            self._tunnel(server)
        else:
            self._begin(server, request)
            self._advance()
        self._update_reading()

    def _tunnel(self, server: ServerSide) -> None:
        self._server, self._state = server, _State.TUNNEL
        self._write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self._pending:
            data, self._pending = bytes(self._pending), bytearray()
            self._send(data)

    def _begin(self, server: ServerSide, request: Request) -> None:
        self._server, self._state, self._exchange = server, _State.EXCHANGE, Exchange(request)
        self._send(request.forwarded())

    def _send(self, data: bytes) -> None:
        if self._lane is not None and self._lane.count_sent(len(data)) and self._server is not None:
            self._server.send(data)

    @property
    def _current(self) -> Exchange:
        assert self._exchange is not None
        return self._exchange

    # From the server

    def from_server(self, server: ServerSide, data: bytes) -> None:
        """Bytes came from the server."""
        self.active = self._gate.now()
        if self._lane is None or not self._lane.count_received(len(data)):
            server.transport.abort()
        elif server is self._server and self._state is _State.TUNNEL:
            self._write(data)
        elif server is self._server and self._state is _State.EXCHANGE:
            self._relay_response(data)
        else:  # it speaks without being asked
            server.transport.abort()

    def server_ended(self, server: ServerSide) -> bool:
        """The server sends no more. True keeps the direction to it open."""
        if server is not self._server:
            return False
        if self._state is _State.TUNNEL and not self._ended:
            self.half_closed = True
            server.blame()
            if self._transport is not None and not self._transport.is_closing():
                self._transport.write_eof()
            return True
        if self._state is _State.EXCHANGE and self._current.ends_with_server:
            self._close()
        return False

    def server_lost(self, server: ServerSide, exc: Exception | None) -> None:
        """The connection to the server is gone."""
        if server is not self._server:
            return
        self._server = None
        if self._state is _State.TUNNEL:
            if not self._ended:
                server.blame()
            self._close() if exc is None else self.abort()
        elif self._state is _State.EXCHANGE:
            self._exchange_broken(server)

    def _exchange_broken(self, server: ServerSide) -> None:
        if self._current.response is not None:
            self.abort()
        elif server.used and not server.received:
            # It had been kept from an earlier exchange and was closed meanwhile. Chromium does on its own what is right
            # when a kept connection dies under a request: it repeats the safe ones.
            self.abort()
        else:
            server.blame(understood=False)
            self._answer(502)

    def _relay_response(self, data: bytes) -> None:
        exchange, server = self._current, self._server
        try:
            self._write(exchange.take_response(data))
        except BadMessage:
            self._drop_server()
            if exchange.response is None:
                if server is not None:
                    server.blame(understood=False)
                self._answer(502)
            else:
                self.abort()
            return
        if exchange.complete:
            self._finish(exchange)

    def _finish(self, exchange: Exchange) -> None:
        """The response is complete: on to the next request, or the end."""
        if not exchange.keeps_server:
            self._drop_server()
        elif self._server is not None:
            self._server.used = True
        if not exchange.keeps_client:
            self._close()
            return
        self._exchange, self._state = None, _State.HEAD
        self._advance()
        self._update_reading()

    # Both

    def hold(self, blocked: bool) -> None:
        """The server does not take more for now: let Chromium wait."""
        self._blocked = blocked
        self._update_reading()

    def _update_reading(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._blocked or len(self._pending) > _MAX_PENDING:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _answer(self, status: int, keep_alive: bool = False) -> None:
        """The guard's own answer; the connection ends with it unless it may be kept."""
        body = b"" if status == 204 else b"%s\n" % _STATUS[status]
        lines = [b"HTTP/1.1 %d %s" % (status, _STATUS[status]), b"Cache-Control: no-store"]
        if status == 407:
            lines.append(b'Proxy-Authenticate: Basic realm="coveragereport"')
        if status != 204:
            lines += [b"Content-Type: text/plain", b"Content-Length: %d" % len(body)]
        lines.append(b"Connection: keep-alive" if keep_alive else b"Connection: close")
        self._write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if not keep_alive:
            self._drop_server()
            self._close()

    def _close(self) -> None:
        """Closes after what was written has gone out."""
        self._state = _State.CLOSING
        if self._transport is not None:
            self._transport.close()

    def _drop_server(self) -> None:
        server, self._server = self._server, None
        self._blocked = False
        if server is not None:
            server.transport.abort()
