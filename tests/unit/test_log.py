"""What libraries log of what strangers send: short, seldom, and never in our name."""

import logging

import pytest

from core.log import Bounded, Sparing
from core.sessions import COOKIE, session_cookie


def record(message: str, name: str = "library", at: float = 60.0) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "", 0, message, None, None)
    made.created = at
    return made


def test_a_long_message_is_cut_in_its_middle() -> None:
    text = Bounded().format(record("begin" + "x" * 100_000 + "end"))
    assert text.startswith("begin") and text.endswith("end") and len(text) < 2100


def test_no_line_of_it_begins_like_one_of_ours() -> None:
    text = Bounded().format(record('first\n{"event": "forged"}\r\x1b[2Jthird'))
    assert [line[:5] for line in text.split("\n")] == ["first", "    {", "     "]
    assert "\x1b" not in text and "\r" not in text


def test_a_library_has_so_many_lines_a_minute() -> None:
    sparing = Sparing()
    let_through = [sparing.filter(record("again", at=60 + number / 10)) for number in range(100)]
    assert let_through == [True] * 30 + [False] * 70
    assert sparing.filter(record("again", name="another library", at=61))
    assert sparing.filter(record("again", at=121))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (f"{COOKIE}=abc", "abc"),
        (f"a=1; {COOKIE}=abc; b=2", "abc"),
        # What another program on the same host has set, and http.cookies reads nothing beside.
        (f'theme={{"dark": true}}; {COOKIE}=abc', "abc"),
        (f"some thing=[1, 2]; {COOKIE}=abc; @@=;;", "abc"),
        (f"{COOKIE}x=abc; x{COOKIE}=abc", None),
        (COOKIE, ""),
        ("", None),
    ],
)
def test_the_cookie_is_found_among_others(header: str, value: str | None) -> None:
    assert session_cookie(header) == value
