"""Where the links in Supabase Auth's mails lead: a code for the browser that asked, or a token for any browser."""

from collections.abc import Mapping
from typing import Literal, cast, get_args

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.forms import form_of, form_page, note_of, safe_next, session_of, set_note
from api.portal.sign_in import AWAY, signed_in
from api.services import Services, services_of
from core.identity import OTHER_MAIL_NEXT, IdentityAway, IdentityError, Tokens
from core.settings import Settings

router = APIRouter(include_in_schema=False)

NOTE = "coveragereport_mail"
"""The cookie that keeps what a mail's link needs: `verifier`, `next`, and whether a password is to be changed."""
NOTE_SECONDS = 24 * 3600
RECOVERY = "coveragereport_recovery"
RECOVERY_SECONDS = 15 * 60

_Kind = Literal["signup", "invite", "magiclink", "recovery", "email_change", "email"]


def confirm_url(services: Services) -> str:
    """What Supabase Auth is told to lead back to; it must be in its list of allowed addresses."""
    return f"{services.settings.origin}/api/portal/confirm"


@router.get("/check-mail")
async def get_check_mail(request: Request) -> Response:
    """Says that a mail is under way, in the same words whether it is."""
    note = note_of(request, NOTE, NOTE_SECONDS)
    return form_page(
        "check_mail.html",
        reason=request.query_params.get("for", ""), email=note.get("email", ""),
        has_outbox=has_outbox(services_of(request).settings),
    )  # fmt: skip


@router.get("/api/portal/confirm")
async def get_confirm(request: Request) -> Response:
    """A code signs in by itself, in the browser that holds its verifier. A token waits for a click: programs that
    look at links in mails would use it up."""
    query = request.query_params
    if "error" in query or "error_code" in query:
        return _failed()
    kind = query.get("type", "")
    if query.get("token_hash") and kind in get_args(_Kind):
        return form_page("confirm.html", token_hash=query["token_hash"][:256], type=kind)
    note = note_of(request, NOTE, NOTE_SECONDS)
    if not query.get("code"):
        # The first of the two links that change an address says so in a message.
        return _other_mail(request) if query.get("message") and _changes_email(note) else _failed()
    if not note.get("verifier"):
        # The address is confirmed all the same; only who opened the link is not known to be who asked.
        return form_page("other_browser.html")
    try:
        tokens = await services_of(request).identity.exchange(query["code"][:256], note["verifier"])
    except IdentityError:
        return _failed()
    except IdentityAway:
        return _failed(AWAY, 503)
    return await _go_on(request, tokens, note.get("kind", ""), safe_next(note.get("next")), note.get("time_zone", ""))


@router.post("/api/portal/confirm")
async def post_confirm(request: Request) -> Response:
    """The click on the page of a token."""
    form = await form_of(request)
    kind = form.get("type", "")
    if kind not in get_args(_Kind):
        return _failed()
    try:
        tokens = await services_of(request).identity.verify(form.get("token_hash", "")[:256], cast(_Kind, kind))
    except IdentityError as error:
        return _other_mail(request) if error.code == OTHER_MAIL_NEXT else _failed()
    except IdentityAway:
        return _failed(AWAY, 503)
    note = note_of(request, NOTE, NOTE_SECONDS)
    return await _go_on(request, tokens, kind, safe_next(note.get("next")), form.get("time_zone", ""))


def has_outbox(settings: Settings) -> bool:
    """Whether mails lie in a folder that a page of ours shows."""
    return settings.outbox is not None


async def _go_on(request: Request, tokens: Tokens, kind: str, wanted: str, time_zone: str) -> Response:
    services = services_of(request)
    try:
        before = await session_of(request)
        response = await signed_in(request, tokens, "/new-password" if kind == "recovery" else wanted, time_zone)
        if before is not None:
            # This browser has another one now.
            await services.sessions.end(before)
    except OperationalError:
        return _failed(AWAY, 503)
    response.delete_cookie(NOTE, path="/")
    if kind == "recovery":
        note = {"user_id": str(tokens.user_id)}
        set_note(response, services, RECOVERY, note, RECOVERY_SECONDS)
    return response


def _changes_email(note: Mapping[str, str]) -> bool:
    return note.get("kind") == "email_change"


def _other_mail(request: Request) -> Response:
    return form_page("other_mail.html", has_outbox=has_outbox(services_of(request).settings))


def _failed(sentence: str = "", status: int = 400) -> Response:
    return form_page("confirm_failed.html", status, sentence=sentence)
