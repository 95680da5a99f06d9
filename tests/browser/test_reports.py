"""The list of reports in the browser: what it shows stands in its address."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.reports import complete, many_reports, running_report
from tests.browser.windows import Windows, both_sizes
from tests.people import People

pytestmark = pytest.mark.anyio


async def shows(page: Page, *names: str) -> None:
    """The reports of the list, in their order."""
    await expect(page.locator(".report-name")).to_have_text(list(names))


@both_sizes
async def test_search_status_and_order_stand_in_the_address(windows: Windows, people: People) -> None:
    owner = people.owner()
    many_reports(people.world, owner.account, 60)
    page = await windows.open(owner, "/reports")
    await expect(page.get_by_text("1–25 of 60")).to_be_visible()
    await page.get_by_role("link", name="Next").click()
    await expect(page.get_by_text("26–50 of 60")).to_be_visible()
    await page.get_by_label("Search reports by name").fill("report 1")
    await expect(page.get_by_text("1–11 of 11")).to_be_visible()
    await page.get_by_role("radio", name="Failed").click()
    await shows(page, "Report 10", "Report 15")
    await page.get_by_role("link", name="Links", exact=True).click()
    await shows(page, "Report 15", "Report 10")
    await page.reload()
    await shows(page, "Report 15", "Report 10")
    await expect(page.get_by_label("Search reports by name")).to_have_value("report 1")
    if windows.size.touch:
        await expect(page.get_by_role("link", name="Links descending")).to_be_visible()
    else:
        await expect(page.get_by_role("columnheader", name="Links")).to_have_attribute("aria-sort", "descending")
    await page.go_back()
    await shows(page, "Report 10", "Report 15")
    await page.go_back()
    await expect(page.get_by_text("1–11 of 11")).to_be_visible()
    # The letters of the search were one step.
    await page.go_back()
    await expect(page.get_by_text("1–25 of 60")).to_be_visible()


@both_sizes
async def test_an_address_can_be_shared_within_the_team(windows: Windows, people: People) -> None:
    team = people.team()
    many_reports(people.world, team.account, 40)
    page = await windows.open(team.member, "/reports?q=report+3&sort=name&order=desc&status=completed")
    await shows(page, *(f"Report {number}" for number in (39, 38, 37, 36, 34, 33, 32, 31, 3)))


@both_sizes
async def test_days_are_those_of_the_reader(windows: Windows, people: People) -> None:
    owner = people.owner()
    many_reports(people.world, owner.account, 3)
    # 23:30 of the third in UTC is the fourth in Berlin, which is where this user reads.
    people.world.run(
        "update public.reports set created_at = '2026-05-03T23:30:00Z' where account_id = %s and name = 'Report 2'",
        owner.account,
    )
    people.world.run(
        """
        insert into public.profiles (user_id, time_zone) values (%s, 'Europe/Berlin')
        on conflict (user_id) do update set time_zone = excluded.time_zone
        """,
        owner.user,
    )
    page = await windows.open(owner, "/reports?from=2026-05-04&to=2026-05-04")
    await shows(page, "Report 2")
    await page.get_by_label("From", exact=True).fill("2026-05-02")
    await expect(page).to_have_url(re.compile("from=2026-05-02"))
    await page.get_by_label("To", exact=True).fill("2026-05-03")
    await expect(page.get_by_text("No report matches")).to_be_visible()
    await page.get_by_role("link", name="Show all reports").click()
    await expect(page.get_by_text("1–3 of 3")).to_be_visible()


async def test_who_has_no_reports_is_led_to_the_first(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), "/reports")
    await expect(page.get_by_text("No reports yet")).to_be_visible()
    await page.get_by_role("link", name="Try it with sample links").click()
    await expect(page.get_by_label("Name")).to_have_value("First report")


async def test_a_running_report_ends_before_the_readers_eyes(windows: Windows, people: People) -> None:
    owner = people.owner()
    report = running_report(people.world, owner.account, "Running one")
    page = await windows.open(owner, "/reports")
    row = page.get_by_role("row").filter(has_text="Running one")
    await expect(row).to_contain_text("Running")
    await expect(row).to_contain_text("0 of 1 link done")
    complete(people.world, report)
    await expect(row.get_by_text("Ready")).to_be_visible()


async def test_a_name_of_markup_is_a_name(windows: Windows, people: People) -> None:
    owner = people.owner()
    running_report(people.world, owner.account, "<img src=x onerror=alert(1)> \u202eevil")
    page = await windows.open(owner, "/reports")
    await expect(page.get_by_role("link", name=re.compile("<img src=x"))).to_be_visible()
    await shows(page, "<img src=x onerror=alert(1)> evil")
