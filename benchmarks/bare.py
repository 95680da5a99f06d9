"""Bare Playwright: what somebody would write in an afternoon to take the same pictures, as fast as it goes."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Browser, BrowserContext, CDPSession, Error, Page, async_playwright

from benchmarks.measured import Measured
from core.settings import Settings
from jobs.browser import DROPPED_FLAGS, FLAGS, VIEWPORT
from jobs.pictures import QUALITY
from jobs.sandbox import resolve_sandbox

Style = Literal["new", "kept"]
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Usage:
    """How Playwright is used: a new page a link, or kept pages that show one link after the other."""

    style: Style
    at_once: int

    @classmethod
    def parse(cls, text: str) -> "Usage":
        """From `new:4`."""
        style, _, number = text.partition(":")
        return cls("kept" if style == "kept" else "new", int(number))

    def __str__(self) -> str:
        return f"{self.style}:{self.at_once}"


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """The product's Chromium with the product's flags in its sandbox, without the product's proxy."""
    sandbox = resolve_sandbox(Settings())
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=sandbox.executable,
            chromium_sandbox=sandbox.enabled,
            args=list(FLAGS),
            ignore_default_args=DROPPED_FLAGS,
            env=dict(sandbox.environment),
        )
        yield chromium
        await chromium.close()


async def measure(chromium: Browser, usage: Usage, urls: list[str]) -> Measured:
    """Pictures of all pages, in one context."""
    width, height = VIEWPORT
    context = await chromium.new_context(viewport={"width": width, "height": height})
    todo = list(reversed(urls))
    started = time.monotonic()
    work = _new_page_a_link if usage.style == "new" else _kept_page
    loaded = await asyncio.gather(*(work(context, todo) for _ in range(usage.at_once)))
    seconds = time.monotonic() - started
    await context.close()
    return Measured(sum(loaded), seconds)


async def _new_page_a_link(context: BrowserContext, todo: list[str]) -> int:
    loaded = 0
    while todo:
        url = todo.pop()
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        loaded += await _picture(page, session, url)
        await page.close()
    return loaded


async def _kept_page(context: BrowserContext, todo: list[str]) -> int:
    loaded = 0
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    while todo:
        loaded += await _picture(page, session, todo.pop())
    return loaded


async def _picture(page: Page, session: CDPSession, url: str) -> bool:
    try:
        answer = await page.goto(url, wait_until="load", timeout=1000 * TIMEOUT)
        shot = await session.send(
            "Page.captureScreenshot", {"format": "jpeg", "quality": QUALITY, "optimizeForSpeed": True}
        )
    except Error:
        return False
    return answer is not None and answer.ok and bool(base64.b64decode(shot["data"]))
