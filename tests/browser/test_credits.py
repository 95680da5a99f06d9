"""Credits: what is there, where it went, and how to get more."""

import csv
import io
import uuid

import pytest
from playwright.async_api import Page, expect

from tests.browser.windows import Windows, both_sizes
from tests.people import People, Person

pytestmark = pytest.mark.anyio
CREDITS = "/settings/credits"


def adjust(people: People, person: Person, credits: int, reason: str) -> None:
    people.world.value(
        "admin", "select private.adjust_credits(%s, %s, %s, 'cli:test', %s)",
        person.account, credits, reason, str(uuid.uuid4()),
    )  # fmt: skip


def decide(people: People, *, approve: bool, note: str) -> None:
    """Support answers the newest request."""
    people.world.value(
        "web", "select private.staff_decide_credit_request(%s, %s, %s, %s, %s)",
        people.staff().user,
        people.world.value("admin", "select id from public.credit_requests order by created_at desc limit 1"),
        approve, None, note,
    )  # fmt: skip


async def ask_for(page: Page, credits: str, message: str) -> None:
    await page.get_by_label("How many credits").fill(credits)
    await page.get_by_label("Message to support").fill(message)
    await page.get_by_role("button", name="Ask for credits").click()


async def test_the_ledger_says_who_what_and_how_much(windows: Windows, people: People) -> None:
    owner = people.owner()
    adjust(people, owner, 1200, "A gift <b>of</b> ours")
    page = await windows.open(owner, CREDITS)
    row = page.get_by_role("row").filter(has_text="Adjustment")
    await expect(row).to_contain_text("A gift <b>of</b> ours")
    await expect(row).to_contain_text("Support")
    await expect(row.get_by_role("cell", name="+1,200", exact=True)).to_be_visible()
    await expect(row.get_by_role("cell", name="1,203", exact=True)).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="Welcome credits")).to_contain_text(owner.email)


async def test_prices_are_those_of_the_rules(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), CREDITS)
    prices = page.locator("dl > div")
    assert await prices.first.text_content() == "1 to 100 links1 credit"
    assert await prices.all_text_contents() == [
        "1 to 100 links1 credit",
        "101 to 250 links2 credits",
        "Each 250 links more1 credit more",
        "2,000 links, the most9 credits",
    ]


@both_sizes
async def test_the_ledger_is_turned_over_and_downloaded(windows: Windows, people: People) -> None:
    owner = people.owner()
    for number in range(1, 45):
        adjust(people, owner, 1, f"number {number}.")
    page = await windows.open(owner, CREDITS)
    await expect(page.get_by_text("number 44.", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text("number 24.", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text("Welcome credits")).to_be_visible()
    await expect(page.get_by_role("button", name="Older")).to_be_disabled()
    await page.get_by_role("button", name="Newer").click()
    await page.get_by_role("button", name="Newer").click()
    await expect(page.get_by_text("number 44.", exact=True)).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download CSV").click()
    file = await (await download.value).path()
    entries = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert [int(entry["Balance after"]) for entry in entries] == list(range(47, 2, -1))


@both_sizes
async def test_at_zero_the_way_to_more_is_asking_and_the_answer_is_shown(windows: Windows, people: People) -> None:
    owner = people.owner(0)
    page = await windows.open(owner, CREDITS)
    await expect(page.get_by_text("No report can be made until there are more.")).to_be_visible()
    await ask_for(page, "500", "For the spring campaign")
    await expect(page.get_by_text("Waiting for support")).to_be_visible()
    await expect(page.get_by_text("500 credits", exact=True)).to_be_visible()
    await expect(page.get_by_text("For the spring campaign")).to_be_visible()
    decide(people, approve=True, note="With our thanks")
    # By itself, and with what was booked.
    await expect(page.get_by_text("Approved on")).to_be_visible()
    await expect(page.get_by_text("“With our thanks”")).to_be_visible()
    await expect(page.locator("#balance")).to_have_text("500")
    await expect(page.get_by_role("row").filter(has_text="Adjustment").first).to_contain_text("With our thanks")


@both_sizes
async def test_a_request_is_withdrawn_and_another_declined(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), CREDITS)
    await ask_for(page, "7", "")
    await page.get_by_role("button", name="Withdraw").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Withdraw").click()
    await expect(page.get_by_role("button", name="Ask for credits")).to_be_visible()
    await ask_for(page, "8", "")
    await expect(page.get_by_text("Waiting for support")).to_be_visible()
    decide(people, approve=False, note="Please write to sales")
    await page.reload()
    await expect(page.get_by_text("Declined on")).to_be_visible()
    await expect(page.get_by_text("“Please write to sales”")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask for credits")).to_be_visible()


async def test_a_member_is_told_whom_to_ask(windows: Windows, people: People) -> None:
    page = await windows.open(people.team().member, CREDITS)
    await expect(page.get_by_text("Ask an owner or admin of this account for more credits.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="Welcome credits")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask for credits")).to_have_count(0)
