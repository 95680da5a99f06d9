"""The first page."""

import pytest
from playwright.async_api import expect

from tests.browser.windows import PHONE, Windows
from tests.people import People

pytestmark = pytest.mark.anyio


async def test_an_owner_sees_their_account_and_its_balance(windows: Windows, people: People) -> None:
    owner = people.owner(credits=7, name="Lamp & Co")
    page = await windows.open(owner)
    await expect(page.get_by_role("navigation").get_by_text("7 credits")).to_be_visible()
    await expect(page.get_by_role("button", name="Switch between accounts")).to_contain_text("Lamp & Co")


async def test_a_phone_has_the_ways_behind_a_button(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(credits=7), size=PHONE)
    await expect(page.get_by_role("banner").get_by_text("7 credits")).to_be_visible()
    await page.get_by_role("button", name="Menu").tap()
    await expect(page.get_by_role("link", name="API keys")).to_be_visible()
