from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.dates import Published, read_stamp, read_url, read_words

MARCH = date(2025, 3, 4)
NOON = Published(MARCH, datetime(2025, 3, 4, 12, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-04T12:30:00Z",
        "2025-03-04T12:30:00.000Z",
        "2025-03-04T13:30:00+01:00",
        "2025-03-04T13:30+0100",
        "20250304T123000Z",
        "2025-03-04 12:30:00 +0000",
        "2025-03-04 12:30:00 UTC",
        "Tue, 04 Mar 2025 12:30:00 GMT",
        "Tue, 04 Mar 2025 07:30:00 EST",
        "1741091400",
        "1741091400000",
        "  2025-03-04T12:30:00Z\n",
    ],
)
def test_a_moment(text: str) -> None:
    assert read_stamp(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-04",
        "20250304",
        "2025/03/04",
        "2025-03-04T12:30:00",
        "2025-03-04 12:30",
        "2025-03-04T00:00",
        "4 March 2025",
        "March 4, 2025",
        "Mar. 4, 2025",
        "4. März 2025",
        "4 mars 2025",
        "4 de marzo de 2025",
        "2025年3月4日",
        "2025년 3월 4일",
        "4.3.2025",
        "Tuesday 4 March 2025",
        "Posted on March 4th, 2025 at noon",
    ],
)
def test_a_day_without_a_sure_moment(text: str) -> None:
    assert read_stamp(text) == Published(MARCH)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "today",
        "3 hours ago",
        "12:30",
        "March 2025",
        "2025",
        "2025-13-40",
        "2025-02-30T00:00:00Z",
        "0000-00-00",
        "3/4/2025",
        "1901-01-01",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "9999999999999",
        "99999999999999999999",
        "-1",
        "P3D",
        "Infinity",
        "{{ date }}",
        "4 Foo 2025",
        "x" * 100_000,
        "1" * 100_000,
    ],
)
def test_what_is_no_date_or_not_a_sure_one(text: str | None) -> None:
    assert read_stamp(text) is None


def test_the_future_is_no_date_but_tomorrow_may_be_today_elsewhere() -> None:
    today = datetime.now(UTC).date()
    assert read_stamp((today + timedelta(days=30)).isoformat()) is None
    assert read_stamp((today + timedelta(days=400)).strftime("%Y-%m-%dT00:00:00Z")) is None
    assert read_stamp((today + timedelta(days=1)).isoformat()) == Published(today + timedelta(days=1))


def test_the_day_is_the_pages_own_and_the_moment_is_utc() -> None:
    assert read_stamp("2025-03-05T00:30:00+09:00") == Published(
        date(2025, 3, 5), datetime(2025, 3, 4, 15, 30, tzinfo=UTC)
    )
    # An offset that no place has.
    assert read_stamp("0001-01-01T00:00:00+14:00") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Updated 13/4/2025", date(2025, 4, 13)),
        ("4/13/2025", date(2025, 4, 13)),
        ("4/4/2025", date(2025, 4, 4)),
        ("3/4/2025", None),
        ("45/45/2025", None),
        ("Call 0800 12.12.12", None),
        ("Version 1.2.2025.7", None),
        ("1er mars 2025", date(2025, 3, 1)),
        ("le 2 févr. 2025", date(2025, 2, 2)),
        ("22 października 2025", date(2025, 10, 22)),
        ("19 Ekim 2025", date(2025, 10, 19)),
        ("May 8, 2025", date(2025, 5, 8)),
        ("31 February 2025", None),
        ("Mar 4 Tue 2025 00:28", date(2025, 3, 4)),
    ],
)
def test_dates_among_words(text: str, day: date | None) -> None:
    assert read_words(text) == (Published(day) if day else None)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2025/03/04/story", MARCH),
        ("https://a.example/2025/3/4/", MARCH),
        ("https://a.example/news/2025-03-04/story", MARCH),
        ("https://a.example/world/2025/mar/04/story", MARCH),
        ("https://a.example/story-20250304.html", MARCH),
        ("https://a.example/2025/03/story", None),
        ("https://a.example/2025/99/99/story", None),
        ("https://a.example/story?d=/2025/03/04/", None),
        ("https://a.example/item/12345678901", None),
        ("https://a.example/2025/foo/04/", None),
    ],
)
def test_dates_in_addresses(url: str, day: date | None) -> None:
    assert read_url(url) == (Published(day) if day else None)


@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    for read in (read_stamp, read_words, read_url):
        read(text)


@given(st.from_regex(r"\A[0-9TZ:+\-/. ,a-z]{0,40}\Z"))
def test_nothing_that_looks_like_a_date_raises(text: str) -> None:
    found = read_stamp(text)
    assert found is None or found.on.year >= 1990
