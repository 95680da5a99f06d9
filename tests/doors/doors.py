"""The doors of an action: a function of the database, an endpoint of the portal, an event of a page."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import httpx

from core.sessions import COOKIE
from tests.browser.socket_client import VISIT, Tab
from tests.doors.handlers import handler_named
from tests.doors.scene import Scene
from tests.integration.product import Product


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is all that was answered; `own`, of an event, what came for the page's own state."""

    text: str
    own: str


# `verify=False`: reading certificates takes 40 ms, and nothing here is encrypted.
Arguments = Callable[[Scene], Mapping[str, Any]]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def nothing(_: Scene) -> Mapping[str, Any]:
    """No arguments."""
    return {}


@dataclass(frozen=True, slots=True)
class Rpc:
    """A function in `public`, called over PostgREST with the token of who acts. Arguments have their names in SQL."""

    function: str
    arguments: Arguments = nothing

    @property
    def name(self) -> str:
        return f"rpc {self.function}"

    async def knock(self, product: Product, scene: Scene) -> Answer:
        """Tries it. All that is answered."""
        running = product.running
        token = scene.cast.tokens.get(scene.role, running.publishable_key)
        async with httpx.AsyncClient(verify=False, timeout=20) as client:
            answer = await client.post(
                f"{running.supabase_url}/rest/v1/rpc/{self.function}",
                headers={"apikey": running.publishable_key, "Authorization": f"Bearer {token}"},
                json=_plain(self.arguments(scene)),
            )
        assert answer.status_code < 500, answer.text
        return Answer(answer.text, answer.text)


@dataclass(frozen=True, slots=True)
class Portal:
    """An endpoint below `/api/portal`, asked by the browser of who acts. `path` is that of the route; what stands in
    braces, there and in `query`, comes from `scene.made` (`key` and `key_id` are the same) or is the `account`. It is
    sent a `form`, `body` (JSON) or `file`, or nothing."""

    method: Method
    path: str
    form: Arguments | None = None
    body: Arguments | None = None
    file: bytes | None = None
    file_type: str = "application/octet-stream"
    query: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    async def knock(self, product: Product, scene: Scene) -> Answer:
        """Tries it. All that is answered."""
        ids = {f"{name}_id": value for name, value in scene.made.items()}
        values = {"account": scene.account, **scene.made, **ids}
        address = (self.path + self.query).format(**values)
        options: dict[str, Any] = {}
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": product.url}
        if self.form:
            options["data"] = self.form(scene)
        elif self.body:
            options["json"] = _plain(self.body(scene))
        elif self.file is not None:
            options["content"] = self.file
            headers["Content-Type"] = self.file_type
        cookies = {COOKIE: scene.actor.cookie} if scene.actor else {}
        async with httpx.AsyncClient(
            base_url=product.url, cookies=cookies, headers=headers, verify=False, timeout=20
        ) as client:
            answer = await client.request(self.method, address, **options)
        assert answer.status_code < 500, answer.text
        return Answer(answer.text, answer.text)


@dataclass(frozen=True, slots=True)
class Event:
    """An event handler, by its module and class (see `tests/doors/handlers.py`), sent from the page at `path`.

    `before` are handlers that are called first, with their arguments: those that open or fill a form. A third name is
    that of a var, which is true when they are done. `wait` names one that is true once a background handler has ended.
    """

    handler: str
    arguments: Arguments = nothing
    path: str = "/"
    before: tuple[tuple[str, Arguments] | tuple[str, Arguments, str], ...] = ()
    wait: str = ""

    @property
    def name(self) -> str:
        return f"event {self.handler}"

    async def knock(self, product: Product, scene: Scene) -> Answer:
        """Tries it. All that came to the tab."""
        handler = handler_named(self.handler)
        path = self.path.format(account=scene.account, **scene.made)
        cookie = scene.actor.cookie if scene.actor else None
        # The first event is one that looks the session up anew: the scene has just been set.
        async with Tab(product, cookie, path, first=f"{VISIT}.pulse") as tab:
            await tab.until(lambda: tab.leave or tab.visit("email"))
            for name, arguments, *done in self.before:
                first, seen = handler_named(name), len(tab.frames)
                await tab.send(first.wire_name, _plain(arguments(scene)))
                await tab.until(partial(_came, tab, first.state.get_full_name(), seen))
                for var in done:
                    await tab.until(partial(_is_so, tab, first.state.get_full_name(), var))
            await tab.send(handler.wire_name, _plain(self.arguments(scene)))
            await tab.ended(handler.state.get_full_name(), self.wait)
            return Answer(tab.text, json.dumps(tab.state.get(handler.state.get_full_name(), {})))


Door = Rpc | Portal | Event


def _came(tab: Tab, state: str, seen: int) -> bool:
    """Whether the event has changed what the tab shows of the state, or was refused."""
    return bool(tab.leave) or any(state in frame for frame in tab.frames[seen:])


def _is_so(tab: Tab, state: str, var: str) -> bool:
    return bool(tab.leave or tab.var(state, var))


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(arguments), default=str))
    return plain
