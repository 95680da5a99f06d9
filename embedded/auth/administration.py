"""Users, as an administrator sees, makes, changes and removes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import passwords, sent, users
from embedded.auth.context import require_admin
from embedded.auth.errors import AuthError, email_taken, invalid
from embedded.auth.rows import Connection, Row, run, update_user
from embedded.auth.rules import Rules
from embedded.auth.sent import Sent

_PAGE, _MAX_PAGE = 50, 1000
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_LONGEST_BAN = timedelta(days=290 * 365)
_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")


async def index(request: Request) -> Response:
    """Users, the newest first, a page at a time."""
    auth = require_admin(request)
    number, size = _number(request, "page", 1), min(_number(request, "per_page", _PAGE), _MAX_PAGE)
    text = request.query_params.get("filter", "")
    async with auth.pool.connection() as connection:
        rows, total = await users.page(connection, text, size, (number - 1) * size)
        shown = [await users.shown(connection, row) for row in rows]
    last = -(-total // size)

    def link(page: int, rel: str) -> str:
        query = urlencode(dict(request.query_params) | {"page": page})
        return f'<{request.url.path}?{query}>; rel="{rel}"'

    links = ([link(number + 1, "next")] if last > number else []) + [link(last, "last")]
    headers = {"X-Total-Count": str(total), "Link": ", ".join(links)}
    return JSONResponse({"users": shown, "aud": users.AUTHENTICATED}, headers=headers)


async def create(request: Request) -> Response:
    """Makes a user; the password is not judged."""
    auth = require_admin(request)
    body = await sent.read(request)
    if not body.text("email") and not body.text("phone"):
        raise invalid("Cannot create a user without either an email or phone")
    if body.text("phone"):
        raise AuthError(422, "phone_provider_disabled", "Phone logins are disabled")
    email, hashed, ban = body.email(), await _password_hash(body, auth.rules), _ban(body)
    async with auth.pool.connection() as connection:
        user = await users.insert(
            connection,
            email,
            hashed,
            body.object("user_metadata") or {},
            user_id=_wanted_id(body),
            role=body.text("role") or users.AUTHENTICATED,
            app_metadata=body.object("app_metadata"),
        )
        if user is None:
            raise email_taken()
        if body.flag("email_confirm"):
            user = await users.confirm(connection, user)
        if ban:
            user = await update_user(connection, user["id"], ban)
        return JSONResponse(await users.shown(connection, user))


async def read(request: Request) -> Response:
    """One user."""
    auth = require_admin(request)
    async with auth.pool.connection() as connection:
        return JSONResponse(await users.shown(connection, await _known(connection, request)))


async def update(request: Request) -> Response:
    """Changes a user at once; a new password ends all their sessions."""
    auth = require_admin(request)
    body = await sent.read(request)
    email = body.email() if body.text("email") else ""
    password, ban = body.optional_text("password"), _ban(body)
    if password is not None:
        passwords.check_new(password)
        password = await passwords.hash_password(password, auth.rules)
    async with auth.pool.connection() as connection:
        user = await _known(connection, request)
        if body.flag("email_confirm"):
            user = await users.confirm(connection, user)
        if password is not None:
            user = await users.set_password(connection, user, password, keep=None)
        if email and await users.is_taken(connection, email, other_than=user["id"]):
            raise email_taken()
        if email:
            user = await _set_email(connection, user, email, verified=body.flag("email_confirm"))
        user = await update_user(connection, user["id"], _columns(user, body) | ban)
        return JSONResponse(await users.shown(connection, user))


async def delete(request: Request) -> Response:
    """Removes a user with all that is theirs in `auth`."""
    auth = require_admin(request)
    body = await sent.read(request, optional=True)
    if body.flag("should_soft_delete"):
        raise invalid("The stand-in for Supabase Auth cannot soft-delete a user")
    async with auth.pool.connection() as connection:
        user = await _known(connection, request)
        await run(connection, "delete from auth.users where id = %s", user["id"])
        await run(connection, "delete from auth.flow_state where user_id = %s", user["id"])
    return JSONResponse({})


# -- What they sent -------------------------------------------------------------------------------------------------


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(f"Bad Pagination Parameters: {name} is not a number")
    return max(int(text), 1)


async def _password_hash(body: Sent, rules: Rules) -> str:
    password, given = body.optional_text("password"), body.text("password_hash")
    if password is not None and given:
        raise invalid("Only a password or a password hash should be provided")
    if given and not _BCRYPT.fullmatch(given):
        raise invalid("The stand-in for Supabase Auth knows password hashes of bcrypt only")
    return given or await passwords.hash_password(password or passwords.random_password(), rules)


def _wanted_id(body: Sent) -> UUID | None:
    text = body.text("id")
    if not text:
        return None
    try:
        wanted = UUID(text)
    except ValueError:
        raise invalid("ID must conform to the uuid v4 format") from None
    if wanted.int == 0:
        raise invalid("ID cannot be a nil uuid")
    return wanted


def _ban(body: Sent) -> dict[str, object]:
    """`ban_duration` as a column: a duration as Go writes it, `24h` or `1h30m`, or `none`."""
    text = body.text("ban_duration")
    if not text:
        return {}
    if text == "none":
        return {"banned_until": None}
    if not _DURATION.fullmatch(text):
        raise invalid(f'invalid format for ban duration: time: invalid duration "{text}"')
    try:
        length = timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    except OverflowError:
        length = timedelta.max
    if length > _LONGEST_BAN:
        raise invalid(f'invalid format for ban duration: time: invalid duration "{text}"')
    return {"banned_until": datetime.now(UTC) + length if length else None}


def _columns(user: Row, body: Sent) -> dict[str, object]:
    columns: dict[str, object] = {}
    names: Mapping[str, str] = {"app_metadata": "raw_app_meta_data", "user_metadata": "raw_user_meta_data"}
    for name, column in names.items():
        metadata = body.object(name)
        if metadata is not None:
            columns[column] = Jsonb(users.merged(user[column], metadata))
    if body.text("role"):
        columns["role"] = body.text("role")
    return columns


async def _set_email(connection: Connection, user: Row, email: str, *, verified: bool) -> Row:
    try:
        return await users.set_email(connection, user, email, verified=verified)
    except psycopg.errors.UniqueViolation:
        raise email_taken() from None


async def _known(connection: Connection, request: Request) -> Row:
    try:
        user_id = UUID(request.path_params["user_id"])
    except ValueError:
        raise AuthError(404, "validation_failed", "user_id must be an UUID") from None
    user = await users.by_id(connection, user_id, lock=True)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user
