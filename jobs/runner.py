"""The runner: polls the queue, opens the claimed links in Chromium, records what it found.

Any number of runners work on one queue. What a runner holds when it dies is handed to another after 30 s; what it
holds when it is stopped goes back at once.
"""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable

import psycopg
from obstore.exceptions import BaseError as StoreError

from core import turns
from core.database import Database
from core.log import get_logger
from core.notify import notify_ready
from core.reasons import Reason
from core.settings import Settings
from core.store import ObjectStore
from core.turns import Link
from jobs.browser import Browser
from jobs.capture import Article, Capture, capture
from jobs.hosts import HostGate
from jobs.outcome import Picture, outcome, pictures, upload
from jobs.removals import remove_due

log = get_logger("runner")

LINKS_A_TURN = 2
IDLE_POLL = 0.4
HEARTBEAT = 10.0
SWEEP = 15.0
# A link that waits so long for a slot of its site goes back to the queue: waiting must not look like holding.
HOST_PATIENCE = 20.0
# How long an outcome is offered to a database that is away; the claim is another's by then.
RECORD_PATIENCE = 60.0
# How long pictures are offered to an object store that is away or full, from when it was first seen to be.
STORE_PATIENCE = 60.0
# How long nothing new is claimed after the object store or Chromium failed us.
TROUBLE_PAUSE = 5.0
STOP_PATIENCE = 10.0
_FAULT_OF_OURS = Capture(Reason.CRASHED, None, None, Article(), None, None)


class Runner:
    """Works on the queue until it is stopped: `concurrency` pages at once, `per_host` of one site."""

    def __init__(self, db: Database, store: ObjectStore, browser: Browser, *, concurrency: int, per_host: int) -> None:
        self._db = db
        self._store = store
        self._browser = browser
        self._concurrency = concurrency
        self._hosts = HostGate(per_host)
        self._pages = asyncio.Semaphore(concurrency)
        self._open_pages = 0
        self._work: dict[asyncio.Task[None], Link] = {}
        self._opened: set[Link] = set()
        self._freed = asyncio.Event()
        self._resume_at = 0.0
        self._store_away_since: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Claims and captures until `stop` is set, then gives back what is unfinished."""
        loops = [
            asyncio.create_task(self._poll()),
            asyncio.create_task(_every(HEARTBEAT, self._beat)),
            asyncio.create_task(_every(SWEEP, self._sweep)),
            asyncio.create_task(_every(SWEEP, self._remove)),
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopped, *loops], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                # A loop never ends by itself: this raises what broke it.
                task.result()
        finally:
            for task in (stopped, *loops):
                task.cancel()
            await asyncio.gather(stopped, *loops, return_exceptions=True)
            await self._give_back()

    # -- Claiming ---------------------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        away = False
        while True:
            await asyncio.sleep(max(0.0, self._resume_at - time.monotonic()))
            self._freed.clear()
            if not self._has_room():
                await self._freed.wait()
                continue
            try:
                links = await turns.claim_turn(self._db, LINKS_A_TURN)
            except psycopg.Error as error:
                if not away:
                    log.warning("database.away", error=type(error).__name__)
                away = True
                await asyncio.sleep(1.0)
                continue
            if away:
                log.info("database.back")
                away = False
            for link in links:
                task = asyncio.create_task(self._handle(link))
                self._work[task] = link
                task.add_done_callback(self._finished)
            if not links:
                await self._rest()

    def _has_room(self) -> bool:
        # Links that wait for their site keep no page busy, so somewhat more may be in hand than pages are open.
        return self._open_pages < self._concurrency and len(self._work) < 2 * self._concurrency

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(IDLE_POLL * random.uniform(0.5, 1.0)):  # noqa: S311
                await asyncio.Event().wait()
        except TimeoutError:
            return

    def _finished(self, task: asyncio.Task[None]) -> None:
        link = self._work.pop(task)
        self._freed.set()
        if not task.cancelled() and (error := task.exception()):
            # The claim runs out and the link is handed out again.
            log.error("link.dropped", report=link.report_id.hex, position=link.position, exc_info=error)

    # -- One link ---------------------------------------------------------------------------------------------------

    async def _handle(self, link: Link) -> None:
        try:
            async with self._hosts.slot(link.url, HOST_PATIENCE), self._pages:
                found = await self._open(link)
        except TimeoutError:
            await self._release(link)
            return
        if found is not None:
            await self._keep(link, found)

    async def _open(self, link: Link) -> Capture | None:
        """Opens the page and captures it; None when the link is no longer ours, or could not be tried."""
        self._open_pages += 1
        try:
            if not await turns.open_link(self._db, link):
                return None
            self._opened.add(link)
            async with self._browser.lane(link.report_id) as lane:
                return await capture(lane, link.url)
        except psycopg.Error as error:
            log.warning("link.not_opened", error=type(error).__name__)
            return None
        except Exception as error:
            # Not the page's doing: Chromium is not there, or we have a fault. The attempt is counted all the same,
            # so that a page which finds a fault of ours cannot hold its report for ever.
            log.error("capture.broke", url=link.url, exc_info=error)
            self._resume_at = time.monotonic() + TROUBLE_PAUSE
            return _FAULT_OF_OURS
        finally:
            self._open_pages -= 1
            self._freed.set()

    async def _keep(self, link: Link, found: Capture) -> None:
        """Files first, then the row that names them: a crash in between leaves files that go with their report."""
        kinds = pictures(link, found)
        if not await self._upload(kinds):
            # The attempt is counted: a store that stays away must not have the page fetched again and again.
            found, kinds = _FAULT_OF_OURS, {}
        answer, sure = await self._record(link, outcome(found, kinds))
        log.info(
            "link.ended",
            report=link.report_id.hex,
            position=link.position,
            outcome=answer,
            reason=found.reason,
            http_status=found.http_status,
        )
        if answer != "recorded" and sure:
            await self._store.delete_many([picture.object_key for picture in kinds.values()])

    async def _upload(self, kinds: dict[str, Picture]) -> bool:
        if not kinds:
            return True
        while True:
            try:
                await upload(self._store, kinds)
                self._store_away_since = None
                return True
            except (StoreError, OSError) as error:
                # The rest of what the store says is for whoever wrote it.
                log.error("store.away", error=str(error).partition("\n")[0])
            now = time.monotonic()
            self._resume_at = now + TROUBLE_PAUSE
            if self._store_away_since is None:
                self._store_away_since = now
            elif now - self._store_away_since > STORE_PATIENCE:
                return False
            await asyncio.sleep(TROUBLE_PAUSE)

    async def _record(self, link: Link, result: dict[str, object]) -> tuple[str, bool]:
        """The answer, and whether it is sure that no earlier try was recorded before the connection broke."""
        until = time.monotonic() + RECORD_PATIENCE
        sure = True
        while True:
            try:
                return await turns.record_outcome(self._db, link, result), sure
            except psycopg.OperationalError:
                sure = False
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(1.0)

    async def _release(self, link: Link) -> None:
        try:
            await turns.release_link(self._db, link, opened=link in self._opened)
        except psycopg.Error as error:
            log.warning("link.not_released", error=type(error).__name__)
        self._opened.discard(link)

    # -- Keeping and giving back ------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        for claim in {(link.msg_id, link.read_ct) for link in self._work.values()}:
            if await turns.heartbeat(self._db, *claim):
                continue
            for task, link in list(self._work.items()):
                if (link.msg_id, link.read_ct) == claim:
                    task.cancel("the claim is lost")

    async def _sweep(self) -> None:
        swept = await turns.sweep(self._db)
        if swept.released or swept.sent or swept.ended:
            log.info("sweep.healed", released=swept.released, sent=swept.sent, ended=swept.ended)

    async def _remove(self) -> None:
        removed = await remove_due(self._db, self._store)
        if removed:
            log.info("files.removed", removals=removed)

    async def _give_back(self) -> None:
        unfinished = dict(self._work)
        for task in unfinished:
            task.cancel("the runner stops")
        await asyncio.gather(*unfinished, return_exceptions=True)
        try:
            async with asyncio.timeout(STOP_PATIENCE):
                for link in unfinished.values():
                    await self._release(link)
        except TimeoutError:
            log.warning("runner.stopped_holding", links=len(unfinished))


async def _every(seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    """Does `action` again and again, however long the database is away."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await action()
        except psycopg.Error as error:
            log.warning("database.away", error=type(error).__name__)


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT. Raises when Chromium cannot be started in its sandbox."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with (
        # First what fails at once where it is wrong.
        Browser(settings) as browser,
        Database(
            settings.jobs_database_url,
            prepare=settings.db_prepare,
            pool_size=settings.db_pool_size,
            timeout=10.0,
            deadline=30.0,
        ) as db,
    ):
        notify_ready()
        log.info("runner.ready", concurrency=settings.runner_concurrency, per_host=settings.runner_per_host)
        runner = Runner(
            db,
            ObjectStore.open(settings),
            browser,
            concurrency=settings.runner_concurrency,
            per_host=settings.runner_per_host,
        )
        await runner.run(stop)
    log.info("runner.stopped")
