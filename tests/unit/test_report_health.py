"""How a report that runs does, in words for support staff."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.support import SupportReport
from dashboard.support.account.health import seconds_ago, verdict_of, waiting_links

RUNNING = SupportReport(
    id=uuid.uuid4(), name="Spring", status="processing", url_count=10, captured_count=3, credits_used=1,
    credits_refunded=0, given_back=0, created_by="a@example.com", created_at=datetime.now(UTC), completed_at=None,
    error=None, open_links=6, held_links=2, waiting_links=4, queued=True, overdue=False, seconds_since_link_ended=5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, ("green", "Working")),
        ({"seconds_since_link_ended": None}, ("green", "Working")),
        ({"seconds_since_link_ended": 75}, ("green", "Working")),
        ({"seconds_since_link_ended": 76}, ("amber", "Slow")),
        ({"overdue": True, "seconds_since_link_ended": 181}, ("red", "Overdue")),
        ({"held_links": 0}, ("blue", "Waiting")),
        ({"held_links": 0, "seconds_since_link_ended": 900}, ("amber", "Waiting")),
        ({"held_links": 0, "seconds_since_link_ended": None}, ("blue", "Waiting")),
        ({"held_links": 0, "seconds_since_link_ended": None, "age": 76}, ("amber", "Waiting")),
        ({"held_links": 0, "queued": False}, ("amber", "Not moving")),
        ({"held_links": 0, "queued": False, "overdue": True}, ("red", "Overdue")),
    ],
)
def test_a_report_that_runs_has_a_verdict(facts: dict[str, Any], verdict: tuple[str, str]) -> None:
    age = timedelta(seconds=facts.get("age", 0))
    changed = {name: value for name, value in facts.items() if name != "age"}
    report = dataclasses.replace(RUNNING, created_at=datetime.now(UTC) - age, **changed)
    tone, word, advice = verdict_of(report)
    assert (tone, word) == verdict
    assert advice.endswith(".")


def test_links_whose_runner_is_gone_wait_too() -> None:
    assert waiting_links(dataclasses.replace(RUNNING, open_links=8, held_links=0, waiting_links=4)) == 8
    assert waiting_links(dataclasses.replace(RUNNING, open_links=8, held_links=2, waiting_links=6)) == 6


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "none yet"), (-1, "0 s ago"), (0, "0 s ago"), (99, "99 s ago"), (100, "1 minute ago"),
        (7199, "119 minutes ago"), (7200, "2 hours ago"),
    ],
)  # fmt: skip
def test_how_long_ago_a_link_ended(seconds: int | None, words: str) -> None:
    assert seconds_ago(seconds) == words
