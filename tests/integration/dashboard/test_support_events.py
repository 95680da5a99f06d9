"""Events of the support pages, sent by a plain websocket client: by staff with whatever arguments, and by who was staff
a moment ago."""

import asyncio
import inspect
import uuid
from typing import Any

import psycopg
import pytest

from dashboard.visit import BROKEN
from tests.browser.socket_client import HYDRATE, VISIT, Tab
from tests.doors.handlers import Handler, all_handlers
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

HANDLERS = [handler for handler in all_handlers() if handler.state.__module__.startswith("dashboard.support")]
SEARCH_STATE = f"{VISIT}.dashboard___support___search____search_state"
ACCOUNT_STATE = f"{VISIT}.dashboard___support___account___state____account_state"
FIELDS = (
    "query",
    "change",
    "reason",
    "report",
    "request",
    "credits",
    "note",
    "account",
    "actor",
    "action",
    "from",
    "to",
)
HOSTILE: list[Any] = [
    None, True, -1, 10**40, 1.5, "", "x" * 20_000, "\x00", "\ud800", "'; drop table accounts; --", "٣", [], [[]], {},
    {"form": {}}, {"__class__": "x"},
]  # fmt: skip


@pytest.fixture(scope="module")
def staff(people: People) -> Person:
    return people.staff()


def arguments_of(handler: Handler) -> list[str]:
    function = inspect.unwrap(handler.state.event_handlers[handler.name].fn)
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.readable)
async def test_whatever_is_sent_is_answered_and_changes_nothing(
    product: Product, people: People, staff: Person, handler: Handler
) -> None:
    owner = people.owner(credits=9)
    names = arguments_of(handler)
    payloads = [dict.fromkeys(names, value) for value in HOSTILE] if names else [{}]
    if "form" in names:
        # Without a reason, for which most of it would do.
        payloads += [{"form": dict.fromkeys(FIELDS, value) | {"reason": "", "note": ""}} for value in HOSTILE]
    before = people.world.value("admin", "select count(*) from private.audit_log")
    async with Tab(product, staff.cookie, f"/support/accounts/{owner.account}") as tab:
        await tab.until(lambda: tab.var(ACCOUNT_STATE, "is_ready"))
        for payload in payloads:
            await tab.send(handler.wire_name, payload)
        await tab.ended(ACCOUNT_STATE)
        assert BROKEN not in tab.text
        assert not tab.leave
    assert people.world.value("admin", "select count(*) from private.audit_log") == before


@pytest.mark.parametrize("query", ["ab\x00", "ab\ud800", "a", "", None])
async def test_a_search_for_what_cannot_be_is_refused_in_a_sentence(
    product: Product, staff: Person, query: str | None
) -> None:
    async with Tab(product, staff.cookie, "/support") as tab:
        await tab.until(lambda: tab.var(SEARCH_STATE, "is_ready"))
        await tab.send(f"{SEARCH_STATE}.search", {"form": {"query": query}})
        told = await tab.until(lambda: tab.var(SEARCH_STATE, "trouble") or tab.var(SEARCH_STATE, "summary"))
        assert told != BROKEN
        assert tab.var(SEARCH_STATE, "is_searching") is False


async def test_what_cannot_be_sent_back_is_not_kept(product: Product, people: People, staff: Person) -> None:
    owner = people.owner()
    async with Tab(product, staff.cookie, f"/support/accounts/{owner.account}") as tab:
        await tab.until(lambda: tab.var(ACCOUNT_STATE, "is_ready"))
        await tab.send(f"{ACCOUNT_STATE}.preview", {"change": "5\ud800"})
        await tab.until(lambda: tab.var(ACCOUNT_STATE, "change"))
        assert tab.var(ACCOUNT_STATE, "change") == "5?"
        assert "whole number" in tab.var(ACCOUNT_STATE, "problem")


@pytest.mark.parametrize("earlier", ["answers late", "fails"])
async def test_of_two_searches_the_later_is_shown(
    product: Product, people: People, staff: Person, earlier: str
) -> None:
    name = f"Alder {uuid.uuid4().hex[:8]}"
    people.owner(name=name)
    # Requests are looked up in a table that nothing else here needs.
    with psycopg.connect(people.world.urls.admin) as connection:
        connection.execute("lock table private.api_requests in access exclusive mode")
        async with Tab(product, staff.cookie, "/support") as tab:
            await tab.until(lambda: tab.var(SEARCH_STATE, "is_ready"))
            await tab.send(f"{SEARCH_STATE}.search", {"form": {"query": f"req_{'0' * 32}"}})
            await tab.until(lambda: tab.var(SEARCH_STATE, "is_searching"))
            await tab.send(f"{SEARCH_STATE}.search", {"form": {"query": name}})
            await tab.until(lambda: tab.var(SEARCH_STATE, "summary") == "1 result.")
            await waiting(people, 1)
            if earlier == "answers late":
                connection.commit()
            await waiting(people, 0)
            await tab.settled()
            assert tab.var(SEARCH_STATE, "summary") == "1 result." and not tab.var(SEARCH_STATE, "trouble")


async def waiting(people: People, many: int) -> None:
    """Until as many statements wait for a lock, which nobody tells."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%%staff_search%%'"
    async with asyncio.timeout(5):
        while people.world.value("admin", query) != many:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("path", ["/", "/support"])
async def test_who_was_staff_is_sent_nothing_that_the_tab_held(product: Product, people: People, path: str) -> None:
    staff, owner = people.staff(), people.owner(name="Lamplighters")
    async with Tab(product, staff.cookie, f"/support/accounts/{owner.account}") as tab:
        await tab.until(lambda: "Lamplighters" in tab.text)
        people.world.value("admin", "select private.remove_staff(%s, 'cli:test')", staff.email)
        await tab.send(f"{VISIT}.pulse")
        await tab.until(lambda: tab.leave, seconds=2)
        before = len(tab.frames)
        await tab.send(HYDRATE, path=path)
        for handler in HANDLERS:
            await tab.send(handler.wire_name, handler.nothing, path=path)
        await tab.until(lambda: len(tab.frames) > before + len(HANDLERS))
        assert not any("Lamplighters" in frame for frame in tab.frames[before:])
