"""Reports as lists of them show them."""

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import UUID

from core.wording import direction, plain
from dashboard import routes
from dashboard.words import count, day, when


class ReportRow(TypedDict):
    """One report. `way` is the direction of its name's writing."""

    href: str
    name: str
    way: str
    status: str
    links: str
    credits: str
    made_by: str
    by_key: bool
    made: str
    day: str


def report_row(found: Mapping[str, Any]) -> ReportRow:
    """From a row of `search_reports`."""
    name = plain(found["name"]) or "Untitled"
    return ReportRow(
        href=routes.report(UUID(found["id"]).hex),
        name=name,
        way=direction(name),
        status=found["status"],
        links=_links(found),
        credits="0" if found["credits_refunded"] else f"{found['credits_used']:,}",
        made_by=found["created_by"],
        by_key=found["created_by_kind"] == "key",
        made=when(found["created_at"]),
        day=day(found["created_at"]),
    )


def _links(found: Mapping[str, Any]) -> str:
    links = found["url_count"]
    match found["status"]:
        case "processing":
            return f"{links - found['open_count']:,} of {count(links, 'link')} done"
        case "completed" if found["captured_count"] < links:
            return f"{found['captured_count']:,} of {count(links, 'link')}"
        case _:
            return count(links, "link")
