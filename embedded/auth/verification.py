"""Links of mails, followed by a browser (GET) or handed over by a server (POST), and digits that were typed."""

from dataclasses import dataclass
from typing import Any

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from embedded.auth import flows, one_time, passwords, redirects, sent, sessions, users
from embedded.auth.context import Auth, auth_of
from embedded.auth.errors import AuthError, email_taken, invalid
from embedded.auth.one_time import PKCE_PREFIX, Kind
from embedded.auth.rows import Connection, Row, update_user
from embedded.auth.sent import Sent

_ONE_OF_TWO = "Confirmation link accepted. Please proceed to confirm link sent to the other email"
_KINDS = {
    "signup": (Kind.CONFIRMATION,),
    "invite": (Kind.CONFIRMATION,),
    "recovery": (Kind.RECOVERY,),
    "magiclink": (Kind.RECOVERY,),
    "email": (Kind.CONFIRMATION, Kind.RECOVERY),
    "email_change": (Kind.EMAIL_CHANGE_CURRENT, Kind.EMAIL_CHANGE_NEW),
}
# How a session that begins with such a link says that it began.
_METHODS = {"signup": "email/signup"}


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose token it was, and of which type: `email` has become `signup` or `magiclink`."""

    user: Row
    type: str


async def follow(request: Request) -> Response:
    """A link of a mail, opened in a browser: it always ends on a page of the site."""
    if request.method == "HEAD":
        # Scanners of mail look at links without following them; that must not use one up.
        return Response(status_code=405, headers={"Allow": "GET, POST"})
    auth = auth_of(request)
    token, kind = request.query_params.get("token", ""), request.query_params.get("type", "")
    if not kind:
        raise invalid("Verify requires a verification type")
    if not token:
        raise invalid("Verify requires a token or a token hash")
    target, pkce = redirects.target_of(request, auth.rules.site_url), token.startswith(PKCE_PREFIX)
    try:
        async with auth.pool.connection() as connection:
            found = await _by_hash(connection, token, kind)
            verified = await _accept(connection, auth, found, token)
            if verified is None:
                url = redirects.with_message(target, _ONE_OF_TWO, pkce=pkce)
            elif pkce:
                method = _METHODS.get(found.type, found.type)
                url = redirects.with_code(target, await flows.issue_code(connection, verified["id"], method))
            else:
                session = await _session(connection, auth, verified, request)
                url = redirects.with_session(target, session, found.type)
    except AuthError as error:
        url = redirects.with_error(target, error, pkce=pkce)
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


async def verify(request: Request) -> Response:
    """A token handed over by a server, or digits with the address they were sent to."""
    auth, body = auth_of(request), await sent.read(request)
    kind, typed, token_hash = _checked(body)
    async with auth.pool.connection() as connection:
        if typed:
            email = body.email()
            token_hash = one_time.hash_of(email, typed)
            found = await _by_digits(connection, email, token_hash, kind)
        else:
            found = await _by_hash(connection, token_hash, kind)
        verified = await _accept(connection, auth, found, token_hash)
        if verified is None:
            return JSONResponse({"msg": _ONE_OF_TWO, "code": "200"})
        return JSONResponse(await _session(connection, auth, verified, request))


def _checked(body: Sent) -> tuple[str, str, str]:
    """Type, digits and token of a body that holds what it should."""
    kind, typed, token_hash = body.text("type"), body.text("token"), body.text("token_hash")
    if not kind:
        raise invalid("Verify requires a verification type")
    if bool(typed) == bool(token_hash):
        raise invalid("Verify requires either a token or a token hash")
    if token_hash and any(body.text(name) for name in ("email", "phone", "redirect_to")):
        raise invalid("Only the token_hash and type should be provided")
    if typed and (not body.text("email") or body.text("phone")):
        raise invalid("Only an email address or phone number should be provided on verify")
    return kind, typed, token_hash


# -- Whose it is ----------------------------------------------------------------------------------------------------


async def _by_hash(connection: Connection, token_hash: str, kind: str) -> Verified:
    expired = AuthError(403, "otp_expired", "Email link is invalid or has expired")
    kinds = _kinds(kind)
    user = await one_time.owner(connection, token_hash, *kinds)
    if user is None:
        raise expired
    return _current(user, kind, token_hash, expired)


async def _by_digits(connection: Connection, email: str, token_hash: str, kind: str) -> Verified:
    expired = AuthError(403, "otp_expired", "Token has expired or is invalid")
    kinds = _kinds(kind)
    if kind == "email_change":
        # They may have been sent to an address that is not the user's yet.
        user = await one_time.owner(connection, token_hash, *kinds)
        user = user or await one_time.owner(connection, f"{PKCE_PREFIX}{token_hash}", *kinds)
    else:
        user = await users.by_email(connection, email, lock=True)
    if user is None:
        raise expired
    return _current(user, kind, token_hash, expired)


def _kinds(kind: str) -> tuple[Kind, ...]:
    kinds = _KINDS.get(kind)
    if kinds is None:
        raise invalid("Invalid email verification type")
    return kinds


def _current(user: Row, kind: str, token_hash: str, expired: AuthError) -> Verified:
    if users.is_banned(user):
        raise AuthError(403, "user_banned", "User is banned")
    current = next((each for each in _kinds(kind) if one_time.is_current(user, each, token_hash)), None)
    if current is None:
        raise expired
    if kind == "email":
        kind = "signup" if current is Kind.CONFIRMATION else "magiclink"
    return Verified(user, kind)


# -- What it does ---------------------------------------------------------------------------------------------------


async def _accept(connection: Connection, auth: Auth, found: Verified, token_hash: str) -> Row | None:
    """Does what the token is for. None: the other mailbox has to confirm too."""
    user = found.user
    if found.type == "email_change":
        return await _change_email(connection, auth, user, token_hash)
    if found.type in ("signup", "invite"):
        if not user["encrypted_password"] and user["invited_at"] is not None:
            hashed = await passwords.hash_password(passwords.random_password(), auth.rules)
            user = await update_user(connection, user["id"], {"encrypted_password": hashed})
        return await users.confirm(connection, user)
    await one_time.clear(connection, user["id"])
    return user if users.is_confirmed(user) else await users.confirm(connection, user)


async def _change_email(connection: Connection, auth: Auth, user: Row, token_hash: str) -> Row | None:
    if auth.rules.confirm_email and user["email_change_confirm_status"] == 0:
        both = (Kind.EMAIL_CHANGE_CURRENT, Kind.EMAIL_CHANGE_NEW)
        spent = next(kind for kind in both if one_time.is_current(user, kind, token_hash))
        await one_time.spend(connection, user["id"], spent)
        await update_user(connection, user["id"], {"email_change_confirm_status": 1})
        return None
    try:
        async with connection.transaction():
            changed = await users.set_email(connection, user, user["email_change"], verified=True)
    except psycopg.errors.UniqueViolation:
        raise email_taken() from None
    await one_time.clear(connection, user["id"])
    done: dict[str, object] = {"email_change": "", "email_change_confirm_status": 0}
    changed = await update_user(connection, user["id"], done)
    return changed if users.is_confirmed(changed) else await users.confirm(connection, changed)


async def _session(connection: Connection, auth: Auth, user: Row, request: Request) -> dict[str, Any]:
    agent = request.headers.get("user-agent", "")
    session = await sessions.open_session(connection, user, "otp", agent)
    return await sessions.shown(connection, auth, user, session)
