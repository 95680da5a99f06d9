"""What a web process does beside answering: what it noted is written down, and the sweep is called."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import psycopg

from api.services import Services
from core import turns
from core.log import get_logger

log = get_logger(__name__)

FLUSH_SECONDS = 5.0
SWEEP_SECONDS = 15.0
# Longer than the database takes to give up a statement.
_END_SECONDS = 10.0


@asynccontextmanager
async def work(services: Services) -> AsyncIterator[None]:
    """Does it all until the end, and then writes down what is left. What is under way is not cut off."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(flush_key_uses(services, stop)),
        asyncio.create_task(flush_api_requests(services, stop)),
        asyncio.create_task(sweep(services, stop)),
    ]
    yield
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=_END_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for flush in (services.key_uses.flush, services.api_requests.flush):
        try:
            await flush(services.db)
        except psycopg.Error as error:
            log.warning("what was noted is lost: database unavailable", error=type(error).__name__)


async def flush_key_uses(services: Services, stop: asyncio.Event) -> None:
    """Until the stop: writes how often keys were used, and forgets callers who are gone."""

    async def flush() -> None:
        services.limits.forget_idle()
        await services.key_uses.flush(services.db)

    await _every(FLUSH_SECONDS, "flush of key uses", flush, stop)


async def flush_api_requests(services: Services, stop: asyncio.Event) -> None:
    """Until the stop: writes the requests of API keys down."""

    async def flush() -> None:
        await services.api_requests.flush(services.db)

    await _every(FLUSH_SECONDS, "flush of API requests", flush, stop)


async def sweep(services: Services, stop: asyncio.Event) -> None:
    """Until the stop: heals the queue and ends overdue reports."""

    async def sweep_once() -> None:
        await turns.sweep(services.db)

    await _every(SWEEP_SECONDS, "sweep", sweep_once, stop)


async def _every(seconds: float, name: str, action: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await action()
        except psycopg.OperationalError as error:
            log.warning(f"{name} postponed: database unavailable", error=type(error).__name__)
        except Exception:
            # One failure must not end it for the life of the process.
            log.exception(f"{name} failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
