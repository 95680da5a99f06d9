"""What the endpoints work with, and who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request

from core.mail import Mailer
from embedded.auth import users
from embedded.auth.errors import AuthError
from embedded.auth.rows import Connection, Row, one
from embedded.auth.rules import Rules
from embedded.tokens import Tokens

_ADMINS = ("service_role", "supabase_admin")


@dataclass(frozen=True, slots=True)
class Auth:
    """One running stand-in. `authorization` is the gateway's swap of API keys, `url` the gateway's own address."""

    pool: AsyncConnectionPool[AsyncConnection[Any]]
    tokens: Tokens
    url: str
    authorization: Callable[[Request], str | None]
    rules: Rules
    mailer: Mailer


@dataclass(frozen=True, slots=True)
class Asker:
    """A signed-in user, and the session of their token."""

    user: Row
    session_id: UUID


def auth_of(request: Request) -> Auth:
    """What this request is answered with."""
    auth: Auth = request.app.state.auth
    return auth


def require_key(request: Request) -> Auth:
    """For requests with an API key. Raises `AuthError` for others."""
    auth = auth_of(request)
    if auth.authorization(request) is None:
        raise AuthError(401, "no_authorization", "Invalid API key")
    return auth


def require_admin(request: Request) -> Auth:
    """For requests of the service role. Raises `AuthError` for others."""
    if _claims(request).get("role") not in _ADMINS:
        raise AuthError(403, "not_admin", "User not allowed")
    return auth_of(request)


async def require_user(connection: Connection, request: Request, *, lock: bool = False) -> Asker:
    """Whose token came with the request. Raises `AuthError` when they are not signed in any more."""
    claims = _claims(request)
    if not claims.get("sub"):
        raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim")
    user_id, session_id = _uuid(claims, "sub"), _uuid(claims, "session_id")
    user = await users.by_id(connection, user_id, lock=lock)
    if user is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    session = await one(connection, "select id from auth.sessions where id = %s and user_id = %s", session_id, user_id)
    if session is None:
        raise AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    if users.is_banned(user):
        raise AuthError(403, "user_banned", "User is banned")
    return Asker(user, session_id)


def _uuid(claims: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(claims[name])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise AuthError(403, "bad_jwt", f"invalid claim: {name} claim must be a UUID") from None


def _claims(request: Request) -> dict[str, Any]:
    auth = require_key(request)
    authorization = auth.authorization(request) or ""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    try:
        return auth.tokens.read(token)
    except jwt.InvalidTokenError as error:
        message = f"invalid JWT: unable to parse or verify signature, {error}"
        raise AuthError(403, "bad_jwt", message) from None
