"""The websockets of the dashboard, below every library: who may open one, and what of a browser goes further in."""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import psycopg
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.log import get_logger
from core.sessions import COOKIE, cookie_digest, session_cookie
from dashboard.backend import backend
from dashboard.events import Odd
from dashboard.frames import Frames
from dashboard.traffic import SOCKETS, STRANGERS, Share, TooMany, Traffic

log = get_logger(__name__)

# Reflex keeps all headers with the state of a tab; it and the protocol need these.
_HEADERS = (b"host", b"origin", b"upgrade", b"connection")
# The number of a tab, as its page makes it.
_TOKEN = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HANDSHAKE_BYTES = 40_000
_TOLD_SECONDS = 10.0


class Sockets:
    """The app below which Reflex has its own. `address_of` is whose request it is, for limits."""

    def __init__(self, app: ASGIApp, frames: Frames, address_of: Callable[[Scope], str]) -> None:
        self._app, self._frames, self._address_of = app, frames, address_of
        self._traffic = Traffic()
        self._refused, self._told_at = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The lifespan, or one websocket."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not _TOKEN.fullmatch(token):
            self._refuse("no number of a tab")
            await send({"type": "websocket.close"})
            return
        headers = [pair for pair in scope["headers"] if pair[0].lower() in _HEADERS]
        sent = b"; ".join(value for name, value in scope["headers"] if name.lower() == b"cookie")
        cookie = session_cookie(sent.decode("latin-1"))
        if cookie is not None:
            # Reflex keeps, logs and may store elsewhere what a browser sends: it gets a digest of the cookie.
            headers.append((b"cookie", f"{COOKIE}={cookie_digest(cookie).hex()}".encode()))
        who, most = await self._whose(cookie, scope)
        try:
            share = self._traffic.enter(who, most)
        except TooMany:
            self._refuse("too many websockets")
            await send({"type": "websocket.close"})
            return
        try:
            await share.take(_HANDSHAKE_BYTES)
            line = Line(receive, send, share, self._frames, self._refuse)
            query = f"EIO=4&transport=websocket&token={token}".encode()
            await self._app({**scope, "headers": headers, "query_string": query}, line.receive, line.send)
        finally:
            self._traffic.leave(who)

    async def _whose(self, cookie: str | None, scope: Scope) -> tuple[str, int]:
        """Whose share a websocket is of, and how many they may have."""
        try:
            session = await backend().sessions.find(cookie)
        except psycopg.OperationalError:
            session = None
        return (f"user {session.user_id}", SOCKETS) if session else (self._address_of(scope), STRANGERS)

    def _refuse(self, reason: str) -> None:
        """Says so in the log, which a flood does not fill."""
        self._refused += 1
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _TOLD_SECONDS:
            log.warning("refused on the dashboard's websocket", reason=reason, times=self._refused)
            self._refused, self._told_at = 0, now


class Line:
    """One websocket, as the libraries have it."""

    def __init__(
        self, receive: Receive, send: Send, share: Share, frames: Frames, refuse: Callable[[str], None]
    ) -> None:
        self._receive, self._send, self._share, self._frames, self._refuse = receive, send, share, frames, refuse
        self._is_free = asyncio.Event()
        self._is_free.set()

    async def receive(self) -> Message:
        """What comes next and is a frame of a page."""
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            text = message.get("text")
            await self._share.take(len(text or message.get("bytes") or ""))
            # Who does not read the answers is asked no more: they would fill the memory.
            await self._is_free.wait()
            try:
                return {"type": "websocket.receive", "text": self._frames.read(text)}
            except Odd as odd:
                self._refuse(str(odd))

    async def send(self, message: Message) -> None:
        """Sends, and keeps what comes waiting until it is gone."""
        self._is_free.clear()
        try:
            await self._send(message)
        finally:
            self._is_free.set()
