"""Many websockets and many tabs: of strangers nothing is kept, of a user not without end, and others are served."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from dashboard.traffic import BURST, EVENTS_PER_SECOND, SOCKETS, STRANGERS
from dashboard.visit import BROKEN
from tests.browser.socket_client import HYDRATE, VISIT, Tab
from tests.doors.handlers import Handler, all_handlers
from tests.integration.product import Product
from tests.people import People, Person, an_address

pytestmark = pytest.mark.anyio

BRANDING = f"{VISIT}.dashboard___pages___branding____branding_state"
TOKENS = 1000
# With a state each, they would be more than 30 MB.
MEMORY_MB = 15
HOSTILE: list[Any] = [None, -1, 10**40, "", "x" * 20_000, "\x00", "\ud800", [[]], {"form": {}}]


def elsewhere() -> dict[str, str]:
    return {"X-Forwarded-For": an_address()}


async def come_and_go(product: Product, cookie: str | None) -> None:
    async with Tab(product, cookie, headers=elsewhere()) as tab:
        await tab.until(lambda: tab.leave, seconds=30)


async def test_of_tabs_that_are_not_signed_in_nothing_is_kept(product: Product) -> None:
    process = product.web()

    async def many(count: int) -> None:
        for begin in range(0, count, 10):
            cookies = ["A" * 43 if number % 2 else None for number in range(begin, begin + 10)]
            await asyncio.gather(*(come_and_go(product, cookie) for cookie in cookies))

    # What is there once, whoever comes.
    await many(300)
    before = process.memory_info().rss
    await many(TOKENS)
    assert process.memory_info().rss - before < MEMORY_MB * 2**20


async def test_a_user_has_so_many_tabs_and_then_no_more(product: Product, people: People) -> None:
    owner, other = people.owner(), people.owner()
    browsers = [owner.cookie, owner.another_session()]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Tab(product, owner.cookie))
        for number in range(SOCKETS - 1):
            await stack.enter_async_context(Tab(product, browsers[number % 2], first=None))
        for cookie in browsers:
            with pytest.raises(InvalidStatus) as refused:
                await Tab(product, cookie).__aenter__()
            assert refused.value.response.status_code == 403
        # Those that are there work, and so do others'.
        await first.until(lambda: first.visit("email") == owner.email)
        async with Tab(product, other.cookie) as theirs:
            await theirs.until(lambda: theirs.visit("email") == other.email)
    async with Tab(product, owner.cookie) as again:
        await again.until(lambda: again.visit("email") == owner.email)


async def test_an_address_has_so_many_websockets_without_a_session(product: Product, people: People) -> None:
    owner, here = people.owner(), elsewhere()
    async with AsyncExitStack() as stack:
        for _ in range(STRANGERS):
            await stack.enter_async_context(Tab(product, headers=here, first=None))
        with pytest.raises(InvalidStatus):
            await Tab(product, headers=here).__aenter__()
        await come_and_go(product, None)
        # Whoever is signed in there is not kept out.
        async with Tab(product, owner.cookie, headers=here) as tab:
            await tab.until(lambda: tab.visit("email") == owner.email)


async def typed(product: Product, person: Person, token: str, text: str = "") -> Any:
    """What a tab holds that nobody else has, after `text` was typed if there is any."""
    async with Tab(product, person.cookie, "/settings/branding", token=token, first=HYDRATE) as tab:
        await tab.until(lambda: tab.visit("email"))
        if text:
            await tab.send(f"{BRANDING}.try_title", {"text": text})
        await tab.settled()
        return tab.var(BRANDING, "title")


async def test_of_closed_tabs_those_are_kept_that_were_opened_last(product: Product, people: People) -> None:
    owner, other, token, theirs = people.owner(), people.owner(), str(uuid.uuid4()), str(uuid.uuid4())
    await typed(product, owner, token, "as it was")
    await typed(product, other, theirs, "as theirs was")
    assert await typed(product, owner, token) == "as it was"
    for begin in range(0, SOCKETS, 5):
        await asyncio.gather(*(typed(product, owner, str(uuid.uuid4())) for _ in range(begin, begin + 5)))
    assert await typed(product, owner, token) == ""
    assert await typed(product, other, theirs) == "as theirs was"


async def test_a_user_who_floods_has_a_share_and_others_theirs(product: Product, people: People) -> None:
    owner, other = people.owner(), people.owner()
    async with Tab(product, owner.cookie) as flooding, Tab(product, other.cookie) as tab:
        await flooding.until(lambda: flooding.visit("email"))
        await tab.until(lambda: tab.visit("email"))
        before, began = len(flooding.frames), time.monotonic()
        for _ in range(BURST + 4 * EVENTS_PER_SECOND):
            await flooding.send(f"{VISIT}.pulse")
        await flooding.send(HYDRATE)
        for _ in range(5):
            await tab.settled()
        whole = "rx_router_headers"
        await flooding.until(lambda: any(whole in frame for frame in flooding.frames[before:]), seconds=30)
        assert time.monotonic() - began > 3.5


async def test_nothing_that_can_be_sent_is_an_error_of_ours(product: Product, people: People) -> None:
    # Those of support staff are tried in test_support_events.py.
    handlers = [one for one in all_handlers() if not one.state.__module__.startswith("dashboard.support")]
    log = product.state / "logs" / "web.log"
    size = log.stat().st_size

    async def send_all(owner: Person, handler: Handler) -> None:
        async with Tab(product, owner.cookie) as tab:
            await tab.until(lambda: tab.visit("email") or tab.leave)
            for value in HOSTILE:
                await tab.send(handler.wire_name, dict.fromkeys(handler.nothing, value))
                await tab.send(handler.wire_name, {"form": {"name": value, "team": value, "credits": value}})
            await tab.settled()
            assert BROKEN not in tab.text

    for begin in range(0, len(handlers), 10):
        owners = [people.owner() for _ in range(10)]
        await asyncio.gather(*map(send_all, owners, handlers[begin : begin + 10]))
    written = log.read_text()[size:]
    assert "unexpected error" not in written and "Traceback" not in written and "transforming" not in written
