"""A tab without a browser: speaks the protocol of the dashboard's websocket, with any cookie, token and origin."""

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from core.sessions import COOKIE
from tests.integration.product import Served

ROOT_STATE = "reflex___state____state"
HYDRATE_AND_LOAD = f"{ROOT_STATE}.hydrate_and_load"
HYDRATE = f"{ROOT_STATE}.hydrate"
VISIT = f"{ROOT_STATE}.dashboard___visit____visit"
_MARK = "_rx_state_"
# Only the answer to HYDRATE holds it, which comes when the events before are over. What the page loads by itself, which
# HYDRATE sets off, may come sooner.
_WHOLE = '"rx_router_headers_rx_state_"'
_NAMESPACE = "/_event"
# Of the browser's own limit no test comes near.
_MAX_FRAME = 32 * 2**20


class Tab:
    """One websocket. Entering it sends the `first` event, by default what a page sends; None: nothing at all.

    `token` is the number by which the server knows the tab. `origin` is our own if it is None; "" sends none.
    """

    def __init__(
        self,
        server: Served,
        cookie: str | None = None,
        path: str = "/",
        *,
        token: str = "",
        origin: str | None = None,
        first: str | None = HYDRATE_AND_LOAD,
        headers: dict[str, str] | None = None,
        at: str = "/_event/",
    ) -> None:
        self.token = token or str(uuid.uuid4())
        self.frames: list[str] = []
        self.state: dict[str, Any] = {}
        self._path, self._first = path, first
        self._headers = dict(headers or {})
        self._address = f"ws{server.url.removeprefix('http')}{at}?EIO=4&transport=websocket&token={self.token}"
        if cookie is not None:
            self._headers["Cookie"] = f"{COOKIE}={cookie}"
        if origin != "":
            self._headers["Origin"] = origin or server.url
        self._changed = asyncio.Condition()
        self._closed = False

    async def __aenter__(self) -> Self:
        self._socket: ClientConnection = await connect(
            self._address, additional_headers=self._headers, max_size=_MAX_FRAME, proxy=None
        )
        self._reader = asyncio.create_task(self._read())
        if self._first is not None:
            boot = {"event": self._event(self._first, {})}
            await self.send_raw(f"40{_NAMESPACE},{json.dumps(boot)}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._reader

    @property
    def closed(self) -> bool:
        """Whether the server has hung up."""
        return self._closed

    async def send(self, name: str, payload: dict[str, Any] | None = None, path: str | None = None) -> None:
        """An event by its full name."""
        event = ["event", self._event(name, payload or {}, path)]
        await self.send_raw(f"42{_NAMESPACE},{json.dumps(event)}")

    async def send_raw(self, frame: str | bytes) -> None:
        """Whatever somebody may send."""
        await self._socket.send(frame)

    async def until(self, condition: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Waits until the condition holds of what came in; what it answers."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: condition() or self._closed)
        except TimeoutError:
            pass
        answer = condition()
        assert answer, f"it did not come; frames: {[frame[:300] for frame in self.frames[-8:]]}"
        return answer

    async def ask(self, name: str, payload: dict[str, Any] | None = None, path: str | None = None) -> None:
        """Sends an event, and waits until something comes back."""
        before = len(self.frames)
        await self.send(name, payload, path)
        await self.until(lambda: len(self.frames) > before)

    async def settled(self) -> None:
        """Waits until the server is done with what was sent before: it asks for the whole state, in the same queue."""
        before = len(self.frames)
        await self.send(HYDRATE)
        await self.until(lambda: any(VISIT in frame for frame in self.frames[before:]))

    async def ended(self, state: str, wait: str = "") -> None:
        """Waits until the event before is over, and its background handler if it sets `wait`; or the tab is refused."""
        before = len(self.frames)
        await self.send(HYDRATE)
        await self.until(lambda: self.leave or any(_WHOLE in frame for frame in self.frames[before:]))
        if wait:
            await self.until(lambda: self.leave or self.var(state, wait))

    def var(self, state: str, name: str) -> Any:
        """The value of a var as the page has it now."""
        return self.state.get(state, {}).get(name + _MARK)

    def visit(self, name: str) -> Any:
        """A var of `Visit`."""
        return self.var(VISIT, name)

    @property
    def leave(self) -> str:
        """Where the page was told to go instead; empty: nowhere."""
        return self.visit("leave") or ""

    @property
    def text(self) -> str:
        """All that ever came in."""
        return "\n".join(self.frames)

    def _event(self, name: str, payload: dict[str, Any], path: str | None = None) -> dict[str, Any]:
        where = self._path if path is None else path
        pathname, _, query = where.partition("?")
        router = {"pathname": pathname, "asPath": where, "query": dict(p.split("=", 1) for p in query.split("&") if p)}
        return {"name": name, "payload": payload, "token": self.token, "router_data": router}

    async def _read(self) -> None:
        with suppress(ConnectionClosedError):
            await self._take_all()
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def _take_all(self) -> None:
        async for frame in self._socket:
            if frame == "2":
                await self._socket.send("3")
                continue
            async with self._changed:
                self.frames.append(str(frame))
                self._take(str(frame))
                self._changed.notify_all()

    def _take(self, frame: str) -> None:
        head = f"42{_NAMESPACE},"
        if not frame.startswith(head):
            return
        name, body = json.loads(frame.removeprefix(head))
        if name == "event":
            for state, values in ((body or {}).get("delta") or {}).items():
                self.state.setdefault(state, {}).update(values)
