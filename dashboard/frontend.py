"""Serves the built front end: pages to who is signed in, with headers that keep them safe and quick."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
from reflex.utils.precompressed_staticfiles import PrecompressedStaticFiles
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sessions import Sessions, session_cookie
from dashboard import routes
from dashboard.build import BUILT_FOR

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
# What lies beside the pages: icons, fonts, pictures, scripts of our own.
_FILE = re.compile(r"^/[\w./-]*\.(css|ico|jpg|js|png|svg|txt|woff2)$")


class Frontend:
    """The ASGI app below everything that the API serves.

    `route_of` says which route a path belongs to. Pages of the app need a session; what they are made of does not.
    """

    def __init__(
        self, client: Path, origin: str, route_of: Callable[[str], str | None], sessions: Callable[[], Sessions]
    ) -> None:
        self._client, self._route_of, self._sessions = client, route_of, sessions
        self._files = PrecompressedStaticFiles(directory=client, encodings=["gzip"])
        self._addressed = _addressed(client, origin)
        self._policy = _policy(client, origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] != "GET":
            answer: ASGIApp = PlainTextResponse(
                "There is nothing to send anything to here.", 405, {"Allow": "GET, HEAD"}
            )
        elif path in self._addressed:
            body, headers = self._addressed[path], {"Cache-Control": "no-cache"}
            answer = Response(body, media_type="text/javascript", headers=headers)
        elif path.startswith("/assets/"):
            # Their names change with what is in them.
            answer = _Cached(self._files, "public, max-age=31536000, immutable")
        elif _FILE.search(path):
            answer = _Cached(self._files, "public, max-age=3600")
        else:
            answer = await self._page(HTTPConnection(scope))
        await answer(scope, receive, send)

    async def _page(self, request: HTTPConnection) -> Response:
        path = request.url.path
        route = self._route_of(path)
        if route in (None, "404"):
            return self._html("404", 404)
        try:
            # As of now: who has just joined or left an account comes here next.
            session = await self._sessions().find(session_cookie(request.headers.get("cookie", "")), now=True)
        except psycopg.OperationalError:
            # The page itself says that nobody can be asked, and tries again.
            return self._html(str(route), 200)
        if session is None:
            return RedirectResponse(routes.sign_in(f"{path}?{request.url.query}"), 303)
        if routes.is_support(path):
            return self._html(str(route), 200) if session.is_staff else self._html("404", 404)
        if session.home is None:
            # Nothing to show: staff look after others', everybody else makes a team or joins one.
            return RedirectResponse(routes.SUPPORT if session.is_staff else routes.WELCOME, 303)
        return self._html(str(route), 200)

    def _html(self, route: str, status: int) -> Response:
        page = self._client / ("" if route == "index" else route) / "index.html"
        if not page.is_file():
            page = self._client / ("404.html" if status == 404 else "__spa-fallback.html")
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": self._policy,
            "Referrer-Policy": "same-origin",
        }
        return FileResponse(page, status, headers, media_type="text/html")


class _Cached:
    def __init__(self, app: ASGIApp, kept: str) -> None:
        self._app, self._kept = app, kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
                MutableHeaders(scope=message)["Cache-Control"] = self._kept
            await send(message)

        await self._app(scope, receive, send_kept)


def _addressed(client: Path, origin: str) -> dict[str, bytes]:
    """The scripts that hold the address of the server, by path, with ours in place of the build's."""
    built, ours = BUILT_FOR.partition("://")[2].encode(), origin.partition("://")[2].encode()
    secure = origin.startswith("https://")
    found = {}
    for script in (client / "assets").glob("*.js"):
        text = script.read_bytes()
        if built in text:
            for scheme in (b"http", b"ws"):
                text = text.replace(scheme + b"://" + built, scheme + (b"s" if secure else b"") + b"://" + ours)
            found[f"/assets/{script.name}"] = text
    return found


def _policy(client: Path, origin: str) -> str:
    """The Content-Security-Policy: no script but those of the build, those inside its pages by their digests."""
    scripts = {script for page in client.rglob("*.html") for script in _INLINE_SCRIPT.findall(page.read_text())}
    digests = sorted(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    websocket = "ws" + origin.removeprefix("http")
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {' '.join(digests)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            f"connect-src 'self' {websocket}",
            "frame-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        ]
    )
