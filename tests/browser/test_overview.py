"""The first page."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.reports import many_reports, running_report
from tests.browser.windows import PHONE, Windows, both_sizes
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


@both_sizes
async def test_who_begins_is_led_in_three_steps(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner())
    for step in ("1. Paste your links", "2. See the price", "3. Watch it grow"):
        await expect(page.get_by_role("heading", name=step)).to_be_visible()
    await page.get_by_role("link", name="Use sample links").click()
    await expect(page.get_by_label("Name")).to_have_value("First report")
    await expect(page.get_by_text("Balance after")).to_be_visible()


@both_sizes
async def test_who_has_reports_sees_the_last_and_how_many_a_month(windows: Windows, people: People) -> None:
    owner = people.owner()
    many_reports(people.world, owner.account, 40)
    running_report(people.world, owner.account, "Running one")
    page = await windows.open(owner)
    await expect(page.locator(".report-name")).to_have_text(
        ["Running one", "Report 1", "Report 2", "Report 3", "Report 4"]
    )
    chart = page.get_by_role("img", name=re.compile("Reports a month. .*: [0-9]+"))
    await expect(chart).to_be_visible()
    told = await chart.get_attribute("aria-label") or ""
    assert sum(map(int, re.findall(r": ([0-9]+)", told))) == 41


async def test_who_has_no_credits_is_told_what_to_do(windows: Windows, people: People) -> None:
    team = people.team(credits=0)
    page = await windows.open(team.owner)
    await expect(page.get_by_text("You have no credits left")).to_be_visible()
    await expect(page.get_by_role("link", name="Request more credits")).to_be_visible()
    page = await windows.open(team.member)
    await expect(page.get_by_text("Ask an owner or admin of your account to request more.")).to_be_visible()


async def test_keys_that_nobody_uses_are_named(windows: Windows, people: People) -> None:
    owner = people.owner()
    assert owner.account is not None
    people.world.key(owner.account, "Old newsroom")
    people.world.run(
        "update public.api_keys set created_at = now() - interval '100 days' where account_id = %s", owner.account
    )
    page = await windows.open(owner)
    await expect(page.get_by_text("Old newsroom")).to_be_visible()
    await expect(page.get_by_text("last used never")).to_be_visible()
