"""What the page of the audit log was asked for. It stands in the address, so that it can be gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Self
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from core.reports import AccountId
from dashboard import routes
from dashboard.support.audit_words import ACTIONS, GROUPS
from dashboard.support.inputs import id_of

_MAX_ACTOR = 320
_MAX_ENTRY = 2**63 - 1
# What both PostgreSQL and a calendar in any time zone can hold.
_FIRST_YEAR, _LAST_YEAR = 2000, 9000


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """A search; whatever cannot be meant is left out. `last` is the last day that is shown."""

    account: UUID | None = None
    actor: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None

    @classmethod
    def read(cls, query: str) -> Self:
        """What stands behind the ? of an address."""
        return cls.of({name: values[-1] for name, values in parse_qs(query).items()})

    @classmethod
    def of(cls, sent: object) -> Self:
        """What a form holds, under the names that it has in the address."""
        fields = sent if isinstance(sent, Mapping) else {}
        action = fields.get("action")
        return cls(
            account=id_of(_text(fields.get("account"))),
            actor=_text(fields.get("actor"))[:_MAX_ACTOR],
            action=action if isinstance(action, str) and (action in ACTIONS or action in GROUPS) else "",
            first=_day(fields.get("from")),
            last=_day(fields.get("to")),
            before=_entry(fields.get("before")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether entries are left out by a filter."""
        return any((self.account, self.actor, self.action, self.first, self.last))

    def href(self, before: int | None = None) -> str:
        """The address of this search: its first page, or the one of entries before `before`."""
        fields = {
            "account": self.account,
            "actor": self.actor,
            "action": self.action,
            "from": self.first,
            "to": self.last,
            "before": before,
        }
        query = urlencode({name: str(value) for name, value in fields.items() if value})
        return f"{routes.SUPPORT_AUDIT}?{query}" if query else routes.SUPPORT_AUDIT

    def arguments(self, zone: tzinfo) -> dict[str, Any]:
        """Arguments of `support.audit_log`, with days as they begin and end in the reader's time zone."""
        return {
            "account": AccountId(self.account) if self.account else None,
            "actor": self.actor or None,
            "action": self.action or None,
            "since": _begins(self.first, zone) if self.first else None,
            "until": _begins(self.last + timedelta(days=1), zone) if self.last else None,
            "before": self.before,
        }


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day and _FIRST_YEAR <= day.year < _LAST_YEAR else None


def _entry(value: object) -> int | None:
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal() or len(value) > 19:
        return None
    return int(value) if 0 < int(value) <= _MAX_ENTRY else None


def _begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
