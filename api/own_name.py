"""One name for one machine: people type localhost for 127.0.0.1, and would have to sign in under each."""

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.network import is_other_name

# Programs ask them by whatever name they like.
_FOR_PROGRAMS = ("/api/", "/healthz", "/readyz")


class OwnName:
    """Leads whoever opens a page under another name of this machine to the same page of `origin`."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app, self._origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._app
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(_FOR_PROGRAMS):
            host = Headers(scope=scope).get("host", "")
            if is_other_name(host, self._origin):
                query = scope["query_string"].decode("latin-1")
                wanted = scope["path"] + (f"?{query}" if query else "")
                answer = RedirectResponse(self._origin + wanted, 307)
        await answer(scope, receive, send)
