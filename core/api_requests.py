"""Requests with an API key, kept for 30 days so that support finds the one a customer names by its Request-Id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from core.database import Database
from core.reports import KeyId


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request that was answered. `route` is the template of the path, never the path."""

    request_id: str
    key_id: KeyId
    method: str
    route: str
    status: int
    created_at: datetime


async def record(db: Database, requests: Sequence[ApiRequest]) -> None:
    """Writes the requests down. One that is there already is left as it is."""
    rows = [
        {
            "request_id": request.request_id,
            "key_id": str(request.key_id),
            "method": request.method,
            "route": request.route,
            "status": request.status,
            "created_at": request.created_at.isoformat(),
        }
        for request in requests
    ]
    await db.value("record_api_requests", Jsonb(rows))
