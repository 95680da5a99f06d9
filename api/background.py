"""What a web process does beside answering: key uses are written down, and the sweep is called."""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg

from api.services import Services
from core import turns
from core.log import get_logger

log = get_logger(__name__)

FLUSH_SECONDS = 5.0
SWEEP_SECONDS = 15.0


async def flush_key_uses(services: Services) -> None:
    """Until cancelled: writes how often keys were used, and forgets callers who are gone."""

    async def flush() -> None:
        services.limits.forget_idle()
        await services.key_uses.flush(services.db)

    await _every(FLUSH_SECONDS, "flush of key uses", flush)


async def sweep(services: Services) -> None:
    """Until cancelled: heals the queue and ends overdue reports."""

    async def sweep_once() -> None:
        await turns.sweep(services.db)

    await _every(SWEEP_SECONDS, "sweep", sweep_once)


async def _every(seconds: float, name: str, action: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await action()
        except psycopg.OperationalError as error:
            log.warning(f"{name} postponed: database unavailable", error=type(error).__name__)
        except Exception:
            # One failure must not end it for the life of the process.
            log.exception(f"{name} failed")
        await asyncio.sleep(seconds)
