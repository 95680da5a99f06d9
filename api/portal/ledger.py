"""The whole ledger of an account as a file for a spreadsheet."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from api.portal.visitor import RequiredAccount, RequiredVisitor, Visitor
from api.services import services_of
from core.ledger import COLUMNS, csv_cells, csv_lines
from core.reports import AccountId

router = APIRouter(include_in_schema=False)
_PAGE = 100
# Without it Excel takes UTF-8 for something else.
_BOM = "\ufeff"


@router.get("/api/portal/ledger.csv")
async def get_ledger(request: Request, visitor: RequiredVisitor, account: RequiredAccount) -> StreamingResponse:
    """Every entry, the newest first, with times in the time zone of who asks."""
    zone = await _zone(visitor)
    # Read before the answer begins: what is refused is refused by its status.
    first = await _page(visitor, account, None)
    lines = _lines(visitor, account, first, zone, f"{services_of(request).settings.origin}/reports/")
    name = f"credits-{datetime.now(UTC).astimezone(zone):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(
    visitor: Visitor, account: AccountId, page: list[dict[str, Any]], zone: tzinfo, report_url: str
) -> AsyncIterator[bytes]:
    yield (_BOM + csv_lines([COLUMNS])).encode()
    while page:
        yield csv_lines(csv_cells(entry, zone, report_url) for entry in page).encode()
        page = await _page(visitor, account, page[-1]["id"]) if len(page) == _PAGE else []


async def _page(visitor: Visitor, account: AccountId, before: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await visitor.call("list_ledger", p_account=account, p_limit=_PAGE, p_before=before)
    return found


async def _zone(visitor: Visitor) -> tzinfo:
    profile = await visitor.rows("profiles", "time_zone", {"user_id": visitor.user_id}, order="user_id")
    return ZoneInfo(profile[0]["time_zone"]) if profile and profile[0]["time_zone"] else UTC
