"""One shape for every error: `{"error": <sentence>, "code": <snake_case>, ..., "requestId": ...}`.

A person who looks at a page or sends a form of ours reads the sentence on a page instead.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from fastapi.exceptions import RequestValidationError
from obstore.exceptions import BaseError as StoreError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api.pages import page
from core.identity import IdentityAway
from core.log import get_logger
from core.people import Away
from core.refusal import Refused
from core.sessions import SignedOut

log = get_logger(__name__)


class ApiError(Exception):
    """An answer that is not a success. `fields` are added to the body, `headers` to the response."""

    def __init__(
        self, status: int, code: str, sentence: str, /, *, headers: Mapping[str, str] | None = None, **fields: Any
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.headers = dict(headers or {})
        self.fields = fields


def error_response(scope: Scope, error: ApiError) -> Response:
    """The error as the response to the request of this scope."""
    if error.status not in (404, 405) and _is_read_by_a_person(scope):
        # Who reads a shared report is no customer of ours, and has nothing to go to.
        is_reader = scope["path"].startswith("/api/portal/reports/share/")
        html, csp = page("error.html", forms=True, sentence=error.sentence, is_reader=is_reader)
        headers = {**error.headers, "Content-Security-Policy": csp, "Referrer-Policy": "same-origin"}
        return HTMLResponse(html, error.status, headers)
    body = {"error": error.sentence, **error.fields, "code": error.code}
    if request_id := scope.get("state", {}).get("request_id"):
        body["requestId"] = request_id
    return JSONResponse(body, error.status, error.headers)


def _is_read_by_a_person(scope: Scope) -> bool:
    is_api = scope.get("path", "").startswith("/api/v1/")
    return not is_api and "text/html" in Headers(scope=scope).get("accept", "")


def not_found() -> ApiError:
    """Nothing is served at the path that was asked for."""
    return ApiError(404, "not_found", "There is nothing at this address.")


def server_error(headers: Mapping[str, str] | None = None) -> ApiError:
    """Something we did not foresee. What it was is in the log, under the request id."""
    return ApiError(500, "server_error", "Unexpected server error. If this persists, contact support.", headers=headers)


async def on_api_error(request: Request, error: Exception) -> Response:
    """Renders an `ApiError`."""
    assert isinstance(error, ApiError)
    return error_response(request.scope, error)


async def on_refused(request: Request, error: Exception) -> Response:
    """Renders what the database says against a request of a person."""
    assert isinstance(error, Refused)
    headers = {"Retry-After": "60"} if error.status == 429 else {}
    return error_response(request.scope, ApiError(error.status, error.code, error.sentence, headers=headers))


async def on_signed_out(request: Request, error: Exception) -> Response:
    """The session behind the cookie has ended at Supabase Auth."""
    assert isinstance(error, SignedOut)
    headers = {"WWW-Authenticate": 'Bearer realm="coverage-report"'}
    sentence = "Your session has ended. Sign in again."
    return error_response(request.scope, ApiError(401, "signed_out", sentence, headers=headers))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Renders what the router says by itself: no such path, no such method. Answers OPTIONS."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        method = request.scope["state"]["method"]
        allow = {"Allow": ", ".join(allowed_methods(request.app.routes, request.scope))}
        if method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        sentence = f"This address does not answer to {method}."
        return error_response(request.scope, ApiError(405, "method_not_allowed", sentence, headers=allow))
    if error.status_code == 404:
        return error_response(request.scope, not_found())
    return error_response(request.scope, ApiError(error.status_code, "bad_request", str(error.detail)))


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Renders a parameter that the framework refused."""
    assert isinstance(error, RequestValidationError)
    return error_response(request.scope, ApiError(400, "invalid_request", "The request is not valid."))


async def on_unavailable(request: Request, error: Exception) -> Response:
    """Database, Supabase or object store is away or overloaded: a short wait is the remedy."""
    match error:
        case psycopg.OperationalError():
            what = "database"
        case StoreError():
            what = "object store"
        case _:
            what = "Supabase"
    log.warning(f"{what} unavailable", error=type(error).__name__)
    return error_response(
        request.scope,
        ApiError(
            503,
            "unavailable",
            "The service is unavailable for a moment. Please try again in a few seconds.",
            headers={"Retry-After": "5"},
        ),
    )


def allowed_methods(routes: list[BaseRoute], scope: Scope) -> list[str]:
    """Every method that some route answers at the path of this scope; empty when there is no such path."""
    found: set[str] = set()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes):
            found.add(method)
    if "GET" in found:
        found.add("HEAD")
    if found:
        found.add("OPTIONS")
    return sorted(found)


HANDLERS: dict[int | type[Exception], Any] = {
    ApiError: on_api_error,
    Refused: on_refused,
    SignedOut: on_signed_out,
    HTTPException: on_http_error,
    RequestValidationError: on_invalid_request,
    psycopg.OperationalError: on_unavailable,
    StoreError: on_unavailable,
    Away: on_unavailable,
    IdentityAway: on_unavailable,
}
