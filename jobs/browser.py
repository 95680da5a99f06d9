"""The life of Chromium: started in its sandbox, shared by lanes, replaced when it dies or has shown many pages."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from playwright.async_api import Browser as Process
from playwright.async_api import BrowserContext, Error, Playwright, async_playwright

from core.log import get_logger
from core.settings import Settings
from jobs.egress import EgressGuard
from jobs.lane import CLOSE_PATIENCE, Chromium, Lane
from jobs.sandbox import Sandbox, SandboxError, check_renderer, remedy, resolve_sandbox
from jobs.tab import TabGone

log = get_logger("browser")

VIEWPORT = (1280, 800)
IDLE_LANE = 20.0
"""Seconds an idle lane is kept for the next link of its report."""
MAX_IDLE_LANES = 12
PARK_AFTER = 0.2
"""Seconds after which the page in an idle lane is left, so that its scripts and media stop."""
START_PATIENCE = 40.0
OPEN_PATIENCE = 20.0

FLAGS = (
    # Every connection by the guard: loopback too, no look-ups, no UDP around it.
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    # Nothing of its own on the wire.
    "--no-first-run",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
    "--deny-permission-prompts",
    # The headless shell has no pop-up blocker of its own.
    "--block-new-web-contents",
)
# Playwright's own, made for tests: with them a page may open windows and flood the browser as it likes.
DROPPED_FLAGS = ["--disable-popup-blocking", "--disable-ipc-flooding-protection"]


class Browser:
    """Chromium behind the egress guard. Entered, it has proved its sandbox. Raises `SandboxError` if it has none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = EgressGuard(settings.allowed_addresses)
        self._sandbox: Sandbox | None = None
        self._playwright: Playwright | None = None
        self._current: Chromium | None = None
        self._running: set[Chromium] = set()
        self._starting = asyncio.Lock()
        self._idle: dict[UUID, list[Lane]] = defaultdict(list)
        self._timers: dict[Lane, list[asyncio.TimerHandle]] = {}
        self._parking: dict[Lane, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._sandbox = await asyncio.to_thread(resolve_sandbox, self._settings)
        await self._guard.__aenter__()
        try:
            await self._chromium()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for lane in list(self._timers):
            self._cancel_timers(lane)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(chromium.close() for chromium in list(self._running)))
        await self._stop_driver()
        await self._guard.__aexit__(kind, error, traceback)

    @asynccontextmanager
    async def lane(self, report_id: UUID) -> AsyncIterator[Lane]:
        """A lane of the report, for one page. Raises `SandboxError`, `TabGone` or Playwright's `Error`: no browser."""
        lane = await self._take(report_id)
        try:
            yield lane
        finally:
            self._give_back(lane)

    async def close_report(self, report_id: UUID) -> None:
        """Closes the idle lanes of a report that needs no more pages."""
        for lane in self._idle.pop(report_id, []):
            self._cancel_timers(lane)
            await self._close_lane(lane)

    # -- Lanes --------------------------------------------------------------------------------------------------------

    async def _take(self, report_id: UUID) -> Lane:
        idle = self._idle.get(report_id, [])
        while idle:
            lane = idle.pop()
            self._cancel_timers(lane)
            if (parking := self._parking.get(lane)) is not None:
                await asyncio.gather(parking, return_exceptions=True)
            try:
                fit = lane.chromium.usable and not lane.spoiled and await lane.responds()
            except asyncio.CancelledError:
                self._spawn(self._close_lane(lane))
                raise
            if fit and lane.chromium.usable:
                self._count(lane.chromium)
                return lane
            self._spawn(self._close_lane(lane))
        try:
            return await self._open_lane(report_id)
        except (Error, TabGone, TimeoutError) as error:
            # It may have died a moment ago without our knowing; a second failure is a real one.
            log.warning("chromium.failed", error=str(error).partition("\n")[0])
            return await self._open_lane(report_id)

    def _count(self, chromium: Chromium) -> None:
        chromium.busy += 1
        chromium.pages += 1
        if chromium.pages >= self._settings.chromium_pages:
            self._retire(chromium)

    async def _open_lane(self, report_id: UUID) -> Lane:
        chromium = await self._chromium()
        # Counted before it is open: a browser that retires meanwhile must not close under it.
        self._count(chromium)
        opened = False
        try:
            async with asyncio.timeout(OPEN_PATIENCE):
                lane = Lane(report_id, chromium, self._guard, await self._new_context(chromium))
                await lane.open()
                opened = True
                return lane
        finally:
            if not opened:
                chromium.busy -= 1
                self._retire(chromium)

    async def _new_context(self, chromium: Chromium) -> BrowserContext:
        width, height = VIEWPORT
        major = chromium.process.version.partition(".")[0]
        return await chromium.process.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=1,
            user_agent=(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
                f" Chrome/{major}.0.0.0 Safari/537.36"
            ),
            locale="en-GB",
            timezone_id="UTC",
            accept_downloads=False,
            service_workers="block",
        )

    def _give_back(self, lane: Lane) -> None:
        chromium = lane.chromium
        chromium.busy -= 1
        if lane.spoiled or not chromium.usable:
            self._spawn(self._close_lane(lane))
            self._settle(chromium)
            return
        loop = asyncio.get_running_loop()
        self._idle[lane.report_id].append(lane)
        self._timers[lane] = [
            loop.call_later(PARK_AFTER, self._park, lane),
            loop.call_later(IDLE_LANE, self._expire, lane),
        ]
        if len(self._timers) > MAX_IDLE_LANES:
            self._expire(next(iter(self._timers)))

    def _park(self, lane: Lane) -> None:
        self._parking[lane] = self._spawn(self._leave_page(lane))

    async def _leave_page(self, lane: Lane) -> None:
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await lane.tab.navigate("about:blank")
        except (Error, TabGone, TimeoutError):
            lane.spoiled = True
        finally:
            self._parking.pop(lane, None)

    def _expire(self, lane: Lane) -> None:
        self._cancel_timers(lane)
        lanes = self._idle.get(lane.report_id, [])
        if lane in lanes:
            lanes.remove(lane)
            if not lanes:
                del self._idle[lane.report_id]
            self._spawn(self._close_lane(lane))

    def _cancel_timers(self, lane: Lane) -> None:
        for timer in self._timers.pop(lane, []):
            timer.cancel()

    async def _close_lane(self, lane: Lane) -> None:
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await lane.close()
        except Error:
            pass
        except TimeoutError:
            # A renderer that cannot be closed is only got rid of with its browser.
            self._retire(lane.chromium)

    # -- Chromium -----------------------------------------------------------------------------------------------------

    async def _chromium(self) -> Chromium:
        async with self._starting:
            if self._current is None or not self._current.usable:
                self._current = await self._start()
            return self._current

    async def _start(self) -> Chromium:
        for chromium in [old for old in self._running if not old.process.is_connected()]:
            self._retire(chromium)
        try:
            process = await self._launch()
        except (Error, TimeoutError) as error:
            # The driver may have died; a fresh one tells whether it is Chromium that fails.
            log.warning("chromium.did_not_start", error=str(error).partition("\n")[0])
            await self._stop_driver()
            try:
                process = await self._launch()
            except (Error, TimeoutError) as second:
                raise SandboxError(_explain(str(second))) from second
        chromium = Chromium(process, None)
        self._running.add(chromium)
        try:
            async with asyncio.timeout(OPEN_PATIENCE):
                chromium.pid = await self._prove(process)
        except BaseException:
            self._retire(chromium)
            raise
        process.on("disconnected", lambda _: self._retire(chromium))
        log.info("chromium.started", version=process.version, pid=chromium.pid)
        return chromium

    async def _launch(self) -> Process:
        async with asyncio.timeout(START_PATIENCE):
            return await self._launch_patiently()

    async def _launch_patiently(self) -> Process:
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        assert self._sandbox is not None
        return await self._playwright.chromium.launch(
            executable_path=self._sandbox.executable,
            chromium_sandbox=self._sandbox.enabled,
            args=[*FLAGS, f"--proxy-server=http://{self._guard.address}"],
            ignore_default_args=DROPPED_FLAGS,
            env=dict(self._sandbox.environment),
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    async def _prove(self, process: Process) -> int | None:
        """Looks at a real renderer. The process id of the browser."""
        assert self._sandbox is not None
        page = await process.new_page()
        session = await process.new_browser_cdp_session()
        found = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        if self._sandbox.enabled:
            renderers = [int(entry["id"]) for entry in found if entry["type"] == "renderer"]
            for pid in renderers or [0]:
                check_renderer(pid)
        await page.context.close()
        await session.detach()
        return next((int(entry["id"]) for entry in found if entry["type"] == "browser"), None)

    def _retire(self, chromium: Chromium) -> None:
        """No new page opens in it; it is closed when those under way have finished."""
        if self._current is chromium:
            self._current = None
        if not chromium.retired:
            chromium.retired = True
            for lane in [lane for lanes in self._idle.values() for lane in lanes if lane.chromium is chromium]:
                self._expire(lane)
        self._settle(chromium)

    def _settle(self, chromium: Chromium) -> None:
        if chromium.retired and not chromium.busy and chromium in self._running:
            self._running.discard(chromium)
            self._spawn(chromium.close())

    async def _stop_driver(self) -> None:
        driver, self._playwright = self._playwright, None
        if driver is not None:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSE_PATIENCE):
                    await driver.stop()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _explain(message: str) -> str:
    first = message.partition("\n")[0]
    if "sandbox" in message.lower() or "namespace" in message.lower():
        return f"Chromium's sandbox does not start. {remedy()}"
    return f"Chromium does not start: {first}. Try CHROMIUM_PATH, or start the browser by hand to see why. {remedy()}"
