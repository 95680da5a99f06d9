"""New users, by themselves: with a password, or by a magic link."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import flows, letters, passwords, sent, sessions, users
from embedded.auth.context import Auth, require_key
from embedded.auth.errors import AuthError, invalid
from embedded.auth.flows import Challenge
from embedded.auth.redirects import target_of
from embedded.auth.rows import Connection, Row


async def sign_up(request: Request) -> Response:
    """Makes a user, who has to confirm the address, unless that is switched off.

    A taken address is told nothing that a free one is not told: a mail is on its way.
    """
    auth = require_key(request)
    body = await sent.read(request)
    password, metadata = body.text("password"), body.object("data") or {}
    if not body.text("email") and not body.text("phone"):
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    if not password:
        raise invalid("Signup requires a valid password")
    passwords.check_new(password)
    if body.text("email") and body.text("phone"):
        raise invalid("Only an email address or phone number should be provided on signup.")
    challenge = flows.challenge_of(body)
    if body.text("phone"):
        raise AuthError(400, "phone_provider_disabled", "Phone signups are disabled")
    email = body.email()
    hashed = await passwords.hash_password(password, auth.rules)
    async with auth.pool.connection() as connection:
        user = await users.insert(connection, email, hashed, metadata)
        if user is None:
            user = await _known(connection, email)
            if users.is_confirmed(user):
                if not auth.rules.confirm_email:
                    raise AuthError(422, "user_already_exists", "User already registered")
                return JSONResponse(users.nobody(email, metadata))
        if not auth.rules.confirm_email:
            user = await users.confirm(connection, user)
            session = await sessions.open_session(connection, user, "password", _agent(request))
            return JSONResponse(await sessions.shown(connection, auth, user, session))
        await ask_to_confirm(connection, auth, user, target_of(request, auth.rules.site_url), challenge)
        user = await _known(connection, email)
        answer = await users.shown(connection, user)
        if user["invited_at"] is not None:
            answer |= {"user_metadata": {}, "identities": []}
        return JSONResponse(answer)


async def otp(request: Request) -> Response:
    """Sends a link to sign in with; who is new gets a user, and confirms the address with it."""
    auth = require_key(request)
    body = await sent.read(request)
    if body.text("phone"):
        if body.text("email"):
            raise invalid("Only an email address or phone number should be provided")
        raise AuthError(400, "phone_provider_disabled", "Unsupported phone provider")
    if not body.text("email"):
        raise invalid("One of email or phone must be set")
    challenge, email, metadata = flows.challenge_of(body), body.email(), body.object("data") or {}
    target = target_of(request, auth.rules.site_url)
    async with auth.pool.connection() as connection:
        user = await users.by_email(connection, email, lock=True)
        if user is None:
            if not body.flag("create_user", default=True):
                raise AuthError(422, "otp_disabled", "Signups not allowed for otp")
            hashed = await passwords.hash_password(passwords.random_password(), auth.rules)
            user = await users.insert(connection, email, hashed, metadata) or await _known(connection, email)
        if not users.is_confirmed(user):
            if auth.rules.confirm_email:
                await ask_to_confirm(connection, auth, user, target, challenge)
                return JSONResponse({})
            user = await users.confirm(connection, user)
        await flows.begin(connection, user["id"], "magiclink", challenge)
        await letters.send_magic_link(connection, auth, user, target, pkce=challenge is not None)
    return JSONResponse({})


async def ask_to_confirm(
    connection: Connection, auth: Auth, user: Row, target: str, challenge: Challenge | None
) -> None:
    """Sends the mail that confirms an address."""
    await flows.begin(connection, user["id"], "email/signup", challenge)
    await letters.send_confirmation(connection, auth, user, target, pkce=challenge is not None)


async def _known(connection: Connection, email: str) -> Row:
    user = await users.by_email(connection, email, lock=True)
    if user is None:
        # Removed in this moment.
        raise AuthError(409, "conflict", "The user was changed at the same time")
    return user


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
