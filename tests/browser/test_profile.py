"""The profile: name, time zone and theme, how somebody signs in, where, and to what."""

import re
import uuid

import httpx
import pytest
from playwright.async_api import expect

from core.outbox import newest_mails
from tests.browser.axe import violations
from tests.browser.windows import Windows, both_sizes, ways
from tests.people import PASSWORD, People, sign_in

pytestmark = pytest.mark.anyio
PROFILE = "/settings/profile"
OTHER_PASSWORD = "another pass phrase"  # pragma: allowlist secret


@both_sizes
async def test_name_and_time_zone_are_kept(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, PROFILE, time_zone="Asia/Tokyo")
    await expect(page.get_by_text("Your browser says Asia/Tokyo.")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("Ada Okafor")
    await page.get_by_label("Time zone").fill("berlin")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    await expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    await page.get_by_role("button", name="Use this one").click()
    await expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    await expect(page.get_by_text(re.compile("Dates are shown in Asia/Tokyo, where it is"))).to_be_visible()
    await expect((await ways(page)).get_by_text("Ada Okafor")).to_be_visible()


async def test_what_is_no_time_zone_is_said(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), PROFILE)
    await page.get_by_label("Time zone").fill("Atlantis")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("There is no such time zone.")).to_be_visible()


@both_sizes
async def test_the_theme_is_kept_for_other_browsers(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, PROFILE, theme="light")
    await page.get_by_role("button", name="Dark", exact=True).click()
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    other = await windows.open(owner, PROFILE, theme="light")
    await expect(other.locator("html")).to_have_class(re.compile("dark"))
    # What is chosen by the button of the menu stays with the browser.
    await (await ways(other)).get_by_role("button", name="Light or dark").click()
    await expect(other.locator("html")).to_have_class(re.compile("light"))
    await other.reload()
    await expect(other.get_by_label("Time zone")).to_be_visible()
    await expect(other.locator("html")).to_have_class(re.compile("light"))


@both_sizes
async def test_the_password_is_changed_by_the_present_one(windows: Windows, people: People) -> None:
    owner = people.owner()
    other = owner.another_session()
    page = await windows.open(owner, PROFILE, address="198.51.100.7")
    windows.expect("status of 400")
    for present in ("wrong", PASSWORD):
        await page.get_by_label("Current password").fill(present)
        await page.get_by_label("New password").fill(OTHER_PASSWORD)
        await page.get_by_role("button", name="Change the password").click()
        if present == "wrong":
            await expect(page.get_by_role("alert")).to_have_text("Your current password is not right.")
            await page.get_by_role("link", name="Back to your profile").click()
    await expect(page.get_by_text("Your password is changed.")).to_be_visible()
    await expect(page.get_by_text("This browser", exact=True)).to_be_visible()
    assert people.world.value("admin", "select count(*) from private.sessions where user_id = %s", owner.user) == 1
    assert other


@both_sizes
async def test_the_address_is_changed_by_links_in_two_mails(windows: Windows, people: People) -> None:
    owner, email = people.owner(), f"{uuid.uuid4().hex[:12]}@example.com"
    page = await windows.open(owner, PROFILE, address="198.51.100.8")
    await page.get_by_label("New e-mail address").fill(email)
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Change the address").click()
    await expect(page.get_by_text(f"We have sent a link to {email}.")).to_be_visible()
    mails = newest_mails(people.product.state / "outbox")
    first, second = (next(mail.links[0] for mail in mails if mail.to == address) for address in (email, owner.email))
    await page.goto(first)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="Now the other mail")).to_be_visible()
    await page.goto(second)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("Your e-mail address is changed.")).to_be_visible()
    await expect(page.get_by_text(f"You are signed in as {email}.")).to_be_visible()


@both_sizes
async def test_another_browser_is_signed_out_and_then_every_one(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, PROFILE)
    sessions = page.get_by_role("region", name="Where you are signed in")
    # The first sign-in of the test came from a program.
    await expect(sessions.get_by_text("This browser", exact=True)).to_be_visible()
    owner.another_session()
    await page.reload()
    await sessions.get_by_role("button", name=re.compile("^Sign out python-httpx")).click()
    await expect(page.get_by_text("That browser is signed out.")).to_be_visible()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)
    await page.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert people.world.value("admin", "select count(*) from private.sessions where user_id = %s", owner.user) == 0


async def test_an_account_is_left_and_the_last_owner_stays(windows: Windows, people: People) -> None:
    owner = people.owner(name="Mine")
    theirs = people.owner(name="Theirs").account
    assert theirs is not None
    people.add(theirs, owner.user, "member")
    page = await windows.open(owner, PROFILE)
    await page.get_by_role("button", name="Leave Mine").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("status").filter(has_text="owner")).to_be_visible()
    await page.get_by_role("button", name="Leave Theirs").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("button", name="Leave Theirs")).to_have_count(0)
    rows = people.world.rows("admin", "select account_id from public.members where user_id = %s", owner.user)
    assert [row["account_id"] for row in rows] == [owner.account]


async def test_who_is_in_the_teams_of_others_makes_one(windows: Windows, people: People) -> None:
    member = people.team().member
    page = await windows.open(member, PROFILE)
    await page.get_by_label("Name of the account").fill("My own")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    await expect(page.get_by_role("button", name="Switch between accounts")).to_contain_text("My own")


@both_sizes
async def test_an_account_is_deleted_by_its_name(windows: Windows, people: People) -> None:
    owner = people.owner(name="Gone & Co")
    page = await windows.open(owner, PROFILE)
    await expect(page.get_by_text("Its people can still sign in")).to_be_visible()
    await page.get_by_role("button", name="Delete the account").click()
    dialog = page.get_by_role("alertdialog")
    await dialog.get_by_label("Type the name of the account").fill("gone")
    await dialog.get_by_role("button", name="Delete the account").click()
    await expect(dialog.get_by_role("alert")).to_have_text("This is not the name of the account.")
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Delete the account").click()
    await expect(dialog.get_by_role("alert")).to_be_empty()
    await dialog.get_by_label("Type the name of the account").fill("Gone & Co")
    await dialog.get_by_role("button", name="Delete the account").click()
    await page.wait_for_url("**/welcome")
    deleted = people.world.value(
        "admin", "select deleted_at is not null from public.accounts where id = %s", owner.account
    )
    assert deleted
    # As the page said, who they are is still there. It goes when an operator removes the user.
    assert sign_in(people.product, owner.email, owner.password, "/invitations/none")
    running, ours = people.product.running, "select user_id from public.profiles where user_id = %s"
    people.world.run(
        "insert into public.profiles (user_id, name) values (%s, 'Gone') on conflict do nothing", owner.user
    )
    removed = httpx.delete(
        f"{running.supabase_url}/auth/v1/admin/users/{owner.user}",
        headers={"apikey": running.secret_key, "Authorization": f"Bearer {running.secret_key}"},
    )
    assert removed.status_code == 200, removed.text
    assert people.world.rows("admin", ours, owner.user) == []


async def test_a_member_cannot_delete_the_account(windows: Windows, people: People) -> None:
    page = await windows.open(people.team().member, PROFILE)
    await expect(page.get_by_role("heading", name="Your accounts")).to_be_visible()
    await expect(page.get_by_role("button", name="Delete the account")).to_have_count(0)
