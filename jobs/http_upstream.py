"""The connection to a web server behind a connection of Chromium."""

import asyncio
from typing import Protocol, cast

from core.reasons import Reason
from jobs.http_messages import Target
from jobs.traffic import PageTraffic

WRITE_BUFFER = 512 * 1024
"""Bytes that may wait for a slow reader before the other side has to wait."""


class Unreachable(Exception):
    """The gate could not or would not connect."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Listener(Protocol):
    """Who gets what the server sends."""

    def from_server(self, server: "ServerSide", data: bytes) -> None:
        """Bytes came."""

    def server_ended(self, server: "ServerSide") -> bool:
        """The server sends no more. True keeps the direction to it open."""

    def server_lost(self, server: "ServerSide", exc: Exception | None) -> None:
        """The connection is gone."""

    def hold(self, blocked: bool) -> None:
        """The server does not take more for now, or takes it again."""


class ServerSide(asyncio.Protocol):
    """A connection to a web server."""

    def __init__(self, client: Listener, target: Target, traffic: PageTraffic) -> None:
        self.target = target
        self.received = False
        self.used = False
        self.closed = False
        self._client = client
        self._traffic = traffic
        self._transport: asyncio.Transport | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """Its transport. Only after the connection was made."""
        assert self._transport is not None
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self.received = True
        self._client.from_server(self, data)

    def eof_received(self) -> bool:
        """asyncio calls it. True keeps our direction open."""
        return self._client.server_ended(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio calls it."""
        self.closed = True
        self._client.server_lost(self, exc)

    def pause_writing(self) -> None:
        """asyncio calls it."""
        self._client.hold(True)

    def resume_writing(self) -> None:
        """asyncio calls it."""
        self._client.hold(False)

    def send(self, data: bytes) -> None:
        """Writes, unless the connection is on its way out."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def end(self) -> None:
        """Says that no more will be sent."""
        if not self.transport.is_closing():
            self.transport.write_eof()

    def listen(self, on: bool) -> None:
        """Reads on, or waits until Chromium has taken what it was sent."""
        if self.transport.is_closing():
            return
        if on:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def blame(self, understood: bool = True) -> None:
        """The server went away without a byte, or with bytes that cannot be understood: that is why no page shows."""
        if not (self.received and understood):
            self._traffic.failed(self.target.host, self.target.port, Reason.CONNECT)
