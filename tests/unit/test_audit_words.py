"""The audit log in words."""

import re
from typing import Any

import pytest

from core.settings import ROOT
from dashboard.support.audit_words import ACTIONS, GROUPS, action_words, differences

MIGRATIONS = ROOT / "supabase" / "migrations"


def test_every_action_that_the_database_writes_has_words() -> None:
    text = "\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql")))
    calls = re.findall(r"(?:private\.audit|take_out_member)\((.*?)\);", text, re.DOTALL)
    written = {name for call in calls for name in re.findall(r"'([a-z_]+\.[a-z_]+)'", call)}
    assert len(written) >= 25
    assert written == set(ACTIONS)


def test_every_action_is_in_a_group() -> None:
    assert {action.partition(".")[0] for action in ACTIONS} == set(GROUPS)


def test_an_action_of_a_later_release_is_readable_too() -> None:
    assert action_words("api_key.rotate_now") == "Api key: rotate now"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, None, []),
        ({"balance": 1000}, {"balance": 1050}, [("Balance", "1,000", "1,050")]),
        ({"role": "member"}, None, [("Role", "member", "")]),
        (None, {"name": "CI", "prefix": "cr_live_AAAAAAAA"}, [("Name", "", "CI"), ("Prefix", "", "cr_live_AAAAAAAA")]),
        # What stayed as it was is not told.
        ({"status": "open", "credits": 5}, {"status": "approved", "credits": 5}, [("Status", "open", "approved")]),
        ({"url_count": 3, "name": None}, None, [("Links", "3", "")]),
        (None, {"sure": True, "expires_at": "not a time"}, [("Sure", "", "yes"), ("Ends", "", "not a time")]),
        ({"list": [1]}, {"list": [1, 2]}, [("List", "[1]", "[1, 2]")]),
    ],
)
def test_an_entry_tells_what_it_changed(
    before: dict[str, Any] | None, after: dict[str, Any] | None, told: list[tuple[str, str, str]]
) -> None:
    assert [(one["label"], one["before"], one["after"]) for one in differences(before, after)] == told
