"""Pictures of reports, for whoever knows their address: an id of 128 random bits."""

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import not_found
from api.report_page import read_image
from api.services import services_of
from core import reports

router = APIRouter(include_in_schema=False)
IMAGE_ID = re.compile("[0-9a-f]{32}")
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/api/portal/images/{image_id}.jpg")
async def get_image(request: Request, image_id: str) -> Response:
    """A picture under its own address, which never changes what it shows. It ends with the report."""
    services = services_of(request)
    object_key = await reports.find_image(services.db, image_id) if IMAGE_ID.fullmatch(image_id) else None
    data = await read_image(services, object_key)
    if data is None:
        raise not_found()
    return image_response(request, image_id, data, FOR_EVER)


def image_response(
    request: Request, image_id: str, data: bytes, cache_control: str, media_type: str = "image/jpeg"
) -> Response:
    """The picture, or 304 for who has it. Other sites may show it, none may take it for anything but a picture."""
    headers = {
        "ETag": f'"{image_id}"',
        "Cache-Control": cache_control,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Content-Security-Policy": "default-src 'none'",
    }
    if f'"{image_id}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)
