"""What the pages of settings make of what somebody typed, and how they tell prices."""

import pytest

from core.reports import Price
from dashboard.pages.credits.state import price_rows, whole_number
from dashboard.pages.profile.state import zone_names, zone_of


def told(*prices: tuple[int, int]) -> list[tuple[str, str]]:
    return [(row["links"], row["credits"]) for row in price_rows([Price(*price) for price in prices])]


def test_prices_that_follow_one_rule_are_one_row() -> None:
    assert told((100, 1), (250, 2), (500, 3), (750, 4), (1000, 5)) == [
        ("1 to 100 links", "1 credit"),
        ("101 to 250 links", "2 credits"),
        ("Each 250 links more", "1 credit more"),
        ("1,000 links, the most", "5 credits"),
    ]


def test_prices_without_a_rule_are_told_one_by_one() -> None:
    assert told((10, 1)) == [("1 to 10 links", "1 credit")]
    assert told((10, 1), (30, 2)) == [("1 to 10 links", "1 credit"), ("11 to 30 links", "2 credits")]
    assert told((10, 1), (30, 2), (35, 9)) == [
        ("1 to 10 links", "1 credit"), ("11 to 30 links", "2 credits"), ("31 to 35 links", "9 credits"),
    ]  # fmt: skip
    assert told() == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100", 100), (" 1,000 ", 1000), ("1 000", 1000), ("1\u00a0000", 1000), ("1'000", 1000), ("", None),
        ("-1", None), ("1e3", None), ("\u0661", None), ("ten", None), ("9" * 21, None), (None, None), (5, None),
        (["1"], None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: object, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin"), (" new york ", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"), ("utc", "UTC"), ("Asia/Calcutta", "Asia/Calcutta"), ("", ""), ("  ", ""),
        ("Atlantis", None), ("../etc/passwd", None), ("x" * 9999, None), ("\x00", None),
    ],
)  # fmt: skip
def test_a_time_zone_is_found_by_its_city(typed: str, zone: str | None) -> None:
    assert zone_of(typed) == zone


def test_time_zones_to_choose_from_are_those_of_places() -> None:
    assert zone_names()[0] == "UTC"
    assert {"Europe/Berlin", "America/New_York"} < set(zone_names())
    assert not any(name.startswith(("Etc/", "posix", "right", "US/")) for name in zone_names())
