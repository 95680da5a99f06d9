"""Rows of the schema `auth`, as Supabase Auth writes and shows them."""

import secrets
import string
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

Row = dict[str, Any]
Connection = AsyncConnection[Any]

_NO_INSTANCE = UUID(int=0)
_REFRESH_ALPHABET = string.ascii_lowercase + string.digits
_SHOWN_TIMES = (
    "email_confirmed_at",
    "phone_confirmed_at",
    "confirmed_at",
    "invited_at",
    "last_sign_in_at",
    "banned_until",
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was just opened; `now` in Unix seconds."""

    id: UUID
    refresh_token: str
    method: str
    now: int


async def user_by_email(connection: Connection, email: str) -> Row | None:
    """The user with this address, in lower case."""
    return await _row(
        connection, "select * from auth.users where email = %s and not is_sso_user and deleted_at is null", email
    )


async def user_by_id(connection: Connection, user_id: UUID) -> Row | None:
    """The user with this id."""
    return await _row(connection, "select * from auth.users where id = %s and deleted_at is null", user_id)


async def identities(connection: Connection, user_id: UUID) -> list[Row]:
    """How the user can sign in."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from auth.identities where user_id = %s order by created_at", (user_id,))
        return await cursor.fetchall()


def is_banned(user: Row) -> bool:
    """Whether the user is kept out for now."""
    until = user["banned_until"]
    return until is not None and until > datetime.now(UTC)


async def insert_user(
    connection: Connection,
    email: str,
    password_hash: str | None,
    *,
    confirmed: bool,
    metadata: Row,
    app_metadata: Row,
) -> Row:
    """Makes a user with an e-mail identity. Raises `psycopg.errors.UniqueViolation` when the address is taken."""
    user_id, now = uuid4(), datetime.now(UTC)
    app = {"provider": "email", "providers": ["email"]} | app_metadata
    user = await _row(
        connection,
        """
        insert into auth.users (
            instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
            raw_user_meta_data, created_at, updated_at, confirmation_token, recovery_token, email_change_token_new,
            email_change
        ) values (%s, %s, 'authenticated', 'authenticated', %s, %s, %s, %s, %s, %s, %s, '', '', '', '')
        returning *
        """,
        _NO_INSTANCE, user_id, email, password_hash, now if confirmed else None, Jsonb(app),
        Jsonb(metadata | {"email_verified": confirmed}), now, now,
    )  # fmt: skip
    assert user is not None
    data = {"sub": str(user_id), "email": email, "email_verified": confirmed, "phone_verified": False}
    await connection.execute(
        """
        insert into auth.identities
            (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
        values (%s, %s, %s, 'email', %s, %s, %s)
        """,
        (str(user_id), user_id, Jsonb(data), now, now, now),
    )
    return user


async def update_user(connection: Connection, user_id: UUID, password_hash: str | None, *, confirm: bool) -> Row:
    """Sets what is given; a new password ends every session of the user."""
    if password_hash is not None:
        await connection.execute(
            "update auth.users set encrypted_password = %s, updated_at = now() where id = %s", (password_hash, user_id)
        )
        await connection.execute("delete from auth.sessions where user_id = %s", (user_id,))
    if confirm:
        await connection.execute(
            "update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()) where id = %s", (user_id,)
        )
    user = await user_by_id(connection, user_id)
    assert user is not None
    return user


async def open_session(connection: Connection, user_id: UUID, method: str, user_agent: str) -> Session:
    """A new session with its first refresh token."""
    session, token, now = uuid4(), "".join(secrets.choice(_REFRESH_ALPHABET) for _ in range(12)), datetime.now(UTC)
    await connection.execute(
        """
        insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent)
        values (%s, %s, %s, %s, 'aal1', %s)
        """,
        (session, user_id, now, now, user_agent),
    )
    await connection.execute(
        """
        insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, session_id)
        values (%s, %s, %s, false, %s, %s, %s)
        """,
        (_NO_INSTANCE, token, str(user_id), now, now, session),
    )
    await connection.execute(
        """
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
        values (%s, %s, %s, %s, %s)
        """,
        (uuid4(), session, now, now, method),
    )
    return Session(session, token, method, int(time.time()))


async def session_exists(connection: Connection, session_id: UUID, user_id: UUID) -> bool:
    """Whether the session was not ended."""
    found = await _row(connection, "select id from auth.sessions where id = %s and user_id = %s", session_id, user_id)
    return found is not None


async def signed_in(connection: Connection, user_id: UUID) -> Row:
    """Notes the time of a sign-in."""
    user = await _row(
        connection,
        "update auth.users set last_sign_in_at = now(), updated_at = now() where id = %s returning *",
        user_id,
    )
    assert user is not None
    return user


def user_json(user: Row, found: list[Row]) -> dict[str, Any]:
    """A user as clients expect it: times in RFC 3339, absent ones left out."""
    times = {name: _time(user[name]) for name in _SHOWN_TIMES if user[name] is not None}
    return {
        "id": str(user["id"]),
        "aud": user["aud"] or "authenticated",
        "role": user["role"] or "authenticated",
        "email": user["email"] or "",
        "phone": user["phone"] or "",
        "app_metadata": user["raw_app_meta_data"] or {},
        "user_metadata": user["raw_user_meta_data"] or {},
        "identities": [_identity_json(identity) for identity in found],
        "created_at": _time(user["created_at"]),
        "updated_at": _time(user["updated_at"]),
        "is_anonymous": user["is_anonymous"],
    } | times


def _identity_json(identity: Row) -> dict[str, Any]:
    return {
        "identity_id": str(identity["id"]),
        "id": identity["provider_id"],
        "user_id": str(identity["user_id"]),
        "identity_data": identity["identity_data"],
        "provider": identity["provider"],
        "last_sign_in_at": _time(identity["last_sign_in_at"]),
        "created_at": _time(identity["created_at"]),
        "updated_at": _time(identity["updated_at"]),
        "email": identity["email"],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


async def _row(connection: Connection, query: str, *arguments: object) -> Row | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), arguments)
        return await cursor.fetchone()
