"""A report as one file, for a signed-in person to keep."""

import re
import unicodedata
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.errors import ApiError
from api.portal.visitor import RequiredVisitor
from api.report_page import Pictures, page_response
from api.services import services_of
from api.v1.fields import report_id_of, report_not_found
from core.reports import AccountId

router = APIRouter(include_in_schema=False)
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@router.get("/api/portal/reports/{report_id}/html")
async def get_report_file(request: Request, report_id: str, visitor: RequiredVisitor) -> Response:
    """The report's page with its pictures inside, to be saved under the report's name."""
    report: dict[str, Any] = await visitor.call(
        "report_page", p_report=report_id_of(report_id.replace("-", "").lower())
    )
    if report["status"] != "completed":
        running = report["status"] == "processing"
        sentence = "The report is still being made." if running else "The report failed: it has no page."
        raise ApiError(409, f"report_{report['status']}", sentence, status=report["status"])
    account, found = AccountId(UUID(report["account_id"])), UUID(report["id"])
    response = await page_response(request, services_of(request), account, found, Pictures.INLINE)
    if response is None:
        raise report_not_found()
    response.headers["Content-Disposition"] = _disposition(report["name"])
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _disposition(name: str) -> str:
    """RFC 6266: a name that every program can read, and the right one beside it."""
    full = " ".join(_UNFIT.sub(" ", name).split())[:120].strip(" .") or "Report"
    plain = unicodedata.normalize("NFKD", full).encode("ascii", "ignore").decode().strip() or "Report"
    return f"attachment; filename=\"{plain}.html\"; filename*=UTF-8''{quote(full, safe='')}.html"
