"""The gate, asked by a plain websocket client: it tells nothing to who is not signed in, not any more, or another."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest

from core.sessions import COOKIE
from dashboard import routes
from tests.browser.socket_client import HYDRATE, HYDRATE_AND_LOAD, ROOT_STATE, VISIT, Tab
from tests.doors.handlers import all_handlers
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

OVERVIEW = f"{VISIT}.dashboard___pages___overview____overview_state"
BUILT_IN: dict[str, dict[str, object]] = {
    HYDRATE: {},
    HYDRATE_AND_LOAD: {},
    f"{ROOT_STATE}.set_is_hydrated": {"value": True},
    f"{ROOT_STATE}.reflex___state____on_load_internal_state.on_load_internal": {},
    f"{ROOT_STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception": {
        "info": "x", "component_stack": "x",
    },
}  # fmt: skip
# Of Reflex as well, and of no page.
UNANSWERED: dict[str, dict[str, object]] = {
    f"{ROOT_STATE}.setvar": {"var_name": "is_hydrated", "value": True},
    f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal": {"vars": {}},
}


@pytest.fixture(scope="module")
def owner(people: People) -> Person:
    return people.owner(credits=4321, name="Lamplighters")


@pytest.fixture(scope="module")
def stranger(people: People) -> Person:
    return people.owner(name="Strangers")


def private_of(person: Person) -> list[str]:
    return [person.email, str(person.account), str(person.user), "Lamplighters", "4321"]


def told_of(tab: Tab, person: Person) -> list[str]:
    return [secret for secret in private_of(person) if secret in tab.text]


@asynccontextmanager
async def signed_in(product: Product, person: Person, path: str = "/", token: str = "") -> AsyncIterator[Tab]:
    async with Tab(product, person.cookie, path, token=token) as tab:
        await tab.until(lambda: tab.visit("email") == person.email)
        yield tab


async def test_who_is_signed_in_sees_their_account(product: Product, owner: Person) -> None:
    async with signed_in(product, owner) as tab:
        await tab.until(lambda: tab.var(OVERVIEW, "is_ready"))
        assert tab.visit("account_id") == str(owner.account)
        assert set(private_of(owner)) - set(told_of(tab, owner)) == {str(owner.user)}


@pytest.mark.parametrize("path", [routes.OVERVIEW, routes.KEYS, routes.SUPPORT, "/nowhere"])
@pytest.mark.parametrize("cookie", [None, "", "x", "A" * 43, "A" * 100_0, "a\u00e9"])
async def test_who_is_not_is_sent_to_sign_in(product: Product, path: str, cookie: str | None) -> None:
    async with Tab(product, cookie, f"{path}?a=b") as tab:
        # Besides the handshake nothing else came.
        await tab.until(lambda: len(tab.frames) == 3)
        assert tab.leave == f"/sign-in?next={path}%3Fa%3Db"
        assert set(tab.state) == {VISIT}


async def test_no_event_of_reflex_itself_passes_without_a_cookie(product: Product, owner: Person) -> None:
    async with signed_in(product, owner) as known, Tab(product, token=known.token) as tab:
        await tab.until(lambda: tab.leave)
        switch: dict[str, dict[str, object]] = {f"{VISIT}.switch_account": {"account_id": str(owner.account)}}
        for name, payload in {**BUILT_IN, **switch, f"{VISIT}.pulse": {}, f"{OVERVIEW}.load": {}}.items():
            await tab.ask(name, payload)
        for name, payload in UNANSWERED.items():
            await tab.send(name, payload)
        await tab.ask(HYDRATE)
        assert told_of(tab, owner) == []
        assert set(tab.state) == {VISIT}


async def test_anothers_cookie_with_the_number_of_an_open_tab_sees_its_own(
    product: Product, owner: Person, stranger: Person
) -> None:
    async with signed_in(product, owner) as tab, Tab(product, stranger.cookie, token=tab.token) as thief:
        await thief.until(lambda: thief.visit("email"))
        assert thief.visit("email") == stranger.email
        await thief.settled()
        assert told_of(thief, owner) == []
        await tab.settled()
        assert tab.visit("email") == owner.email and stranger.email not in tab.text


async def test_the_next_user_of_a_tab_begins_anew(product: Product, owner: Person, stranger: Person) -> None:
    async with signed_in(product, owner, "/settings/keys?from=mail") as tab:
        await tab.settled()
    async with same_tab(product, stranger, tab.token, "/settings/keys?from=mail") as next_one:
        await next_one.until(lambda: next_one.leave)
        assert next_one.leave == "/settings/keys?from=mail"
        for name, payload in {**BUILT_IN, **UNANSWERED, f"{VISIT}.pulse": {}, f"{OVERVIEW}.load": {}}.items():
            await next_one.send(name, payload)
        await next_one.send(HYDRATE)
        await next_one.until(lambda: len(next_one.frames) == 3 + len(BUILT_IN) + 3)
        assert told_of(next_one, owner) == []
        assert next_one.visit("email") is None


async def test_what_still_runs_for_the_last_user_of_a_tab_does_not_reach_the_next(
    product: Product, people: People, owner: Person, stranger: Person
) -> None:
    # Reading the account lasts as long as this lock is held; finding a session does not need the table.
    with psycopg.connect(people.world.urls.admin) as connection:
        connection.execute("lock table public.reports in access exclusive mode")
        async with signed_in(product, owner) as tab:
            await tab.send(f"{OVERVIEW}.load")
            await tab.settled()
            await blocked(people)
        async with same_tab(product, stranger, tab.token) as next_one:
            await next_one.until(lambda: next_one.leave)
            connection.commit()
            await blocked(people, no_more=True)
            for _ in range(10):
                await next_one.ask(f"{VISIT}.pulse")
            assert set(next_one.state) == {VISIT}
            assert told_of(next_one, owner) == []


async def test_a_tab_is_told_to_leave_when_its_session_ends_elsewhere(
    product: Product, people: People, owner: Person
) -> None:
    cookie = owner.another_session()
    async with Tab(product, cookie, "/settings/team") as tab:
        await tab.until(lambda: tab.visit("email"))
        people.world.run("delete from private.sessions where hash = %s", hashlib.sha256(cookie.encode()).digest())
        await tab.send(f"{VISIT}.pulse")
        await tab.until(lambda: tab.leave, seconds=2)
        assert tab.leave == "/sign-in?next=/settings/team"
        before = len(tab.frames)
        for name in (HYDRATE, f"{OVERVIEW}.load", f"{VISIT}.dismiss"):
            await tab.send(name)
        await tab.until(lambda: len(tab.frames) == before + 3)
        assert all("leave" in frame and owner.email not in frame for frame in tab.frames[before:])


async def test_every_event_notices_within_2_s_that_a_session_has_ended(
    product: Product, people: People, owner: Person
) -> None:
    cookie = owner.another_session()
    async with Tab(product, cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        people.world.run("delete from private.sessions where hash = %s", hashlib.sha256(cookie.encode()).digest())
        ended = time.monotonic()
        while not tab.leave:
            assert time.monotonic() - ended < 2
            await tab.ask(HYDRATE)


async def test_signing_out_ends_the_tabs_of_the_browser(product: Product, owner: Person) -> None:
    cookie = owner.another_session()
    async with Tab(product, cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        answer = httpx.post(
            f"{product.url}/api/portal/session/end", data={"a": "b"}, cookies={COOKIE: cookie},
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert answer.headers["location"] == "/sign-in?notice=signed-out"
        assert answer.headers["set-cookie"].startswith(f'{COOKIE}=""; ')
        await tab.send(f"{VISIT}.pulse")
        await tab.until(lambda: tab.leave, seconds=2)
    assert httpx.get(product.url, cookies={COOKIE: cookie}).status_code == 303


async def test_a_removed_member_sees_nothing_more_of_the_account(product: Product, people: People) -> None:
    boss = people.owner(credits=4321, name="Lamplighters")
    assert boss.account is not None
    member = people.join(boss.account, "member")
    async with signed_in(product, member) as tab:
        await tab.until(lambda: tab.var(OVERVIEW, "is_ready"))
        people.remove(boss.account, member.user)
        await tab.send(f"{VISIT}.pulse")
        await tab.until(lambda: tab.leave, seconds=2)
        assert tab.leave == "/"
        # A page would leave. A program does not, and stays outside whatever it sends.
        before = len(tab.frames)
        for name in (HYDRATE, HYDRATE_AND_LOAD, f"{OVERVIEW}.load"):
            await tab.send(name)
        await tab.until(lambda: len(tab.frames) >= before + 3)
        assert not any("Lamplighters" in frame or "4321" in frame for frame in tab.frames[before:])
    async with Tab(product, member.cookie) as later:
        # Who belongs to no account has nothing to see here.
        await later.until(lambda: later.leave == "/")
        assert "Lamplighters" not in later.text and str(boss.account) not in later.text


async def test_a_changed_role_is_shown_with_the_next_sign_of_life(product: Product, people: People) -> None:
    boss = people.owner()
    assert boss.account is not None
    member = people.join(boss.account, "member")
    async with signed_in(product, member) as tab:
        assert (tab.visit("role"), tab.visit("is_manager")) == ("member", False)
        people.world.run("update public.members set role = 'admin' where user_id = %s", member.user)
        await tab.send(f"{VISIT}.pulse")
        await tab.until(lambda: tab.visit("role") == "admin" and tab.visit("is_manager"), seconds=2)


async def test_nobody_switches_to_an_account_that_is_not_theirs(
    product: Product, owner: Person, stranger: Person
) -> None:
    async with signed_in(product, stranger) as tab:
        accounts: list[object] = [str(owner.account), "", "nonsense", None, 7, [], {"id": str(owner.account)}]
        for account in accounts:
            await tab.send(f"{VISIT}.switch_account", {"account_id": account})
        await tab.settled()
        assert (tab.visit("account_id"), tab.leave) == (str(stranger.account), "")
        assert tab.visit("notice_is_error")


async def test_who_has_two_accounts_sees_the_other_in_a_state_of_its_own(
    product: Product, people: People, owner: Person
) -> None:
    both = people.owner(name="Own")
    assert owner.account is not None
    people.add(owner.account, both.user, "member")
    async with signed_in(product, both) as tab, signed_in(product, both) as second:
        await tab.send(f"{VISIT}.switch_account", {"account_id": str(owner.account)})
        await tab.until(lambda: tab.leave == "/")
        # The other tab stays where it is.
        await second.settled()
        assert second.visit("account_id") == str(both.account)
    async with signed_in(product, both) as fresh:
        assert (fresh.visit("account_id"), fresh.visit("role")) == (str(owner.account), "member")


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/settings/team", "/settings/team"), ("/settings/credits?done=1", "/settings/credits"),
        ("/settings/profile/", "/settings/profile"), ("/reports?status=failed&page=3", "/reports"),
        (f"/reports/new?from={'a' * 32}", "/reports/new"), (f"/reports/{'a' * 32}", "/reports"), ("/", "/"),
    ],
)  # fmt: skip
async def test_another_account_opens_at_the_same_page_if_it_has_it(
    product: Product, people: People, owner: Person, here: str, there: str
) -> None:
    both = people.owner(name="Own")
    assert owner.account is not None
    people.add(owner.account, both.user, "member")
    async with signed_in(product, both, here) as tab:
        await tab.send(f"{VISIT}.switch_account", {"account_id": str(owner.account)})
        await tab.until(lambda: tab.leave == there)


async def test_vars_are_not_written_from_outside(product: Product, owner: Person, stranger: Person) -> None:
    async with signed_in(product, stranger) as tab:
        wanted = {"account_id": str(owner.account), "role": "owner", "is_staff": True, "_bound": ""}
        for name, value in wanted.items():
            await tab.send(f"{VISIT}.setvar", {"var_name": name, "value": value})
            await tab.send(f"{VISIT}.set_{name}", {"value": value})
            await tab.send(
                f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal",
                {"vars": {f"{VISIT}.{name}": value, f"{VISIT}.{name}_rx_state_": value}},
            )
            await tab.send(HYDRATE_AND_LOAD, {"vars": {f"{VISIT}.{name}_rx_state_": value}})
        await tab.settled()
        assert (tab.visit("account_id"), tab.visit("is_staff")) == (str(stranger.account), False)
        assert told_of(tab, owner) == [str(owner.account)] * (str(owner.account) in tab.text)


@pytest.mark.parametrize("path", ["/", "/support"])
async def test_handlers_of_the_support_area_pass_for_staff_alone(product: Product, stranger: Person, path: str) -> None:
    support = [handler for handler in all_handlers() if handler.state.__module__.startswith("dashboard.support")]
    async with Tab(product, stranger.cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        await tab.settled()
        before = len(tab.frames)
        for handler in support:
            await tab.send(handler.wire_name, handler.nothing, path=path)
        await tab.until(lambda: sum("leave_rx_state_" in frame for frame in tab.frames[before:]) == len(support))


@asynccontextmanager
async def same_tab(product: Product, person: Person, token: str, path: str = "/") -> AsyncIterator[Tab]:
    """Another person in a tab that was just left: with its number, as soon as the server has seen it leave."""
    until = time.monotonic() + 5
    while True:
        async with Tab(product, person.cookie, path, token=token) as tab:
            await tab.until(lambda: tab.state)
            if "new_token" not in tab.text:
                yield tab
                return
        assert time.monotonic() < until


async def blocked(people: People, *, no_more: bool = False) -> None:
    """Until something that reads an account waits for a lock; or nothing does any more."""
    query = """
        select exists (
            select from pg_stat_activity where wait_event_type = 'Lock' and query like '%%account_overview%%'
        )
    """
    until = time.monotonic() + 5
    while people.world.value("admin", query) == no_more:
        assert time.monotonic() < until
        await asyncio.sleep(0.02)
