"""The first day of a customer, by the browser alone: from signing up to the credits that support adds."""

import asyncio
import re
import shlex
import uuid

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.hand import Hand
from tests.browser.windows import PATIENCE, Windows, both_sizes
from tests.integration.product import Product, wait_until
from tests.people import PASSWORD, People, Person
from tests.site import NewsSite

pytestmark = pytest.mark.anyio

REPORT, API_REPORT = "Opening of the lido", "From the newsroom"
ARTICLES = ["/wexcombe-ledger/pool-reopens", "/kilowatt-weekly/heat-tariff", "/trouble/404", "/trouble/slow-but-fine"]
ONE = ARTICLES[1]
REASON = "Invoice 2026-114, with our thanks"


@both_sizes
async def test_a_customer_gets_from_signing_up_to_more_credits(
    windows: Windows, people: People, product: Product, news: NewsSite
) -> None:
    harriet, jonas = (f"{name}-{uuid.uuid4().hex[:8]}@example.com" for name in ("harriet", "jonas"))
    owner = await somebody(windows)
    await owner.press("Sign up", "link")
    await owner.fill("E-mail address", harriet)
    await sign_up(owner, harriet)
    await make_the_first_report(owner, news)
    await look_in_private(windows, await copy_the_link(owner))
    await invite(owner, jonas)
    member = await somebody(windows, "/mail")
    await accept(member, jonas, into=harriet)
    await find_in_the_team(owner, jonas)
    await asyncio.to_thread(use_the_key, await make_a_key(owner), product, news)
    await find_the_report_of_the_key(owner)
    await make_the_last_report(member)
    await be_refused(owner, news, "You have no credits left")
    await ask_for_credits(owner)
    staff = await somebody(windows)
    await sign_in(staff, people.staff())
    await grant(staff, harriet)
    await read_why(owner, news)


async def somebody(windows: Windows, path: str = "/") -> Hand:
    """Somebody with a browser in which nobody has signed in."""
    window = await windows.window()
    await window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await window.new_page()
    await page.goto(path)
    return Hand(page, windows.size)


# -- Signing up and in ----------------------------------------------------------------------------------------------


async def sign_up(who: Hand, email: str) -> None:
    """Sends the form, in which the address stands, and follows the link in the mail."""
    await expect(who.page.get_by_label("E-mail address")).to_have_value(email)
    await who.fill("Password", PASSWORD)
    await who.press("Sign up")
    await who.is_at("Check your mail")
    await who.press("Read it here.", "link")
    await follow_the_mail(who, email)
    await who.is_at("Almost there")
    await who.press("Go on")


async def follow_the_mail(who: Hand, email: str) -> None:
    """Opens the link of the newest mail to this address, on the page with the mails of the machine."""
    await who.is_at("Mail of this machine")
    mail = who.page.locator("section").filter(has_text=f"To {email}").first
    await who.touch(mail.get_by_role("link"))


async def sign_in(who: Hand, person: Person) -> None:
    await who.fill("E-mail address", person.email)
    await who.fill("Password", person.password)
    await who.press("Sign in")
    # Before what the server knows is there, the page may not hear anybody yet.
    await who.reads("Credits left")


# -- Reports --------------------------------------------------------------------------------------------------------


async def make_the_first_report(who: Hand, news: NewsSite) -> None:
    """From the first page in three steps; it is watched until it is finished."""
    await who.is_at("Overview")
    for step in ("1. Paste your links", "2. See the price", "3. Watch it grow"):
        await who.reads(step)
    await who.press("Paste your links", "link")
    await who.is_at("New report")
    await who.fill("Name", REPORT)
    await who.fill("Links", "\n".join(map(news.url, ARTICLES)))
    await who.reads("2 of 3")
    await create(who, REPORT)
    await who.page.evaluate("window.sameDocument = true")
    # One link stands there captured while another is still read.
    growing = who.page.get_by_role("main").filter(has=who.page.get_by_role("progressbar"))
    await who.sees(growing.get_by_role("listitem").filter(has_text="Captured").first)
    await is_finished(who)
    assert await who.page.evaluate("window.sameDocument") is True
    await who.sees(who.page.get_by_role("img", name="Screenshot: ").first)
    await who.reads("Then make a report of the corrected link.")


async def create(who: Hand, name: str) -> None:
    """Makes the report of the form, and goes to its page."""
    await who.press("Create report")
    await expect(who.page).to_have_url(re.compile("/reports/[0-9a-f]{32}$"))
    await who.is_at(name)


async def is_finished(who: Hand) -> None:
    await who.sees(who.page.get_by_role("heading", name="Share"), patience=4 * PATIENCE)
    await expect(who.page.get_by_role("progressbar")).to_have_count(0)


async def copy_the_link(who: Hand) -> str:
    await who.press("Copy link")
    await who.sees(who.find("Copied"))
    return await who.copied()


async def look_in_private(windows: Windows, link: str) -> None:
    """Opens a share link where nobody is signed in."""
    visitor = await somebody(windows, link)
    await visitor.is_at(REPORT)
    await visitor.reads("The Wexcombe Ledger")


async def open_report(who: Hand, name: str) -> None:
    await who.go("Reports")
    await who.is_at("Reports")
    await who.press(name, "link")
    await who.is_at(name)


# -- The team -------------------------------------------------------------------------------------------------------


async def invite(who: Hand, email: str) -> None:
    await who.go("Team")
    await who.press("Invite")
    await who.fill("E-mail address", email)
    await who.press("Send the invitation")
    await who.reads(f"it keeps the one to {email}")
    await who.press("Done")
    await who.sees(who.page.get_by_role("listitem").filter(has_text=email))


async def accept(who: Hand, email: str, *, into: str) -> None:
    """Follows the invitation in the mail, with an account that is made for it."""
    await follow_the_mail(who, email)
    await who.is_at(f"Join {into.partition('@')[0]}")
    await who.press("Sign up", "link")
    await sign_up(who, email)
    await who.press("Accept the invitation")
    await who.is_at("Overview")
    # What the others have made is there.
    await who.sees(who.find(REPORT, "link"))


async def find_in_the_team(who: Hand, email: str) -> None:
    await who.page.reload()
    await who.sees(who.page.get_by_role("row").filter(has_text=email))


# -- A program ------------------------------------------------------------------------------------------------------


async def make_a_key(who: Hand) -> list[str]:
    """Makes an API key, which is told once. The words of the curl command that the page gives with it."""
    await who.go("API keys")
    await who.press("New key")
    await who.fill("Name", "Newsroom")
    await who.press("Make the key")
    await who.press("Copy")
    await who.sees(who.find("Copied"))
    key = await who.copied()
    example = await who.page.get_by_label("Try it").inner_text()
    await who.press("I have copied it")
    await who.sees(who.page.get_by_role("row").filter(has_text="Newsroom"))
    assert key not in await who.page.content()
    command = shlex.split(example.replace("\\\n", ""))
    assert command[0] == "curl" and command[-1] == f"X-API-Key: {key}"
    return command


def use_the_key(command: list[str], product: Product, news: NewsSite) -> None:
    """Does what the command does, and makes a report, until it is finished."""
    _, balance, _, header = command
    name, _, key = header.partition(": ")
    with httpx.Client(headers={name: key}, timeout=20) as curl:
        assert curl.get(balance).json() == {"balance": 2}
        reports = f"{product.url}/api/v1/reports"
        made = curl.post(reports, json={"urls": [news.url(ONE)], "reportName": API_REPORT})
        assert made.status_code == 202, made.text
        wait_until(lambda: curl.get(f"{reports}/{made.json()['id']}").json()["status"] == "completed")


async def find_the_report_of_the_key(who: Hand) -> None:
    await open_report(who, API_REPORT)
    await who.reads("by API key Newsroom")


# -- Credits --------------------------------------------------------------------------------------------------------


async def make_the_last_report(who: Hand) -> None:
    """Makes one again, for the last credit; then a member is told whom to ask."""
    await open_report(who, API_REPORT)
    await who.press("Make again", "link")
    await who.reads("0 of 1")
    await create(who, API_REPORT)
    await is_finished(who)
    await who.go("Overview")
    await who.reads("Ask an owner or admin of your account to request more.")


async def be_refused(who: Hand, news: NewsSite, warning: str) -> None:
    """Finds no credits on the first page, and none for a new report."""
    await who.go("Overview")
    await who.reads(warning)
    await who.press("New report", "link")
    await who.fill("Links", news.url(ONE))
    await who.reads("1 credit is missing.")
    await expect(who.find("Create report")).to_be_disabled()
    await who.press("Request more credits", "link")
    await who.is_at("Credits")


async def ask_for_credits(who: Hand) -> None:
    await who.reads("No report can be made until there are more.")
    await who.fill("How many credits", "20")
    await who.fill("Message to support (optional)", "Two launches in November")
    await who.press("Ask for credits")
    await who.reads("Waiting for support")


async def grant(who: Hand, email: str) -> None:
    """Staff find the account of this user, and grant what it asks for."""
    await who.go("Find an account")
    await who.fill("Search all accounts", email)
    await who.press("Search")
    await who.touch(who.page.get_by_role("link", name=email))
    await who.is_at(email.partition("@")[0])
    await who.reads("Two launches in November")
    await who.press("Decide", "link")
    await who.is_at("Credit requests")
    await who.press("Approve", within=who.page.locator(".rt-Card").filter(has_text=email))
    await expect(who.page.get_by_label("Credits to grant")).to_have_value("20")
    await who.fill("Note", REASON)
    await who.press("Grant credits")
    await who.reads("20 credits granted. The balance is 20.")


async def read_why(who: Hand, news: NewsSite) -> None:
    """The page that asked has the answer by itself, the ledger has the reason, and reports can be made."""
    await who.reads("Approved on")
    entry = who.page.get_by_role("row").filter(has_text=REASON)
    await who.sees(entry.get_by_role("cell", name="+20", exact=True))
    await who.sees(entry.get_by_role("cell", name="20", exact=True))
    await who.sees(who.find("20 credits", "link"))
    await who.go("Reports")
    await who.press("New report", "link")
    await who.fill("Links", news.url(ONE))
    await who.reads("19 of 20")
    await expect(who.find("Create report")).to_be_enabled()
