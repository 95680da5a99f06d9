"""What surrounds every answer: its Request-Id, the last resort against errors, HEAD, and the line in the log.

A request with a valid API key is noted for support as well.
"""

import re
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.errors import error_response, server_error
from api.services import services_of
from core.api_requests import ApiRequest
from core.log import get_logger
from core.reports import KeyId

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
                _note_request(scope, method, answer.status)


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
    state = scope["state"]
    details = {name: state[name] for name in ("account_id", "key_id") if name in state}
    report_id = scope.get("path_params", {}).get("report_id", "")
    if re.fullmatch("[0-9a-f]{32}", report_id):
        details["report_id"] = report_id
    callers_id = Headers(scope=scope).get("request-id") or Headers(scope=scope).get("x-request-id")
    if callers_id:
        details["callers_request_id"] = _UNPRINTABLE.sub("", callers_id)[:_CALLERS_ID_LENGTH]
    log.info("request", method=method, route=_route(scope), status=status, ms=round(seconds * 1000, 1), **details)


def _note_request(scope: Scope, method: str, status: int) -> None:
    state = scope["state"]
    # Without a status nothing was answered: the process is being ended.
    if "key_id" not in state or not status:
        return
    services_of(HTTPConnection(scope)).api_requests.note(
        ApiRequest(state["request_id"], KeyId(UUID(state["key_id"])), method, _route(scope), status, datetime.now(UTC))
    )


def _route(scope: Scope) -> str:
    # The template of the path, never the path: a share link's path is its secret.
    return str(getattr(scope.get("route"), "path", "(unknown)"))
