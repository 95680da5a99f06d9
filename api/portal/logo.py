"""The logo of an account: uploaded and taken away by owners and admins, shown to whoever knows its address."""

from secrets import token_hex

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.body import LOGO_PATH, read_file
from api.errors import ApiError, not_found
from api.portal.images import FOR_EVER, IMAGE_ID, image_response
from api.portal.visitor import RequiredAccount, RequiredVisitor, Visitor
from api.report_page import read_image
from api.services import Services, services_of
from core.branding import Logo, find_logo, logo_key, logo_path, set_logo
from core.logo_file import LogoFile, NotALogo, read_logo
from core.refusal import Refused
from core.reports import AccountId

router = APIRouter(include_in_schema=False)


@router.post(LOGO_PATH, status_code=201)
async def post_logo(request: Request, visitor: RequiredVisitor, account: RequiredAccount) -> JSONResponse:
    """Takes a PNG, JPEG or WebP file, which is the body as it is, for the logo of the account's reports."""
    await _require_manager(visitor, account)
    data = await read_file(request)
    services = services_of(request)
    try:
        async with services.logo_reads:
            file = await anyio.to_thread.run_sync(read_logo, data)
    except NotALogo as refusal:
        raise ApiError(400, "invalid_logo", str(refusal)) from None
    logo_id = token_hex(16)
    logo = Logo(logo_id, logo_key(account, logo_id), file.width, file.height)
    await services.store.put(logo.object_key, file.png)
    try:
        await set_logo(services.db, visitor.user_id, account, logo)
    except Refused:
        await services.store.delete_many([logo.object_key])
        raise
    return JSONResponse(_answer(services, logo, file), 201)


@router.delete(LOGO_PATH, status_code=204)
async def delete_logo(request: Request, visitor: RequiredVisitor, account: RequiredAccount) -> Response:
    """Takes the logo away; its address answers no more."""
    await set_logo(services_of(request).db, visitor.user_id, account, None)
    return Response(status_code=204)


@router.get("/api/portal/logos/{logo_id}.png")
async def get_logo(request: Request, logo_id: str) -> Response:
    """A logo under its own address, which never changes what it shows."""
    services = services_of(request)
    object_key = await find_logo(services.db, logo_id) if IMAGE_ID.fullmatch(logo_id) else None
    data = await read_image(services, object_key)
    if data is None:
        raise not_found()
    return image_response(request, logo_id, data, FOR_EVER, "image/png")


async def _require_manager(visitor: Visitor, account: AccountId) -> None:
    # Before anything of the file is looked at. Whether the logo becomes the account's, the database decides.
    own = {"account_id": account, "user_id": visitor.user_id}
    found = await visitor.rows("members", "role", own, order="user_id")
    if not found:
        raise ApiError(404, "not_found", "This account does not exist, or it is not yours.")
    if found[0]["role"] not in ("owner", "admin"):
        raise ApiError(403, "forbidden", "Only owners and admins can do this.")


def _answer(services: Services, logo: Logo, file: LogoFile) -> dict[str, object]:
    return {
        "id": logo.id,
        "url": f"{services.settings.origin}{logo_path(logo.id)}",
        "width": logo.width,
        "height": logo.height,
        # It was too light for white paper, and stands on a dark ground now.
        "onDark": file.on_dark,
    }
