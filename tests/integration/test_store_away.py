"""The object store is away, full or may not be written to: reports end, nobody pays for it, the runner goes on."""

import asyncio
import errno
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import LocalStore

from core.database import Database
from core.store import ObjectStore
from jobs import runner
from jobs.browser import Browser
from jobs.runner import Runner
from tests.database.world import Urls, World
from tests.site import NewsSite

pytestmark = pytest.mark.anyio


LINKS = 6


class FlakyStore(ObjectStore):
    """A folder that is full as long as `full`."""

    full = False
    refusals = 0

    async def put(self, key: str, data: bytes) -> None:
        if self.full:
            self.refusals += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        await super().put(key, data)


@pytest.fixture
def store(tmp_path: Path) -> FlakyStore:
    return FlakyStore(LocalStore(tmp_path))


@pytest.fixture
async def running(
    anyio_backend: str, urls: Urls, chromium: Browser, store: FlakyStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """A runner that loses its patience soon."""
    monkeypatch.setattr(runner, "TROUBLE_PAUSE", 0.2)
    monkeypatch.setattr(runner, "STORE_PATIENCE", 1.0)
    stop = asyncio.Event()
    async with Database(urls.jobs) as db:
        task = asyncio.create_task(Runner(db, store, chromium, concurrency=2, per_host=2).run(stop))
        yield
        stop.set()
        await task


def make_report(world: World, account: UUID, url: str) -> UUID:
    report = world.report(account, LINKS)
    world.run("update public.report_items set url = %s || position where report_id = %s", url, report)
    return report


async def ended(world: World, report: UUID) -> str:
    async with asyncio.timeout(20):
        while (status := world.state(report)["status"]) == "processing":
            await asyncio.sleep(0.1)
    return str(status)


async def test_a_report_ends_and_is_paid_back_while_the_store_stays_full(
    world: World, store: FlakyStore, news: NewsSite, running: None
) -> None:
    store.full = True
    account = world.account(5)
    report = make_report(world, account, news.url("/bench/90"))
    assert await ended(world, report) == "failed"
    items = [world.item(report, position) for position in range(1, LINKS + 1)]
    assert [(item["reason"], item["attempts"]) for item in items] == [("crashed", 2)] * LINKS
    assert world.balance(account) == 5
    store.full = False
    again = make_report(world, account, news.url("/bench/91"))
    assert await ended(world, again) == "completed"
    assert world.balance(account) == 4


async def test_a_store_that_comes_back_gets_the_pictures_it_was_offered(
    world: World, store: FlakyStore, news: NewsSite, running: None
) -> None:
    store.full = True
    report = make_report(world, world.account(5), news.url("/bench/92"))
    async with asyncio.timeout(20):
        while store.refusals < 2:
            await asyncio.sleep(0.05)
    store.full = False
    assert await ended(world, report) == "completed"
    assert world.item(report)["attempts"] == 1
