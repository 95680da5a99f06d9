"""Mails that somebody asks for who is not signed in. Of an unknown address nothing is told."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import flows, letters, sent, users
from embedded.auth.context import require_key
from embedded.auth.errors import AuthError, invalid
from embedded.auth.redirects import target_of
from embedded.auth.sign_up import ask_to_confirm


async def recover(request: Request) -> Response:
    """Sends a link to who has forgotten the password."""
    auth = require_key(request)
    body = await sent.read(request)
    if not body.text("email"):
        raise invalid("Password recovery requires an email")
    email, challenge = body.email(), flows.challenge_of(body)
    async with auth.pool.connection() as connection:
        user = await users.by_email(connection, email, lock=True)
        if user is not None:
            await flows.begin(connection, user["id"], "recovery", challenge)
            target = target_of(request, auth.rules.site_url)
            await letters.send_recovery(connection, auth, user, target, pkce=challenge is not None)
    return JSONResponse({})


async def resend(request: Request) -> Response:
    """Sends a confirmation again, of a sign-up or of another address."""
    auth = require_key(request)
    body = await sent.read(request)
    kind = body.text("type")
    if kind in ("sms", "phone_change"):
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    if kind not in ("signup", "email_change"):
        raise invalid("Missing one of these types: signup, email_change, sms, phone_change")
    challenge = flows.challenge_of(body)
    if not body.text("email"):
        raise invalid("Type provided requires an email address")
    email = body.email()
    target = target_of(request, auth.rules.site_url)
    async with auth.pool.connection() as connection:
        user = await users.by_email(connection, email, lock=True)
        if user is None:
            return JSONResponse({})
        if kind == "signup" and not users.is_confirmed(user):
            await ask_to_confirm(connection, auth, user, target, challenge)
        if kind == "email_change" and user["email_change"]:
            await flows.begin(connection, user["id"], "email_change", challenge)
            new = user["email_change"]
            await letters.send_email_change(connection, auth, user, new, target, pkce=challenge is not None)
    return JSONResponse({})
