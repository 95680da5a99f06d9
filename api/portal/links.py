"""Links out of a file: what the form of a new report fills itself with."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.body import LINK_FILE_PATH
from api.errors import ApiError
from api.portal.visitor import RequiredVisitor
from api.services import services_of
from core.link_file import Unreadable, read_link_file

router = APIRouter(include_in_schema=False)
_READ_SECONDS = 120.0
_SENTENCES = {
    "not_a_list": "This is not a list we can read. Send a CSV, XLSX or TXT file.",
    "old_excel": "This is an old or a password-protected Excel file. Save it as XLSX or CSV, without a password.",
    "damaged": "This file is damaged or not what its name says. Save it again, or paste the links.",
    "too_large": "This file holds more than we can read. Copy the column with the links and paste it.",
}


class LinksOfFile(BaseModel):
    """The links in the order of the file, each once, at most 2,000."""

    links: list[str]
    found: int = Field(description="How many different links the file holds.")
    without_link: int = Field(serialization_alias="withoutLink", description="Rows or lines that hold no link.")


@router.post(LINK_FILE_PATH)
async def post_link_file(request: Request, _visitor: RequiredVisitor) -> LinksOfFile:
    """Finds the links in a CSV, XLSX or text file, which is the body as it is. Nothing of the file is kept."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise ApiError(415, "unsupported_media_type", "Send the file itself as the body of the request.")
    services = services_of(request)
    try:
        async with asyncio.timeout(_READ_SECONDS):
            data = await request.body()
    except TimeoutError:
        raise ApiError(408, "request_timeout", "The file did not arrive in time.") from None
    try:
        async with services.link_files:
            found = await read_link_file(data)
    except Unreadable as unreadable:
        raise ApiError(400, f"file_{unreadable.code}", _SENTENCES[unreadable.code]) from None
    return LinksOfFile(links=found.links, found=found.found, without_link=found.without_link)
