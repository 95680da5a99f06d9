"""The ledger as a file: rows that any spreadsheet reads, and texts that none computes."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.ledger import COLUMNS, csv_cells, csv_lines, entry_name, safe_cell

ENTRY = {
    "id": 7, "created_at": "2026-07-04T22:30:15.123456+00:00", "kind": "charge", "delta": -2, "balance_after": 8,
    "note": None, "who": "Ada", "report_id": "0f8a6c1e-5b7d-4806-8f1e-2d3c4b5a6978", "report_name": "Launch",
}  # fmt: skip
BERLIN = ZoneInfo("Europe/Berlin")


def read_back(**fields: Any) -> dict[str, str]:
    (line,) = csv.DictReader(io.StringIO(csv_lines([COLUMNS, csv_cells(ENTRY | fields, BERLIN, "https://x/reports/")])))
    return line


def test_an_entry_says_when_what_who_and_how_much() -> None:
    assert read_back() == {
        "Date": "2026-07-05T00:30:15+02:00",
        "Entry": "Report",
        "Report": "Launch",
        "Report link": "https://x/reports/0f8a6c1e-5b7d-4806-8f1e-2d3c4b5a6978",
        "Note": "",
        "By": "Ada",
        "Credits": "-2",
        "Balance after": "8",
    }


def test_a_report_that_is_gone_has_no_link() -> None:
    line = read_back(report_name=None)
    assert (line["Report"], line["Report link"]) == ("Deleted report", "")
    line = read_back(report_name=None, report_id=None, kind="welcome", delta=3)
    assert (line["Entry"], line["Report"], line["Credits"]) == ("Welcome credits", "", "3")


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201",
        "\r=1", "\n=1", "|x", "%x", "\u00a0=1",
    ],
)  # fmt: skip
def test_no_text_is_a_formula(text: str) -> None:
    for column, name in (("Report", "report_name"), ("Note", "note"), ("By", "who")):
        assert read_back(**{name: text})[column] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Launch", "a=b", "Müller & Söhne", "2026-01-01", "'quoted'", "\u202dx"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_quotes_commas_and_lines_stay_inside_their_cell() -> None:
    assert read_back(note='a "b", c\nd')["Note"] == 'a "b", c\nd'


def test_every_kind_has_a_name() -> None:
    assert {entry_name(kind) for kind in ("welcome", "charge", "refund", "purchase", "adjustment")} == {
        "Welcome credits", "Report", "Refund", "Purchase", "Adjustment",
    }  # fmt: skip
    assert entry_name("gift") == "Gift"
