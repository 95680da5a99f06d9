"""What surrounds every answer: its Request-Id, the last resort against errors, HEAD, and the line in the log."""

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.errors import error_response, server_error
from core.log import get_logger

log = get_logger(__name__)

_UNPRINTABLE = re.compile("[^\x21-\x7e]")
_CALLERS_ID_LENGTH = 100
# Nothing came back: the client had gone.
_CLIENT_GONE = 499


class Outer:
    """The outermost middleware. An error that gets here is logged, and answered without a word about it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{uuid4().hex}"
        method: str = scope["method"]
        state = {**scope.get("state", {}), "request_id": request_id, "method": method}
        scope = {**scope, "state": state, "method": "GET" if method == "HEAD" else method}
        answer = _Answer(send, request_id, has_body=method != "HEAD")
        started = time.perf_counter()
        with bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer.send)
            except ClientDisconnect:
                answer.status = _CLIENT_GONE
            except Exception as error:
                log.exception("unexpected error", error=type(error).__name__)
                if answer.status:
                    raise
                await error_response(scope, server_error(state.get("rate_headers")))(scope, receive, answer.send)
            finally:
                _log_request(scope, method, answer.status, time.perf_counter() - started)


class _Answer:
    def __init__(self, send: Send, request_id: str, *, has_body: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._has_body = has_body
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["Request-Id"] = self._request_id
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Cache-Control", "no-store")
        elif not self._has_body:
            message = {**message, "body": b""}
        await self._send(message)


def _log_request(scope: Scope, method: str, status: int, seconds: float) -> None:
    # The template of the path, never the path: a share link's path is its secret.
    route = getattr(scope.get("route"), "path", "(unknown)")
    state = scope["state"]
    details = {name: state[name] for name in ("account_id", "key_id") if name in state}
    report_id = scope.get("path_params", {}).get("report_id", "")
    if re.fullmatch("[0-9a-f]{32}", report_id):
        details["report_id"] = report_id
    callers_id = Headers(scope=scope).get("request-id") or Headers(scope=scope).get("x-request-id")
    if callers_id:
        details["callers_request_id"] = _UNPRINTABLE.sub("", callers_id)[:_CALLERS_ID_LENGTH]
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), **details)
