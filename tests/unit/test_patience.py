"""Waiting for answers that may not come."""

import asyncio
import time

import pytest

from core.patience import within

pytestmark = pytest.mark.anyio


async def stubborn(ended: asyncio.Event) -> None:
    """Takes its time to end, as a query of a server that says nothing."""
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.5)
        ended.set()
        raise ConnectionError


async def test_what_is_given_up_is_not_waited_for() -> None:
    ended = asyncio.Event()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await within(0.05, stubborn(ended))
    assert time.monotonic() - began < 0.4
    await asyncio.wait_for(ended.wait(), 5)


async def test_who_stops_waiting_stops_the_question() -> None:
    ended = asyncio.Event()
    waiting = asyncio.create_task(within(60, stubborn(ended)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(ended.wait(), 5)


async def test_an_answer_and_an_error_come_through() -> None:
    async def answer() -> str:
        return "yes"

    async def fail() -> None:
        raise KeyError("no")

    assert await within(5, answer()) == "yes"
    with pytest.raises(KeyError, match="no"):
        await within(5, fail())
