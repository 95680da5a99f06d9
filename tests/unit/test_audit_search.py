"""What the page of the audit log is asked for in its address."""

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.support.audit_search import AuditSearch

ACCOUNT = uuid.uuid4()
NOTHING = AuditSearch()


def test_a_search_is_the_same_after_it_was_in_an_address() -> None:
    search = AuditSearch.of(
        {
            "account": ACCOUNT.hex,
            "actor": " a+b@example.com ",
            "action": "report.retry",
            "from": "2026-03-28",
            "to": "2026-03-29",
        }
    )
    assert search.is_narrowed
    assert AuditSearch.read(urlsplit(search.href()).query) == search
    later = AuditSearch.read(urlsplit(search.href(77)).query)
    assert later.before == 77
    assert later.href() == search.href()


def test_days_begin_and_end_where_the_reader_is() -> None:
    search = AuditSearch.of({"from": "2026-03-28", "to": "2026-03-29"})
    arguments = search.arguments(ZoneInfo("Europe/Berlin"))
    assert arguments["since"].astimezone(UTC) == datetime(2026, 3, 27, 23, tzinfo=UTC)
    # The day on which summer time begins has 23 hours.
    assert arguments["until"].astimezone(UTC) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_nothing_asked_is_everything() -> None:
    assert AuditSearch.of({}) == AuditSearch.read("") == NOTHING
    assert NOTHING.href() == "/support/audit" and not NOTHING.is_narrowed
    assert set(NOTHING.arguments(UTC).values()) == {None}


@pytest.mark.parametrize(
    "fields",
    [
        {"account": "x"}, {"account": 5}, {"actor": ["a"]}, {"actor": "a\x00b"}, {"action": "drop"},
        {"action": ["report"]}, {"action": {}}, {"from": "yesterday"}, {"from": "0001-01-01"},
        {"to": "9999-12-31"}, {"before": "0"},
        {"before": "-1"}, {"before": "9" * 30}, {"before": str(2**63)}, {"before": "\u0663"}, [], None, "account=x",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_left_out(fields: Any) -> None:
    assert AuditSearch.of(fields) == NOTHING


@given(st.text(max_size=200))
def test_every_address_can_be_read(query: str) -> None:
    search = AuditSearch.read(query)
    search.arguments(ZoneInfo("Pacific/Kiritimati"))
    assert AuditSearch.read(urlsplit(search.href()).query).href() == search.href()
