"""What happens to a tab that is open: its session ends, the server starts again, somebody else signs in."""

import asyncio
import re
import signal

import psutil
import psycopg
import pytest
from playwright.async_api import Page, expect

from tests.browser.windows import PHONE, Windows, both_sizes, ways
from tests.integration.product import Product, answers, wait_until
from tests.people import People, Person

pytestmark = pytest.mark.anyio


async def shows_balance(page: Page, credits: int) -> None:
    await expect(page.get_by_role("link", name=f"{credits:,} credits")).to_be_visible()


@both_sizes
async def test_a_tab_leaves_within_moments_when_its_session_ends(windows: Windows, people: People) -> None:
    owner = people.owner(credits=7)
    page = await windows.open(owner, "/settings/team")
    await shows_balance(page, 7)
    people.world.run("delete from private.sessions where user_id = %s", owner.user)
    await expect(page).to_have_url(re.compile(r"/sign-in\?next=/settings/team$"), timeout=4000)
    # The number of the tab is gone as well.
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.wait_for_function("sessionStorage.length === 0")


@both_sizes
async def test_signing_out_and_going_back_shows_nothing(windows: Windows, people: People) -> None:
    owner = people.owner(credits=4321, name="Lamplighters")
    page = await windows.open(owner)
    await shows_balance(page, 4321)
    await (await ways(page)).get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Lamplighters" not in await page.content()


@both_sizes
async def test_the_next_user_of_a_tab_sees_their_own(windows: Windows, people: People) -> None:
    first, second = people.owner(credits=4321, name="Lamplighters"), people.owner(credits=12, name="Strangers")
    page = await windows.open(first)
    await shows_balance(page, 4321)
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    await (await ways(page)).get_by_role("button", name="Sign out").click()
    await page.get_by_label("E-mail address").fill(second.email)
    await page.get_by_label("Password").fill(second.password)
    await page.get_by_role("button", name="Sign in").click()
    await shows_balance(page, 12)
    assert frames and not any(text in frame for frame in frames for text in ("Lamplighters", "4321", first.email))


async def test_two_tabs_of_two_people_do_not_mix(windows: Windows, people: People) -> None:
    first, second = people.owner(credits=41), people.owner(credits=12)
    pages = await asyncio.gather(windows.open(first), windows.open(second), windows.open(first, "/settings/keys"))
    for page, credits in zip(pages, (41, 12, 41), strict=True):
        await shows_balance(page, credits)


@pytest.fixture
def restarting(product: Product) -> psutil.Process:
    return product.web()


async def test_a_server_that_starts_again_is_found_by_the_open_tab(
    windows: Windows, product: Product, people: People, restarting: psutil.Process
) -> None:
    windows.expect("WebSocket connection to|ERR_CONNECTION_REFUSED|websocket error")
    owner: Person = people.owner(credits=7)
    page = await windows.open(owner)
    await shows_balance(page, 7)
    await page.evaluate("window.sameDocument = true")
    restarting.send_signal(signal.SIGKILL)
    lost = page.get_by_text("The connection to our server is lost.")
    await expect(lost).to_be_visible()
    assert "websocket" not in await page.inner_text("body")
    people.world.value(
        "admin", "select private.adjust_credits(%s, 4, 'While it was away', 'cli:test', %s)", owner.account, owner.email
    )
    await asyncio.to_thread(wait_until, lambda: answers(product.url))
    # By itself, without a new page, and with what is true now.
    await expect(page.get_by_role("navigation").get_by_text("11 credits")).to_be_visible(timeout=15_000)
    await expect(lost).to_have_count(0)
    assert await page.evaluate("window.sameDocument") is True


async def test_the_news_of_a_database_that_does_not_answer_comes_and_goes(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(credits=7), "/settings/team")
    await shows_balance(page, 7)
    news = page.get_by_text(
        "We cannot reach our database right now. Nothing was lost; this page tries again by itself."
    )
    with psycopg.connect(people.world.urls.admin) as holding:
        holding.execute("lock table private.sessions in access exclusive mode")
        # A pulse is sent every 1.5 s.
        await expect(news).to_be_visible(timeout=4500)
        holding.rollback()
        await expect(news).to_be_hidden(timeout=6000)


async def test_the_accounts_to_switch_to_lie_above_the_menu_of_a_phone(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), size=PHONE)
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("button", name="Switch between accounts").click()
    await expect(page.get_by_role("menuitem")).to_be_visible()
    above, below = await page.evaluate("""() => [
        document.querySelector("[data-radix-popper-content-wrapper]"), document.querySelector("[role=dialog]"),
    ].map((element) => Number(getComputedStyle(element).zIndex) || 0)""")
    assert above > below
