"""One tab, spoken to over the DevTools protocol: what the page's own scripts can neither see nor change."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import CDPSession, Error, Page

_WORLD = "coveragereport"
# What Chromium says when the document went away under a call: "Inspected target navigated or closed" among others.
_REPLACED = ("Cannot find context", "context was destroyed", "navigated", "No frame", "Promise was collected")
# Within which Chromium tells of a document that has begun. It takes milliseconds.
_TOLD = 1.0
_GONE = ("closed", "crashed")


class TabGone(Exception):
    """The renderer or the whole browser is gone."""


class ScriptFailed(Exception):
    """Our script broke on what the page has made of its document."""


class Tab:
    """A page and its DevTools session. Raises `TabGone` from every call once the renderer has crashed."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self.session = session
        self._frame = ""
        self._crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._moved = asyncio.Event()
        self._begun: set[str] = set()
        self.leaving = False
        """The page is on its way to another document."""
        self.refresh: float | None = None
        """Seconds after which the document gives way to another, as it or its `Refresh` header says."""
        self.documents = 0
        """How many documents the tab has shown."""
        self.dialogs = False
        """A page has opened a dialog: more of them may stop the page that comes after it."""
        self.stopped = asyncio.Event()
        """Chromium loads nothing more for the document, whether it is complete or was cut off."""

    @classmethod
    async def open(cls, page: Page) -> "Tab":
        """Attaches to the page."""
        tab = cls(page, await page.context.new_cdp_session(page))
        page.on("crash", tab._crashed)
        page.on("close", tab._crashed)
        tab.session.on("Page.frameRequestedNavigation", tab._requested)
        tab.session.on("Page.frameScheduledNavigation", tab._scheduled)
        tab.session.on("Page.frameNavigated", tab._navigated)
        tab.session.on("Page.frameStartedLoading", tab._started)
        tab.session.on("Page.frameStoppedLoading", tab._stopped)
        tab.session.on("Page.javascriptDialogOpening", tab._asked)
        await tab.send("Page.enable")
        tab._frame = (await tab.frame())["id"]
        return tab

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One DevTools call. Raises `TabGone`, or Playwright's `Error` with what Chromium says."""
        call = asyncio.ensure_future(self.session.send(method, parameters))
        call.add_done_callback(_forget)
        try:
            first: set[asyncio.Future[Any]] = {call, self._crash}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise TabGone
            answer: dict[str, Any] = call.result()
            return answer
        except Error as error:
            if not _is_replaced(error) and any(word in error.message for word in _GONE):
                raise TabGone from error
            raise
        finally:
            call.cancel()

    async def navigate(self, url: str) -> str | None:
        """Opens a URL and returns when its document has begun: None, or Chromium's error such as `net::ERR_ABORTED`."""
        self.leaving = False
        self.stopped.clear()
        self._begun.clear()
        answer = await self.send("Page.navigate", url=url)
        error: str | None = answer.get("errorText") or None
        if error is None and (loader := answer.get("loaderId")):
            # Chromium answers a moment before it tells of the document; who counts documents would take it for another.
            with suppress(TimeoutError):
                async with asyncio.timeout(_TOLD):
                    while loader not in self._begun:
                        self._moved.clear()
                        await self._moved.wait()
        return error

    async def frame(self) -> dict[str, Any]:
        """The main frame as Chromium describes it: `id`, `url`, `unreachableUrl` of an error page."""
        frame: dict[str, Any] = (await self.send("Page.getFrameTree"))["frameTree"]["frame"]
        return frame

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression, in a world of its own; None when the document was replaced meanwhile.

        Raises `ScriptFailed` as well.
        """
        try:
            world = await self.send("Page.createIsolatedWorld", frameId=self._frame, worldName=_WORLD)
            answer = await self.send(
                "Runtime.evaluate",
                expression=expression,
                contextId=world["executionContextId"],
                awaitPromise=True,
                returnByValue=True,
            )
        except Error as error:
            if _is_replaced(error):
                return None
            raise
        if "exceptionDetails" in answer:
            raise ScriptFailed(str(answer["exceptionDetails"].get("exception", {}).get("description"))[:500])
        return answer["result"].get("value")

    async def status_of(self, url: str) -> int | None:
        """Asks for a document that has no page again, to hear its status."""
        heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def listen(event: dict[str, Any]) -> None:
            if event.get("type") == "Document" and not heard.done():
                heard.set_result(int(event["response"]["status"]))

        self.session.on("Network.responseReceived", listen)
        await self.send("Network.enable")
        await self.navigate(url)
        await self.send("Network.disable")
        return heard.result() if heard.done() else None

    async def next_document(self, patience: float) -> bool:
        """Waits for the page to move on; False when it did not within `patience` seconds."""
        self._moved.clear()
        try:
            async with asyncio.timeout(patience):
                await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _crashed(self, _: object) -> None:
        if not self._crash.done():
            self._crash.set_result(None)

    def _asked(self, _: object) -> None:
        self.dialogs = True

    def _requested(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._frame and event.get("disposition") == "currentTab":
            self.leaving = True

    def _scheduled(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._frame:
            self.refresh = float(event["delay"])

    def _navigated(self, event: dict[str, Any]) -> None:
        if "parentId" not in event["frame"]:
            self.refresh = None
            self.documents += 1
            self._begun.add(event["frame"]["loaderId"])
            self._arrived()

    def _started(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._frame:
            self.stopped.clear()

    def _stopped(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._frame:
            self.stopped.set()
            if self.leaving:
                self._arrived()

    def _arrived(self) -> None:
        self.leaving = False
        self._moved.set()


def _is_replaced(error: Error) -> bool:
    return any(words in error.message for words in _REPLACED)


def _forget(call: "asyncio.Future[Any]") -> None:
    """Takes note of an error nobody waits for any more."""
    if not call.cancelled():
        call.exception()
