"""The ledger of an account as people read it."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

COLUMNS = ["Date", "Entry", "Report", "Report link", "Note", "By", "Credits", "Balance after"]
_ENTRIES = {
    "welcome": "Welcome credits",
    "charge": "Report",
    "refund": "Refund",
    "purchase": "Purchase",
    "adjustment": "Adjustment",
}
# What a spreadsheet takes for the beginning of a formula, in its widths.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def entry_name(kind: str) -> str:
    """What an entry of this kind is called."""
    return _ENTRIES.get(kind, kind.capitalize())


def csv_lines(cells: Iterable[Iterable[object]]) -> str:
    """Rows of a CSV file, whose texts a spreadsheet shows and never computes."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in cells:
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def csv_cells(entry: Mapping[str, Any], zone: tzinfo, report_url: str) -> list[object]:
    """One entry of `list_ledger` below `COLUMNS`. `report_url` is what the address of a report begins with."""
    report = entry["report_id"]
    return [
        datetime.fromisoformat(entry["created_at"]).astimezone(zone).isoformat(timespec="seconds"),
        entry_name(entry["kind"]),
        # A report that was deleted has no name and no page.
        entry["report_name"] or ("Deleted report" if report else ""),
        f"{report_url}{report}" if report and entry["report_name"] else "",
        entry["note"] or "",
        entry["who"] or "",
        entry["delta"],
        entry["balance_after"],
    ]


def safe_cell(text: str) -> str:
    """The text, marked as one where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(_BEGINS_A_FORMULA) else text
