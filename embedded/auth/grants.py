"""Tokens, for a password, for a refresh token, or for the code of a link."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import flows, passwords, sent, sessions, users
from embedded.auth.context import Auth, require_key
from embedded.auth.errors import AuthError, OAuthError, invalid
from embedded.auth.sent import Sent

Grant = Callable[[Auth, Sent, str], Awaitable[dict[str, Any]]]


async def token(request: Request) -> Response:
    """A session, by one of the grants."""
    auth = require_key(request)
    grant = _GRANTS.get(request.query_params.get("grant_type", ""))
    if grant is None:
        raise AuthError(400, "invalid_credentials", "unsupported_grant_type")
    body = await sent.read(request)
    return JSONResponse(await grant(auth, body, request.headers.get("user-agent", "")))


async def _by_password(auth: Auth, body: Sent, agent: str) -> dict[str, Any]:
    """Who is unknown, has no password or a wrong one gets one answer; the rest is told to who knows the password."""
    email, password = body.text("email").lower(), body.text("password")
    if body.text("phone"):
        if email:
            raise invalid("Only an email address or phone number should be provided on login.")
        raise AuthError(422, "phone_provider_disabled", "Phone logins are disabled")
    if not email:
        raise invalid("missing email or phone")
    async with auth.pool.connection() as connection:
        user = await users.by_email(connection, email)
    # No connection is held while the password is checked, which takes a while.
    if not await passwords.fits(user, password, auth.rules) or user is None:
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    if users.is_banned(user):
        raise AuthError(400, "user_banned", "User is banned")
    if not users.is_confirmed(user):
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")
    async with auth.pool.connection() as connection:
        current = await users.by_id(connection, user["id"], lock=True)
        if current is None or current["encrypted_password"] != user["encrypted_password"]:
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        session = await sessions.open_session(connection, current, "password", agent)
        answer = await sessions.shown(connection, auth, current, session)
    weak = passwords.weakness(password)
    return answer if weak is None else answer | {"weak_password": weak}


async def _by_refresh_token(auth: Auth, body: Sent, agent: str) -> dict[str, Any]:
    refresh_token = body.text("refresh_token")
    if not refresh_token:
        raise OAuthError("invalid_request", "refresh_token required")
    async with auth.pool.connection() as connection:
        refreshed = await sessions.refresh(connection, refresh_token, agent)
        if refreshed is not None:
            user, session = refreshed
            return await sessions.shown(connection, auth, user, session)
    # Here it is committed that the session's tokens are revoked.
    raise AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")


async def _by_code(auth: Auth, body: Sent, agent: str) -> dict[str, Any]:
    code, verifier = body.text("auth_code"), body.text("code_verifier")
    if not code or not verifier:
        raise invalid("invalid request: both auth code and code verifier should be non-empty")
    async with auth.pool.connection() as connection:
        flow = await flows.redeem(connection, code, verifier)
        user = await users.by_id(connection, flow["user_id"], lock=True)
        if user is None:
            raise AuthError(404, "user_not_found", "User not found")
        if users.is_banned(user):
            raise AuthError(400, "user_banned", "User is banned")
        session = await sessions.open_session(connection, user, flow["authentication_method"], agent)
        return await sessions.shown(connection, auth, user, session)


_GRANTS: dict[str, Grant] = {"password": _by_password, "refresh_token": _by_refresh_token, "pkce": _by_code}
