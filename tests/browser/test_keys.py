"""API keys in the browser: made, told once, used, revoked."""

import uuid

import httpx
import pytest
from playwright.async_api import Page, WebSocket, expect

from core.keys import has_valid_shape
from tests.browser.axe import violations
from tests.browser.windows import PHONE, Windows, both_sizes, sideways
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

KEYS = "/settings/keys"


def make(owner: Person, *names: str) -> list[str]:
    """Makes keys, past the page. Their ids."""
    with owner.client() as client:
        return [client.post("/api/portal/keys", json={"name": name}).json()["id"] for name in names]


def frames_of(page: Page) -> list[str]:
    """What goes over the websocket of the page from now on."""
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))
        socket.on("framesent", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)
    return frames


@both_sizes
async def test_a_key_is_told_once_past_the_websocket(windows: Windows, people: People, product: Product) -> None:
    page = await (await windows.window(people.owner(credits=7))).new_page()
    frames = frames_of(page)
    await page.goto(KEYS)
    await expect(page.get_by_text("No API key yet")).to_be_visible()
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name").fill("Newsroom")
    # Faster than any hand: both before the page is drawn anew.
    await page.get_by_role("button", name="Make the key").evaluate("(button) => { button.click(); button.click(); }")
    field = page.get_by_label("API key", exact=True)
    key = await field.input_value()
    assert has_valid_shape(key)
    assert await sideways(page) == 0
    await expect(page.get_by_role("button", name="Copy", exact=True)).to_be_in_viewport(ratio=1)
    answer = httpx.get(f"{product.url}/api/v1/credits/balance", headers={"X-API-Key": key})
    assert answer.json() == {"balance": 7}
    # Neither Escape nor a click beside it takes it away unseen.
    await page.keyboard.press("Escape")
    await page.mouse.click(5, 5)
    await expect(field).to_be_visible()
    await page.get_by_role("button", name="I have copied it").click()
    await expect(page.get_by_role("row").filter(has_text="Newsroom")).to_have_count(1)
    await expect(page.get_by_text("1 of 5")).to_be_visible()
    assert frames and not any(key in frame for frame in frames)
    assert key not in await page.content()
    await page.reload()
    await expect(page.get_by_role("row").filter(has_text="Newsroom")).to_be_visible()
    assert key not in await page.content()


async def test_a_key_can_be_copied(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), KEYS)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name").fill("Newsroom")
    await page.keyboard.press("Enter")
    key = await page.get_by_label("API key", exact=True).input_value()
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == key


async def test_the_new_key_can_be_read_on_a_phone_in_the_dark(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), KEYS, size=PHONE, theme="dark")
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name").fill("Newsroom")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="I have copied it")).to_be_visible()
    await expect(page.get_by_role("button", name="Copy", exact=True)).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=1)
    assert await violations(page) == []


async def test_a_key_without_a_name_is_asked_for_one(windows: Windows, people: People) -> None:
    page = await windows.open(people.owner(), KEYS)
    await page.get_by_role("button", name="New key").click()
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("alert").filter(has_text="Give the key a name")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("button", name="New key")).to_be_focused()


@both_sizes
async def test_a_key_is_revoked_after_a_question(windows: Windows, people: People) -> None:
    owner = people.owner()
    make(owner, "Old one", "Other")
    page = await windows.open(owner, KEYS)
    await page.get_by_role("button", name="Revoke Old one").click()
    dialog = page.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("2 of 5")).to_be_visible()
    await page.get_by_role("button", name="Revoke Old one").click()
    await dialog.get_by_role("button", name="Revoke the key").click()
    await expect(page.get_by_text("1 of 5")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="The key is revoked")).to_be_visible()
    await page.get_by_text("Revoked keys (1)").click()
    await expect(page.get_by_role("listitem").filter(has_text="Old one")).to_be_visible()


async def test_five_of_five_says_what_to_do(windows: Windows, people: People) -> None:
    owner = people.owner()
    make(owner, *(f"Key {number}" for number in range(5)))
    page = await windows.open(owner, KEYS)
    await expect(page.get_by_text("That is the limit: revoke one")).to_be_visible()
    await expect(page.get_by_role("button", name="New key")).to_be_disabled()


async def test_a_key_made_elsewhere_meanwhile_is_counted(windows: Windows, people: People) -> None:
    owner = people.owner()
    make(owner, *(f"Key {number}" for number in range(4)))
    page = await windows.open(owner, KEYS)
    windows.expect("status of 409")
    await page.get_by_role("button", name="New key").click()
    make(owner, "Key 5")
    await page.get_by_label("Name").fill("One too many")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_role("alert").filter(has_text="which is the limit. Revoke one first")).to_be_visible()


async def test_what_is_long_unused_is_marked(windows: Windows, people: People) -> None:
    owner = people.owner()
    (key,) = make(owner, "Forgotten")
    people.world.run("update public.api_keys set created_at = now() - interval '91 days' where id = %s", uuid.UUID(key))
    page = await windows.open(owner, KEYS)
    await expect(page.get_by_role("row").filter(has_text="Forgotten")).to_contain_text("Unused for 90 days")


async def test_a_member_looks_and_is_told_whom_to_ask(windows: Windows, people: People) -> None:
    owner = people.owner()
    make(owner, "Newsroom")
    assert owner.account is not None
    page = await windows.open(people.join(owner.account, "member"), KEYS)
    await expect(page.get_by_role("row").filter(has_text="Newsroom")).to_be_visible()
    await expect(page.get_by_text("ask an owner or admin")).to_be_visible()
    await expect(page.get_by_role("button", name="New key")).to_have_count(0)
    await expect(page.get_by_role("button", name="Revoke")).to_have_count(0)


async def test_who_was_signed_out_meanwhile_signs_in_again(windows: Windows, people: People) -> None:
    owner = people.owner()
    page = await windows.open(owner, KEYS)
    await page.get_by_role("button", name="New key").click()
    people.world.run("delete from private.sessions where user_id = %s", owner.user)
    await page.wait_for_url("**/sign-in?next=**")
