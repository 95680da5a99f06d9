"""The tabs that Reflex gets to know: of who is signed in, so many of each, and who of them is sent anything."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import reflex as rx
from reflex.app import EventNamespace
from reflex.istate.manager import StateManager
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State, StateUpdate
from reflex_base.config import get_config
from reflex_base.constants.state import FIELD_MARKER

from core.sessions import Session, session_cookie
from dashboard import routes
from dashboard.backend import backend
from dashboard.traffic import SOCKETS
from dashboard.visit import Visit

# What a browser is told that may not see anything else.
_FOR_EVERYBODY = {"leave", "is_away"}
# Events of one tab that wait for their turn. Pages wait for answers before they ask for as much.
_MAX_WAITING = 50


@dataclass(frozen=True, slots=True)
class _Stranger:
    """A websocket that Reflex has not heard of: how it came, and what it would have told Reflex first."""

    environ: dict[str, Any]
    greeting: dict[str, Any]


class Tabs(EventNamespace):
    """Websockets by Reflex's ids of them, and tabs by the numbers that they bring.

    Reflex makes a state for each number and keeps it for an hour, whoever brings it. So it is told of a websocket when
    somebody is signed in behind it, and of a user's tabs it keeps those that were opened last.

    And it sends what a tab holds to whoever brought its number last. A handler that runs on in the background would
    send it to the next user of the tab, or to a session that has ended. So all that it sends passes here.
    """

    def __init__(self, app: rx.App) -> None:
        super().__init__(get_config().get_event_namespace(), app)
        self._admitted: set[str] = set()
        self._strangers: dict[str, _Stranger] = {}
        # The tab behind each websocket, and the tabs of each user, the one opened last at the end.
        self._tabs: dict[str, tuple[UUID, str]] = {}
        self._of: dict[UUID, dict[str, None]] = {}

    @classmethod
    def watch(cls, app: rx.App) -> None:
        """From now on all of this holds for the app."""
        if app.sio is None:
            raise RuntimeError("the app has no websocket")
        app._event_namespace = cls(app)
        app.sio.register_namespace(app._event_namespace)

    def admit(self, socket_id: str) -> None:
        """It has passed the gate with its last event."""
        self._admitted.add(socket_id)

    def shut_out(self, socket_id: str) -> None:
        """It has not."""
        self._admitted.discard(socket_id)

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        """Sends to a websocket that was not admitted nothing but a refusal."""
        to = self._token_manager.token_to_socket.get(token)
        if to is None or to.sid in self._admitted or _is_refusal(update):
            await super().emit_update(update, token)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """A page has come. In `auth` lies its first event."""
        self._strangers[sid] = _Stranger(environ, auth or {})
        if auth and "event" in auth:
            await self.on_event(sid, auth["event"])

    async def on_event(self, sid: str, data: Any) -> None:
        """Something has happened on a page, in the words of `dashboard/events.py`."""
        if sid in self._strangers:
            await self._meet(sid, data)
        elif len(self.app.event_processor._token_queues.get(self.sid_to_token.get(sid, ""), ())) < _MAX_WAITING:
            await super().on_event(sid, data)

    def on_disconnect(self, sid: str, *_: Any) -> asyncio.Task[None] | None:
        """A page has gone."""
        self.shut_out(sid)
        self._strangers.pop(sid, None)
        if tab := self._tabs.pop(sid, None):
            # Reflex keeps its state for as long, for the tab to come back to.
            asyncio.get_running_loop().call_later(get_config().redis_token_expiration, self._forget, *tab)
        return super().on_disconnect(sid)

    async def _meet(self, sid: str, event: dict[str, Any]) -> None:
        stranger = self._strangers[sid]
        found = await _recognise(stranger.environ, event)
        if isinstance(found, StateUpdate):
            await self.emit("event", found, to=sid)
            return
        del self._strangers[sid]
        # What a page sends when it connects makes it whole, also when it was let in later than that.
        opening = {**stranger.greeting.get("event", event), "router_data": event["router_data"]}
        await super().on_connect(sid, stranger.environ, {**stranger.greeting, "event": opening})
        self._remember(found.user_id, sid)
        if event["name"] != opening["name"]:
            await super().on_event(sid, event)

    def _remember(self, user: UUID, sid: str) -> None:
        token = self.sid_to_token[sid]
        self._tabs[sid] = user, token
        tabs = self._of.setdefault(user, {})
        tabs.pop(token, None)
        tabs[token] = None
        if len(tabs) > SOCKETS:
            # As many websockets as a user may have at once: one of more tabs is closed.
            oldest = next((tab for tab in tabs if tab not in self._token_manager.token_to_socket), None)
            if oldest is not None:
                del tabs[oldest]
                _drop(self.app.state_manager, oldest)

    def _forget(self, user: UUID, token: str) -> None:
        tabs = self._of.get(user, {})
        if token not in self._token_manager.token_to_socket:
            tabs.pop(token, None)
        if not tabs:
            self._of.pop(user, None)


def refusal(**fields: object) -> StateUpdate:
    """All that a browser is told that may not see anything else: vars of `Visit`."""
    return StateUpdate(delta={Visit.get_full_name(): {name + FIELD_MARKER: value for name, value in fields.items()}})


async def _recognise(environ: Mapping[str, Any], event: Mapping[str, Any]) -> Session | StateUpdate:
    """Who is behind a websocket; or what it is told, of which Reflex need not know."""
    # Of the cookie itself only a digest comes here.
    digest = session_cookie(environ.get("HTTP_COOKIE", ""))
    try:
        found = await backend().sessions.find_digest(bytes.fromhex(digest)) if digest else None
    except psycopg.OperationalError:
        return refusal(is_away=True)
    return found or refusal(leave=routes.sign_in(event["router_data"]["asPath"]))


def _drop(states: StateManager, token: str) -> None:
    """Frees the state of a tab that is closed."""
    assert isinstance(states, StateManagerMemory)
    states._purge_token(BaseStateToken(ident=token, cls=State))


def _is_refusal(update: StateUpdate) -> bool:
    delta: Mapping[str, Mapping[str, Any]] = update.delta or {}
    names = {name.partition(FIELD_MARKER)[0] for values in delta.values() for name in values}
    return set(delta) <= {Visit.get_full_name()} and names <= _FOR_EVERYBODY and not update.events
