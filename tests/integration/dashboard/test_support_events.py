"""Events of the support pages, sent by a plain websocket client: by staff with whatever arguments, and by who was staff
a moment ago."""

import inspect
from typing import Any

import pytest

from dashboard.visit import BROKEN
from tests.browser.socket_client import HYDRATE, VISIT, Tab
from tests.doors.handlers import Handler, all_handlers
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

HANDLERS = [handler for handler in all_handlers() if handler.state.__module__.startswith("dashboard.support")]
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
        payloads += [{"form": dict.fromkeys(FIELDS, value)} for value in HOSTILE]
    before = people.world.value("admin", "select count(*) from private.audit_log")
    async with Tab(product, staff.cookie, f"/support/accounts/{owner.account}") as tab:
        await tab.until(lambda: tab.var(ACCOUNT_STATE, "is_ready"))
        for payload in payloads:
            await tab.send(handler.wire_name, payload)
        await tab.settled()
        assert BROKEN not in tab.text
        assert not tab.leave
    assert people.world.value("admin", "select count(*) from private.audit_log") == before


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
            await tab.send(handler.wire_name, path=path)
        await tab.until(lambda: len(tab.frames) > before + len(HANDLERS))
        assert not any("Lamplighters" in frame for frame in tab.frames[before:])
