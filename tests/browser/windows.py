"""Windows of one Chromium: each is a browser of its own, and complains of what goes wrong in its pages."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from core.sessions import COOKIE
from core.settings import ROOT
from tests.integration.product import Served
from tests.people import Person

# Milliseconds: a machine that does much else has pages that are slow.
PATIENCE = 10_000

PICTURES = ROOT / ".local" / "screenshots"

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Size:
    """A screen. `touch`: it has no mouse. `scale`: its pixels for one of the page's."""

    name: str
    width: int
    height: int
    touch: bool
    scale: float = 1


DESKTOP = Size("desktop", 1280, 800, touch=False)
PHONE = Size("phone", 390, 844, touch=True)

both_sizes = pytest.mark.parametrize("windows", [DESKTOP, PHONE], indirect=True, ids=lambda size: size.name)
"""A test whose windows are those of a desktop, and then those of a phone."""

# Pixels of the page that lie beside the window. (`innerWidth` says less: a phone zooms out of a page that is too wide.)
_BESIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# A page of the app is there before it hears: what is pressed until it has taken its number is lost.
_HEARS = "() => !document.querySelector('.radix-themes') || sessionStorage.getItem('token') !== null"

# Says aloud what the browser keeps to itself.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy ${event.violatedDirective} forbids ${event.blockedURI} in ${event.sourceFile}`);
});
"""


class Windows:
    """The windows of one test, each of `size` unless another is asked for. When it ends, they are closed, and what
    their pages complained of fails it, as does a page that scrolls sideways."""

    def __init__(self, chromium: Browser, server: Served, size: Size) -> None:
        self.size = size
        self.complaints: list[str] = []
        self._chromium, self._server = chromium, server
        self._contexts: list[BrowserContext] = []
        self._expected: list[re.Pattern[str]] = []

    async def open(
        self,
        person: Person | None,
        path: str = "/",
        *,
        size: Size | None = None,
        theme: Theme = "light",
        time_zone: str = "Europe/Berlin",
        address: str = "",
    ) -> Page:
        """A page in a window of its own, in which `person` is signed in (None: nobody).

        With an `address`, its requests come from there: for tests that try the forms of sign-in often.
        """
        context = await self.window(person, size=size, theme=theme, time_zone=time_zone, address=address)
        page = await context.new_page()
        await page.goto(path)
        await page.wait_for_function(_HEARS)
        return page

    async def window(
        self,
        person: Person | None = None,
        *,
        size: Size | None = None,
        theme: Theme = "light",
        time_zone: str = "Europe/Berlin",
        address: str = "",
    ) -> BrowserContext:
        """The window alone: for several tabs of one browser."""
        size = size or self.size
        context = await self._chromium.new_context(
            base_url=self._server.url,
            viewport={"width": size.width, "height": size.height},
            has_touch=size.touch,
            is_mobile=size.touch,
            device_scale_factor=size.scale,
            color_scheme=theme,
            locale="en-GB",
            timezone_id=time_zone,
            reduced_motion="reduce",
            extra_http_headers={"X-Forwarded-For": address} if address else {},
        )
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(_TELL_VIOLATIONS)
        if person is not None:
            await context.add_cookies([{
                "name": COOKIE, "value": person.cookie, "url": self._server.url,
                "httpOnly": True, "sameSite": "Lax",
            }])  # fmt: skip
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(f"{error.page and error.page.url}: {error.error}"))
        self._contexts.append(context)
        return context

    def expect(self, pattern: str) -> None:
        """A complaint with this in it (a regular expression) is what the test is about."""
        self._expected.append(re.compile(pattern))

    async def close(self, failed: str = "") -> None:
        """Closes all windows; a test that has `failed` leaves pictures of its pages, with this name."""
        for number, page in enumerate(page for context in self._contexts for page in context.pages):
            if failed:
                await page.screenshot(path=picture("failures", f"{failed}-{number}"))
            elif beside := await sideways(page):
                self.complaints.append(f"{page.url} is {beside} px too wide")
        for context in self._contexts:
            await context.close()
        left = [text for text in self.complaints if not any(pattern.search(text) for pattern in self._expected)]
        assert not left or failed, f"the pages complained: {left}"

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.complaints.append(f"{message.page and message.page.url}: {message.text} ({where})")


async def sideways(page: Page) -> int:
    """How far the page scrolls sideways, in pixels, which none of ours should."""
    beside: int = await page.evaluate(_BESIDE)
    return beside


async def ways(page: Page) -> Locator:
    """The ways through the product; a narrow window has them behind a button."""
    menu = page.get_by_role("button", name="Menu")
    shown = page.get_by_role("navigation", name="Main")
    await expect(menu.or_(shown).first).to_be_visible()
    if await menu.is_visible():
        await menu.tap()
    return shown


def picture(folder: str, name: str) -> Path:
    """Where a picture of this name lies."""
    path = PICTURES / folder / f"{re.sub('[^a-z0-9-]+', '-', name.lower()).strip('-')}.png"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
