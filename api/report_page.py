"""A report's page as a response: rendered from rows when its reader does not have this version yet."""

import asyncio
import base64
import hashlib
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.services import Services
from api.v1.answers import image_path
from core import reports
from core.branding import find_logo, logo_path
from core.document import Brand, Document, DocumentItem, render_document
from core.log import get_logger
from core.reports import AccountId, Item, Source
from core.settings import ROOT

log = get_logger(__name__)

_READS_AT_ONCE = 4


class Pictures(StrEnum):
    """Where a page's pictures are: at their own addresses, or inside the page."""

    LINKED = "linked"
    INLINE = "inline"


async def page_response(
    request: Request,
    services: Services,
    account: AccountId,
    report_id: UUID,
    pictures: Pictures = Pictures.LINKED,
    *,
    image_base: str | None = None,
) -> Response | None:
    """The page of a completed report of the account, or 304. None: there is no such report.

    `image_base` is what the addresses of pictures begin with; by default they are absolute, and need no share link.
    """
    version = await reports.report_version(services.db, account, report_id)
    if version is None:
        return None
    if _has_it(request, etag := _etag(services, version, pictures, image_base)):
        return Response(status_code=304, headers=_headers(etag))
    source = await reports.report_source(services.db, account, report_id)
    if source is None or source.report.completed_at is None:
        return None
    if pictures is Pictures.INLINE:
        # A page with its pictures inside takes some 50 MB while it is made.
        async with services.inline_pages:
            thumbnails = await _inline_thumbnails(services, source.items)
            page = await _page(source, await _inline_logo(services, source.branding.logo_id), {}, thumbnails)
    else:
        logo = _logo_address(services, source.branding.logo_id, image_base)
        page = await _page(source, logo, *_addresses(services, source.items, image_base))
    headers = _headers(_etag(services, source.version, pictures, image_base))
    page.headers.update(headers)
    return page


async def _page(source: Source, logo: str | None, screenshots: dict[int, str], thumbnails: dict[int, str]) -> Response:
    rendered = await anyio.to_thread.run_sync(render_document, _document(source, logo, screenshots, thumbnails))
    return HTMLResponse(rendered.html, headers={"Content-Security-Policy": rendered.csp})


def _document(source: Source, logo: str | None, screenshots: dict[int, str], thumbnails: dict[int, str]) -> Document:
    report = source.report
    return Document(
        title=report.name,
        account_name=source.account_name,
        created_at=report.created_at,
        completed_at=report.completed_at or report.created_at,
        brand=Brand(source.branding.accent, source.branding.intro, logo),
        items=[
            DocumentItem(
                position=item.position,
                url=item.url,
                final_url=item.final_url,
                captured=item.status == "captured",
                reason=item.reason,
                http_status=item.http_status,
                headline=item.headline,
                outlet=item.outlet,
                author=item.author,
                language=item.language,
                excerpt=item.excerpt,
                published_on=item.published_on,
                access=item.access,
                screenshot_src=screenshots.get(item.position),
                thumbnail_src=thumbnails.get(item.position),
            )
            for item in source.items
        ],
    )


def _addresses(
    services: Services, items: Iterable[Item], image_base: str | None
) -> tuple[dict[int, str], dict[int, str]]:
    def address(image_id: str) -> str:
        return (
            f"{services.settings.origin}{image_path(image_id)}" if image_base is None else f"{image_base}{image_id}.jpg"
        )

    screenshots = {item.position: address(item.screenshot_id) for item in items if item.screenshot_id}
    thumbnails = {item.position: address(item.thumbnail_id) for item in items if item.thumbnail_id}
    return screenshots, thumbnails


def _logo_address(services: Services, logo_id: str | None, image_base: str | None) -> str | None:
    if logo_id is None:
        return None
    # A share page is one of ours: what lies beside it needs no origin.
    return logo_path(logo_id) if image_base is not None else f"{services.settings.origin}{logo_path(logo_id)}"


async def _inline_logo(services: Services, logo_id: str | None) -> str | None:
    data = await read_image(services, await find_logo(services.db, logo_id)) if logo_id else None
    return f"data:image/png;base64,{base64.b64encode(data).decode()}" if data else None


async def _inline_thumbnails(services: Services, items: Iterable[Item]) -> dict[int, str]:
    """The small pictures as data: URIs; a picture that is gone is left out."""
    found: dict[int, str] = {}
    reads = asyncio.Semaphore(_READS_AT_ONCE)

    async def read(position: int, image_id: str) -> None:
        async with reads:
            data = await read_image(services, await reports.find_image(services.db, image_id))
        if data is not None:
            found[position] = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                if item.thumbnail_id:
                    group.create_task(read(item.position, item.thumbnail_id))
    except ExceptionGroup as failures:
        # One reason is answer enough: database or store is away.
        raise failures.exceptions[0] from None
    return found


async def read_image(services: Services, object_key: str | None) -> bytes | None:
    """The picture's bytes; None when it is unknown, or its file is gone."""
    if object_key is None:
        return None
    try:
        return await services.store.get(object_key)
    except FileNotFoundError:
        log.warning("picture missing in the object store", object_key=object_key)
        return None


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache"}


def _etag(services: Services, version: str, pictures: Pictures, image_base: str | None) -> str:
    shown = (version, _renderer_digest(), pictures, services.settings.origin, image_base)
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'


@cache
def _renderer_digest() -> str:
    """Changes with the template and its words: a page of an older release is not taken for this one."""
    digest = hashlib.sha256()
    templates = (path for path in (ROOT / "templates" / "report").rglob("*") if path.is_file())
    code = (ROOT / "core" / f"{name}.py" for name in ("document", "colours", "wording", "languages", "reasons"))
    for path in [*code, *sorted(templates)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _has_it(request: Request, etag: str) -> bool:
    sent = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in sent or "*" in sent
