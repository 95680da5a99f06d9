"""Sessions and their refresh tokens: opened, refreshed with rotation, ended, and shown to the client."""

import secrets
import string
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import psycopg

from embedded.auth import users
from embedded.auth.context import Auth
from embedded.auth.errors import AuthError
from embedded.auth.rows import NO_INSTANCE, Connection, Row, many, one, run, update_user

TOKEN_SECONDS = 3600
REUSE_SECONDS = 10
"""A refresh token may be used again so soon after its use: tabs of one browser refresh at the same time."""
_ALPHABET = string.ascii_lowercase + string.digits
_LENGTH = 12
_USER_AGENT_LENGTH = 255


class Scope(StrEnum):
    """Which of a user's sessions end with a sign-out."""

    GLOBAL = "global"
    LOCAL = "local"
    OTHERS = "others"


_ENDING = {
    Scope.GLOBAL: "delete from auth.sessions where user_id = %s",
    Scope.LOCAL: "delete from auth.sessions where user_id = %s and id = %s",
    Scope.OTHERS: "delete from auth.sessions where user_id = %s and id <> %s",
}
_REVOKE = "update auth.refresh_tokens set revoked = true, updated_at = now() where id = %s"
_REVOKE_ALL = "update auth.refresh_tokens set revoked = true, updated_at = now() where session_id = %s and not revoked"


@dataclass(frozen=True, slots=True)
class Session:
    """A session and its refresh token that is good now."""

    id: UUID
    refresh_token: str = field(repr=False)


async def open_session(connection: Connection, user: Row, method: str, user_agent: str) -> Session:
    """A new session of a user who has just signed in with `method`, such as `password` or `otp`."""
    session, now = uuid4(), datetime.now(UTC)
    await update_user(connection, user["id"], {"last_sign_in_at": now})
    await run(
        connection,
        """
        insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent)
        values (%s, %s, %s, %s, 'aal1', %s)
        """,
        session, user["id"], now, now, user_agent[:_USER_AGENT_LENGTH],
    )  # fmt: skip
    await run(
        connection,
        """
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
        values (%s, %s, %s, %s, %s)
        """,
        uuid4(), session, now, now, method,
    )  # fmt: skip
    return Session(session, await _new_token(connection, user["id"], session, parent=None))


async def end_sessions(connection: Connection, user_id: UUID, session_id: UUID, scope: Scope) -> None:
    """Signs out. Access tokens stay valid for PostgREST until they expire, refresh tokens end now."""
    await run(connection, _ENDING[scope], user_id, *([] if scope is Scope.GLOBAL else [session_id]))


# -- Refreshing -----------------------------------------------------------------------------------------------------


async def refresh(connection: Connection, token: str, user_agent: str) -> tuple[Row, Session] | None:
    """The user, and the session with its next refresh token. None for a token that was used before.

    A used token is answered as if it were new when only the answer to it can have been lost: it is the parent of the
    one that is good now, which is then given again, or it was used less than `REUSE_SECONDS` ago. Any other reuse looks
    like theft: it ends all tokens of the session, and the caller must commit that before it refuses. Raises
    `AuthError`.
    """
    row = await _locked(connection, token)
    user = await users.by_id(connection, UUID(row["user_id"]))
    if user is None:
        raise _not_found()
    if users.is_banned(user):
        raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
    next_token = await _next_token(connection, row)
    if next_token is None:
        return None
    await run(
        connection,
        """
        update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(), user_agent = %s
        where id = %s
        """,
        user_agent[:_USER_AGENT_LENGTH], row["session_id"],
    )  # fmt: skip
    return user, Session(row["session_id"], next_token)


async def _locked(connection: Connection, token: str) -> Row:
    """The row of a refresh token, whose session is locked: of several refreshes one goes first."""
    query = "select * from auth.refresh_tokens where token = %s"
    row = await one(connection, query, token)
    if row is None:
        raise _not_found()
    await run(connection, "set local lock_timeout = '2s'")
    try:
        session = await one(connection, "select id from auth.sessions where id = %s for update", row["session_id"])
    except psycopg.errors.LockNotAvailable:
        message = "Too many concurrent token refresh requests on the same session or refresh token"
        raise AuthError(409, "conflict", message) from None
    # While we waited the token may have been used, or the session ended.
    row = await one(connection, query, token)
    if session is None or row is None:
        raise _not_found()
    return row


async def _next_token(connection: Connection, row: Row) -> str | None:
    session_id = row["session_id"]
    if row["revoked"]:
        query = "select * from auth.refresh_tokens where session_id = %s and not revoked order by id desc limit 1"
        active = await one(connection, query, session_id)
        if active is not None and active["parent"] == row["token"]:
            token: str = active["token"]
            return token
        if datetime.now(UTC) > row["updated_at"] + timedelta(seconds=REUSE_SECONDS):
            await run(connection, _REVOKE_ALL, session_id)
            return None
    else:
        await run(connection, _REVOKE, row["id"])
    return await _new_token(connection, row["user_id"], session_id, parent=row["token"])


async def _new_token(connection: Connection, user_id: object, session_id: UUID, parent: str | None) -> str:
    token = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    await run(
        connection,
        """
        insert into auth.refresh_tokens
            (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
        values (%s, %s, %s, false, now(), now(), %s, %s)
        """,
        NO_INSTANCE, token, str(user_id), parent, session_id,
    )  # fmt: skip
    return token


def _not_found() -> AuthError:
    return AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")


# -- Shown ----------------------------------------------------------------------------------------------------------


async def shown(connection: Connection, auth: Auth, user: Row, session: Session) -> dict[str, Any]:
    """The session as JSON, with a new access token."""
    current = await users.by_id(connection, user["id"])
    assert current is not None
    now = int(time.time())
    expires_at = now + TOKEN_SECONDS
    claims = {
        "iss": f"{auth.url}/auth/v1",
        "sub": str(current["id"]),
        "aud": users.AUTHENTICATED,
        "exp": expires_at,
        "iat": now,
        "email": current["email"] or "",
        "phone": current["phone"] or "",
        "app_metadata": current["raw_app_meta_data"] or {},
        "user_metadata": current["raw_user_meta_data"] or {},
        "role": current["role"] or users.AUTHENTICATED,
        "aal": "aal1",
        "amr": await _methods(connection, session.id),
        "session_id": str(session.id),
        "is_anonymous": False,
    }
    return {
        "access_token": auth.tokens.sign(claims),
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "expires_at": expires_at,
        "refresh_token": session.refresh_token,
        "user": await users.shown(connection, current),
    }


async def _methods(connection: Connection, session_id: UUID) -> list[dict[str, Any]]:
    """How the user signed in, the newest first."""
    query = "select * from auth.mfa_amr_claims where session_id = %s order by updated_at desc"
    return [
        {"method": row["authentication_method"], "timestamp": int(row["updated_at"].timestamp())}
        for row in await many(connection, query, session_id)
    ]
