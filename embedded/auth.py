"""A small stand-in for Supabase Auth: the part of its contract that the product uses, over the real tables.

So far: users made and changed by an administrator, the password grant, the user of a token, keys and health.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import bcrypt
import jwt
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from embedded import auth_rows
from embedded.auth_rows import Row
from embedded.body import read_body
from embedded.tokens import Tokens

API_VERSION = "2024-01-01"
TOKEN_SECONDS = 3600
MAX_PASSWORD_BYTES = 72
_MAX_BODY = 2**20
# Compared with where there is no user, so that a missing one takes as long as a wrong password.
_NOBODY = bcrypt.hashpw(b"nobody", bcrypt.gensalt(10))


class AuthError(Exception):
    """An answer that is not a success, in Supabase Auth's two shapes."""

    def __init__(self, status: int, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields


@dataclass(frozen=True, slots=True)
class Auth:
    """What the endpoints work with. `authorization` is the gateway's swap of API keys."""

    pool: AsyncConnectionPool[AsyncConnection[Any]]
    tokens: Tokens
    url: str
    authorization: Callable[[Request], str | None]


async def on_error(request: Request, error: Exception) -> Response:
    """Renders an `AuthError`: a newer client gets the code by name, an older one by number."""
    assert isinstance(error, AuthError)
    newer = request.headers.get("x-supabase-api-version", "") >= API_VERSION
    body: dict[str, Any] = (
        {"code": error.code, "message": error.message}
        if newer
        else {"code": error.status, "error_code": error.code, "msg": error.message}
    )
    headers = {"x-sb-error-code": error.code} | ({"X-Supabase-Api-Version": API_VERSION} if newer else {})
    return JSONResponse(body | error.fields, error.status, headers)


async def on_database_error(request: Request, _: Exception) -> Response:
    """The database is away: clients take 503 as a reason to try again."""
    return await on_error(request, AuthError(503, "unexpected_failure", "The database is unavailable for a moment"))


async def on_unstorable(request: Request, _: Exception) -> Response:
    """No text of Postgres holds a NUL or half a surrogate pair, no JSON of Postgres a NaN."""
    return await on_error(request, AuthError(400, "validation_failed", "The request holds text that cannot be stored"))


HANDLERS: Mapping[Any, Any] = {
    AuthError: on_error,
    psycopg.OperationalError: on_database_error,
    psycopg.DataError: on_unstorable,
    UnicodeEncodeError: on_unstorable,
}


# -- Endpoints ------------------------------------------------------------------------------------------------------


async def health(_: Request) -> Response:
    """Name and version, as Supabase Auth tells them."""
    return JSONResponse({"version": "embedded", "name": "GoTrue", "description": "Stand-in for Supabase Auth"})


async def jwks(request: Request) -> Response:
    """The public half of the signing key."""
    return JSONResponse(_auth(request).tokens.jwks, headers={"Cache-Control": "public, max-age=600"})


async def token(request: Request) -> Response:
    """Signs a user in with e-mail address and password."""
    auth = _auth(request)
    _require_key(request, auth)
    grant = request.query_params.get("grant_type", "")
    if grant != "password":
        raise AuthError(400, "invalid_credentials", "unsupported_grant_type")
    body = await _body(request)
    email, password = _text(body, "email").strip().lower(), _text(body, "password")
    async with auth.pool.connection() as connection:
        user = await auth_rows.user_by_email(connection, email)
        if not await _password_fits(user, password) or user is None:
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        if auth_rows.is_banned(user):
            raise AuthError(400, "user_banned", "User is banned")
        if user["email_confirmed_at"] is None:
            raise AuthError(400, "email_not_confirmed", "Email not confirmed")
        agent = request.headers.get("user-agent", "")[:255]
        session = await auth_rows.open_session(connection, user["id"], "password", agent)
        user = await auth_rows.signed_in(connection, user["id"])
        identities = await auth_rows.identities(connection, user["id"])
    return JSONResponse(_session(auth, user, identities, session))


async def get_user(request: Request) -> Response:
    """The user whose token this is."""
    auth = _auth(request)
    _require_key(request, auth)
    claims = _claims(request, auth)
    async with auth.pool.connection() as connection:
        return await _shown(connection, await _signed_in_user(connection, claims))


async def create_user(request: Request) -> Response:
    """Makes a user, as an administrator."""
    auth = _auth(request)
    _require_admin(request, auth)
    body = await _body(request)
    email = _text(body, "email").strip().lower()
    if not _is_email(email):
        raise AuthError(400, "validation_failed", "Unable to validate email address: invalid format")
    password = body.get("password")
    hashed = await _hash(password) if isinstance(password, str) and password else None
    async with auth.pool.connection() as connection:
        try:
            user = await auth_rows.insert_user(
                connection,
                email,
                hashed,
                confirmed=body.get("email_confirm") is True,
                metadata=_object(body, "user_metadata"),
                app_metadata=_object(body, "app_metadata"),
            )
        except psycopg.errors.UniqueViolation:
            message = "A user with this email address has already been registered"
            raise AuthError(422, "email_exists", message) from None
        return await _shown(connection, user)


async def read_user(request: Request) -> Response:
    """A user, to an administrator."""
    auth = _auth(request)
    _require_admin(request, auth)
    async with auth.pool.connection() as connection:
        user = await _known(connection, request)
        return await _shown(connection, user)


async def update_user(request: Request) -> Response:
    """Changes a user's password or confirms the address, as an administrator; a new password ends all sessions."""
    auth = _auth(request)
    _require_admin(request, auth)
    body = await _body(request)
    password = body.get("password")
    hashed = await _hash(password) if isinstance(password, str) and password else None
    async with auth.pool.connection() as connection:
        user = await _known(connection, request)
        user = await auth_rows.update_user(connection, user["id"], hashed, confirm=body.get("email_confirm") is True)
        return await _shown(connection, user)


async def delete_user(request: Request) -> Response:
    """Removes a user with all that is theirs in `auth`, as an administrator."""
    auth = _auth(request)
    _require_admin(request, auth)
    async with auth.pool.connection() as connection:
        user = await _known(connection, request)
        await connection.execute("delete from auth.users where id = %s", (user["id"],))
    return JSONResponse({})


ROUTES = [
    Route("/health", health),
    Route("/.well-known/jwks.json", jwks),
    Route("/token", token, methods=["POST"]),
    Route("/user", get_user),
    Route("/admin/users", create_user, methods=["POST"]),
    Route("/admin/users/{user_id}", read_user),
    Route("/admin/users/{user_id}", update_user, methods=["PUT"]),
    Route("/admin/users/{user_id}", delete_user, methods=["DELETE"]),
]


# -- Who asks -------------------------------------------------------------------------------------------------------


def _auth(request: Request) -> Auth:
    auth: Auth = request.app.state.auth
    return auth


def _require_key(request: Request, auth: Auth) -> str:
    authorization = auth.authorization(request)
    if authorization is None:
        raise AuthError(401, "no_authorization", "Invalid API key")
    return authorization


def _claims(request: Request, auth: Auth) -> dict[str, Any]:
    authorization = _require_key(request, auth)
    try:
        return auth.tokens.read(authorization.partition(" ")[2])
    except jwt.InvalidTokenError as error:
        raise AuthError(403, "bad_jwt", f"invalid JWT: {error}") from None


def _require_admin(request: Request, auth: Auth) -> None:
    if _claims(request, auth).get("role") not in ("service_role", "supabase_admin"):
        raise AuthError(403, "not_admin", "User not allowed")


async def _signed_in_user(connection: AsyncConnection[Any], claims: dict[str, Any]) -> Row:
    try:
        user_id, session_id = UUID(claims["sub"]), UUID(claims["session_id"])
    except (KeyError, ValueError):
        raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim") from None
    user = await auth_rows.user_by_id(connection, user_id)
    if user is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    if not await auth_rows.session_exists(connection, session_id, user_id):
        raise AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    return user


async def _shown(connection: AsyncConnection[Any], user: Row) -> Response:
    return JSONResponse(auth_rows.user_json(user, await auth_rows.identities(connection, user["id"])))


async def _known(connection: AsyncConnection[Any], request: Request) -> Row:
    try:
        user = await auth_rows.user_by_id(connection, UUID(request.path_params["user_id"]))
    except ValueError:
        user = None
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


# -- What they send -------------------------------------------------------------------------------------------------


async def _body(request: Request) -> dict[str, Any]:
    raw = await read_body(request, _MAX_BODY)
    if raw is None:
        raise AuthError(413, "request_entity_too_large", "Request body too large")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain.strip(".")) and len(text) <= 255 and not any(c.isspace() for c in text)


# -- Passwords and sessions -----------------------------------------------------------------------------------------


async def _hash(password: str) -> str:
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise AuthError(400, "validation_failed", "Password cannot be longer than 72 characters")
    return (await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt(10))).decode()


async def _password_fits(user: Row | None, password: str) -> bool:
    stored = user["encrypted_password"] if user else None
    sent = password.encode()[: MAX_PASSWORD_BYTES + 1]
    if len(sent) > MAX_PASSWORD_BYTES or b"\0" in sent:
        sent = b""
    fits = await asyncio.to_thread(bcrypt.checkpw, sent, stored.encode() if stored else _NOBODY)
    return bool(fits and stored and sent)


def _session(auth: Auth, user: Row, identities: list[Row], session: auth_rows.Session) -> dict[str, Any]:
    now = session.now
    claims = {
        "iss": f"{auth.url}/auth/v1",
        "sub": str(user["id"]),
        "aud": "authenticated",
        "exp": now + TOKEN_SECONDS,
        "iat": now,
        "email": user["email"],
        "phone": user["phone"] or "",
        "app_metadata": user["raw_app_meta_data"],
        "user_metadata": user["raw_user_meta_data"],
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": session.method, "timestamp": now}],
        "session_id": str(session.id),
        "is_anonymous": False,
    }
    return {
        "access_token": auth.tokens.sign(claims),
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "expires_at": now + TOKEN_SECONDS,
        "refresh_token": session.refresh_token,
        "user": auth_rows.user_json(user, identities),
    }
