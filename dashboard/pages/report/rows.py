"""A report and its items as its page shows them, in words and in the reader's time zone."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import ada_url

from core.reasons import Reason, describe
from core.wording import day as day_of
from core.wording import direction, plain
from dashboard import routes
from dashboard.words import count, duration, when

ITEM_COLUMNS = (
    "position,url,final_url,status,reason,http_status,headline,outlet,author,published_on,language,access,"
    "screenshot_id,thumbnail_id"
)

_ADVICE = {
    Reason.DNS: "Then make a report of the corrected link.",
    Reason.REFUSED: "Use the public address of the article.",
    Reason.CONNECT: "It may be down. Try the link again later.",
    Reason.TLS: "Open the link in your browser: if it warns you too, tell the outlet.",
    Reason.TIMEOUT: "It may be overloaded. Try the link again later.",
    Reason.BLOCKED: "If there is a public copy of the article, use its link.",
    Reason.NOT_A_PAGE: "Use the link of the article's page.",
    Reason.TOO_LARGE: "Use a lighter version of it, such as the one for print.",
    Reason.CRASHED: "Try the link again later, or use the version for print.",
}


class ReportView(TypedDict):
    """The report. Empty text: there is none. `percent` of its links have ended."""

    id: str
    name: str
    way: str
    status: str
    made: str
    made_by: str
    by_key: bool
    ended: str
    credits: str
    refunded: str
    error: str
    links: int
    captured: int
    failed: int
    pending: int
    percent: int
    progress: str
    share_url: str
    file_href: str
    again_href: str
    retry_href: str
    may_delete: bool


class ItemRow(TypedDict):
    """One link. `why` and `advice` are empty unless it failed."""

    position: int
    href: str
    address: str
    headline: str
    way: str
    meta: str
    status: str
    paywalled: bool
    why: str
    advice: str
    thumbnail: str
    screenshot: str


def report_view(found: Mapping[str, Any], origin: str, left: str) -> ReportView:
    """From `report_page`; `left` says how long a running report still takes."""
    links = found["links"]
    ended = found["url_count"] - links["pending"]
    report_id = UUID(found["id"]).hex
    name = plain(found["name"]) or "Untitled"
    return ReportView(
        id=report_id,
        name=name,
        way=direction(name),
        status=found["status"],
        made=when(found["created_at"]),
        made_by=found["created_by"],
        by_key=found["created_by_kind"] == "key",
        ended=_ended(found),
        credits=count(found["credits_used"], "credit"),
        refunded=count(found["credits_refunded"], "credit") if found["credits_refunded"] else "",
        error=found["error"] or "",
        links=found["url_count"],
        captured=links["captured"],
        failed=links["failed"],
        pending=links["pending"],
        percent=100 * ended // found["url_count"],
        progress=f"{ended:,} of {count(found['url_count'], 'link')} done · {left}",
        share_url=f"{origin}/api/portal/reports/share/{found['share_token']}" if found["share_token"] else "",
        file_href=f"/api/portal/reports/{report_id}/html",
        again_href=f"{routes.NEW_REPORT}?from={report_id}",
        retry_href=f"{routes.NEW_REPORT}?from={report_id}&only=failed",
        may_delete=found["may_delete"],
    )


def item_row(found: Mapping[str, Any]) -> ItemRow:
    """From a row of `report_items` with `ITEM_COLUMNS`."""
    reason = Reason(found["reason"]) if found["reason"] else None
    headline = plain(found["headline"]) if found["status"] == "captured" else None
    address = address_of(found["url"])
    final = found["final_url"] if found["status"] == "captured" else None
    return ItemRow(
        position=found["position"],
        href=_web(final) or _web(found["url"]) or "",
        address=address,
        headline=headline or address,
        way=direction(headline or "", found["language"]),
        meta=_meta(found) if found["status"] == "captured" else "",
        status=found["status"],
        paywalled=found["access"] == "paywalled",
        why=describe(reason, found["http_status"]) if reason else "",
        advice=_advice(reason, found["http_status"]) if reason else "",
        thumbnail=_picture(found["thumbnail_id"] or found["screenshot_id"]),
        screenshot=_picture(found["screenshot_id"]),
    )


def address_of(url: str) -> str:
    """Host and path, as one says an address."""
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return plain(url) or "unknown"
    host = ada_url.idna.decode(parsed.host.removeprefix("www."))
    return plain(f"{host}{parsed.pathname.rstrip('/')}") or "unknown"


def _ended(found: Mapping[str, Any]) -> str:
    if not found["completed_at"]:
        return ""
    took = datetime.fromisoformat(found["completed_at"]) - datetime.fromisoformat(found["created_at"])
    return f"took {duration(took.total_seconds())}"


def _meta(found: Mapping[str, Any]) -> str:
    published = day_of(date.fromisoformat(found["published_on"])) if found["published_on"] else None
    return " · ".join(part for part in (plain(found["outlet"]), plain(found["author"]), published) if part)


def _advice(reason: Reason, http_status: int | None) -> str:
    if reason is not Reason.HTTP_ERROR:
        return _ADVICE[reason]
    if http_status in (404, 410):
        return "Then make a report of the corrected link."
    if http_status in (401, 403, 407, 451):
        return "If there is a public copy of the article, use its link."
    return "It may be a passing trouble of the site. Try the link again later."


def _web(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None


def _picture(image_id: str | None) -> str:
    return f"/api/portal/images/{image_id}.jpg" if image_id else ""


NO_REPORT = ReportView(
    id="", name="", way="ltr", status="", made="", made_by="", by_key=False, ended="", credits="", refunded="",
    error="", links=0, captured=0, failed=0, pending=0, percent=0, progress="", share_url="", file_href="",
    again_href="", retry_href="", may_delete=False,
)  # fmt: skip
