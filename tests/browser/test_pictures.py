"""Every page as people see it: a picture in both sizes and themes, no sideways scrolling, nothing that axe finds."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from core.settings import ROOT
from dashboard import routes
from dashboard.dashboard import app
from tests.browser.axe import violations
from tests.browser.filled import Filled, fill
from tests.browser.windows import DESKTOP, PHONE, Size, Theme, Windows, picture
from tests.people import People, Person
from tests.site import NewsSite

pytestmark = pytest.mark.anyio

PAGES = sorted("/" if route == "index" else f"/{route}" for route in app._unevaluated_pages if route != "404")
FORMS = [
    "/sign-in", "/sign-up", "/forgot-password", "/check-mail?for=password", "/api/portal/confirm?error=expired",
    "/mail", "/welcome", "/invitations", "/invitations/{token}", "/invitations/unknown", "/no/such/page",
]  # fmt: skip
LOOKED_AT_IN_ALL = {routes.OVERVIEW, routes.REPORT, routes.KEYS}
DOCUMENTED = {
    "report": routes.REPORT,
    "new-report": routes.NEW_REPORT,
    "keys": routes.KEYS,
    "branding": routes.BRANDING,
}
DOCUMENT = Size("document", 1280, 800, touch=False, scale=1.5)
POCKET = Size("pocket", 390, 844, touch=True, scale=2)
SHEET = Size("sheet", 1280, 1280, touch=False)
HEIGHT = "document.documentElement.scrollHeight"
MOST_BYTES = 120_000
CLIPPINGS = """https://www.wexcombe-ledger.example/2026/10/pool-reopens
https://ferment-and-loaf.example/stories/second-sun
https://kilowatt-weekly.example/heat-from-bricks
https://www.wexcombe-ledger.example/2026/10/pool-reopens
https://quellenfelder-bote.example/waermespeicher
page 14 of the printed edition
https://minatozaka-shinpo.example/renga
"""
WIDTHS = (360, 390, 768, 1024, 1280, 1920)


@pytest.fixture(scope="module")
def docs_pictures(pytestconfig: pytest.Config) -> Path:
    """Where the pictures of README and docs go: beside the others, unless they are to be made anew."""
    folder = ROOT / "docs" / "pictures" if pytestconfig.getoption("--docs-pictures") else picture("docs", "x").parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def filled(people: People, news: NewsSite) -> Filled:
    return fill(people, news)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("route", PAGES)
async def test_a_page_of_the_dashboard(windows: Windows, filled: Filled, route: str, size: Size) -> None:
    person = filled.staff if routes.is_support(route) else filled.owner
    page = await windows.open(person, _path(route, filled), size=size)
    await expect(page.get_by_text(re.compile(r"^[1-9]\d* credits?$")).first).to_be_attached()
    await look_at(page, route, size, everything=route in LOOKED_AT_IN_ALL)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("path", FORMS)
async def test_a_page_around_it(windows: Windows, filled: Filled, path: str, size: Size) -> None:
    # Their status is what they say.
    windows.expect("the server responded with a status of 4")
    person: Person | None = {"/welcome": filled.loner, "/invitations": filled.loner, "/no/such/page": filled.owner}.get(
        path
    )
    page = await windows.open(person, path.format(token=filled.token), size=size)
    await look_at(page, path, size)


@pytest.mark.parametrize("name", DOCUMENTED)
async def test_a_picture_of_the_docs(windows: Windows, filled: Filled, name: str, docs_pictures: Path) -> None:
    page = await windows.open(filled.owner, _path(DOCUMENTED[name], filled), size=DOCUMENT)
    if name == "new-report":
        await page.get_by_label("Name", exact=True).fill("Opening of the lido, autumn 2026")
        await page.get_by_label("Links", exact=True).fill(CLIPPINGS)
        await expect(page.get_by_text("Balance after")).to_be_visible()
        await page.get_by_text("What is refused, and why").click()
    await settle(page)
    await draw(page, docs_pictures / f"dashboard-{name}.png")


async def test_a_picture_of_the_docs_on_a_phone_in_the_dark(
    windows: Windows, filled: Filled, docs_pictures: Path
) -> None:
    page = await windows.open(filled.owner, _path(routes.REPORT, filled), size=POCKET, theme="dark")
    await settle(page)
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await draw(page, docs_pictures / "dashboard-phone.png")


async def test_a_picture_of_the_docs_of_a_shared_report(windows: Windows, filled: Filled, docs_pictures: Path) -> None:
    page = await windows.open(filled.owner, _path(routes.REPORT, filled), size=SHEET)
    await page.goto(await page.get_by_label("Share link").input_value())
    await settle(page)
    await draw(page, docs_pictures / "report.png")


async def draw(page: Page, path: Path) -> None:
    """What the window shows, in the 256 colours that it needs most."""
    assert _keep(await page.screenshot(), path) < MOST_BYTES


async def settle(page: Page) -> None:
    """Waits until everything is there, pictures and previews too."""
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator("[aria-busy=true], .rt-Skeleton")).to_have_count(0)
    for frame in await page.locator("iframe").all():
        # Chromium draws a frame that nobody has seen yet as an empty one.
        await frame.scroll_into_view_if_needed()
        await expect(frame.content_frame.get_by_role("heading").first).to_be_visible()
    await page.evaluate("window.scrollTo(0, 0)")
    await page.wait_for_function("[...document.images].every((image) => image.complete || image.loading === 'lazy')")
    await page.evaluate("document.fonts.ready.then(() => true)")


async def put_on(page: Page, theme: Theme) -> None:
    """Waits until the whole page has the colours of the theme: the app is told by the browser, and then draws."""
    await page.emulate_media(color_scheme=theme)
    if await page.locator(".radix-themes").count():
        await expect(page.locator("html")).to_have_class(re.compile(theme))
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")


def _keep(shot: bytes, path: Path) -> int:
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def _path(route: str, filled: Filled) -> str:
    path = re.sub(r"\[report_id\]", filled.report.hex, route)
    return re.sub(r"\[customer_id\]", str(filled.owner.account), path)


async def look_at(page: Page, name: str, size: Size, *, everything: bool = False) -> None:
    """Takes the pictures, and looks for what nobody should have to look for."""
    await settle(page)
    found: list[str] = []
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        await put_on(page, theme)
        if await page.locator("iframe").count():
            # Of a frame below the window Chromium draws nothing.
            await page.set_viewport_size({"width": size.width, "height": await page.evaluate(HEIGHT)})
        await page.screenshot(path=picture("pages", f"{name.partition('?')[0]} {size.name} {theme}"), full_page=True)
        if everything or (size is DESKTOP and theme == "light"):
            found += [f"{theme}: {one}" for one in await violations(page)]
    for width in WIDTHS:
        if (width < 700) == size.touch:
            await page.set_viewport_size({"width": width, "height": size.height})
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                found.append(f"at {width} px the page is {wide} px too wide")
    assert found == []
