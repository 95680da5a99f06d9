"""How a report would look with other branding: the real page, with articles that nobody wrote."""

from datetime import UTC, date, datetime
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.body import read_json
from api.errors import ApiError
from api.portal.visitor import RequiredAccount, RequiredVisitor
from core.branding import logo_path
from core.document import Brand, Document, DocumentItem, render_document

router = APIRouter(include_in_schema=False)
_MAX_NAME, _MAX_INTRO = 200, 2000


@router.post("/api/portal/branding/preview")
async def preview_branding(request: Request, visitor: RequiredVisitor, account: RequiredAccount) -> HTMLResponse:
    """The page of a sample report with the `name`, `accent` and `intro` of the body, and the account's own logo."""
    body = await read_json(request)
    found = await visitor.rows("accounts", "branding", {"id": account}, order="id")
    if not found:
        raise ApiError(404, "not_found", "This account does not exist, or it is not yours.")
    logo_id = found[0]["branding"].get("logo_id")
    brand = Brand(_text(body, "accent", 20), _text(body, "intro", _MAX_INTRO), logo_path(logo_id) if logo_id else None)
    rendered = await anyio.to_thread.run_sync(render_document, _sample(_text(body, "name", _MAX_NAME), brand))
    return HTMLResponse(rendered.html, headers={"Content-Security-Policy": rendered.csp, "Cache-Control": "no-store"})


def _text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str):
        raise ApiError(400, f"invalid_{name}", f"{name} must be a string.")
    return value[:most]


def _sample(account_name: str, brand: Brand) -> Document:
    when = datetime(2026, 10, 16, 9, tzinfo=UTC)
    return Document("Autumn campaign", account_name, when, when, [*map(_article, range(1, 1 + len(_ARTICLES)))], brand)


_ARTICLES = [
    ("The Wexcombe Ledger", "Harriet Vale", "The old swimming baths open again", 12),
    ("Tarnwick Heat", "Jonas Reed", "A town that stores the warmth of summer", 13),
    ("The Wexcombe Ledger", "Mina Okafor", "Five things to know about the new baths", 14),
    ("Coastline Weekly", "Ada Brandt", "Why everybody talks of Wexcombe this autumn", 16),
]


def _article(position: int) -> DocumentItem:
    outlet, author, headline, day = _ARTICLES[position - 1]
    return DocumentItem(
        position=position, url=f"https://news.example/{position}", final_url=None, captured=True, reason=None,
        http_status=200, headline=headline, outlet=outlet, author=author, language="en",
        excerpt="This is how an article of yours will stand here, with its picture beside it.",
        published_on=date(2026, 10, day), access="open", screenshot_src=None, thumbnail_src=None,
    )  # fmt: skip
