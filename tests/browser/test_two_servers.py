"""Two web processes behind a proxy that gives each request to the next: for people it is one server."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from core.keys import has_valid_shape
from core.sessions import COOKIE, cookie_digest
from tests.browser.reports import ended_report
from tests.browser.socket_client import VISIT, Tab
from tests.browser.two_servers import TwoServers
from tests.browser.windows import Windows
from tests.doors.handlers import handler_named
from tests.integration.embedded.client import link_in, mail_to
from tests.integration.product import Product, wait_until
from tests.integration.redis_server import RedisServer, needs_redis
from tests.people import PASSWORD, People, an_address, sign_in
from tests.site import NewsSite

pytestmark = [pytest.mark.anyio, needs_redis]

PULSE = f"{VISIT}.pulse"
BALANCE, KEYS = "/api/v1/credits/balance", "/api/portal/keys"
PER_MINUTE = 24


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def servers(product: Product, redis_server: RedisServer) -> Iterator[TwoServers]:
    with TwoServers(product, REDIS_URL=redis_server.url, RATE_LIMIT_PER_MINUTE=str(PER_MINUTE)) as servers:
        yield servers


@pytest.fixture
def front(servers: TwoServers) -> TwoServers:
    """Windows open the proxy."""
    return servers


def tab_at(servers: TwoServers, number: int, cookie: str, path: str = "/", token: str = "") -> Tab:
    return Tab(servers[number], cookie, path, token=token, origin=servers.url)


def browser_at(servers: TwoServers, number: int, cookie: str = "") -> httpx.Client:
    """A browser without a screen, on a page of ours, whose requests all go to one of them."""
    return httpx.Client(
        base_url=servers[number].url,
        cookies={COOKIE: cookie} if cookie else {},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": servers.url, "X-Forwarded-For": an_address()},
        timeout=20,
    )


def ask(url: str, key: str) -> httpx.Response:
    return httpx.get(f"{url}{BALANCE}", headers={"X-API-Key": key}, timeout=20)


# -- Who somebody is ------------------------------------------------------------------------------------------------


async def test_who_signs_in_at_one_is_known_to_the_other_until_they_sign_out(
    servers: TwoServers, people: People
) -> None:
    person = people.owner()
    cookie = sign_in(servers[0], person.email, person.password)
    async with tab_at(servers, 1, cookie) as tab:
        await tab.until(lambda: tab.visit("email") == person.email)
        with browser_at(servers, 0, cookie) as same:
            assert same.post("/api/portal/session/end", data={"a": "b"}).status_code == 303
        await tab.send(PULSE)
        await tab.until(lambda: tab.leave, seconds=2)
    assert httpx.get(servers[1].url, cookies={COOKIE: cookie}).status_code == 303


async def test_a_browser_that_is_signed_out_from_the_profile_leaves_at_the_other(
    servers: TwoServers, people: People
) -> None:
    person = people.owner()
    cookie = person.another_session()
    query = "select id from private.sessions where hash = %s"
    session = people.world.value("admin", query, cookie_digest(cookie))
    end = handler_named("pages.profile.state.ProfileState.end_session").wire_name
    async with tab_at(servers, 0, person.cookie) as mine, tab_at(servers, 1, cookie, "/settings/team") as other:
        await other.until(lambda: other.visit("email"))
        await mine.send(end, {"session_id": str(session)})
        await mine.until(lambda: mine.visit("notice") == "That browser is signed out.")
        await other.send(PULSE)
        await other.until(lambda: other.leave, seconds=2)
        assert other.leave == "/sign-in?next=/settings/team"


async def test_a_role_that_is_given_at_one_counts_at_the_other(servers: TwoServers, people: People) -> None:
    team = people.team()
    set_role = handler_named("pages.team.state.TeamState.set_role").wire_name
    async with tab_at(servers, 0, team.owner.cookie) as boss, tab_at(servers, 1, team.member.cookie) as member:
        with browser_at(servers, 1, team.member.cookie) as client:
            await boss.until(lambda: boss.visit("role") == "owner")
            await member.until(lambda: member.visit("role") == "member")
            for role, status in (("admin", 201), ("member", 403)):
                told = boss.visit("notice_number")
                await boss.send(set_role, {"user_id": str(team.member.user), "role": role})
                await boss.until(lambda: boss.visit("notice_number") > told)  # noqa: B023 (called at once)
                await member.send(PULSE)
                await member.until(lambda: member.visit("role") == role, seconds=2)  # noqa: B023
                assert client.post(KEYS, json={"name": role}).status_code == status


async def test_the_account_that_is_chosen_at_one_is_where_a_new_tab_at_the_other_begins(
    servers: TwoServers, people: People
) -> None:
    both, other = people.owner(name="Mine"), people.owner(name="Ours")
    assert other.account is not None
    people.add(other.account, both.user, "member")
    async with tab_at(servers, 0, both.cookie) as chooser, tab_at(servers, 1, both.cookie) as old:
        await old.until(lambda: old.visit("email"))
        await chooser.until(lambda: chooser.visit("email"))
        # The other has just looked who this is.
        await old.send(PULSE)
        await old.settled()
        await chooser.send(f"{VISIT}.switch_account", {"account_id": str(other.account)})
        await chooser.until(lambda: chooser.leave == "/")
        async with tab_at(servers, 1, both.cookie) as fresh:
            await fresh.until(lambda: fresh.visit("email"))
            assert fresh.visit("account_id") == str(other.account)


async def test_the_number_of_a_tab_tells_its_next_user_nothing_wherever_they_come(
    servers: TwoServers, people: People
) -> None:
    owner, stranger = people.owner(credits=4321, name="Lamplighters"), people.owner(name="Strangers")
    async with tab_at(servers, 0, owner.cookie) as tab:
        await tab.until(lambda: tab.visit("email") == owner.email)
        async with tab_at(servers, 1, stranger.cookie, token=tab.token) as thief:
            await thief.until(lambda: thief.visit("email") or thief.leave)
            await tab.send(f"{VISIT}.dashboard___pages___overview____overview_state.load")
            await tab.settled()
            await thief.settled()
            assert not any(secret in thief.text for secret in (owner.email, "Lamplighters", str(owner.account)))
            assert stranger.email not in tab.text
        token = tab.token
    async with tab_at(servers, 1, stranger.cookie, token=token) as heir:
        await heir.until(lambda: heir.visit("email") or heir.leave)
        await heir.settled()
        assert not any(secret in heir.text for secret in (owner.email, "Lamplighters", str(owner.account)))


async def test_the_link_of_a_forgotten_password_works_at_the_other(
    servers: TwoServers, people: People, product: Product
) -> None:
    person = people.owner()
    with browser_at(servers, 0) as first, browser_at(servers, 1) as second:
        asked = first.post("/api/portal/recovery", data={"email": person.email})
        assert (asked.status_code, asked.headers["location"]) == (303, "/check-mail?for=password")
        second.cookies.update(first.cookies)
        link = link_in(mail_to(product.running, person.email))
        came = second.post("/api/portal/confirm", data={**link.params, "time_zone": ""})
        assert (came.status_code, came.headers["location"]) == (303, "/new-password"), came.text
        first.cookies.update(second.cookies)
        changed = first.post("/api/portal/password", data={"password": "another pass phrase"})
        assert (changed.status_code, changed.headers["location"]) == (303, "/")
    assert sign_in(servers[1], person.email, "another pass phrase")


# -- A visit --------------------------------------------------------------------------------------------------------


async def test_a_whole_visit_is_served_by_both(
    windows: Windows, servers: TwoServers, people: People, news: NewsSite
) -> None:
    person = people.owner(credits=7)
    since = len(servers.proxy.given)
    page = await windows.open(None, "/settings/keys", address=an_address())
    await page.get_by_label("E-mail address").fill(person.email)
    await page.get_by_label("Password").fill(person.password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name").fill("Newsroom")
    await page.get_by_role("button", name="Make the key").click()
    key = await page.get_by_label("API key", exact=True).input_value()
    assert has_valid_shape(key)
    assert [ask(servers[number].url, key).json() for number in (0, 1)] == [{"balance": 7}] * 2
    await page.goto("/reports/new")
    await page.get_by_label("Name").fill("Spring campaign")
    await page.get_by_label("Links", exact=True).fill(news.url("/wexcombe-ledger/pool-reopens"))
    await page.get_by_role("button", name="Create report").click()
    await expect(page).to_have_url(re.compile("/reports/[0-9a-f]{32}$"))
    second = await page.context.new_page()
    await second.goto(page.url)
    # Filled in while they are looked at, at both.
    for tab in (page, second):
        await expect(tab.get_by_role("link", name="Open", exact=True)).to_be_visible(timeout=20_000)
        picture = tab.get_by_role("listitem").filter(has_text="The Wexcombe Ledger").get_by_role("img")
        await expect(picture).to_be_visible()
    async with second.expect_download() as saving:
        await second.get_by_role("link", name="Download HTML").click()
    assert "The Wexcombe Ledger" in (await (await saving.value).path()).read_text()
    served = servers.proxy.given[since:]
    for kind in ("/_event", "/api/portal/"):
        assert {number for number, path in served if path.startswith(kind)} == {0, 1}
    assert servers.proxy.sockets()[-2:] in ([0, 1], [1, 0])


async def test_a_tab_whose_server_dies_goes_on_at_the_other(
    windows: Windows, servers: TwoServers, people: People
) -> None:
    windows.expect("WebSocket connection to|ERR_EMPTY_RESPONSE|websocket error|status of 404")
    owner = people.owner(credits=7)
    report = ended_report(people.world, owner.account, "Long one", 58, 4)
    page = await windows.open(owner, f"/reports/{report.hex}")
    await expect(page.locator(".items > li")).to_have_count(50)
    await page.evaluate("window.sameDocument = true")
    died = servers.proxy.sockets()[-1]
    people.world.value(
        "admin", "select private.adjust_credits(%s, 4, 'While it was away', 'cli:test', %s)", owner.account, owner.email
    )
    try:
        await asyncio.to_thread(servers.kill, died)
        await expect(page.get_by_role("navigation").get_by_text("11 credits")).to_be_visible(timeout=10_000)
        await page.get_by_role("radio", name="Failed 4").click()
        await expect(page.locator(".items > li")).to_have_count(4)
        await page.get_by_role("button", name="Rename").click()
        await page.get_by_label("Name of the report").fill("New name")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="New name")).to_be_visible()
        assert await page.evaluate("window.sameDocument") is True
        assert servers.proxy.sockets()[-1] != died
    finally:
        await asyncio.to_thread(servers.start, died)


# -- Redis ----------------------------------------------------------------------------------------------------------


def test_tries_to_sign_in_are_counted_together(servers: TwoServers) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": an_address()}

    def try_at(number: int, name: int) -> int:
        form = {"email": f"{name}@example.com", "password": "x"}
        return httpx.post(f"{servers[number].url}/api/portal/session", data=form, headers=headers).status_code

    tries = [try_at(number % 2, number) for number in range(22)]
    assert tries == [401] * 20 + [429] * 2


def test_requests_of_a_key_are_counted_together(servers: TwoServers, product: Product) -> None:
    key = product.customer().key
    answers = [ask(servers[number % 2].url, key) for number in range(PER_MINUTE + 2)]
    assert [answer.status_code for answer in answers] == [200] * PER_MINUTE + [429] * 2
    left = [re.search(r"r=(\d+);", answer.headers["ratelimit"]) for answer in answers[:3]]
    assert [found and int(found[1]) for found in left] == [PER_MINUTE - 1, PER_MINUTE - 2, PER_MINUTE - 3]


async def test_what_redis_holds_is_no_secret_and_goes_away(
    servers: TwoServers, redis_server: RedisServer, people: People, product: Product
) -> None:
    owner = people.owner()
    report = ended_report(people.world, owner.account, "Shared one", 1)
    share = people.world.value("admin", "select token from private.share_links where report_id = %s", report)
    cookie = sign_in(servers, owner.email, owner.password)
    with browser_at(servers, 0, cookie) as client:
        key = client.post(KEYS, json={"name": "key"}).json()["key"]
    async with tab_at(servers, 0, cookie, f"/reports/{report.hex}") as tab:
        await tab.until(lambda: share in tab.text)
    assert ask(servers.url, key).status_code == 200
    with redis_server.client() as client:
        names = list(client.scan_iter())
        held = b"\n".join(itertools.chain(names, *(contents(client, name) for name in names)))
        lasting = [name for name in names if client.ttl(name) == -1]
    assert owner.email.encode() in held, "the try to sign in is not counted there"
    assert not lasting
    for secret in (cookie, cookie_digest(cookie).hex(), key, share, "eyJ", PASSWORD):
        assert secret.encode() not in held


def contents(client: Any, name: bytes) -> list[bytes]:
    """What lies under a name, of whatever kind; redis-py knows no types of answers."""
    found: list[bytes]
    match client.type(name):
        case b"string":
            found = [client.get(name)]
        case b"list":
            found = client.lrange(name, 0, -1)
        case b"zset":
            found = client.zrange(name, 0, -1)
        case b"set":
            found = list(client.smembers(name))
        case kind:
            raise AssertionError(kind)
    return found


async def test_while_redis_is_away_everything_goes_on_and_then_it_is_found_again(
    servers: TwoServers, redis_server: RedisServer, people: People, product: Product
) -> None:
    owner, key = people.owner(), product.customer().key
    sizes = [servers[number].log.stat().st_size for number in (0, 1)]
    async with tab_at(servers, 0, owner.cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        redis_server.stop()
        try:
            await tab.send(PULSE)
            await tab.settled()
            for number in (0, 1):
                started = time.monotonic()
                assert ask(servers[number].url, key).status_code == 200
                assert time.monotonic() - started < 5
            async with tab_at(servers, 1, owner.another_session()) as new:
                await new.until(lambda: new.visit("email") == owner.email)
            assert sign_in(servers, owner.email, owner.password)
        finally:
            redis_server.start()
        await asyncio.to_thread(wait_until, lambda: both_count(servers, redis_server, key))
        assert not tab.leave and not tab.closed
    for number, size in enumerate(sizes):
        events = [json.loads(line) for line in servers[number].log.read_text()[size:].splitlines()]
        assert not [event for event in events if event["level"] == "error" or event.get("status", 0) >= 500]
        # Told once for each time that it was asked in vain, not for each request.
        assert len([event for event in events if event["level"] == "warning"]) <= 3


def both_count(servers: TwoServers, redis_server: RedisServer, key: str) -> bool:
    """Whether a request at each of them is counted where both look."""
    with redis_server.client() as client:
        client.flushall()
        for number in (0, 1):
            ask(servers[number].url, key)
        counts = [contents(client, name) for name in client.scan_iter(_type="list")]
    return sum(map(len, counts)) == 2
