"""Whether this process lives, and whether it can work."""

import psycopg
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.services import services_of
from core import reports

router = APIRouter(include_in_schema=False)
# A turn waits this long only when no runner is at work.
STUCK_SECONDS = 300


@router.get("/healthz")
async def get_health() -> JSONResponse:
    """The process answers. It asks nobody else: a database that is away is no reason to restart us."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def get_readiness(request: Request) -> JSONResponse:
    """200 when the database answers; whether the queue moves is told, but runners are not this process's business."""
    try:
        queue = await reports.queue_health(services_of(request).db)
    except psycopg.OperationalError:
        return JSONResponse({"status": "unavailable", "database": "unavailable", "queue": None}, 503)
    stuck = (queue.oldest_seconds or 0) > STUCK_SECONDS
    return JSONResponse(
        {
            "status": "ok",
            "database": "ok",
            "queue": {
                "status": "stuck" if stuck else "ok",
                "length": queue.length,
                "oldestSeconds": queue.oldest_seconds,
            },
        }
    )
