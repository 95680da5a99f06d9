"""A new report in the browser: links go in, the price is told, and only then it is made."""

import io
import re

import pytest
from openpyxl import Workbook
from playwright.async_api import Page, expect

from tests.browser.windows import PHONE, Windows, both_sizes
from tests.people import People

pytestmark = pytest.mark.anyio

NEW = "/reports/new"
A_REPORT = re.compile("/reports/[0-9a-f]{32}$")


async def told(page: Page, line: str, value: str) -> None:
    """The summary says so in one of its lines."""
    await expect(page.locator(".rt-DataListItem").filter(has_text=line).last).to_contain_text(value)


@both_sizes
async def test_what_is_pasted_is_told_apart_and_nothing_is_charged(windows: Windows, people: People) -> None:
    owner = people.owner(credits=7)
    page = await windows.open(owner, NEW)
    await page.get_by_label("Links", exact=True).fill(
        "Our coverage\nhttps://a.example/1\nhttps://A.example/1#top\nwww.b.example\nftp://c.example\n"
    )
    await told(page, "Links", "2")
    await told(page, "Duplicates", "1")
    await told(page, "Refused", "2")
    await told(page, "Balance after", "6 of 7")
    await page.get_by_text("What is refused, and why").click()
    await expect(page.get_by_text("Only links that begin with http:// or https:// can be opened.")).to_be_visible()
    assert owner.account is not None and people.world.balance(owner.account) == 7


@both_sizes
async def test_a_file_gives_its_links_and_a_picture_gives_none(windows: Windows, people: People) -> None:
    windows.expect("status of 400")
    page = await windows.open(people.owner(), NEW)
    book, file = Workbook(), io.BytesIO()
    for number in range(120):
        book.worksheets[0].append([f"Headline {number}", f"https://a.example/{number}"])
    book.save(file)
    picker = page.locator("input[type=file]")
    await picker.set_input_files({"name": "clips.xlsx", "mimeType": "", "buffer": file.getvalue()})
    await expect(page.get_by_text("120 links from clips.xlsx.")).to_be_visible()
    await told(page, "Price", "2 credits")
    await picker.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n\0\0"})
    await expect(page.get_by_text("This is not a list we can read.")).to_be_visible()
    await told(page, "Links", "120")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_text("The price shows here")).to_be_visible()
    bar, button = page.locator(".links-bar"), page.get_by_role("button", name="Choose a file")
    # What is left stays where it was.
    assert await bar.evaluate("(bar) => bar.getBoundingClientRect().x") == await button.evaluate(
        "(button) => button.getBoundingClientRect().x"
    )


async def test_a_file_is_dropped_beside_what_is_there(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), NEW)
    await page.get_by_label("Links", exact=True).fill("https://a.example/1")
    dropped = await page.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["Link;Note\\nhttps://b.example/2;x\\nnone;y"], "more.csv")); return data; }"""
    )
    await page.locator(".links-field").dispatch_event("drop", {"dataTransfer": dropped})
    await expect(page.get_by_text("1 link from more.csv. 2 rows without a link left out.")).to_be_visible()
    await expect(page.get_by_label("Links", exact=True)).to_have_value("https://a.example/1\nhttps://b.example/2\n")


async def test_nobody_without_a_mouse_is_told_to_drop_anything(windows: Windows, people: People) -> None:
    windows.expect("Failed to load resource")
    owner = people.owner()
    page = await windows.open(owner, NEW, size=PHONE)
    await expect(page.get_by_text("CSV, XLSX or TXT")).to_be_visible()
    await page.route("**/api/portal/links", lambda route: route.abort())
    await page.get_by_label("File of links").set_input_files(
        {"name": "more.csv", "mimeType": "text/csv", "buffer": b"https://b.example/2"}
    )
    await expect(page.get_by_text("Check your connection, then choose it again.")).to_be_visible()
    for path in (NEW, "/settings/branding"):
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator("[aria-busy=true], .rt-Skeleton")).to_have_count(0)
        assert not re.search(r"\bdrop", await page.locator("body").inner_text(), re.IGNORECASE)


async def test_who_has_too_few_credits_is_told_how_many_and_what_to_do(windows: Windows, people: People) -> None:
    team = people.team(credits=1)
    links = "\n".join(f"https://a.example/{number}" for number in range(300))
    page = await windows.open(team.owner, NEW)
    await page.get_by_label("Links", exact=True).fill(links)
    await expect(page.get_by_text("2 credits are missing.")).to_be_visible()
    await expect(page.get_by_role("link", name="Request more credits")).to_have_attribute(
        "href", re.compile("/settings/credits")
    )
    await expect(page.get_by_role("button", name="Create report")).to_be_disabled()
    page = await windows.open(team.member, NEW)
    await page.get_by_label("Links", exact=True).fill(links)
    await expect(page.get_by_text("Ask an owner or admin of your account")).to_be_visible()


async def test_who_has_nothing_is_not_told_to_take_links_out(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(credits=0), NEW)
    await page.get_by_label("Links", exact=True).fill("https://a.example/1")
    alert = page.get_by_role("alert").filter(has_text="1 credit is missing.")
    await expect(alert).to_have_text("1 credit is missing. Request more credits.")


async def test_a_double_click_makes_one_report(windows: Windows, people: People) -> None:
    owner = people.owner(credits=5)
    page = await windows.open(owner, NEW)
    await page.get_by_label("Links", exact=True).fill("https://nowhere.invalid/")
    await told(page, "Balance after", "4 of 5")
    await page.get_by_role("button", name="Create report").dblclick()
    await expect(page).to_have_url(A_REPORT)
    reports = people.world.rows("admin", "select id from public.reports where account_id = %s", owner.account)
    assert len(reports) == 1


async def test_what_was_typed_survives_a_create_that_failed(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, NEW)
    await page.get_by_label("Name").fill("Kept")
    await page.get_by_label("Links", exact=True).fill("https://a.example/1")
    create = page.get_by_role("button", name="Create report")
    await expect(create).to_be_enabled()
    # Refused by the database alone: the page has not heard of it yet.
    people.world.value(
        "admin", "select private.adjust_credits(%s, -3, 'For a test', 'cli:test', 'taken')", owner.account
    )
    await create.click()
    await expect(page.get_by_text("1 credit missing: nothing was made or charged.")).to_be_visible()
    await expect(page.get_by_label("Links", exact=True)).to_have_value("https://a.example/1")
    await expect(page.get_by_label("Name")).to_have_value("Kept")


async def test_a_report_is_made_again_from_its_links(windows: Windows, people: People) -> None:
    owner = people.owner(credits=5)
    page = await windows.open(owner, f"{NEW}?sample=1")
    await expect(page.get_by_label("Name")).to_have_value("First report")
    report = people.world.report(owner.account, 3)  # type: ignore[arg-type]
    await page.goto(f"{NEW}?from={report.hex}")
    await expect(page.get_by_label("Name")).to_have_value("Report")
    links = await page.get_by_label("Links", exact=True).input_value()
    assert links.split() == [f"https://example.com/{number}" for number in range(3)]


async def test_the_report_of_another_account_is_not_made_again(windows: Windows, people: People) -> None:
    report = people.world.report(people.owner(credits=5).account)  # type: ignore[arg-type]
    page = await windows.open(people.owner(), f"{NEW}?from={report.hex}")
    await expect(page.get_by_role("alert")).to_contain_text("does not exist")
    assert await page.get_by_label("Links", exact=True).input_value() == ""
