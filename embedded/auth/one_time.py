"""One-time tokens: a hash that a link carries, and six digits that are typed, of which the hash is made."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from embedded.auth.rows import Connection, Row, one, run, update_user

SECONDS = 3600
PKCE_PREFIX = "pkce_"
"""A link with such a token ends in a code, which only who asked for the mail can change into a session."""


class Kind(StrEnum):
    """What a token is for: the column of `auth.users` that holds it, and its type in `auth.one_time_tokens`."""

    CONFIRMATION = "confirmation_token"
    RECOVERY = "recovery_token"
    EMAIL_CHANGE_CURRENT = "email_change_token_current"
    EMAIL_CHANGE_NEW = "email_change_token_new"

    @property
    def sent_at(self) -> str:
        """The column with the time that a token of this kind was made."""
        return _SENT_AT[self]


_SENT_AT = {
    Kind.CONFIRMATION: "confirmation_sent_at",
    Kind.RECOVERY: "recovery_sent_at",
    Kind.EMAIL_CHANGE_CURRENT: "email_change_sent_at",
    Kind.EMAIL_CHANGE_NEW: "email_change_sent_at",
}


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """A new token: `hash` for the link, `digits` for who types."""

    hash: str = field(repr=False)
    digits: str = field(repr=False)


def hash_of(address: str, digits: str) -> str:
    """The token of these digits in a mail to this address."""
    return hashlib.sha224(f"{address}{digits}".encode()).hexdigest()


async def issue(connection: Connection, user_id: UUID, kind: Kind, address: str, *, pkce: bool) -> OneTimeToken:
    """A new token, in place of one of the same kind."""
    digits = f"{secrets.randbelow(10**6):06d}"
    token = OneTimeToken((PKCE_PREFIX if pkce else "") + hash_of(address, digits), digits)
    await update_user(connection, user_id, {kind.value: token.hash, kind.sent_at: datetime.now(UTC)})
    await _forget(connection, user_id, kind)
    await run(
        connection,
        """
        insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
        values (%s, %s, %s, %s, %s)
        """,
        uuid4(), user_id, kind.value, token.hash, address,
    )  # fmt: skip
    return token


async def owner(connection: Connection, token_hash: str, *kinds: Kind) -> Row | None:
    """The user whose token of one of these kinds this is, locked together with it: it is good for one."""
    return await one(
        connection,
        """
        select owner.* from auth.one_time_tokens as token join auth.users as owner on owner.id = token.user_id
        where token.token_hash = %s and token.token_type = any(%s::auth.one_time_token_type[])
            and owner.deleted_at is null
        for update
        """,
        token_hash, [kind.value for kind in kinds],
    )  # fmt: skip


def is_current(user: Row, kind: Kind, token_hash: str) -> bool:
    """Whether this is the user's token of the kind, with or without the prefix, and has not expired."""
    stored = user[kind.value]
    sent_at = user[kind.sent_at]
    if not stored or sent_at is None or datetime.now(UTC) > sent_at + timedelta(seconds=SECONDS):
        return False
    return any(secrets.compare_digest(stored, f"{prefix}{token_hash}") for prefix in ("", PKCE_PREFIX))


async def spend(connection: Connection, user_id: UUID, kind: Kind) -> None:
    """Ends the user's token of one kind."""
    await _forget(connection, user_id, kind)
    await update_user(connection, user_id, {kind.value: ""})


async def clear(connection: Connection, user_id: UUID) -> None:
    """Ends all of the user's tokens."""
    await run(connection, "delete from auth.one_time_tokens where user_id = %s", user_id)
    await update_user(connection, user_id, {kind.value: "" for kind in Kind})


async def _forget(connection: Connection, user_id: UUID, kind: Kind) -> None:
    query = "delete from auth.one_time_tokens where user_id = %s and token_type = %s"
    await run(connection, query, user_id, kind.value)
