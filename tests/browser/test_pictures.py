"""Every page as people see it: a picture in both sizes and themes, no sideways scrolling, nothing that axe finds."""

import re

import pytest
from playwright.async_api import Page, expect

from dashboard import routes
from dashboard.dashboard import app
from tests.browser.axe import violations
from tests.browser.filled import Filled, fill
from tests.browser.windows import DESKTOP, PHONE, Size, Windows, picture
from tests.people import People, Person
from tests.site import NewsSite

pytestmark = pytest.mark.anyio

PAGES = sorted("/" if route == "index" else f"/{route}" for route in app._unevaluated_pages if route != "404")
FORMS = [
    "/sign-in", "/sign-up", "/forgot-password", "/check-mail?for=password", "/api/portal/confirm?error=expired",
    "/mail", "/welcome", "/invitations/{token}", "/invitations/unknown", "/no/such/page",
]  # fmt: skip
LOOKED_AT_IN_ALL = {routes.OVERVIEW, routes.REPORT, routes.KEYS}
WIDTHS = (360, 390, 768, 1024, 1280, 1920)


@pytest.fixture(scope="module")
def filled(people: People, news: NewsSite) -> Filled:
    return fill(people, news)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("route", PAGES)
async def test_a_page_of_the_dashboard(windows: Windows, filled: Filled, route: str, size: Size) -> None:
    person = filled.staff if routes.is_support(route) else filled.owner
    path = re.sub(r"\[report_id\]", filled.report.hex, route)
    path = re.sub(r"\[customer_id\]", str(filled.owner.account), path)
    page = await windows.open(person, path, size=size)
    await expect(page.get_by_text(re.compile(r"^[1-9]\d* credits?$")).first).to_be_attached()
    await look_at(page, route, size, everything=route in LOOKED_AT_IN_ALL)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("path", FORMS)
async def test_a_page_around_it(windows: Windows, filled: Filled, path: str, size: Size) -> None:
    # Their status is what they say.
    windows.expect("the server responded with a status of 4")
    person: Person | None = {"/welcome": filled.loner, "/no/such/page": filled.owner}.get(path)
    page = await windows.open(person, path.format(token=filled.token), size=size)
    await look_at(page, path, size)


async def look_at(page: Page, name: str, size: Size, *, everything: bool = False) -> None:
    """Takes the pictures, and looks for what nobody should have to look for."""
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator("[aria-busy=true], .rt-Skeleton")).to_have_count(0)
    await page.evaluate("document.fonts.ready.then(() => true)")
    found: list[str] = []
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
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
