"""The public page of a report, behind a share token that can be revoked. Nothing here needs an API key."""

import re

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.errors import not_found
from api.pages import page
from api.portal.images import IMAGE_ID, image_response
from api.report_page import page_response, read_image
from api.services import services_of
from api.v1.answers import share_path
from core import reports

router = APIRouter(include_in_schema=False)
_TOKEN = re.compile("[0-9A-Za-z_-]{16,128}")
_HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@router.get("/api/portal/reports/share/{token}")
async def get_shared_report(request: Request, token: str) -> Response:
    """The report's page. Its pictures lie below the token, so revoking it ends them too."""
    services = services_of(request)
    share = await reports.find_share(services.db, token) if _TOKEN.fullmatch(token) else None
    response = None
    if share is not None:
        image_base = f"{share_path(token)}/images/"
        response = await page_response(request, services, share.account_id, share.report_id, image_base=image_base)
    if response is None:
        response = _gone(request)
    response.headers.update(_HEADERS)
    return response


@router.get("/api/portal/reports/share/{token}/images/{image_id}.jpg")
async def get_shared_image(request: Request, token: str, image_id: str) -> Response:
    """A picture of the shared report. It is asked for again each time, so that revoking takes effect at once."""
    services = services_of(request)
    object_key = None
    if _TOKEN.fullmatch(token) and IMAGE_ID.fullmatch(image_id):
        object_key = await reports.find_shared_image(services.db, token, image_id)
    data = await read_image(services, object_key)
    if data is None:
        raise not_found()
    response = image_response(request, image_id, data, "private, no-cache")
    response.headers.update(_HEADERS)
    return response


def _gone(request: Request) -> Response:
    # A person who follows a link reads a page; a program gets the error it expects.
    if "text/html" not in request.headers.get("accept", ""):
        raise not_found()
    html, csp = page("share_gone.html")
    return HTMLResponse(html, 404, {"Content-Security-Policy": csp})
