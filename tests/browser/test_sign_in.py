"""Signing in by the forms, and changing between accounts."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.windows import Windows, both_sizes, ways
from tests.people import People, an_address

pytestmark = pytest.mark.anyio

NEW_PASSWORD = "another pass phrase"  # pragma: allowlist secret


async def sign_in(page: Page, email: str, password: str) -> None:
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


@both_sizes
async def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(None, "/sign-in?next=/settings/team")
    await page.get_by_role("link", name="Forgot your password?").click()
    await page.get_by_label("E-mail address").fill(owner.email)
    await page.get_by_role("button", name="Send the link").click()
    await page.get_by_role("link", name="Read it here.").click()
    await page.locator("section").filter(has_text=f"To {owner.email}").get_by_role("link").click()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("New password").fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    other = await windows.open(None, "/settings/team", address=an_address())
    windows.expect("status of 40[01]")
    await sign_in(other, owner.email, owner.password)
    await expect(other.get_by_role("alert")).to_be_visible()
    await sign_in(other, owner.email, NEW_PASSWORD)
    # The page that was wanted at first.
    await expect(other.get_by_role("heading", name="Team", level=1)).to_be_visible()


@both_sizes
async def test_who_is_in_two_accounts_changes_between_them(windows: Windows, people: People) -> None:
    owner, other = people.owner(7, name="Mine"), people.owner(41, name="Theirs")
    assert other.account is not None
    people.add(other.account, owner.user, "member")
    page = await windows.open(owner, "/settings/keys")
    await expect(page.get_by_role("link", name="7 credits")).to_be_visible()
    menu = await ways(page)
    await menu.get_by_role("button", name="Switch between accounts").click()
    await page.get_by_role("menuitem", name="Theirs").click()
    await expect(page.get_by_role("link", name="41 credits")).to_be_visible()
    await expect(page.get_by_text("ask an owner or admin")).to_be_visible()
