"""How much of the websocket one user may have at once, or one address of which nobody is signed in."""

import asyncio
from dataclasses import dataclass, field

SOCKETS = 100
"""Tabs of a user, in whatever browsers."""
STRANGERS = 50
"""Websockets of an address that bring no session."""
EVENTS_PER_SECOND = 60
"""Forty tabs, each with its pulse, and a person who types in one of them."""
BURST = 300
_EVENT_BYTES = 10_000


class TooMany(Exception):
    """There is no room for another websocket."""


@dataclass(slots=True)
class Share:
    """What one user or address has, with all of their websockets. What comes too soon, waits."""

    sockets: int = 0
    left: float = BURST
    at: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def take(self, length: int = 0) -> None:
        """Waits until one more event of this length may be handled. A long one counts as several."""
        now = asyncio.get_running_loop().time()
        self.left = min(BURST, self.left + (now - self.at) * EVENTS_PER_SECOND) - 1 - length / _EVENT_BYTES
        self.at = now
        if self.left < 0:
            await asyncio.sleep(-self.left / EVENTS_PER_SECOND)


class Traffic:
    """The shares of all who are there, or were a moment ago."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}

    def enter(self, who: str, most: int) -> Share:
        """One more websocket. Raises `TooMany`."""
        share = self._shares.setdefault(who, Share())
        if share.sockets >= most:
            raise TooMany
        share.sockets += 1
        return share

    def leave(self, who: str) -> None:
        """One websocket less."""
        share = self._shares[who]
        share.sockets -= 1
        if not share.sockets:
            # Not at once: who comes back would have everything again.
            asyncio.get_running_loop().call_later(BURST / EVENTS_PER_SECOND, self._forget, who, share)

    def _forget(self, who: str, share: Share) -> None:
        if not share.sockets and self._shares.get(who) is share:
            del self._shares[who]
