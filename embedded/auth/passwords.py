"""Passwords: what is accepted as a new one, and whether one fits."""

import asyncio
import secrets
from functools import cache

import bcrypt

from embedded.auth.errors import AuthError, invalid
from embedded.auth.rows import Row
from embedded.auth.rules import Rules

MIN_LENGTH = 6
MAX_BYTES = 72


def weakness(password: str) -> dict[str, object] | None:
    """What is wrong with a password, as `weak_password` in answers; None: nothing."""
    if len(password.encode()) >= MIN_LENGTH:
        return None
    return {"message": f"Password should be at least {MIN_LENGTH} characters.", "reasons": ["length"]}


def check_new(password: str) -> None:
    """Raises `AuthError` for a password that nobody may choose."""
    check_length(password)
    weak = weakness(password)
    if weak is not None:
        raise AuthError(422, "weak_password", str(weak["message"]), weak_password={"reasons": weak["reasons"]})


def check_length(password: str) -> None:
    """Raises `AuthError` for what bcrypt cannot hash."""
    if len(password.encode()) > MAX_BYTES:
        raise invalid(f"Password cannot be longer than {MAX_BYTES} characters")
    if "\0" in password:
        raise invalid("Password cannot contain a NUL character")


def random_password() -> str:
    """For a user who gets one without choosing it."""
    return secrets.token_urlsafe(48)


async def hash_password(password: str, rules: Rules) -> str:
    """What is stored of it."""
    check_length(password)
    return (await asyncio.to_thread(_hash, password, rules.password_cost)).decode()


async def fits(user: Row | None, password: str, rules: Rules) -> bool:
    """Whether it is the user's password; as slow for no user as for one."""
    stored = user["encrypted_password"] if user else None
    sent = password.encode()
    if len(sent) > MAX_BYTES or b"\0" in sent:
        sent = b""
    compared = stored.encode() if stored else await asyncio.to_thread(_nobody, rules.password_cost)
    matches = await asyncio.to_thread(bcrypt.checkpw, sent, compared)
    return bool(matches and stored and sent)


def _hash(password: str, cost: int) -> bytes:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost))


@cache
def _nobody(cost: int) -> bytes:
    """Compared with where there is no user, so that a missing one takes as long as a wrong password."""
    return _hash("nobody", cost)
