"""Requests with an API key: noted in memory, written to the database now and then."""

import asyncio
from collections import Counter, deque

import psycopg

from core import api_requests
from core.api_requests import ApiRequest
from core.database import Database
from core.log import get_logger
from core.reports import KeyId

log = get_logger(__name__)

MOST = 20_000
"""Kept at once, about 8 MB, while the database is away: of more the newest."""
MOST_REFUSED = 20
"""Kept between two flushes of those a key was refused by its rate limit: it may ask as often as it likes."""
BATCH = 1_000


class ApiRequests:
    """Requests since the last flush. What could not be written stays, up to a bound."""

    def __init__(self) -> None:
        self._kept: deque[ApiRequest] = deque()
        self._refused: Counter[KeyId] = Counter()
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._kept)

    def note(self, request: ApiRequest) -> None:
        """The request was answered now."""
        if request.status == 429:
            self._refused[request.key_id] += 1
            if self._refused[request.key_id] > MOST_REFUSED:
                return
        self._kept.append(request)
        self._drop_oldest()

    async def flush(self, db: Database) -> None:
        """Writes the requests. Raises `psycopg.OperationalError` when the database is away, and loses nothing that
        there is room for."""
        self._refused.clear()
        if self._dropped:
            log.warning("API requests not recorded: the database was away", count=self._dropped)
            self._dropped = 0
        while self._kept:
            batch = [self._kept.popleft() for _ in range(min(BATCH, len(self._kept)))]
            try:
                await api_requests.record(db, batch)
            except (psycopg.OperationalError, asyncio.CancelledError):
                # Perhaps they were written: that they are written again changes nothing.
                self._kept.extendleft(reversed(batch))
                self._drop_oldest()
                raise

    def _drop_oldest(self) -> None:
        while len(self._kept) > MOST:
            self._kept.popleft()
            self._dropped += 1
