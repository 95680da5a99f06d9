"""How a report says what it knows: text on one line, the way it runs, days and periods."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from core.languages import is_right_to_left

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_OVERRIDES = re.compile("[\u202d\u202e]")
"""They show letters in an order of their own: a headline that says one thing and reads as another."""


def plain(text: str | None) -> str | None:
    """Text on one line, without what cannot be shown in HTML. None: nothing is left."""
    line = " ".join((text or "").split())
    if not line.isprintable():
        line = _OVERRIDES.sub("", line)
        line = "".join(char for char in line if unicodedata.category(char) not in ("Cc", "Cs", "Cn"))
    return line or None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, and the way they run."""

    lines: list[str]
    direction: str


def paragraphs(text: str | None) -> list[Paragraph]:
    """Text of several lines; an empty line ends a paragraph."""
    found: list[list[str]] = [[]]
    for line in map(plain, (text or "").splitlines()):
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [Paragraph(lines, direction(lines[0])) for lines in found if lines]


def direction(text: str, language: str | None = None) -> str:
    """Which way a line of this text runs: `ltr` or `rtl`.

    The first letter with a direction decides, as in HTML's `dir=auto`. But a line of Arabic or Hebrew that only begins
    with a foreign name, as headlines do, is still one.
    """
    letters = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")]
    if not letters:
        return "ltr"
    if language is not None and is_right_to_left(language):
        return "rtl" if any(kind != "L" for kind in letters) else "ltr"
    return "ltr" if letters[0] == "L" else "rtl"


def day(when: date) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def period(first: date, last: date) -> str:
    """The days from first to last, saying month and year once where one is enough."""
    if first == last:
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} – {day(last)}"
    return f"{day(first)} – {day(last)}"
