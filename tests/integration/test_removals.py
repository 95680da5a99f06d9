"""Files of what was deleted go, from a real folder, by a runner beside its work."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.database import Database
from core.settings import Settings
from core.store import ObjectStore
from jobs import runner
from jobs.browser import Browser
from jobs.removals import remove_due
from jobs.runner import Runner
from tests.database.people import make_team
from tests.database.world import Urls, World

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(Settings(state_dir=tmp_path))


@pytest.fixture
async def db(anyio_backend: str, urls: Urls, world: World) -> AsyncIterator[Database]:
    """As runners come, with nothing to remove yet."""
    world.run("delete from private.removals")
    async with Database(urls.jobs) as db:
        yield db


def delete_a_report(world: World) -> str:
    """The folder of its pictures."""
    team = make_team(world)
    report = world.report(team.account)
    world.record(world.must_claim(), 1, "blocked")
    team.owner.call("delete_report", report)
    return f"reports/{report.hex}"


def path_of(folder: Path, name: str) -> Path:
    (path,) = folder.rglob(name)
    return path


async def gone(store: ObjectStore, key: str) -> bool:
    try:
        await store.get(key)
    except FileNotFoundError:
        return True
    return False


async def test_files_go_at_once_and_what_was_uploaded_meanwhile_later(
    world: World, db: Database, store: ObjectStore
) -> None:
    folder = delete_a_report(world)
    await store.put(f"{folder}/1.jpg", b"x")
    await store.put("reports/another/1.jpg", b"x")
    assert await remove_due(db, store) == 1
    assert await gone(store, f"{folder}/1.jpg")
    # A runner that held a link of the report.
    await store.put(f"{folder}/2.jpg", b"late")
    assert await remove_due(db, store) == 0
    world.run("update private.removals set due_at = now(), done_at = now() - interval '5 minutes'")
    assert await remove_due(db, store) == 1
    assert await gone(store, f"{folder}/2.jpg")
    assert not await gone(store, "reports/another/1.jpg")
    assert world.rows("admin", "select from private.removals") == []


async def test_more_than_are_claimed_at_once(world: World, db: Database, store: ObjectStore) -> None:
    world.run("insert into private.removals (prefix) select 'reports/' || n || '/' from generate_series(1, 25) n")
    assert await remove_due(db, store) == 25


async def test_what_the_store_refuses_is_tried_again(
    world: World, db: Database, store: ObjectStore, tmp_path: Path
) -> None:
    folder = delete_a_report(world)
    await store.put(f"{folder}/1.jpg", b"x")
    picture = path_of(tmp_path, "1.jpg")
    # No file can be removed where a folder has its name.
    picture.unlink()
    (picture / "in the way").mkdir(parents=True)
    world.run("update private.removals set prefix = %s", f"{folder}/1.jpg")
    assert await remove_due(db, store) == 0
    assert world.rows("admin", "select done_at, attempts from private.removals") == [{"done_at": None, "attempts": 1}]
    (picture / "in the way").rmdir()
    picture.rmdir()
    picture.write_bytes(b"x")
    world.run("update private.removals set due_at = now()")
    assert await remove_due(db, store) == 1
    assert not picture.exists()


async def test_a_runner_does_it_beside_its_work(
    world: World, db: Database, store: ObjectStore, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "SWEEP", 0.1)
    folder = delete_a_report(world)
    await store.put(f"{folder}/1.jpg", b"x")
    stop = asyncio.Event()
    task = asyncio.create_task(Runner(db, store, chromium, concurrency=1, per_host=1).run(stop))
    async with asyncio.timeout(10):
        while not await gone(store, f"{folder}/1.jpg"):
            await asyncio.sleep(0.05)
    stop.set()
    await task
