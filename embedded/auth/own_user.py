"""Signed-in users: what they see of themselves, what they change, and how they sign out."""

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from embedded.auth import flows, letters, passwords, sent, sessions, users
from embedded.auth.context import Asker, require_key, require_user
from embedded.auth.errors import AuthError, email_taken, invalid
from embedded.auth.redirects import target_of
from embedded.auth.rows import Connection, Row, update_user
from embedded.auth.rules import Rules
from embedded.auth.sessions import Scope


async def read(request: Request) -> Response:
    """The user whose token this is."""
    auth = require_key(request)
    async with auth.pool.connection() as connection:
        asker = await require_user(connection, request)
        return JSONResponse(await users.shown(connection, asker.user))


async def update(request: Request) -> Response:
    """Another password, other metadata, or another address, which both mailboxes have to confirm first."""
    auth = require_key(request)
    async with auth.pool.connection() as connection:
        asker = await require_user(connection, request, lock=True)
        user = asker.user
        body = await sent.read(request)
        email = body.email() if body.text("email") else ""
        password, challenge = body.optional_text("password"), flows.challenge_of(body)
        if body.text("phone"):
            raise AuthError(422, "phone_provider_disabled", "Phone logins are disabled")
        if password is not None:
            passwords.check_new(password)
        if body.object("app_metadata") is not None:
            raise AuthError(403, "not_admin", "Updating app_metadata requires admin privileges")
        if email and await users.is_taken(connection, email, other_than=user["id"]):
            raise email_taken()
        if password is not None:
            user = await _change_password(connection, auth.rules, asker, password)
        metadata = body.object("data")
        if metadata is not None:
            changed = users.merged(user["raw_user_meta_data"], metadata)
            user = await update_user(connection, user["id"], {"raw_user_meta_data": Jsonb(changed)})
        if email and email != user["email"]:
            await flows.begin(connection, user["id"], "email_change", challenge)
            target = target_of(request, auth.rules.site_url)
            await letters.send_email_change(connection, auth, user, email, target, pkce=challenge is not None)
        return JSONResponse(await users.shown(connection, await _again(connection, user)))


async def sign_out(request: Request) -> Response:
    """Ends this session, the others, or all."""
    auth = require_key(request)
    wanted = request.query_params.get("scope") or Scope.GLOBAL.value
    async with auth.pool.connection() as connection:
        asker = await require_user(connection, request)
        if wanted not in list(Scope):
            raise invalid(f'Unsupported logout scope "{wanted}"')
        await sessions.end_sessions(connection, asker.user["id"], asker.session_id, Scope(wanted))
    return Response(status_code=204)


async def _change_password(connection: Connection, rules: Rules, asker: Asker, password: str) -> Row:
    user = asker.user
    if await passwords.fits(user, password, rules):
        raise AuthError(422, "same_password", "New password should be different from the old password.")
    hashed = await passwords.hash_password(password, rules)
    return await users.set_password(connection, user, hashed, keep=asker.session_id)


async def _again(connection: Connection, user: Row) -> Row:
    current = await users.by_id(connection, user["id"])
    assert current is not None
    return current
