"""Signing in and out: plain forms, a new page each time, nothing of a password in a script."""

from contextlib import suppress
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.client_address import client_address
from api.portal.forms import (
    clear_session_cookie,
    form_of,
    form_page,
    go,
    safe_next,
    session_of,
    set_session_cookie,
    take_try,
)
from api.services import Services, services_of
from core.identity import IdentityAway, IdentityError, Tokens
from core.invitations import Invitation, invitations_to
from core.people import Away
from core.refusal import Refused
from core.sessions import SignedOut

router = APIRouter(include_in_schema=False)
AWAY = "We cannot reach our database right now. Try again in a moment."
_WRONG = "The e-mail address or the password is not right."
INVITATIONS = "/invitations"
"""Those to who is signed in; the page of one is below."""


@router.get("/sign-in")
async def get_sign_in(request: Request) -> Response:
    """The form; who is signed in goes on."""
    wanted = safe_next(request.query_params.get("next"))
    with suppress(OperationalError):
        if await session_of(request) is not None:
            return go(wanted)
    email = request.query_params.get("email", "")[:320]
    return _page(wanted, email, notice=request.query_params.get("notice", ""))


@router.post("/api/portal/session")
async def post_session(request: Request) -> Response:
    """Signs in with e-mail address and password, and goes on to the page that was wanted."""
    form = await form_of(request)
    wanted, email = safe_next(form.get("next")), form.get("email", "").strip()
    if wait := await take_try(request, email):
        return _page(wanted, email, f"Too many tries. Wait {wait} seconds, then try again.", 429)
    if not email or not form.get("password"):
        return _page(wanted, email, "Enter your e-mail address and your password.", 400)
    try:
        tokens = await services_of(request).identity.sign_in(email, form["password"])
        return await signed_in(request, tokens, wanted, form.get("time_zone", ""))
    except IdentityError as error:
        if error.code == "email_not_confirmed":
            sentence = "Your e-mail address is not confirmed yet. Open the link in the mail that we sent you."
            return _page(wanted, email, sentence, 403, unconfirmed=True)
        sentence = "This user is suspended. Contact support." if error.code == "user_banned" else _WRONG
        return _page(wanted, email, sentence, 401)
    except (IdentityAway, OperationalError):
        return _page(wanted, email, AWAY, 503)


@router.post("/api/portal/session/end")
async def end_session(request: Request) -> Response:
    """Signs out here, or with `everywhere` in every browser; on to `next`, if that is said."""
    form = await form_of(request)
    services = services_of(request)
    session = await session_of(request)
    if session is not None and form.get("everywhere"):
        await services.sessions.end_all(session, keep_this=False)
    elif session is not None:
        await services.sessions.end(session)
    response = go(safe_next(form["next"]) if "next" in form else "/sign-in?notice=signed-out")
    clear_session_cookie(response, services)
    return response


@router.get("/welcome")
async def get_welcome(request: Request) -> Response:
    """For somebody who is signed in and belongs to no account: makes one when they ask for it."""
    session = await session_of(request)
    if session is None or session.memberships:
        return go("/")
    invited = False
    with suppress(IdentityAway, OperationalError):
        invited = bool(await waiting_invitations(services_of(request), session.user_id))
    return form_page("welcome.html", email=session.email, invited=invited, error="")


@router.post("/api/portal/accounts")
async def post_account(request: Request) -> Response:
    """Makes an account of the user's own."""
    form = await form_of(request)
    services = services_of(request)
    session = await session_of(request)
    if session is None:
        return go("/sign-in?next=/welcome")
    try:
        token = await services.sessions.access_token(session)
        await services.people.call(token, "create_own_account", {"p_name": form.get("name", "").strip()})
    except Refused as refused:
        return form_page("welcome.html", 400, email=session.email, invited=False, error=refused.sentence)
    except SignedOut:
        return go("/sign-in?next=/welcome")
    except (Away, IdentityAway):
        return form_page("welcome.html", 503, email=session.email, invited=False, error=AWAY)
    return go("/")


def invitation_path(token: str) -> str:
    """The page of an invitation. Who is on the way there gets no account of their own."""
    return f"{INVITATIONS}/{token}"


async def waiting_invitations(services: Services, user: UUID) -> list[Invitation]:
    """Those that the user may answer without their links. None where addresses are taken without a mail to them: there
    only the link shows who was meant. Raises `IdentityAway` and `OperationalError`."""
    found = await invitations_to(services.db, user)
    return found if found and await services.identity.confirms_addresses() else []


async def signed_in(request: Request, tokens: Tokens, wanted: str, time_zone: str = "") -> Response:
    """Opens a session for a user whom Supabase Auth let in; the first time also an account, unless one invites them.
    Who is invited and wants nothing else is led there. Raises `OperationalError`."""
    services = services_of(request)
    agent = request.headers.get("user-agent", "")
    cookie = await services.sessions.open(tokens, agent, client_address(request, services.trusted_proxies))
    # Where this fails the page after it offers an account.
    with suppress(Away, Refused, IdentityAway):
        if wanted == "/" and await waiting_invitations(services, tokens.user_id):
            wanted = INVITATIONS
        elif not wanted.startswith(INVITATIONS):
            await services.people.call(tokens.access, "ensure_account", {})
        await _note_time_zone(services, tokens, time_zone)
    response = go(wanted)
    set_session_cookie(response, services, cookie)
    return response


async def _note_time_zone(services: Services, tokens: Tokens, time_zone: str) -> None:
    if time_zone not in available_timezones():
        return
    known = await services.people.rows(
        tokens.access, "profiles", "time_zone", {"user_id": str(tokens.user_id)}, order="user_id"
    )
    if not known or known[0]["time_zone"] is None:
        arguments = {"p_name": None, "p_time_zone": time_zone, "p_theme": None}
        await services.people.call(tokens.access, "save_profile", arguments)


_NOTICES = {
    "signed-out": "You are signed out.",
    "confirmed": "Your e-mail address is confirmed. Sign in.",
    "password": "Your password is changed. Sign in with the new one.",  # pragma: allowlist secret
}


def _page(
    wanted: str, email: str = "", error: str = "", status: int = 200, *,
    notice: str = "", unconfirmed: bool = False,
) -> Response:  # fmt: skip
    return form_page(
        "sign_in.html", status,
        next=wanted, email=email, error=error, notice=_NOTICES.get(notice, ""), unconfirmed=unconfirmed,
    )  # fmt: skip
