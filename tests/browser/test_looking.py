"""Support staff look at an account as its owner sees it: with a banner, for a while, and without a hand in it."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.windows import Windows, both_sizes
from tests.people import People, Person

pytestmark = pytest.mark.anyio


@pytest.fixture
def owner(people: People) -> Person:
    return people.owner(credits=7, name="Lamp & Co")


@pytest.fixture
def staff(people: People) -> Person:
    return people.staff()


async def look(page: Page, owner: Person) -> None:
    """Begins to look, from the account's page."""
    await page.goto(f"/support/accounts/{owner.account}")
    await page.get_by_role("button", name="Look as its owner").click()
    await page.get_by_role("dialog").get_by_label("Reason").fill("They ask about a report")
    await page.get_by_role("button", name="Look for 30 minutes").click()
    await expect(banner(page)).to_be_visible()


def banner(page: Page) -> Locator:
    return page.get_by_text("You are looking at Lamp & Co as its owner sees it.")


@both_sizes
async def test_staff_see_what_the_owner_sees_and_stop(
    windows: Windows, people: People, owner: Person, staff: Person
) -> None:
    page = await windows.open(staff, "/support")
    await look(page, owner)
    await expect(page.get_by_role("link", name="7 credits")).to_be_visible()
    await expect(page.get_by_role("link", name="New report")).to_have_count(0)
    await page.goto("/settings/team")
    await expect(page.get_by_text(owner.email).first).to_be_visible()
    await expect(page.get_by_role("button", name="Invite")).to_have_count(0)
    await page.get_by_role("button", name="Stop looking").click()
    await expect(page.get_by_role("heading", name="Lamp & Co")).to_be_visible()
    await page.goto("/")
    await expect(page.get_by_role("link", name="3 credits")).to_be_visible()
    rows = people.world.rows(
        "admin",
        "select action, reason from private.audit_log where account_id = %s and action like 'view.%%' order by id",
        owner.account,
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("view.start", "They ask about a report"),
        ("view.end", "They ask about a report"),
    ]


async def test_an_open_tab_notices_that_the_time_is_over(
    windows: Windows, people: People, owner: Person, staff: Person
) -> None:
    window = await windows.window(staff)
    page, other, desk = await window.new_page(), await window.new_page(), await window.new_page()
    await look(page, owner)
    await other.goto("/reports")
    await expect(banner(other)).to_be_visible()
    await desk.goto("/support/audit")
    await expect(desk.locator(".log > li").first).to_be_visible()
    people.world.run(
        "update private.staff_views set started_at = started_at - interval '31 minutes',"
        " expires_at = expires_at - interval '31 minutes' where account_id = %s", owner.account,
    )  # fmt: skip
    for tab in (page, other):
        await expect(tab.get_by_text("You no longer look at this account as its owner")).to_be_visible()
        await expect(banner(tab)).to_have_count(0)
    # Work at the desk goes on where it was.
    await expect(banner(desk)).to_have_count(0)
    await expect(desk.get_by_role("heading", name="Audit log")).to_be_visible()
    assert desk.url.rstrip("/").endswith("/support/audit")
    await expect(desk.get_by_role("navigation").get_by_text("3 credits")).to_be_visible()


async def test_who_is_no_longer_staff_sees_nothing_more(
    windows: Windows, people: People, owner: Person, staff: Person
) -> None:
    windows.expect("the server responded with a status of 404")
    window = await windows.window(staff)
    page, desk = await window.new_page(), await window.new_page()
    await desk.goto(f"/support/accounts/{owner.account}")
    await expect(desk.get_by_role("heading", name="Lamp & Co")).to_be_visible()
    await look(page, owner)
    people.world.value("admin", "select private.remove_staff(%s, 'cli:test')", staff.email)
    for tab in (page, desk):
        await expect(tab.get_by_role("navigation").get_by_text("3 credits")).to_be_visible()
        await expect(tab.get_by_text("Lamp & Co")).to_have_count(0)
        await expect(tab.get_by_role("link", name="Find an account")).to_have_count(0)


async def test_staff_without_an_account_of_their_own_look_and_work(
    windows: Windows, people: People, owner: Person
) -> None:
    loner = people.loner()
    people.world.value("admin", "select private.add_staff(%s, 'cli:test')", loner.email)
    page = await windows.open(loner, "/")
    await expect(page.get_by_label("Search all accounts")).to_be_focused()
    # There is nothing of their own to go to.
    await expect(page.get_by_role("link", name="Overview")).to_have_count(0)
    await look(page, owner)
    await expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    await page.goto(f"/support/accounts/{owner.account}")
    await expect(page.get_by_text("You look at this account as its owner sees it, until")).to_be_visible()
    # They act as staff, not as the owner.
    await page.get_by_role("button", name="Adjust credits").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Credits to add").fill("2")
    await expect(dialog.get_by_role("status")).to_contain_text("then 9")
    await dialog.get_by_label("Reason").fill("Goodwill")
    await dialog.get_by_role("button", name="Add 2 credits").click()
    await expect(page.get_by_text("+2 credits. The balance is 9.")).to_be_visible()
    await page.get_by_role("button", name="End it").click()
    await expect(page.get_by_text("You look at this account as its owner sees it, until")).to_have_count(0)
    await page.goto("/")
    await expect(page.get_by_label("Search all accounts")).to_be_visible()
