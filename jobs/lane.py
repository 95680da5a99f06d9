"""What pages are shown in: a Chromium, and in it one lane for each page that is open at a time."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any
from uuid import UUID

from playwright.async_api import Browser as Process
from playwright.async_api import BrowserContext, Error, Page

from jobs.egress import Credential, EgressGuard, PageTraffic
from jobs.tab import ScriptFailed, Tab, TabGone

CLOSE_PATIENCE = 5.0
PING_PATIENCE = 1.0


class Chromium:
    """One running Chromium, and how many pages it has shown and shows."""

    def __init__(self, process: Process, pid: int | None) -> None:
        self.process = process
        self.pid = pid
        self.pages = 0
        self.busy = 0
        self.retired = False

    @property
    def usable(self) -> bool:
        return not self.retired and self.process.is_connected()

    async def close(self) -> None:
        """Ends it, the hard way if it must be."""
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await self.process.close()
        except (Error, TimeoutError):
            self.kill()

    def kill(self) -> None:
        """Ends it at once, whatever state it is in."""
        if self.pid is not None and self.process.is_connected():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)


class Lane:
    """One browser context of one report, showing one page at a time, known to the guard by its own credential."""

    def __init__(self, report_id: UUID, chromium: Chromium, guard: EgressGuard, context: BrowserContext) -> None:
        self.report_id = report_id
        self.chromium = chromium
        self.spoiled = False
        """Set while a page is captured, and left set by all that is not a clean capture: the lane is not used again."""
        self._guard = guard
        self._context = context
        self._credential: Credential = guard.credential()
        self._tab: Tab | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def tab(self) -> Tab:
        """The tab to show the page in."""
        if self._tab is None:
            raise RuntimeError("the lane is not open")
        return self._tab

    def attach(self) -> PageTraffic:
        """A fresh tally of what the next page moves."""
        return self._guard.attach(self._credential)

    async def open(self) -> None:
        """Opens the tab and teaches the context its credential. Raises `TabGone` or Playwright's `Error`."""
        page = await self._context.new_page()
        self._context.on("page", self._close_window)
        self._tab = await Tab.open(page)
        await self.learn()

    async def learn(self) -> None:
        """Teaches the context its credential, again if it was forgotten. Raises `TabGone` or Playwright's `Error`."""
        await _learn(self.tab, self._credential)

    async def responds(self) -> bool:
        """Whether the page that is left in the lane lets another one in: its scripts may have begun to run for ever."""
        try:
            async with asyncio.timeout(PING_PATIENCE):
                await self.tab.evaluate("0")
        except (Error, TabGone, ScriptFailed, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Closes the context; its connections are cut at once. Raises Playwright's `Error`."""
        self._guard.forget(self._credential)
        await self._context.close()

    def _close_window(self, page: Page) -> None:
        task = asyncio.ensure_future(_close(page))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close(page: Page) -> None:
    with suppress(Error):
        await page.close()


async def _learn(tab: Tab, credential: Credential) -> None:
    """Gives the context its proxy credential once; Chromium keeps it for the context's other requests.

    Playwright's own way (`proxy=` with a password) pauses every request of every page, which costs throughput.
    """
    session = tab.session
    answers: list[asyncio.Future[Any]] = []

    def answer(method: str, event: dict[str, Any], **more: Any) -> None:
        answers.append(asyncio.ensure_future(session.send(method, {"requestId": event["requestId"]} | more)))

    def authorise(event: dict[str, Any]) -> None:
        # Whatever asks while we listen: requests of the page itself may come between.
        answer("Fetch.continueWithAuth", event, authChallengeResponse=response)

    def let_pass(event: dict[str, Any]) -> None:
        answer("Fetch.continueRequest", event)

    response = {"response": "ProvideCredentials", "username": credential.username, "password": credential.password}
    session.on("Fetch.authRequired", authorise)
    session.on("Fetch.requestPaused", let_pass)
    try:
        await tab.send("Fetch.enable", handleAuthRequests=True)
        error = await tab.navigate("http://authorise.invalid/")
        await tab.send("Fetch.disable")
    finally:
        session.remove_listener("Fetch.authRequired", authorise)
        session.remove_listener("Fetch.requestPaused", let_pass)
        await asyncio.gather(*answers, return_exceptions=True)
    # The guard answers 204, which leaves the tab where it is.
    if error != "net::ERR_ABORTED":
        raise TabGone(f"the proxy did not take the credential: {error}")
