"""The websockets of the dashboard: what of a browser Reflex gets to know, and who of them is sent anything."""

from collections.abc import Mapping
from typing import Any

import reflex as rx
from reflex.state import StateUpdate
from starlette.types import ASGIApp, Receive, Scope, Send

from core.sessions import COOKIE, cookie_digest, session_cookie
from dashboard.visit import Visit

_SECRET_HEADERS = (b"cookie", b"authorization", b"proxy-authorization")
# What a browser is told that may not see anything else.
_FOR_EVERYBODY = {"leave", "is_away"}


class Admitted:
    """The websockets that have passed the gate with their last event, by Reflex's ids of them.

    Reflex sends what a tab holds to whoever brought the number of the tab last. A handler that runs on in the
    background would send it to the next user of the tab, or to a session that has ended.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def add(self, socket_id: str) -> None:
        """It has passed."""
        self._ids.add(socket_id)

    def discard(self, socket_id: str) -> None:
        """It has not."""
        self._ids.discard(socket_id)

    def watch(self, app: rx.App) -> None:
        """From now on nothing but a refusal is sent to a websocket that was not admitted."""
        namespace = app.event_namespace
        if namespace is None or app.sio is None:
            raise RuntimeError("the app has no websocket")
        sio = app.sio
        emit, connect, disconnect = namespace.emit_update, namespace.on_connect, namespace.on_disconnect

        async def emit_update(update: StateUpdate, token: str) -> None:
            socket_id = namespace.token_to_sid.get(token)
            if socket_id is None or socket_id in self._ids or _is_refusal(update):
                await emit(update, token)

        async def on_connect(socket_id: str, environ: dict[str, Any], auth: Any = None) -> None:
            # To the library this is an event like any other: a browser may send one, with headers as it likes.
            if environ is sio.get_environ(socket_id, namespace.namespace):
                await connect(socket_id, environ, auth)

        def on_disconnect(socket_id: str, *_: Any) -> Any:
            self.discard(socket_id)
            return disconnect(socket_id)

        for method in (emit_update, on_connect, on_disconnect):
            setattr(namespace, method.__name__, method)


admitted = Admitted()


def without_secrets(socket: ASGIApp) -> ASGIApp:
    """Reflex keeps, logs and may store elsewhere what a browser sends: it gets a digest of the cookie, nothing else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            headers = [pair for pair in scope["headers"] if pair[0].lower() not in _SECRET_HEADERS]
            sent = b"; ".join(value for name, value in scope["headers"] if name.lower() == b"cookie")
            cookie = session_cookie(sent.decode("latin-1"))
            if cookie is not None:
                headers.append((b"cookie", f"{COOKIE}={cookie_digest(cookie).hex()}".encode()))
            scope = {**scope, "headers": headers}
        await socket(scope, receive, send)

    return app


def _is_refusal(update: StateUpdate) -> bool:
    delta: Mapping[str, Mapping[str, Any]] = update.delta or {}
    names = {name.partition("_rx_state_")[0] for values in delta.values() for name in values}
    return set(delta) <= {Visit.get_full_name()} and names <= _FOR_EVERYBODY and not update.events
