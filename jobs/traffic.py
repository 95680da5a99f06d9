"""What one lane's page moved through the guard, and why the guard could not connect it."""

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from core.reasons import Reason
from jobs.addresses import normalise_host

MAX_CONNECTIONS = 256
"""Connections of one lane at a time. Chromium itself opens some 32 a proxy, and WebSockets beyond those."""
_MAX_FAILURES = 1024
_MAX_LOOKUPS = 8


@dataclass(frozen=True, slots=True)
class Credential:
    """User name and password of one lane, for the browser's proxy settings."""

    username: str
    password: str = field(repr=False)

    @classmethod
    def random(cls) -> "Credential":
        """A new one: 64 bits of name and 192 bits of password."""
        return cls(secrets.token_hex(8), secrets.token_urlsafe(24))


@dataclass(slots=True)
class PageTraffic:
    """The tally of one page, from `attach` to the next `attach`."""

    bytes_received: int = 0
    """What servers sent to the browser, headers and TLS included."""
    bytes_sent: int = 0
    """What the browser sent to servers."""
    over_limit: bool = False
    """Too much came or went: the guard cut the page's connections and opens no more for it."""
    _failures: dict[tuple[str, int], Reason] = field(default_factory=dict, repr=False)

    def failure(self, host: str, port: int) -> Reason | None:
        """Why the last connection to this place failed: `DNS`, `REFUSED`, `CONNECT`, `TIMEOUT`; None if it did not."""
        return self._failures.get((normalise_host(host), port))

    def connected(self, host: str, port: int) -> None:
        """A connection stands; what failed there before is past."""
        self._failures.pop((normalise_host(host), port), None)

    def failed(self, host: str, port: int, reason: Reason) -> None:
        """Keeps the reason. A page that collects thousands pushes its oldest out."""
        self.connected(host, port)
        self._failures[normalise_host(host), port] = reason
        if len(self._failures) > _MAX_FAILURES:
            del self._failures[next(iter(self._failures))]


class Abortable(Protocol):
    """A connection that can be cut."""

    def abort(self) -> None:
        """Cuts it at once."""


class Lane:
    """A browser context: its credential, its connections, and the tally of the page it shows."""

    def __init__(self, credential: Credential, receive_limit: int, send_limit: int) -> None:
        self.credential = credential
        self.traffic = PageTraffic()
        self.connections: set[Abortable] = set()
        self.lookups = asyncio.Semaphore(_MAX_LOOKUPS)
        self._receive_limit = receive_limit
        self._send_limit = send_limit

    def count_received(self, size: int) -> bool:
        """Counts bytes from a server; False when the page is over its limit and its connections are cut."""
        self.traffic.bytes_received += size
        return self._check(self.traffic.bytes_received <= self._receive_limit)

    def count_sent(self, size: int) -> bool:
        """Counts bytes to a server; False when the page is over its limit and its connections are cut."""
        self.traffic.bytes_sent += size
        return self._check(self.traffic.bytes_sent <= self._send_limit)

    def admit(self, connection: Abortable) -> bool:
        """Takes a connection in, once; False when the lane has too many."""
        if connection not in self.connections and len(self.connections) >= MAX_CONNECTIONS:
            return False
        self.connections.add(connection)
        return True

    def cut(self) -> None:
        """Aborts every connection of the lane."""
        for connection in list(self.connections):
            connection.abort()

    def _check(self, within: bool) -> bool:
        if not within and not self.traffic.over_limit:
            self.traffic.over_limit = True
            self.cut()
        return within
