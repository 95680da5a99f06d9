"""Forgotten and changed passwords."""

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.confirmation import NOTE, NOTE_SECONDS, RECOVERY, RECOVERY_SECONDS, confirm_url
from api.portal.forms import form_of, form_page, go, note_of, session_of, set_note, take_try
from api.portal.sign_in import AWAY
from api.portal.sign_up import PASSWORD_LENGTH, password_problem
from api.services import services_of
from core.identity import IdentityAway, IdentityError
from core.sessions import Session, SignedOut

router = APIRouter(include_in_schema=False)


@router.get("/forgot-password")
async def get_forgot_password(request: Request) -> Response:
    """Asks for the address."""
    return form_page("forgot_password.html", email=request.query_params.get("email", "")[:320], error="")


@router.post("/api/portal/recovery")
async def post_recovery(request: Request) -> Response:
    """Sends a link to a new password, and says the same whether there is such a user."""
    form = await form_of(request)
    services = services_of(request)
    email = form.get("email", "").strip()
    if not email:
        return form_page("forgot_password.html", 400, email="", error="Enter your e-mail address.")
    if wait := await take_try(request, email):
        sentence = f"Too many tries. Wait {wait} seconds, then try again."
        return form_page("forgot_password.html", 429, email=email, error=sentence)
    verifier = ""
    try:
        verifier = await services.identity.recover(email, confirm_url(services))
    except IdentityError:
        # A mail was sent a moment ago, or this is no address: both look like a mail that is under way.
        return go("/check-mail?for=password")
    except IdentityAway:
        return form_page("forgot_password.html", 503, email=email, error=AWAY)
    response = go("/check-mail?for=password")
    note = {"verifier": verifier, "kind": "recovery", "email": email}
    set_note(response, services, NOTE, note, NOTE_SECONDS)
    return response


@router.get("/new-password")
async def get_new_password(request: Request) -> Response:
    """The form for who came by the link in the mail."""
    session = await session_of(request)
    if session is None or not _came_by_mail(request, session):
        return go("/forgot-password")
    return _page(session)


@router.post("/api/portal/password")
async def post_password(request: Request) -> Response:
    """Changes the password: with the old one, or within minutes of having come by the link in a mail.

    Every other browser of the user is signed out.
    """
    form = await form_of(request)
    services = services_of(request)
    session = await session_of(request)
    if session is None:
        return go("/sign-in?next=/settings/profile")
    by_mail = _came_by_mail(request, session)
    password = form.get("password", "")
    if wait := await take_try(request, session.email):
        return _answer(session, f"Too many tries. Wait {wait} seconds, then try again.", 429, by_mail=by_mail)
    if problem := password_problem(password):
        return _answer(session, problem, 400, by_mail=by_mail)
    try:
        if by_mail:
            await services.identity.change_password(await services.sessions.tokens(session), password)
        else:
            await services.identity.sign_in(session.email, form.get("current_password", ""))
            await services.identity.change_password(await services.sessions.tokens(session), password)
        await services.sessions.end_all(session, keep_this=True)
    except SignedOut:
        return go("/sign-in?next=/settings/profile")
    except IdentityError as error:
        return _answer(session, _sentence(error), 400, by_mail=by_mail)
    except (IdentityAway, OperationalError):
        return _answer(session, AWAY, 503, by_mail=by_mail)
    response = go("/" if by_mail else "/settings/profile?done=password")
    response.delete_cookie(RECOVERY, path="/")
    return response


def _came_by_mail(request: Request, session: Session) -> bool:
    return note_of(request, RECOVERY, RECOVERY_SECONDS).get("user_id") == str(session.user_id)


def _sentence(error: IdentityError) -> str:
    match error.code:
        case "invalid_credentials":
            return "Your current password is not right."
        case "same_password":
            return "This is your password already. Choose another one."
        case "weak_password":
            return "This password is too easy to guess. Choose a longer one."
        case _:
            return "The password could not be changed. Try again in a moment."


def _answer(session: Session, sentence: str, status: int, *, by_mail: bool) -> Response:
    return _page(session, sentence, status, asks_current=not by_mail)


def _page(session: Session, error: str = "", status: int = 200, *, asks_current: bool = False) -> Response:
    return form_page(
        "new_password.html", status,
        email=session.email, error=error, asks_current=asks_current, password_length=PASSWORD_LENGTH,
    )  # fmt: skip
