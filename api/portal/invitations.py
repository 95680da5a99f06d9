"""Invitations by owners and admins: each is a link, sent by mail, and told once to who invites."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from api.body import parse_object, read_body
from api.errors import ApiError
from api.portal.ids import id_of
from api.portal.visitor import RequiredAccount, RequiredVisitor
from api.services import Services, services_of
from core.invitations import DAYS, Invitation, NewToken, find_invitation, new_token
from core.log import get_logger
from core.mail import MailError
from core.mail_address import valid_address
from core.mail_pages import invitation_mail

router = APIRouter(include_in_schema=False)
log = get_logger(__name__)
# Declared before the visitor, so that 413 and 415 come before 401.
RawBody = Annotated[bytes, Depends(read_body)]


@router.post("/api/portal/invitations")
async def create_invitation(
    request: Request, raw: RawBody, visitor: RequiredVisitor, account: RequiredAccount
) -> JSONResponse:
    """Invites an address with a role, and sends the mail."""
    body = parse_object(raw)
    email = _text(body, "email").strip()
    if not valid_address(email):
        raise ApiError(400, "invalid_email", "This is not an e-mail address. Check it for a typing error.")
    await _count_mail(services_of(request), str(account))
    made = new_token()
    await visitor.call(
        "invite_member", p_account=account, p_email=email, p_role=_text(body, "role"), p_token_hash=made.digest
    )
    return await _sent(services_of(request), made, 201)


@router.post("/api/portal/invitations/{invitation_id}/renewal")
async def renew_invitation(request: Request, invitation_id: str, visitor: RequiredVisitor) -> JSONResponse:
    """Sends a new link, good for another 7 days; the one before stops working."""
    invitation = id_of(invitation_id, "invitation")
    await _count_mail(services_of(request), str(visitor.user_id))
    made = new_token()
    await visitor.call("renew_invitation", p_invitation=invitation, p_token_hash=made.digest)
    return await _sent(services_of(request), made, 200)


async def _sent(services: Services, made: NewToken, status: int) -> JSONResponse:
    """Sends the link. `mail` says whether it went: `sent`, `kept` in the outbox of this machine, or `failed`."""
    invitation = await find_invitation(services.db, made.token)
    if invitation is None:
        # Somebody cancelled it, or sent another link, in this very moment.
        raise ApiError(409, "invitation_changed", "Somebody else has just changed this invitation. Look again.")
    url = f"{services.settings.origin}/invitations/{made.token}"
    problem = await _send(services, invitation, url)
    mail = "failed" if problem else "kept" if services.settings.outbox else "sent"
    answer = {"id": str(invitation.invitation_id), "email": invitation.email, "url": url, "mail": mail}
    return JSONResponse({**answer, "problem": problem}, status)


async def _send(services: Services, invitation: Invitation, url: str) -> str | None:
    """What kept the mail from going out; None when it went."""
    mail = invitation_mail(
        invitation.email, account_name=invitation.account_name, inviter=invitation.inviter,
        role=invitation.role, url=url, days=DAYS,
    )  # fmt: skip
    try:
        await services.mailer.send(mail)
    except MailError as error:
        log.warning("invitation not mailed", invitation_id=str(invitation.invitation_id), error=str(error))
        return str(error)
    return None


async def _count_mail(services: Services, name: str) -> None:
    rate = await services.limits.try_identity(f"invitations:{name}")
    if not rate.allowed:
        sentence = f"You have sent many invitations in a short time. Go on in {rate.seconds} s."
        raise ApiError(429, "rate_limited", sentence, headers={"Retry-After": str(rate.seconds)})


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ApiError(400, f"invalid_{name}", f"{name} is missing. Send a text.")
    return value
