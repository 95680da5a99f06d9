"""What the list of reports shows, as it stands in the address of its page: whoever opens the address sees the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from dashboard import routes

PAGE_SIZE = 25
STATUSES = ("processing", "completed", "failed")
SORTS = ("created_at", "name", "status", "url_count")
_MAX_SEARCH = 200
_MAX_PAGE = 10_000
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PAGE = re.compile("[1-9][0-9]{0,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReportSearch:
    """Days are whole days of the reader, both included. Pages count from 1."""

    text: str = ""
    status: str = ""
    first: date | None = None
    last: date | None = None
    sort: str = "created_at"
    descending: bool = True
    page: int = 1

    @classmethod
    def read(cls, query: str) -> Self:
        """From a query string, where what makes no sense is left out."""
        try:
            sent = dict(parse_qsl(query, max_num_fields=20))
        except ValueError:
            sent = {}
        return cls.of(sent)

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Self:
        """The same from fields by their names in the query string."""
        sort = _one_of(SORTS, sent.get("sort")) or "created_at"
        order = _one_of(("asc", "desc"), sent.get("order"))
        page = str(sent.get("page", ""))
        return cls(
            text=_search(sent.get("q")),
            status=_one_of(STATUSES, sent.get("status")),
            first=_day(sent.get("from")),
            last=_day(sent.get("to")),
            sort=sort,
            descending=order == "desc" if order else sort in ("created_at", "url_count"),
            page=min(int(page), _MAX_PAGE) if _PAGE.fullmatch(page) else 1,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether reports may be left out."""
        return bool(self.text or self.status or self.first or self.last)

    @property
    def href(self) -> str:
        """The address of the page that shows this."""
        own = {
            "q": self.text,
            "status": self.status,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        fields = {name: value for name, value in own.items() if value}
        if (self.sort, self.descending) != ("created_at", True):
            fields |= {"sort": self.sort, "order": "desc" if self.descending else "asc"}
        if self.page > 1:
            fields["page"] = str(self.page)
        return f"{routes.REPORTS}?{urlencode(fields)}" if fields else routes.REPORTS

    def with_fields(self, **fields: Any) -> Self:
        """The same with some fields changed, from its first page on."""
        return replace(self, **{"page": 1} | fields)

    def sorted_by(self, sort: str) -> Self:
        """By another column; by the same the other way round."""
        if sort == self.sort:
            return self.with_fields(descending=not self.descending)
        return self.with_fields(sort=sort, descending=sort in ("created_at", "url_count"))

    def arguments(self, zone: ZoneInfo) -> dict[str, Any]:
        """What `search_reports` is asked for, but for the account."""
        return {
            "p_search": self.text or None,
            "p_status": self.status or None,
            "p_from": _midnight(self.first, zone),
            "p_to": _midnight(self.last + timedelta(days=1), zone) if self.last else None,
            "p_sort": self.sort,
            "p_descending": self.descending,
            "p_limit": PAGE_SIZE,
            "p_offset": (self.page - 1) * PAGE_SIZE,
        }


def _midnight(day: date | None, zone: ZoneInfo) -> str | None:
    return datetime.combine(day, time(), zone).isoformat() if day else None


def _search(value: object) -> str:
    text = "".join(character for character in value if character.isprintable()) if isinstance(value, str) else ""
    return text.strip()[:_MAX_SEARCH].strip()


def _one_of(known: tuple[str, ...], value: object) -> str:
    return value if isinstance(value, str) and value in known else ""


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
