"""One page: opened, waited for, read, judged, pictured."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error

from core.log import get_logger
from core.reasons import Reason
from jobs import net_errors, pictures, walls
from jobs.article import Article, read_article
from jobs.lane import Lane
from jobs.page import Page
from jobs.tab import ScriptFailed, Tab, TabGone
from jobs.traffic import PageTraffic

__all__ = ["Article", "Capture", "capture"]

log = get_logger("capture")

_COLLECTOR = Path(__file__).with_name("collector.js").read_text(encoding="utf-8")
_FINAL_URL_CAP = 2048
MAX_DOCUMENTS = 12
"""Documents that one link may lead through by scripts and refreshes."""
_LOAD = 12.0
_QUIET = 3.0
_PICTURES = 2.0
_CHANGE = 5.0
_REFRESH = 5.0
_CUT_OFF = 0.5
_BODILESS = 3
"""Times that a document may turn out to have no body, before it is taken to stay so."""
_TUNNEL_REFUSED = ("net::ERR_TUNNEL_CONNECTION_FAILED", "net::ERR_PROXY_AUTH_REQUESTED")
_UNAUTHORISED = 407
"""Only the guard says so: it lets no server's 407 pass."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What came of a link. `reason` None: captured, with both pictures (JPEG, 1280 × 800 and 640 × 400)."""

    reason: Reason | None
    http_status: int | None
    final_url: str | None
    article: Article
    screenshot: bytes | None
    thumbnail: bytes | None


async def capture(lane: Lane, url: str, *, deadline: float = 30.0) -> Capture:
    """Opens `url` in the lane, for at most `deadline` seconds. Never raises for what a page does."""
    visit = _Visit(lane, url, deadline)
    lane.spoiled = True
    try:
        async with asyncio.timeout(deadline):
            found = await visit.run()
    except TimeoutError:
        return visit.failed(Reason.TOO_LARGE if visit.traffic.over_limit else Reason.TIMEOUT)
    except (TabGone, Error):
        return visit.failed(Reason.TOO_LARGE if visit.traffic.over_limit else Reason.CRASHED)
    except ScriptFailed as problem:
        log.error("collector.failed", url=url, error=str(problem))
        return visit.failed(Reason.NOT_A_PAGE)
    lane.spoiled = found.reason is not None or lane.tab.dialogs
    return found


class _Visit:
    """The way of one link, from its URL to its outcome."""

    def __init__(self, lane: Lane, url: str, deadline: float) -> None:
        self.traffic: PageTraffic = lane.attach()
        self._lane = lane
        self._tab: Tab = lane.tab
        self._url = url
        self._ends = asyncio.get_running_loop().time() + deadline
        self._status: int | None = None
        self._final: str | None = None
        self._documents = 0
        # What a page may be waited for, besides its loading.
        self._patience = min(_CHANGE, deadline / 4)

    async def run(self) -> Capture:
        """Raises `TabGone`, `Error`, `TimeoutError`."""
        if urlsplit(self._url).scheme not in ("http", "https"):
            return self.failed(Reason.REFUSED)
        if error := await self._navigate():
            return await self._unreachable(error)
        page = await self._settled()
        if isinstance(page, Page) and page.status == _UNAUTHORISED:
            # An earlier page made Chromium forget all passwords, the guard's among them (Clear-Site-Data).
            await self._lane.learn()
            await self._tab.navigate(self._url)
            page = await self._settled()
        if isinstance(page, Reason):
            return self.failed(page)
        reason, article = self._judge(page)
        if page.total < walls.MIN_TEXT:
            # An empty shell: its words come from elsewhere.
            self._patience *= 2
        while reason in (Reason.BLOCKED, Reason.NOT_A_PAGE) and self._may_change(page):
            # Not what was asked for, so far: scripts may be about to bring the article, or to let us through.
            page = await self._settled(change=True)
            if isinstance(page, Reason):
                return self.failed(page)
            reason, article = self._judge(page)
        if reason is not None:
            return self.failed(reason)
        return await self._picture(article)

    async def _navigate(self) -> str | None:
        error = await self._tab.navigate(self._url)
        if error not in _TUNNEL_REFUSED:
            return error
        if self._guarded((await self._tab.frame()).get("unreachableUrl") or self._url) is not None:
            return error
        # The guard knows of no failure: it did not get its password.
        await self._lane.learn()
        return await self._tab.navigate(self._url)

    def failed(self, reason: Reason) -> Capture:
        """The outcome of a link that was not captured, with what is known of it."""
        return Capture(reason, self._status, self._final, Article(), None, None)

    def _left(self) -> float:
        return max(0.0, self._ends - asyncio.get_running_loop().time())

    def _may_change(self, page: Page) -> bool:
        return self._patience > 0.1 and page.scripts > 0 and not self.traffic.over_limit

    async def _settled(self, change: bool = False) -> Page | Reason:
        """The document that the page comes to rest on."""
        while self._documents < MAX_DOCUMENTS:
            shown = self._tab.documents
            page = await self._read(change)
            if page is None or self._tab.documents != shown:
                if self._tab.stopped.is_set() and self._tab.documents == shown and self._documents >= _BODILESS:
                    return Reason.NOT_A_PAGE
                self._documents += 1
                await self._tab.next_document(0.1)
                change = False
                continue
            wait = self._patience if self._tab.leaving else 0.0
            refresh = page.refresh if page.refresh is not None else self._tab.refresh
            if refresh is not None and refresh <= _REFRESH:
                wait = max(wait, refresh + self._patience)
            moved = wait > 0 and await self._tab.next_document(min(wait, self._left() / 2))
            if moved and self._tab.documents != shown:
                self._documents += 1
                change = False
                continue
            if page.url.startswith("chrome-error:"):
                return await self._reopen()
            self._status = page.status or None
            self._final = page.url[:_FINAL_URL_CAP]
            return page
        return Reason.NOT_A_PAGE

    async def _read(self, change: bool) -> Page | None:
        before = asyncio.get_running_loop().time()
        options = {
            "patience": 1000 * min(_LOAD, self._left() * 0.6),
            "quiet": 1000 * min(_QUIET, self._left() / 6),
            "pictures": 1000 * min(_PICTURES, self._left() / 6),
            "change": 1000 * self._patience if change else 0,
        }
        hurrying = asyncio.ensure_future(self._hurry())
        try:
            raw = await self._tab.evaluate(f"{_COLLECTOR}({json.dumps(options)})")
        finally:
            hurrying.cancel()
            await asyncio.gather(hurrying, return_exceptions=True)
        if change:
            self._patience -= asyncio.get_running_loop().time() - before
        return Page.parse(raw) if raw is not None else None

    async def _hurry(self) -> None:
        """A document that was cut off halfway never has its load event: no use waiting for it."""
        await self._tab.stopped.wait()
        await asyncio.sleep(_CUT_OFF)
        await self._tab.evaluate("globalThis.cutOff?.()")

    async def _reopen(self) -> Reason:
        """A script or a refresh led to a page that cannot be had. Only asking again tells why."""
        target = (await self._tab.frame()).get("unreachableUrl", "")
        error = await self._tab.navigate(target) if target.startswith(("http:", "https:")) else None
        self._final = target[:_FINAL_URL_CAP] or None
        return (await self._unreachable(error)).reason or Reason.CONNECT if error else Reason.CONNECT

    async def _unreachable(self, error: str) -> Capture:
        frame = await self._tab.frame()
        target = frame.get("unreachableUrl") or self._url
        self._final = target[:_FINAL_URL_CAP] if target != self._url else None
        if self.traffic.over_limit:
            return self.failed(Reason.TOO_LARGE)
        if error == "net::ERR_HTTP_RESPONSE_CODE_FAILURE":
            # An error without a page: Chromium tells the code only to who listens.
            self._status = await self._tab.status_of(target)
        return self.failed(net_errors.reason_of(error, self._guarded(target)))

    def _guarded(self, url: str) -> Reason | None:
        """Why the guard could not connect the page's own host."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return None
        return self.traffic.failure(parts.hostname or "", port)

    def _judge(self, page: Page) -> tuple[Reason | None, Article]:
        nothing = Article()
        if self.traffic.over_limit:
            return Reason.TOO_LARGE, nothing
        if not page.url.startswith(("http:", "https:")):
            return Reason.NOT_A_PAGE, nothing
        if page.status in (403, 407, 502, 503, 504) and page.type == "text/plain":
            # The guard's own answers on plain http.
            if (reason := self._guarded(page.url)) is not None:
                self._status = None
                return reason, nothing
            if page.status == _UNAUTHORISED:
                return Reason.CRASHED, nothing
        if page.status >= 400:
            return (Reason.BLOCKED if walls.is_challenge(page) else Reason.HTTP_ERROR), nothing
        if page.type not in ("text/html", "application/xhtml+xml"):
            return Reason.NOT_A_PAGE, nothing
        if not page.total and not page.body and not page.pictures:
            return Reason.NOT_A_PAGE, nothing
        article = read_article(page)
        return (Reason.BLOCKED if walls.is_wall(page, article) else None), article

    async def _picture(self, article: Article) -> Capture:
        """A blank picture counts for nothing: the page gets more time to paint."""
        while True:
            shot = await pictures.screenshot(self._tab)
            small = await pictures.thumbnail(shot)
            if small is not None:
                return Capture(None, self._status, self._final, article, shot, small)
            if self._patience <= 0.1:
                return self.failed(Reason.NOT_A_PAGE)
            page = await self._settled(change=True)
            if isinstance(page, Reason):
                return self.failed(page)
