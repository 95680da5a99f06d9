"""The mails of a machine that sends none, shown to who sits at it."""

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import not_found
from api.portal.forms import form_page
from api.services import services_of
from core.network import is_loopback
from core.outbox import newest_mails

router = APIRouter(include_in_schema=False)


@router.get("/mail")
async def get_outbox(request: Request) -> Response:
    """The newest mails. They hold links that sign people in, so nobody but this machine may read them."""
    settings = services_of(request).settings
    peer = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
    if settings.outbox is None or is_forwarded or not (is_loopback(peer) and is_loopback(settings.host)):
        raise not_found()
    mails = await anyio.to_thread.run_sync(newest_mails, settings.outbox, 50)
    return form_page("outbox.html", mails=mails)
