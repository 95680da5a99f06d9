"""What an action came to: told beside the page, and not for longer than it is news."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.windows import DESKTOP, PHONE, Size, Theme, Windows, picture
from tests.people import People, Person

pytestmark = pytest.mark.anyio

SAVED = "Your profile is saved."


async def saved(
    windows: Windows, owner: Person, *, size: Size = DESKTOP, theme: Theme = "light"
) -> tuple[Page, Locator]:
    """A page that tells good news, and the news."""
    page = await windows.open(owner, "/settings/profile", size=size, theme=theme)
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


# Whether the middle of it is what somebody would see and touch there, and whether a screen reader may tell it.
IS_ON_TOP = """(toast) => {
  const box = toast.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return toast.contains(seen) && !toast.closest("[aria-hidden=true], [inert]") && !!toast.closest("[aria-live=polite]");
}"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_it_lies_above_a_dialog_and_not_on_its_buttons(
    windows: Windows, people: People, size: Size, theme: Theme
) -> None:
    page, toast = await saved(windows, people.owner(), size=size, theme=theme)
    await page.get_by_role("button", name="Delete the account").click()
    cancel = page.get_by_role("alertdialog").get_by_role("button", name="Cancel")
    await expect(cancel).to_be_visible()
    await page.screenshot(path=picture("dialogs", f"toast-{size.name}-{theme}"))
    assert await toast.evaluate(IS_ON_TOP)
    above, button = [box for box in [await toast.bounding_box(), await cancel.bounding_box()] if box]
    assert above["y"] + above["height"] <= button["y"] or above["y"] >= button["y"] + button["height"]
    await toast.get_by_role("button", name="Close").click()
    await expect(toast).to_have_count(0)
    await expect(cancel).to_be_visible()


async def test_taking_a_toast_away_does_not_close_a_dialog_that_a_click_beside_it_would(
    windows: Windows, people: People
) -> None:
    owner = people.owner()
    page, toast = await saved(windows, owner)
    await page.get_by_role("navigation").get_by_role("link", name="API keys").click()
    await page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog", name="New API key")
    await expect(dialog).to_be_visible()
    assert await toast.evaluate(IS_ON_TOP)
    await toast.get_by_role("button", name="Close").click()
    await expect(toast).to_have_count(0)
    await expect(dialog).to_be_visible()
    await page.mouse.click(5, 5)
    await expect(dialog).to_have_count(0)
