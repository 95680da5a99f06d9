"""Signing up. Whether an address has a user already is told to nobody but its owner, by mail."""

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.confirmation import NOTE, NOTE_SECONDS, confirm_url
from api.portal.forms import form_of, form_page, go, safe_next, session_of, set_note, take_try
from api.portal.sign_in import AWAY, signed_in
from api.services import services_of
from core.identity import IdentityAway, IdentityError

router = APIRouter(include_in_schema=False)
PASSWORD_LENGTH = 8


@router.get("/sign-up")
async def get_sign_up(request: Request) -> Response:
    """The form; who is signed in goes on."""
    wanted = safe_next(request.query_params.get("next"))
    if await session_of(request) is not None:
        return go(wanted)
    return _page(wanted, request.query_params.get("email", "")[:320])


@router.post("/api/portal/users")
async def post_user(request: Request) -> Response:
    """Makes a user: signed in at once where addresses need no confirmation, else after the link in the mail."""
    form = await form_of(request)
    services = services_of(request)
    wanted, email, password = safe_next(form.get("next")), form.get("email", "").strip(), form.get("password", "")
    if wait := await take_try(request, email):
        return _page(wanted, email, f"Too many tries. Wait {wait} seconds, then try again.", 429)
    if not email:
        return _page(wanted, email, "Enter your e-mail address.", 400)
    if problem := password_problem(password):
        return _page(wanted, email, problem, 400)
    try:
        made = await services.identity.sign_up(email, password, confirm_url(services))
        if made.tokens is not None:
            return await signed_in(request, made.tokens, wanted, form.get("time_zone", ""))
    except IdentityError as error:
        return _page(wanted, email, _sentence(error), 400)
    except (IdentityAway, OperationalError):
        return _page(wanted, email, AWAY, 503)
    response = go("/check-mail?for=sign-up")
    note = {"verifier": made.verifier, "next": wanted, "email": email, "time_zone": form.get("time_zone", "")[:64]}
    set_note(response, services, NOTE, note, NOTE_SECONDS)
    return response


@router.post("/api/portal/users/confirmation")
async def resend_confirmation(request: Request) -> Response:
    """Sends the mail again that confirms an address, and says the same whether there is such a user."""
    form = await form_of(request)
    services = services_of(request)
    email = form.get("email", "").strip()
    if not email or await take_try(request, email):
        return go("/check-mail?for=again")
    try:
        await services.identity.resend_confirmation(email, confirm_url(services))
    except IdentityError as error:
        return go(f"/check-mail?for={'soon' if error.code == 'over_email_send_rate_limit' else 'again'}")
    except IdentityAway:
        return go("/check-mail?for=away")
    return go("/check-mail?for=again")


def password_problem(password: str) -> str:
    """Why this cannot be a password; empty when it can."""
    if len(password) < PASSWORD_LENGTH:
        return f"Choose a password of at least {PASSWORD_LENGTH} characters."
    if len(password.encode()) > 72:
        return "Choose a shorter password: at most 72 bytes."
    return ""


def _sentence(error: IdentityError) -> str:
    match error.code:
        case "user_already_exists" | "email_exists":
            return "This e-mail address has a user already. Sign in, or ask for a new password."
        case "weak_password":
            return "This password is too easy to guess. Choose a longer one."
        case "signup_disabled":
            return "New users cannot sign up here. Ask the person who runs this server for an invitation."
        case "over_email_send_rate_limit" | "over_request_rate_limit":
            return "We have just sent a mail to this address. Wait a minute before you ask again."
        case "validation_failed" | "email_address_invalid":
            return "This is not an e-mail address that mail can be sent to. Check it for a typing error."
        case _:
            return "This cannot be done right now. Check what you entered, and try again."


def _page(wanted: str, email: str = "", error: str = "", status: int = 200) -> Response:
    return form_page("sign_up.html", status, next=wanted, email=email, error=error, password_length=PASSWORD_LENGTH)
