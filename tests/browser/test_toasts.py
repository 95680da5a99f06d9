"""What an action came to: told beside the page, and not for longer than it is news."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.windows import Windows
from tests.people import People, Person

pytestmark = pytest.mark.anyio

SAVED = "Your profile is saved."


async def saved(windows: Windows, owner: Person) -> tuple[Page, Locator]:
    """A page that tells good news, and the news."""
    page = await windows.open(owner, "/settings/profile")
    await page.get_by_role("button", name="Save", exact=True).click()
    toast = page.locator(".toast-in").filter(has_text=SAVED)
    await expect(toast).to_be_visible()
    return page, toast


async def test_its_button_stands_beside_the_words(windows: Windows, people: People) -> None:
    _, toast = await saved(windows, people.owner())
    button = toast.get_by_role("button", name="Close")
    boxes = [await part.bounding_box() for part in (toast.locator("svg").first, toast.get_by_text(SAVED), button)]
    icon, words, close = [box for box in boxes if box]
    assert icon["x"] + icon["width"] <= words["x"] < words["x"] + words["width"] <= close["x"]
    middles = [box["y"] + box["height"] / 2 for box in (icon, words, close)]
    assert max(middles) - min(middles) < 4
    await button.click()
    await expect(toast).to_have_count(0)


async def test_good_news_goes_by_itself(windows: Windows, people: People) -> None:
    _, toast = await saved(windows, people.owner())
    # The eight seconds are over.
    await toast.evaluate("(toast) => toast.getAnimations().forEach((animation) => animation.finish())")
    await expect(toast).to_be_hidden()


async def test_it_is_not_told_again_on_a_page_that_is_opened_later(windows: Windows, people: People) -> None:
    page, toast = await saved(windows, people.owner())
    await page.goto("/settings/profile")
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    await expect(toast).to_have_count(0)
