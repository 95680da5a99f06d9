"""The team in the browser: invited, joined, promoted, removed, and who may do which."""

import uuid
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from core.outbox import newest_mails
from tests.browser.windows import DESKTOP, PHONE, Size, Windows, both_sizes
from tests.integration.product import Product
from tests.people import People

pytestmark = pytest.mark.anyio

TEAM = "/settings/team"


async def invite(page: Page, email: str, role: str = "Member") -> str:
    """Invites through the page; the link that it shows."""
    await page.get_by_role("button", name="Invite", exact=True).click()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("radio", name=role).click()
    await page.get_by_role("button", name="Send the invitation").dblclick()
    link = await page.get_by_label("Link of the invitation").input_value()
    await page.get_by_role("button", name="Done").click()
    return link


def role_of(people: People, account: uuid.UUID | None, user: uuid.UUID) -> str | None:
    role: str | None = people.world.value(
        "admin", "select role from public.members where account_id = %s and user_id = %s", account, user
    )
    return role


@pytest.mark.parametrize(("ours", "other"), [(DESKTOP, PHONE), (PHONE, DESKTOP)], ids=["desktop", "phone"])
async def test_somebody_is_invited_and_joins(
    windows: Windows, people: People, product: Product, ours: Size, other: Size
) -> None:
    owner, guest = people.owner(name="Lamp & Co"), people.loner()
    page = await windows.open(owner, TEAM, size=ours)
    link = await invite(page, guest.email, "Admin")
    await expect(page.get_by_role("listitem").filter(has_text=guest.email)).to_contain_text("Admin")
    mail = next(mail for mail in newest_mails(Path(product.running.rules.mail_url)) if mail.to == guest.email)
    assert link in mail.links
    theirs = await windows.open(guest, link, size=other)
    await expect(theirs.get_by_role("heading")).to_have_text("Join Lamp & Co")
    await theirs.get_by_role("button", name="Accept the invitation").click()
    await expect(theirs.get_by_role("heading", name="Overview")).to_be_visible()
    assert role_of(people, owner.account, guest.user) == "admin"
    await page.reload()
    await expect(page.get_by_role("row").filter(has_text=guest.email)).to_be_visible()
    await expect(page.get_by_text("Nobody is invited right now")).to_be_visible()


async def test_signed_out_the_link_leads_through_sign_in(windows: Windows, people: People) -> None:
    guest = people.loner()
    page = await windows.open(people.owner(name="Lamp & Co"), TEAM)
    link = await invite(page, guest.email)
    theirs = await windows.open(None, link)
    await theirs.get_by_role("link", name="Sign in").click()
    await expect(theirs.get_by_label("E-mail address")).to_have_value(guest.email)
    await theirs.get_by_label("Password").fill(guest.password)
    await theirs.get_by_role("button", name="Sign in").click()
    await theirs.get_by_role("button", name="Accept the invitation").click()
    await expect(theirs.get_by_role("button", name="Switch between accounts")).to_contain_text("Lamp & Co")


async def test_without_the_link_who_is_invited_is_told_after_sign_in(windows: Windows, people: People) -> None:
    guest = people.owner(name="At home")
    page = await windows.open(people.owner(name="Lamp & Co"), TEAM)
    await invite(page, guest.email)
    theirs = await windows.open(None, "/sign-in", size=PHONE)
    await theirs.get_by_label("E-mail address").fill(guest.email)
    await theirs.get_by_label("Password").fill(guest.password)
    await theirs.get_by_role("button", name="Sign in").click()
    await expect(theirs.get_by_role("heading", level=1)).to_have_text("You are invited")
    await theirs.get_by_role("link", name="Go to your reports").click()
    await theirs.goto("/settings/profile")
    await theirs.get_by_role("link", name="Invitations to other accounts").click()
    await theirs.get_by_role("button", name="Accept").click()
    await expect(theirs.get_by_role("heading", name="Overview")).to_be_visible()
    await theirs.get_by_role("button", name="Menu").click()
    await expect(theirs.get_by_role("button", name="Switch between accounts")).to_contain_text("Lamp & Co")


@both_sizes
async def test_sent_again_too_soon_says_so_and_later_makes_a_new_link(windows: Windows, people: People) -> None:
    guest = people.loner()
    page = await windows.open(people.owner(), TEAM)
    first = await invite(page, guest.email)
    again = page.get_by_role("button", name=f"Send the invitation to {guest.email} again")
    windows.expect("status of 429")
    await again.click()
    await page.get_by_role("button", name="Send again").click()
    await expect(page.get_by_role("alert").filter(has_text="Wait a minute")).to_be_visible()
    people.world.run(
        "update public.invitations set sent_at = now() - interval '2 minutes' where email = %s", guest.email
    )
    await page.get_by_role("button", name="Send again").click()
    assert await page.get_by_label("Link of the invitation").input_value() != first
    await page.get_by_role("button", name="Done").click()
    windows.expect("status of 404")
    await page.goto(first)
    await expect(page.get_by_text("There is no such invitation")).to_be_visible()


@both_sizes
async def test_an_invitation_is_taken_back(windows: Windows, people: People) -> None:
    guest = people.loner()
    page = await windows.open(people.owner(), TEAM)
    link = await invite(page, guest.email)
    await page.get_by_role("button", name=f"Cancel the invitation of {guest.email}").click()
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.get_by_text("Nobody is invited right now")).to_be_visible()
    windows.expect("status of 410")
    theirs = await windows.open(guest, link)
    await expect(theirs.get_by_text("This invitation was taken back")).to_be_visible()


async def test_a_mistake_is_told_in_the_dialog(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, TEAM)
    await page.get_by_role("button", name="Invite", exact=True).click()
    send = page.get_by_role("button", name="Send the invitation")
    await send.click()
    await expect(page.get_by_role("alert").filter(has_text="Enter the e-mail address")).to_be_visible()
    windows.expect("status of 400")
    await page.get_by_label("E-mail address").fill("nobody")
    await send.click()
    await expect(page.get_by_role("alert").filter(has_text="not an e-mail address")).to_be_visible()
    windows.expect("status of 409")
    await page.get_by_label("E-mail address").fill(owner.email)
    await send.click()
    await expect(page.get_by_role("alert").filter(has_text="in the account already")).to_be_visible()


@both_sizes
async def test_a_changed_role_counts_in_their_open_tab(windows: Windows, people: People) -> None:
    team = people.team()
    theirs = await windows.open(team.member, TEAM)
    await expect(theirs.get_by_role("row").filter(has_text=team.owner.email)).to_be_visible()
    await expect(theirs.get_by_role("button", name="Invite", exact=True)).to_have_count(0)
    page = await windows.open(team.owner, TEAM)
    await page.get_by_role("combobox", name=f"Role of {team.member.email}").click()
    await page.get_by_role("option", name="Admin").click()
    await expect(page.get_by_role("status").filter(has_text="The role is changed")).to_be_visible()
    await expect(theirs.get_by_role("button", name="Invite", exact=True)).to_be_visible(timeout=3000)
    assert role_of(people, team.account, team.member.user) == "admin"


@both_sizes
async def test_who_is_removed_leaves_their_open_tab(windows: Windows, people: People) -> None:
    team = people.team()
    theirs = await windows.open(team.member, TEAM)
    await expect(theirs.get_by_role("row").filter(has_text=team.owner.email)).to_be_visible()
    page = await windows.open(team.admin, TEAM)
    await page.get_by_role("button", name=f"Remove {team.member.email}").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("row").filter(has_text=team.member.email)).to_have_count(0)
    await theirs.wait_for_url("**/welcome", timeout=4000)
    assert role_of(people, team.account, team.member.user) is None


async def test_an_admin_is_not_offered_to_change_owners(windows: Windows, people: People) -> None:
    team = people.team()
    page = await windows.open(team.admin, TEAM)
    await expect(page.get_by_role("row").filter(has_text=team.owner.email)).to_contain_text("Owner")
    await expect(page.get_by_role("combobox", name=f"Role of {team.owner.email}")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"Remove {team.owner.email}")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Transfer ownership")).to_have_count(0)
    await page.get_by_role("combobox", name=f"Role of {team.member.email}").click()
    await expect(page.get_by_role("option")).to_have_text(["Admin", "Member"])


@both_sizes
async def test_ownership_is_handed_over(windows: Windows, people: People) -> None:
    team = people.team()
    page = await windows.open(team.owner, TEAM)
    await expect(page.get_by_role("button", name="Leave the account")).to_be_disabled()
    await page.get_by_role("combobox", name="The new owner").click()
    await page.get_by_role("option", name=team.admin.email).click()
    await page.get_by_role("button", name="Transfer", exact=True).click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("You become an admin")
    await dialog.get_by_role("button", name="Transfer ownership").click()
    await expect(page.get_by_role("row").filter(has_text=team.admin.email)).to_contain_text("Owner")
    assert role_of(people, team.account, team.admin.user) == "owner"
    assert role_of(people, team.account, team.owner.user) == "admin"
    # Now they may go.
    await page.get_by_role("button", name="Leave the account").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    await page.wait_for_url("**/welcome")
    assert role_of(people, team.account, team.owner.user) is None


async def test_who_leaves_lands_in_their_other_account(windows: Windows, people: People) -> None:
    team = people.team()
    other = people.owner(name="Second home")
    assert other.account is not None
    people.add(other.account, team.member.user, "member")
    page = await windows.open(team.member, TEAM)
    await page.get_by_role("button", name="Leave the account").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    await expect(page.get_by_role("button", name="Switch between accounts")).to_contain_text("Second home")
