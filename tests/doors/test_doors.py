"""Every action of the table, through each of its doors, as each role."""

import re

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS
from core.sessions import COOKIE
from dashboard.dashboard import app
from tests.doors import table
from tests.doors.actions import Action
from tests.doors.doors import Door, Event, Portal, Rpc
from tests.doors.handlers import all_handlers
from tests.doors.scene import OUTSIDER, ROLES, SIGNED_OUT, STAFF, Cast, make_cast, scene
from tests.doors.table import ACTIONS
from tests.integration.product import Product
from tests.people import People

pytestmark = pytest.mark.anyio

CASES = [pytest.param(action, door, id=f"{action.name}, {door.name}") for action in ACTIONS for door in action.doors]


@pytest.fixture(scope="module")
def cast(people: People) -> Cast:
    return make_cast(people)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("action", "door"), CASES)
async def test_who_may_can_and_who_may_not_cannot(
    product: Product, people: People, cast: Cast, action: Action, door: Door, role: str
) -> None:
    with scene(people.world, cast, role) as stage:
        action.prepare(stage)
        before = action.look(stage) if action.look else None
        answer = await door.knock(product, stage)
        if action.look:
            assert (action.look(stage) != before) == (role in action.allowed), answer.text[-2000:]
            return
        assert (stage.secret in answer.own) == (role in action.allowed), answer.text[-2000:]
        if role in (STAFF, OUTSIDER, SIGNED_OUT) and role not in action.allowed:
            # Not beside the page's own state either.
            assert stage.secret not in answer.text


def test_every_event_handler_is_in_the_table() -> None:
    handlers = {handler.readable for handler in all_handlers()}
    acting = {door.handler for action in ACTIONS for door in action.doors if isinstance(door, Event)}
    assert handlers == acting | set(table.HANDLERS)
    assert not acting & set(table.HANDLERS)


def test_every_function_that_people_may_call_is_in_the_table(people: People) -> None:
    rows = people.world.rows(
        "admin",
        """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and has_function_privilege('authenticated', p.oid, 'EXECUTE')
        """,
    )
    functions = {row["proname"] for row in rows}
    acting = {door.function for action in ACTIONS for door in action.doors if isinstance(door, Rpc)}
    assert functions == acting | set(table.FUNCTIONS)
    assert not acting & set(table.FUNCTIONS)


def test_every_endpoint_beside_the_public_api_is_in_the_table() -> None:
    endpoints = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and not route.path.startswith("/api/v1/")
        for method in route.methods or ()
    }
    acting = {door.name for action in ACTIONS for door in action.doors if isinstance(door, Portal)}
    assert endpoints == acting | set(table.ENDPOINTS)
    assert not acting & set(table.ENDPOINTS)


def test_every_page_is_in_the_table() -> None:
    found = {"/" if route == "index" else f"/{route}" for route in app._unevaluated_pages if route != "404"}
    assert found == set(table.PAGES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", sorted(table.PAGES))
def test_pages_are_given_to_who_may_have_them(
    product: Product, people: People, cast: Cast, page: str, role: str
) -> None:
    with scene(people.world, cast, role) as stage:
        address = re.sub(r"\[\w+\]", str(stage.account), page)
        cookies = {COOKIE: stage.actor.cookie} if stage.actor else {}
        answer = httpx.get(f"{product.url}{address}", cookies=cookies)
    if role == SIGNED_OUT:
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={address}")
    else:
        assert answer.status_code == (200 if role in table.PAGES[page] else 404)
    # A page is the same for everybody: what it shows comes later, by events.
    assert stage.secret not in answer.text
