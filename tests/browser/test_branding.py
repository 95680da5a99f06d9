"""Branding: tried out beside a real report, then on all of them."""

from typing import Any

import pytest
from playwright.async_api import FrameLocator, Page, expect

from tests.browser.windows import Windows, both_sizes
from tests.people import People, Person
from tests.unit.test_logo_file import drawn, file_of

pytestmark = pytest.mark.anyio
BRANDING = "/settings/branding"


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title='Preview of a report']")


def saved(people: People, person: Person) -> dict[str, Any]:
    (row,) = people.world.rows("admin", "select name, branding from public.accounts where id = %s", person.account)
    return row


@both_sizes
async def test_what_is_typed_is_seen_and_kept(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, BRANDING)
    shown = preview(page)
    await expect(shown.get_by_text("Prepared by Team").first).to_be_visible()
    await page.get_by_label("Account name").fill("Alder & Finch")
    await page.get_by_label("Introduction").fill("Dear all,\n\nenjoy <b>it</b>")
    await page.get_by_label("Colour", exact=True).fill("#FFE100")
    await expect(shown.get_by_text("Prepared by Alder & Finch").first).to_be_visible()
    await expect(shown.get_by_text("enjoy <b>it</b>")).to_be_visible()
    await expect(shown.get_by_text("Coverage report", exact=True)).to_have_css("background-color", "rgb(255, 225, 0)")
    await expect(shown.get_by_text("Coverage report", exact=True)).to_have_css("color", "rgb(0, 0, 0)")
    await expect(page.get_by_text("White text could not be read on this colour")).to_be_visible()
    await expect(page.get_by_text("too pale for lines and bars")).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. All your reports show it")).to_be_visible()
    assert saved(people, owner) == {
        "name": "Alder & Finch",
        "branding": {"accent": "#ffe100", "intro": "Dear all,\n\nenjoy <b>it</b>"},
    }
    await page.reload()
    await expect(page.get_by_label("Colour", exact=True)).to_have_value("#ffe100")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()


async def test_what_is_not_saved_can_be_undone(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), BRANDING)
    await page.get_by_role("button", name="Magenta").click()
    await expect(page.get_by_label("Colour", exact=True)).to_have_value("#be185d")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Colour", exact=True)).to_have_value("#0b6b5d")
    await expect(page.get_by_role("button", name="Teal")).to_have_attribute("aria-pressed", "true")


async def test_what_is_no_colour_is_said(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), BRANDING)
    await page.get_by_label("Colour", exact=True).fill("red")
    await expect(page.get_by_text("A colour looks like #1a2b3c.")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()


async def test_an_account_keeps_a_name(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, BRANDING)
    await page.get_by_label("Account name").fill("   ")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The name is missing.")).to_be_visible()
    assert saved(people, owner)["name"] == "Team"


@both_sizes
async def test_a_logo_is_uploaded_seen_and_removed(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, BRANDING)
    logo = {"name": "logo.png", "mimeType": "image/png", "buffer": file_of(drawn())}
    await page.get_by_label("File of the logo").set_input_files(logo)  # type: ignore[arg-type]
    await expect(page.get_by_role("img", name="The logo of this account")).to_be_visible()
    picture = preview(page).get_by_role("img", name="Logo of Team")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("picture => picture.naturalWidth") == 280
    assert saved(people, owner)["branding"]["logo_id"]
    await page.get_by_role("button", name="Remove the logo").click()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_role("img", name="The logo of this account")).to_have_count(0)
    await expect(picture).to_have_count(0)
    assert saved(people, owner)["branding"] == {}


async def test_a_file_that_is_no_picture_is_refused_in_words(windows: Windows, people: People) -> None:
    windows.expect("status of 400")
    page = await windows.open(people.owner(), BRANDING)
    chooser = page.get_by_label("File of the logo")
    await chooser.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": b"<svg/>"})
    await expect(page.get_by_role("alert").filter(has_text="not a picture we can read")).to_be_visible()
    await chooser.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": bytes(2**21 + 1)})
    await expect(page.get_by_role("alert").filter(has_text="The limit is 2 MB.")).to_be_visible()


async def test_the_preview_shows_dark_and_light_whatever_the_browser_is(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), BRANDING, theme="dark")
    ground = preview(page).locator("body")
    await expect(ground).to_have_css("background-color", "rgb(255, 255, 255)")
    await page.get_by_role("radio", name="Dark").click()
    await expect(ground).to_have_css("background-color", "rgb(19, 21, 22)")


async def test_a_member_sees_it_and_is_told_whom_to_ask(windows: Windows, people: People) -> None:
    page = await windows.open(people.team().member, BRANDING)
    await expect(page.get_by_text("ask an owner or admin")).to_be_visible()
    await expect(preview(page).get_by_text("Prepared by Team").first).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
