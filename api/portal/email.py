"""Another e-mail address: asked for with the password, made by the links in the mails."""

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.confirmation import NOTE, NOTE_SECONDS, confirm_url
from api.portal.forms import form_of, form_page, go, session_of, set_note, take_try
from api.portal.sign_in import AWAY
from api.services import services_of
from core.identity import IdentityAway, IdentityError
from core.sessions import SignedOut

router = APIRouter(include_in_schema=False)
_PROFILE = "/settings/profile"


@router.post("/api/portal/email")
async def post_email(request: Request) -> Response:
    """Has mails sent to the new address, and where Supabase Auth is set up so to the present one: the address changes
    when their links were opened. The first form of this is on the profile; with an error it comes back by itself."""
    form = await form_of(request)
    services = services_of(request)
    session = await session_of(request)
    if session is None:
        return go(f"/sign-in?next={_PROFILE}")
    email = form.get("email", "").strip()
    if wait := await take_try(request, session.email):
        return _page(email, f"Too many tries. Wait {wait} seconds, then try again.", 429)
    if not email:
        return _page(email, "Enter your new e-mail address.", 400)
    if not form.get("current_password"):
        return _page(email, "Enter your password, so that we know it is you.", 400)
    if email.lower() == session.email.lower():
        return _page(email, "This is your e-mail address already.", 400)
    try:
        await services.identity.sign_in(session.email, form.get("current_password", ""))
        tokens = await services.sessions.tokens(session)
        verifier = await services.identity.change_email(tokens, email, confirm_url(services))
    except SignedOut:
        return go(f"/sign-in?next={_PROFILE}")
    except IdentityError as error:
        return _page(email, _sentence(error), 400)
    except (IdentityAway, OperationalError):
        return _page(email, AWAY, 503)
    response = go("/check-mail?for=email")
    note = {"verifier": verifier, "kind": "email_change", "next": f"{_PROFILE}?done=email", "email": email}
    set_note(response, services, NOTE, note, NOTE_SECONDS)
    return response


def _sentence(error: IdentityError) -> str:
    match error.code:
        case "invalid_credentials":
            return "Your password is not right."
        case "email_exists":
            return "This e-mail address belongs to another user. Choose another one."
        case "over_email_send_rate_limit" | "over_request_rate_limit":
            return "We have just sent you a mail. Wait a minute before you ask again."
        case "validation_failed" | "email_address_invalid":
            return "This is not an e-mail address that mail can be sent to. Check it for a typing error."
        case _:
            return "The address could not be changed. Try again in a moment."


def _page(email: str, error: str, status: int) -> Response:
    return form_page("change_email.html", status, email=email, error=error)
