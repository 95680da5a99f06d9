"""How often and when each API key was used: counted in memory, written to the database now and then."""

from datetime import UTC, datetime

import psycopg

from core import reports
from core.database import Database
from core.reports import KeyId


class KeyUses:
    """Uses since the last flush. What could not be written stays counted."""

    def __init__(self) -> None:
        self._uses: dict[KeyId, tuple[int, datetime]] = {}

    def count(self, key: KeyId) -> None:
        """The key was used now."""
        self._add(key, 1, datetime.now(UTC))

    async def flush(self, db: Database) -> None:
        """Writes the uses. Raises `psycopg.OperationalError` when the database is away, and loses nothing."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            await reports.record_key_uses(db, uses)
        except psycopg.OperationalError:
            for key, (count, last) in uses.items():
                self._add(key, count, last)
            raise

    def _add(self, key: KeyId, count: int, last: datetime) -> None:
        known, latest = self._uses.get(key, (0, last))
        self._uses[key] = (known + count, max(latest, last))
