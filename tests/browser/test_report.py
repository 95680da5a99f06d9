"""The page of a report in the browser."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.reports import complete, ended_report, exists, running_report
from tests.browser.windows import Windows, both_sizes
from tests.people import People

pytestmark = pytest.mark.anyio


@both_sizes
async def test_items_are_filtered_and_turned_over(windows: Windows, people: People) -> None:
    windows.expect("status of 404")
    owner = people.owner()
    report = ended_report(people.world, owner.account, "Long one", 58, 4)
    page = await windows.open(owner, f"/reports/{report.hex}")
    items = page.locator(".items > li")
    await expect(items).to_have_count(50)
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    await expect(items).to_have_count(12)
    await page.get_by_role("radio", name="Failed 4").click()
    await expect(items).to_have_count(4)
    await expect(items.first).to_contain_text("The page did not finish loading in time. It may be overloaded.")
    await page.get_by_role("link", name="New report of the failed links").click()
    await expect(page.get_by_label("Links", exact=True)).to_have_value(
        "\n".join(f"https://a.example/{number}" for number in range(59, 63))
    )


@both_sizes
async def test_the_link_is_revoked_and_made_anew(windows: Windows, people: People) -> None:
    windows.expect("status of 404")
    owner = people.owner()
    report = ended_report(people.world, owner.account, "Shared one", 1)
    page = await windows.open(owner, f"/reports/{report.hex}")
    share = await page.get_by_label("Share link").input_value()
    visitor = await windows.open(None, share)
    await expect(visitor.get_by_role("heading", name="Shared one")).to_be_visible()
    await page.get_by_role("button", name="Revoke").click()
    await page.get_by_role("button", name="Revoke link").click()
    await expect(page.get_by_text("The link is revoked")).to_be_visible()
    # The button that had the focus is gone.
    await expect(page.locator("#content")).to_be_focused()
    await expect(page.get_by_role("link", name="Open", exact=True)).to_have_count(0)
    answer = await visitor.reload()
    assert answer is not None and answer.status == 404
    await page.get_by_role("button", name="Make a new link").click()
    await expect(page.get_by_label("Share link")).to_be_visible()
    assert await page.get_by_label("Share link").input_value() != share


@pytest.mark.parametrize("clipboard", ["the page may use", "browsers keep from pages without https"])
async def test_copying_the_link_is_said(windows: Windows, people: People, clipboard: str) -> None:
    windows.expect("status of 404")
    owner = people.owner()
    report = ended_report(people.world, owner.account, "Shared one", 1)
    page = await windows.open(owner, f"/reports/{report.hex}")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = await page.get_by_label("Share link").input_value()
    if clipboard != "the page may use":
        await page.evaluate("delete Navigator.prototype.clipboard")
    await page.get_by_role("button", name="Copy link").click()
    copied = page.get_by_role("button", name="Copied", exact=True)
    await expect(copied).to_be_focused()
    await page.get_by_role("button", name="Rename").click()
    await page.get_by_label("Name of the report").fill("")
    await page.keyboard.press("ControlOrMeta+v")
    await expect(page.get_by_label("Name of the report")).to_have_value(link[:200])
    # It can be copied again, and is said again.
    await expect(page.get_by_role("button", name="Copy link")).to_be_visible()


@both_sizes
async def test_a_report_is_renamed_saved_and_deleted(windows: Windows, people: People) -> None:
    windows.expect("status of 404")
    owner = people.owner()
    report = ended_report(people.world, owner.account, "Old name", 1)
    page = await windows.open(owner, f"/reports/{report}")
    await page.get_by_role("button", name="Rename").click()
    await page.get_by_label("Name of the report").fill("New <name>")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="New <name>")).to_be_visible()
    await expect(page.get_by_role("button", name="Rename")).to_be_focused()
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Download HTML").click()
    saved = await saving.value
    assert saved.suggested_filename == "New name.html"
    assert "New &lt;name&gt;" in (await saved.path()).read_text()
    await page.get_by_role("button", name="Delete").click()
    await page.keyboard.press("Escape")
    assert exists(people.world, report)
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete report").click()
    await expect(page).to_have_url(re.compile("/reports/?$"))
    await expect(page.get_by_text("The report is deleted.")).to_be_visible()
    assert not exists(people.world, report)


async def test_a_member_cannot_delete_what_others_made(windows: Windows, people: People) -> None:
    windows.expect("status of 404")
    team = people.team()
    report = ended_report(people.world, team.account, "Of the team", 1)
    page = await windows.open(team.member, f"/reports/{report.hex}")
    await expect(page.get_by_role("button", name="Rename")).to_be_visible()
    await expect(page.get_by_role("button", name="Delete")).to_have_count(0)


async def test_a_waiting_report_says_so_and_fills_in(windows: Windows, people: People) -> None:
    windows.expect("status of 404")
    owner = people.owner()
    report = running_report(people.world, owner.account, "Waiting one")
    page = await windows.open(owner, f"/reports/{report.hex}")
    await expect(page.get_by_text("0 of 1 link done · waiting for its turn")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    complete(people.world, report)
    await expect(page.get_by_text("It is there")).to_be_visible()
    await expect(page.get_by_role("heading", name="Share")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_have_count(0)


@pytest.mark.parametrize("report_id", ["0" * 32, "nonsense", "%00", "x" * 300])
async def test_what_is_no_report_has_a_way_back(windows: Windows, people: People, report_id: str) -> None:
    page = await windows.open(people.owner(), f"/reports/{report_id}")
    await expect(page.get_by_text("There is no such report")).to_be_visible()
    await page.get_by_role("link", name="All reports").click()
    await expect(page.get_by_text("No reports yet")).to_be_visible()


async def test_the_report_of_another_account_is_as_if_it_were_none(windows: Windows, people: People) -> None:
    report = ended_report(people.world, people.owner().account, "A secret name", 1)
    page = await windows.open(people.owner(), f"/reports/{report.hex}")
    await expect(page.get_by_text("There is no such report")).to_be_visible()
    assert "A secret name" not in await page.content()


async def test_the_report_of_another_account_of_ones_own_leads_there(windows: Windows, people: People) -> None:
    owner = people.owner(name="Mine")
    other = people.owner(name="Theirs")
    assert other.account is not None
    people.add(other.account, owner.user, "member")
    report = ended_report(people.world, other.account, "Over there", 1)
    page = await windows.open(owner, f"/reports/{report.hex}")
    await expect(page.get_by_role("button", name=re.compile("Switch between"))).to_contain_text("Mine")
    await page.get_by_role("button", name="Switch to Theirs").click()
    await expect(page.get_by_role("button", name=re.compile("Switch between"))).to_contain_text("Theirs")
