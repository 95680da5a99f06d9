"""The list of reports in an address: what it means, and that nonsense means nothing."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dashboard.report_search import PAGE_SIZE, ReportSearch


@pytest.mark.parametrize(
    "search",
    [
        ReportSearch(),
        ReportSearch(text="100 % & more = ?#", status="failed"),
        ReportSearch(first=date(2026, 1, 2), last=date(2026, 1, 3), page=3),
        ReportSearch(sort="name", descending=False),
        ReportSearch(sort="name", descending=True),
        ReportSearch(sort="created_at", descending=False),
        ReportSearch(text="ленты 新聞"),
    ],
)
def test_an_address_means_what_it_was_made_of(search: ReportSearch) -> None:
    path, _, query = search.href.partition("?")
    assert path == "/reports"
    assert ReportSearch.read(query) == search


def test_the_plain_list_has_a_plain_address() -> None:
    assert ReportSearch().href == "/reports"


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-1", "page=x", "page=²", "page=1e3", "status=deleted", "sort=id;drop", "order=up", "from=today",
        "from=2026-02-31", "to=0000-01-01", "q=%00%0a", "q=", "&&&==", "x=1&y=2", "&".join(["q=1"] * 50), "%ff%fe",
    ],
)  # fmt: skip
def test_nonsense_is_left_out(query: str) -> None:
    assert ReportSearch.read(query) == ReportSearch()


def test_fields_of_any_type_are_taken() -> None:
    hostile = {"q": ["x"], "status": {"a": 1}, "from": 7, "to": None, "sort": True, "order": 3, "page": [2]}
    assert ReportSearch.of(hostile) == ReportSearch()


def test_a_page_beyond_all_is_bounded() -> None:
    assert ReportSearch.read("page=99999").arguments(ZoneInfo("UTC"))["p_offset"] == 9_999 * PAGE_SIZE


def test_a_long_search_is_cut() -> None:
    assert len(ReportSearch.read("q=" + "x" * 5000).text) == 200


def test_days_are_days_of_the_reader_and_both_included() -> None:
    search = ReportSearch(first=date(2026, 3, 29), last=date(2026, 3, 29))
    arguments = search.arguments(ZoneInfo("Europe/Berlin"))
    # The day on which clocks go forward has 23 hours.
    assert (arguments["p_from"], arguments["p_to"]) == ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00")


def test_the_last_day_there_is_does_not_hurt() -> None:
    assert ReportSearch.read("to=2999-12-31").arguments(ZoneInfo("UTC"))["p_to"].startswith("3000")


def test_sorting_by_the_same_column_turns_it_round_and_begins_anew() -> None:
    search = ReportSearch(page=4).sorted_by("name")
    assert (search.sort, search.descending, search.page) == ("name", False, 1)
    assert search.sorted_by("name").descending
    assert ReportSearch().sorted_by("created_at") == ReportSearch(descending=False)
