"""Users that an administrator invites, and links that an administrator hands over by other means than our mail."""

from datetime import UTC, datetime

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import letters, one_time, passwords, sent, users
from embedded.auth.context import require_admin
from embedded.auth.errors import AuthError, email_taken, invalid
from embedded.auth.one_time import Kind, OneTimeToken
from embedded.auth.redirects import target_of
from embedded.auth.rows import Connection, Row, update_user
from embedded.auth.rules import Rules
from embedded.auth.sent import Sent

_KINDS = {
    "signup": Kind.CONFIRMATION,
    "invite": Kind.CONFIRMATION,
    "magiclink": Kind.RECOVERY,
    "recovery": Kind.RECOVERY,
    "email_change_current": Kind.EMAIL_CHANGE_CURRENT,
    "email_change_new": Kind.EMAIL_CHANGE_NEW,
}


async def invite(request: Request) -> Response:
    """Sends an invitation; who is new gets a user without a password."""
    auth = require_admin(request)
    body = await sent.read(request)
    email = body.email()
    async with auth.pool.connection() as connection:
        user = await _unconfirmed(connection, email, None, body.object("data") or {})
        await letters.send_invite(connection, auth, user, target_of(request, auth.rules.site_url))
        return JSONResponse(await users.shown(connection, await _again(connection, user)))


async def generate_link(request: Request) -> Response:
    """The link of a mail that is not sent."""
    auth = require_admin(request)
    body = await sent.read(request)
    email, kind = body.email(), body.text("type")
    if kind not in _KINDS:
        raise invalid(f"Invalid email action link type requested: {kind}")
    target = target_of(request, auth.rules.site_url, body.text("redirect_to"))
    async with auth.pool.connection() as connection:
        user = await users.by_email(connection, email, lock=True)
        if kind == "magiclink" and user is None:
            kind = "signup"
            hashed = await passwords.hash_password(passwords.random_password(), auth.rules)
            user = await _unconfirmed(connection, email, hashed, body.object("data") or {})
        elif kind in ("signup", "invite"):
            user = await _invited(connection, auth.rules, email, kind, body)
        if user is None:
            raise AuthError(404, "user_not_found", "User with this email not found")
        token = await _token(connection, user, kind, body)
        answer = await users.shown(connection, await _again(connection, user))
    link_type = "email_change" if kind.startswith("email_change") else kind
    return JSONResponse(
        answer
        | {
            "action_link": letters.verify_link(auth, token.hash, link_type, target),
            "email_otp": token.digits,
            "hashed_token": token.hash,
            "verification_type": kind,
            "redirect_to": target,
        }
    )


async def _invited(connection: Connection, rules: Rules, email: str, kind: str, body: Sent) -> Row:
    hashed = None
    if kind == "signup":
        password = body.text("password")
        if not password:
            raise invalid("Signup requires a valid password")
        passwords.check_new(password)
        hashed = await passwords.hash_password(password, rules)
    metadata = body.object("data") or {}
    user = await _unconfirmed(connection, email, hashed, metadata)
    if kind == "invite":
        return await update_user(connection, user["id"], {"invited_at": datetime.now(UTC)})
    changed = users.merged(user["raw_user_meta_data"], metadata)
    return await update_user(connection, user["id"], {"raw_user_meta_data": Jsonb(changed)})


async def _token(connection: Connection, user: Row, kind: str, body: Sent) -> OneTimeToken:
    address = user["email"]
    if kind.startswith("email_change"):
        new = body.email("new_email")
        if await users.is_taken(connection, new, other_than=user["id"]):
            raise email_taken()
        columns: dict[str, object] = {"email_change": new, "email_change_confirm_status": 0}
        await update_user(connection, user["id"], columns)
        address = new if kind == "email_change_new" else address
    return await one_time.issue(connection, user["id"], _KINDS[kind], address, pkce=False)


async def _unconfirmed(connection: Connection, email: str, hashed: str | None, metadata: Row) -> Row:
    """A new user, or one who has not confirmed the address yet."""
    user = await users.insert(connection, email, hashed, metadata)
    user = user or await users.by_email(connection, email, lock=True)
    if user is None or users.is_confirmed(user):
        raise email_taken()
    return user


async def _again(connection: Connection, user: Row) -> Row:
    current = await users.by_id(connection, user["id"])
    assert current is not None
    return current
