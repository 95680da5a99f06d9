"""Answers that are no success, in Supabase Auth's shapes."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

API_VERSION = "2024-01-01"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


class AuthError(Exception):
    """Status, stable code and sentence; `fields` are added to the body."""

    def __init__(self, status: int, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields


class OAuthError(Exception):
    """The shape of RFC 6749, which Supabase Auth keeps for a few faults of a token request."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def invalid(message: str) -> AuthError:
    """What was sent cannot be right."""
    return AuthError(400, "validation_failed", message)


def email_taken() -> AuthError:
    """Another user has this address."""
    return AuthError(422, "email_exists", "A user with this email address has already been registered")


async def on_error(request: Request, error: Exception) -> Response:
    """Renders an `AuthError`: a newer client gets the code by name, an older one by number."""
    assert isinstance(error, AuthError)
    newer = _is_newer(request.headers.get("x-supabase-api-version", ""))
    body: dict[str, Any]
    if newer:
        body = {"code": error.code, "message": error.message}
    else:
        body = {"code": error.status, "error_code": error.code, "msg": error.message}
        if error.status >= 500:
            body["error_id"] = str(uuid4())
    headers = {"x-sb-error-code": error.code} | ({"X-Supabase-Api-Version": API_VERSION} if newer else {})
    return JSONResponse(body | error.fields, error.status, headers)


def _is_newer(version: str) -> bool:
    return _VERSION.fullmatch(version) is not None and version >= API_VERSION


async def on_oauth_error(_: Request, error: Exception) -> Response:
    """Renders an `OAuthError`."""
    assert isinstance(error, OAuthError)
    return JSONResponse({"error": error.error, "error_description": error.description}, 400)


async def on_database_error(request: Request, _: Exception) -> Response:
    """The database is away: clients take 503 as a reason to try again."""
    return await on_error(request, AuthError(503, "unexpected_failure", "The database is unavailable for a moment"))


async def on_unstorable(request: Request, _: Exception) -> Response:
    """No text of Postgres holds a NUL or half a surrogate pair, and nothing may be nested without an end."""
    return await on_error(request, invalid("The request holds text that cannot be stored"))


async def on_failure(request: Request, _: Exception) -> Response:
    """A fault of ours. Its traceback is in the log."""
    return await on_error(
        request,
        AuthError(500, "unexpected_failure", "Unexpected failure, please check server logs for more information"),
    )


HANDLERS: Mapping[Any, Any] = {
    AuthError: on_error,
    OAuthError: on_oauth_error,
    psycopg.OperationalError: on_database_error,
    psycopg.DataError: on_unstorable,
    UnicodeEncodeError: on_unstorable,
    RecursionError: on_unstorable,
    Exception: on_failure,
}
