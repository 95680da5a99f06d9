"""The websocket against strangers: other origins, frames that no page sends, and what of all that gets into the log."""

import json
import uuid
from contextlib import suppress
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from core.sessions import COOKIE, cookie_digest
from core.settings import ROOT
from tests.browser.socket_client import HYDRATE, HYDRATE_AND_LOAD, ROOT_STATE, VISIT, Tab
from tests.integration.product import Product
from tests.people import People, Person

pytestmark = pytest.mark.anyio

FRONTEND_ERROR = f"{ROOT_STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception"


@pytest.fixture(scope="module")
def owner(people: People) -> Person:
    return people.owner()


def event(name: object, payload: object = None, **fields: object) -> str:
    body = {"name": name, "payload": payload or {}, "token": "x", "router_data": {"pathname": "/"}, **fields}
    return "42/_event," + json.dumps(["event", body])


def deep(depth: int) -> str:
    return f'42/_event,["event",{{"name":"{VISIT}.pulse","payload":{"[" * depth}{"]" * depth}}}]'


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:{other}", "http://localhost:{port}", "https://127.0.0.1:{port}", "http://127.0.0.1",
        "http://127.0.0.1:{port}.evil.example", "http://evil.example", "http://evil.example/http://127.0.0.1:{port}",
        "null", "file://", "http://[::1]:{port}", "*",
    ],
)  # fmt: skip
async def test_no_other_origin_opens_it(product: Product, owner: Person, origin: str) -> None:
    stranger = origin.format(port=product.port, other=product.port + 1)
    with pytest.raises(InvalidStatus) as refused:
        async with Tab(product, owner.cookie, origin=stranger):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_origin_and_programs_without_one_do(product: Product, owner: Person) -> None:
    async with Tab(product, owner.cookie) as own, Tab(product, owner.cookie, origin="") as program:
        await own.until(lambda: own.visit("email") == owner.email)
        await program.until(lambda: program.visit("email") == owner.email)


@pytest.mark.parametrize("path", ["/", "/_eventx", "/api/v1/reports", "/socket.io/"])
async def test_there_is_one_websocket(product: Product, owner: Person, path: str) -> None:
    tab = Tab(product, owner.cookie, at=path)
    with pytest.raises(InvalidStatus):
        await tab.__aenter__()


ODD: list[str | bytes] = [
    event("nope.nope"), event(""), event(None), event(7), event({"a": 1}), event("x" * 100_000),
    event(f"{VISIT}.nope"), event(f"{VISIT}._bound"), event(f"{VISIT}.__init__"), event(f"{VISIT}.get_state"),
    event(f"{VISIT}.reset"), event(f"{VISIT}.switch_account", {"wrong": 1}), event(f"{VISIT}.switch_account", [1]),
    event(f"{VISIT}.switch_account", {"account_id": "x" * 7_000_000}), event(f"{VISIT}.pulse", router_data=7),
    event(f"{VISIT}.pulse", router_data={"headers": {"cookie": "a"}, "pathname": ["x"], "query": 7}),
    event(f"{VISIT}.pulse", router_data={"pathname": "/" + "x" * 1_000_000}),
    event(FRONTEND_ERROR, {"info": "e\n" * 1_000_000, "component_stack": "s"}),
    event("_call_function", {"function": "alert(1)"}), event("_redirect", {"path": "https://evil.example"}),
    '42/_event,["event"]', '42/_event,["event","x"]', '42/_event,["event",[1]]', '42/_event,["event",null]',
    '42/_event,["nope",{}]', '42/_event,["connect",{}]', '42/_event,["client_error"]',
    '42/_event,["client_error",{"message":"' + "m" * 1_000_000 + '"}]', '42/_event,["link_token_to_sid","a","b"]',
    '42/_event,["emit_update",{},"x"]', "42/_event,", "42/_event,{}", "42", "40/nope,", '42/nope,["event",{}]',
    '451-/_event,["event",{"_placeholder":true,"num":0}]', "4", "44/_event,", "6", b"\x00\x01\x02",
    deep(100), deep(1_000), deep(100_000), "nonsense", "", "3probe", "2", "0{}", "41", "40/_event,[]", "40/_event,{",
]  # fmt: skip


@pytest.mark.parametrize("frame", ODD, ids=lambda frame: str(frame)[:60])
async def test_a_frame_that_no_page_sends_does_nothing(
    product: Product, people: People, owner: Person, frame: str | bytes
) -> None:
    query = "select id, account_id, tokens from private.sessions where user_id = %s"
    before = people.world.rows("admin", query, owner.user)
    async with Tab(product, owner.cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        await tab.send_raw(frame)
        await tab.settled()
        assert (tab.visit("account_id"), tab.leave) == (str(owner.account), "")
        assert "_call_function" not in tab.text and "evil.example" not in tab.text
    assert people.world.rows("admin", query, owner.user) == before


async def test_nobody_connects_again_with_headers_of_their_own(product: Product, people: People, owner: Person) -> None:
    """To socket.io connecting is an event that a browser can send, with an environment of its own."""
    victim = people.owner()
    headers = [(b"cookie", f"{COOKIE}={cookie_digest(victim.cookie).hex()}".encode())]
    async with Tab(product, owner.cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
        holders = [[{"_placeholder": True, "num": 2 * n}, {"_placeholder": True, "num": 2 * n + 1}] for n in range(1)]
        environ = {"asgi.scope": {"headers": holders, "client": ["127.0.0.1"]}, "QUERY_STRING": f"token={uuid.uuid4()}"}
        await tab.send_raw("452-/_event," + json.dumps(["connect", environ]))
        for pair in headers:
            for part in pair:
                await tab.send_raw(part)
        await tab.ask(HYDRATE)
        await tab.ask(HYDRATE_AND_LOAD)
        await tab.settled()
        assert victim.email not in tab.text and str(victim.account) not in tab.text
        assert tab.visit("email") == owner.email


@pytest.mark.parametrize("frame", ["x" * 10_000_000, b"\x00" * 10_000_000, "x" * 100_000_000], ids=len)
async def test_a_frame_that_is_too_large_ends_its_socket_and_no_other(
    product: Product, owner: Person, frame: str | bytes
) -> None:
    async with Tab(product, owner.cookie) as other:
        await other.until(lambda: other.visit("email"))
        async with Tab(product, owner.cookie) as tab:
            await tab.until(lambda: tab.visit("email"))
            with suppress(ConnectionClosedError):
                await tab.send_raw(frame)
            await tab.until(lambda: tab.closed)
        await other.settled()


async def test_nothing_of_what_is_sent_gets_into_the_log(product: Product, people: People) -> None:
    # Who sends so much waits a while.
    owner, log = people.owner(), product.state / "logs" / "web.log"
    cookie, bearer = owner.another_session(), owner.token()
    size = log.stat().st_size
    async with Tab(product, cookie, headers={"Authorization": f"Bearer {bearer}"}) as tab:
        await tab.until(lambda: tab.visit("email"))
        for name in ("no.such.event", f"{VISIT}.no_such_handler", f"{VISIT}.switch_account"):
            await tab.send(name, {"wrong": "argument", "long": "y" * 100_000})
        for frame in ODD:
            await tab.send_raw(frame)
        await tab.send(FRONTEND_ERROR, {"info": 'x\n{"event": "forged"}' + "z" * 1000, "component_stack": "stack"})
        await tab.settled()
        # In no frame, no state and no header either.
        assert cookie not in tab.text and cookie_digest(cookie).hex() not in tab.text
    written = log.read_text()[size:]
    own = [line for line in written.splitlines() if '"event": "request"' not in line]
    assert 1 <= len(own) <= 4
    assert all(len(line) < 500 and json.loads(line)["event"] for line in own)
    assert not any(word in written for word in (cookie, bearer, "no.such.event", "wrong", "yyyy", "stack", "Traceback"))


async def test_a_browser_that_is_not_signed_in_is_told_nothing_of_an_unknown_event(product: Product) -> None:
    async with Tab(product) as tab:
        await tab.until(lambda: tab.leave)
        await tab.send("no.such.event")
        await tab.ask(HYDRATE)
        assert set(tab.state) == {VISIT}


@pytest.mark.parametrize(
    "token",
    ["x", "0", "A" * 60_000, "%00", str(uuid.uuid4()).upper(), f"{uuid.uuid4()}/../x", f"{uuid.uuid4()}\n", "[]"],
    ids=lambda token: token[:40],
)  # fmt: skip
async def test_a_tab_has_a_number_like_those_of_pages(product: Product, owner: Person, token: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with Tab(product, owner.cookie, token=quote(token, safe="%")):
            pass
    assert refused.value.response.status_code in (400, 403)


async def test_what_a_tab_looks_at_is_written_to_no_disk(product: Product, owner: Person) -> None:
    async with Tab(product, owner.cookie) as tab:
        await tab.until(lambda: tab.visit("email"))
    # Where it was started, and where its code lies.
    assert not [folder / ".states" for folder in (product.state.parent, ROOT) if (folder / ".states").exists()]
