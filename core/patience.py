"""How long we wait for an answer, whoever owes it to us."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

# The event loop itself holds tasks but weakly.
_given_up: set[asyncio.Future[Any]] = set()


async def within(seconds: float, answer: Awaitable[Answer]) -> Answer:
    """The answer, or `TimeoutError` after so many seconds.

    Unlike `asyncio.timeout`, it does not wait until what it gives up has ended: psycopg takes 10 s for that when a
    server holds the connection and says nothing.
    """
    task = asyncio.ensure_future(answer)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _give_up(task)
        raise
    if not done:
        _give_up(task)
        raise TimeoutError
    return task.result()


def _give_up(task: asyncio.Future[Answer]) -> None:
    _given_up.add(task)
    task.add_done_callback(_forget)
    task.cancel()


def _forget(task: asyncio.Future[Answer]) -> None:
    _given_up.discard(task)
    if not task.cancelled():
        # Looked at, so that nobody calls it unseen.
        task.exception()
