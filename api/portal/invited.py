"""The page behind an invitation's link: who invites whom to what, and the way in."""

from uuid import UUID

from fastapi import APIRouter, Request
from psycopg import OperationalError
from starlette.responses import Response

from api.portal.forms import form_of, form_page, go, session_of
from api.portal.sign_in import AWAY, invitation_path
from api.services import services_of
from core.identity import IdentityAway
from core.invitations import Invitation, find_invitation
from core.people import Away
from core.refusal import Refused
from core.reports import AccountId
from core.sessions import Session, SignedOut

router = APIRouter(include_in_schema=False)
_STATUSES = {"open": 200, "accepted": 410, "cancelled": 410, "expired": 410}


@router.get("/invitations/{token}")
async def get_invitation(request: Request, token: str) -> Response:
    """Shows the invitation to whoever has the link; it is accepted by a click of who was invited."""
    try:
        invitation = await find_invitation(services_of(request).db, token)
        return _page(token, invitation, await session_of(request))
    except OperationalError:
        return _page(token, None, None, AWAY, 503)


@router.post("/invitations/{token}")
async def accept_invitation(request: Request, token: str) -> Response:
    """Makes the user a member; new tabs begin with the account from now on."""
    await form_of(request)
    services = services_of(request)
    invitation, session = None, None
    try:
        invitation, session = await find_invitation(services.db, token), await session_of(request)
        if invitation is None or session is None:
            return _page(token, invitation, session)
        access = await services.sessions.access_token(session)
        account = await services.people.call(access, "accept_invitation", {"p_token": token})
        await services.sessions.choose_account(session, AccountId(UUID(account)))
    except Refused as refused:
        # As it is now: somebody may have cancelled it a moment ago.
        return _page(token, await find_invitation(services.db, token), session, refused.sentence, refused.status)
    except SignedOut:
        return _page(token, invitation, None)
    except (Away, IdentityAway, OperationalError):
        return _page(token, invitation, session, AWAY, 503)
    return go("/")


def _page(
    token: str, invitation: Invitation | None, session: Session | None, error: str = "", status: int = 0
) -> Response:
    if invitation is None:
        response = form_page("invitation_unknown.html", status or 404, error=error)
    else:
        response = form_page(
            "invitation.html", status or _STATUSES[invitation.state],
            invitation=invitation, path=invitation_path(token), error=error,
            signed_in_as=session.email if session else "",
            is_invited=session is not None and session.email.lower() == invitation.email,
        )  # fmt: skip
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
