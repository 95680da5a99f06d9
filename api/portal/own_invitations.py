"""Invitations to who is signed in, found by their confirmed address: who lost the way to the link needs none."""

from uuid import UUID

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.forms import form_of, form_page, go, session_of
from api.portal.ids import id_of
from api.portal.sign_in import AWAY, INVITATIONS, waiting_invitations
from api.services import Services, services_of
from core.identity import IdentityAway
from core.invitations import accept_invitation_to, decline_invitation_to
from core.refusal import Refused
from core.sessions import Session

router = APIRouter(include_in_schema=False)
_UNKNOWN = "This invitation is not open any more."


@router.get(INVITATIONS)
async def get_invitations(request: Request) -> Response:
    """What waits for an answer."""
    session = await session_of(request)
    return await _page(request, session) if session else _sign_in()


@router.post("/api/portal/invitations/{invitation_id}/acceptance")
async def accept(request: Request, invitation_id: str) -> Response:
    """Makes the user a member; new tabs begin with the account from now on."""
    await form_of(request)
    services, session = services_of(request), await session_of(request)
    if session is None:
        return _sign_in()
    try:
        account = await accept_invitation_to(services.db, session.user_id, await _provable(services, invitation_id))
        await services.sessions.choose_account(session, account)
    except Refused as refused:
        return await _page(request, session, refused.sentence, refused.status)
    except (IdentityAway, OperationalError):
        return await _page(request, session, AWAY, 503)
    return go("/")


@router.post("/api/portal/invitations/{invitation_id}/refusal")
async def decline(request: Request, invitation_id: str) -> Response:
    """Ends an invitation, and shows what is left."""
    await form_of(request)
    services, session = services_of(request), await session_of(request)
    if session is None:
        return _sign_in()
    try:
        await decline_invitation_to(services.db, session.user_id, await _provable(services, invitation_id))
    except Refused as refused:
        return await _page(request, session, refused.sentence, refused.status)
    except (IdentityAway, OperationalError):
        return await _page(request, session, AWAY, 503)
    return go(INVITATIONS)


async def _provable(services: Services, invitation_id: str) -> UUID:
    """The id, where an address proves anything. Raises `Refused` and `IdentityAway`."""
    if not await services.identity.confirms_addresses():
        raise Refused(404, "not_found", _UNKNOWN)
    return id_of(invitation_id, "invitation")


async def _page(request: Request, session: Session, error: str = "", status: int = 200) -> Response:
    try:
        found = await waiting_invitations(services_of(request), session.user_id)
    except (IdentityAway, OperationalError):
        found, error, status = [], AWAY, 503
    return form_page(
        "invitations.html", status,
        invitations=found, email=session.email, has_account=session.home is not None, error=error,
    )  # fmt: skip


def _sign_in() -> Response:
    return go(f"/sign-in?next={INVITATIONS}")
