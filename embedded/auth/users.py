"""Users and their identities: found, made, changed, and shown as clients expect them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from embedded.auth import one_time
from embedded.auth.rows import NO_INSTANCE, Connection, Row, many, one, run, update_user

AUTHENTICATED = "authenticated"
_SHOWN_TIMES = (
    "email_confirmed_at",
    "phone_confirmed_at",
    "confirmed_at",
    "invited_at",
    "confirmation_sent_at",
    "recovery_sent_at",
    "email_change_sent_at",
    "last_sign_in_at",
    "banned_until",
)


# -- Found ----------------------------------------------------------------------------------------------------------


async def by_email(connection: Connection, email: str, *, lock: bool = False) -> Row | None:
    """The user with this address in lower case. What changes a user locks first: one change comes after the other."""
    query = "select * from auth.users where email = %s and not is_sso_user and deleted_at is null"
    return await one(connection, f"{query} for update" if lock else query, email)


async def by_id(connection: Connection, user_id: UUID, *, lock: bool = False) -> Row | None:
    """The user with this id."""
    query = "select * from auth.users where id = %s and deleted_at is null"
    return await one(connection, f"{query} for update" if lock else query, user_id)


async def is_taken(connection: Connection, email: str, *, other_than: UUID) -> bool:
    """Whether somebody else has the address."""
    query = "select id from auth.users where email = %s and not is_sso_user and id <> %s"
    return await one(connection, query, email, other_than) is not None


async def page(connection: Connection, text: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Users whose address or full name holds the text, the newest first, and how many there are."""
    pattern = "%" + "".join(f"\\{char}" if char in "%_\\" else char for char in text) + "%"
    counted = await one(
        connection,
        """
        select count(*) as total from auth.users
        where aud = 'authenticated' and (email like %s or raw_user_meta_data ->> 'full_name' ilike %s)
        """,
        pattern, pattern,
    )  # fmt: skip
    rows = await many(
        connection,
        """
        select * from auth.users
        where aud = 'authenticated' and (email like %s or raw_user_meta_data ->> 'full_name' ilike %s)
        order by created_at desc, id limit %s offset %s
        """,
        pattern, pattern, limit, offset,
    )  # fmt: skip
    assert counted is not None
    return rows, counted["total"]


def is_confirmed(user: Row) -> bool:
    """Whether the address was confirmed."""
    return user["email_confirmed_at"] is not None


def is_banned(user: Row) -> bool:
    """Whether the user is kept out for now."""
    until = user["banned_until"]
    return until is not None and until > datetime.now(UTC)


# -- Made and changed -----------------------------------------------------------------------------------------------


async def insert(
    connection: Connection,
    email: str,
    password_hash: str | None,
    metadata: Row,
    *,
    user_id: UUID | None = None,
    role: str = AUTHENTICATED,
    app_metadata: Row | None = None,
) -> Row | None:
    """A new, unconfirmed user with an e-mail identity. None when the address or the id is taken, also by one who comes
    at the same time."""
    user_id, now = user_id or uuid4(), datetime.now(UTC)
    user = await one(
        connection,
        """
        insert into auth.users (
            instance_id, id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at,
            updated_at, confirmation_token, recovery_token, email_change_token_new, email_change
        ) values (%s, %s, 'authenticated', %s, %s, %s, %s, %s, %s, %s, '', '', '', '')
        on conflict do nothing
        returning *
        """,
        NO_INSTANCE, user_id, role, email, password_hash,
        Jsonb(merged({"provider": "email", "providers": ["email"]}, app_metadata or {})),
        Jsonb(merged({"email_verified": False}, metadata)), now, now,
    )  # fmt: skip
    if user is not None:
        data = {"sub": str(user_id), "email": email, "email_verified": False, "phone_verified": False}
        await _insert_identity(connection, user_id, {**metadata, **data})
    return user


async def confirm(connection: Connection, user: Row) -> Row:
    """The address is the user's. Their one-time tokens end."""
    await one_time.clear(connection, user["id"])
    await _change_identity(connection, user["id"], {"email_verified": True})
    metadata = merged(user["raw_user_meta_data"], {"email_verified": True})
    columns = {"email_confirmed_at": datetime.now(UTC), "raw_user_meta_data": Jsonb(metadata)}
    return await update_user(connection, user["id"], columns)


async def set_email(connection: Connection, user: Row, email: str, *, verified: bool) -> Row:
    """Another address, at once. Raises `psycopg.errors.UniqueViolation` when it was taken meanwhile."""
    user = await update_user(connection, user["id"], {"email": email})
    if not await _change_identity(connection, user["id"], {"email": email, "email_verified": verified}):
        data = {"sub": str(user["id"]), "email": email, "email_verified": verified, "phone_verified": False}
        await _insert_identity(connection, user["id"], data)
    return user


async def set_password(connection: Connection, user: Row, password_hash: str, *, keep: UUID | None) -> Row:
    """A new password ends what was begun with the old one: one-time tokens, and sessions except `keep`."""
    await one_time.clear(connection, user["id"])
    await run(
        connection,
        "delete from auth.sessions where user_id = %s and id is distinct from %s::uuid", user["id"], keep,
    )  # fmt: skip
    forgotten = dict.fromkeys(("confirmation_sent_at", "recovery_sent_at", "email_change_sent_at"))
    return await update_user(connection, user["id"], {"encrypted_password": password_hash, **forgotten})


def merged(old: Row | None, new: Mapping[str, Any]) -> Row:
    """Metadata after an update: keys are set one by one, null removes one."""
    both = {**(old or {}), **new}
    return {name: value for name, value in both.items() if value is not None}


async def _insert_identity(connection: Connection, user_id: UUID, data: Row) -> None:
    now = datetime.now(UTC)
    await run(
        connection,
        """
        insert into auth.identities
            (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
        values (%s, %s, %s, 'email', %s, %s, %s)
        """,
        str(user_id), user_id, Jsonb(data), now, now, now,
    )  # fmt: skip


async def _change_identity(connection: Connection, user_id: UUID, data: Row) -> bool:
    changed = await one(
        connection,
        """
        update auth.identities set identity_data = identity_data || %s, updated_at = now()
        where user_id = %s and provider = 'email' returning id
        """,
        Jsonb(data), user_id,
    )  # fmt: skip
    return changed is not None


# -- Shown ----------------------------------------------------------------------------------------------------------


async def shown(connection: Connection, user: Row) -> Row:
    """The user as JSON, with all identities."""
    query = "select * from auth.identities where user_id = %s order by created_at"
    return as_json(user, await many(connection, query, user["id"]))


def as_json(user: Row, identities: list[Row]) -> Row:
    """A user as clients expect it: times in RFC 3339, absent ones left out."""
    times = {name: _time(user[name]) for name in _SHOWN_TIMES if user[name] is not None}
    pending = {"new_email": user["email_change"]} if user["email_change"] else {}
    return {
        "id": str(user["id"]),
        "aud": user["aud"] or AUTHENTICATED,
        "role": user["role"] or AUTHENTICATED,
        "email": user["email"] or "",
        "phone": user["phone"] or "",
        "app_metadata": user["raw_app_meta_data"] or {},
        "user_metadata": user["raw_user_meta_data"] or {},
        "identities": [_identity_json(identity) for identity in identities],
        "created_at": _time(user["created_at"]),
        "updated_at": _time(user["updated_at"]),
        "is_anonymous": user["is_anonymous"],
    } | times | pending  # fmt: skip


def nobody(email: str, metadata: Row) -> Row:
    """What a sign-up with a taken address is told: a user like a new one, who does not exist."""
    now = _time(datetime.now(UTC))
    return {
        "id": str(uuid4()),
        "aud": AUTHENTICATED,
        "role": "",
        "email": email,
        "phone": "",
        "confirmation_sent_at": now,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": metadata,
        "identities": [],
        "created_at": now,
        "updated_at": now,
        "is_anonymous": False,
    }


def _identity_json(identity: Row) -> Row:
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
