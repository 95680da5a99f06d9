"""No more than a few pages of one site at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class HostGate:
    """Lets at most `per_host` pages of one host in; the others wait their turn."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def slot(self, url: str, patience: float) -> AsyncIterator[None]:
        """Holds one of the host's slots. Raises `TimeoutError` when none came free within `patience` seconds."""
        host = urlsplit(url).hostname or ""
        semaphore = self._slots.setdefault(host, asyncio.Semaphore(self._per_host))
        self._users[host] += 1
        try:
            async with asyncio.timeout(patience):
                await semaphore.acquire()
            try:
                yield
            finally:
                semaphore.release()
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._slots[host]
