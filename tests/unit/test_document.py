"""The report as a page: what it tells its reader."""

from datetime import date, datetime, timedelta, timezone

import pytest

from core.document import render_document
from core.reasons import Reason, describe
from tests.unit.report_pages import Element, big, captured, document, failed, page


def totals(shown: Element) -> dict[str, str]:
    return {one.one("dt").words: one.one("dd").words for one in shown.one("dl").all("div")}


def chart(shown: Element) -> dict[str, str]:
    rows = shown.by_id("outlets").one("ol").all("li")
    return {row.one("span", "name").words: row.one("span", "count").words for row in rows}


# -- What a reader is told ------------------------------------------------------------------------------------------


def test_a_card_says_all_that_is_known_of_a_link() -> None:
    card = page(captured(7)).by_id("link-7")
    assert card.one("h3").words == "Headline 7"
    assert card.one("h3").one("a").attributes["href"] == "https://www.news.example/story-7"
    assert card.one("p", "outlet").words == "The Wexcombe Ledger"
    assert card.one("p", "byline").words == "Harriet Vale · 14 October 2025"
    assert card.one("time").attributes["datetime"] == "2025-10-14"
    assert card.one("p", "excerpt").words == "The baths are open again."
    assert card.one("p", "number").words == "Link 7"
    assert card.one("img").attributes["src"] == "/pictures/7-small.jpg"
    assert card.one("div", "picture").one("a").attributes["href"] == "/pictures/7.jpg"


def test_a_card_leaves_out_what_is_not_known() -> None:
    card = page(captured(author=None, published_on=None, excerpt=None)).by_id("link-1")
    assert not card.all("p", "byline") and not card.all("time") and not card.all("p", "excerpt")
    assert "None" not in card.text


@pytest.mark.parametrize(
    ("facts", "byline"), [({"author": None}, "14 October 2025"), ({"published_on": None}, "Harriet Vale")]
)
def test_half_a_byline_has_no_separator(facts: dict[str, None], byline: str) -> None:
    assert page(captured(1, **facts)).one("p", "byline").words == byline


def test_address_and_host_stand_in_for_headline_and_outlet() -> None:
    card = page(captured(url="https://www.xn--mller-kva.example/a/b/", headline=" ", outlet=None)).by_id("link-1")
    assert card.one("h3").words == "müller.example/a/b"
    assert card.one("p", "outlet").words == "müller.example"


def test_a_card_leads_to_where_the_link_ended() -> None:
    card = page(captured(final_url="https://other.example/story")).by_id("link-1")
    assert card.one("h3").one("a").attributes["href"] == "https://other.example/story"


def test_a_paywall_and_a_language_of_its_own_are_marked() -> None:
    shown = page(captured(1), captured(2), captured(3, language="de-AT", access="paywalled"))
    assert [tag.words for tag in shown.all("span", "tag")] == ["Paywalled", "German"]


def test_a_card_without_picture_names_its_outlet_instead() -> None:
    card = page(captured(screenshot_src=None, thumbnail_src=None)).by_id("link-1")
    assert not card.all("img")
    assert card.one("div", "missing").words == "The Wexcombe Ledger"


@pytest.mark.parametrize("reason", Reason)
def test_a_failed_link_says_why_in_plain_words(reason: Reason) -> None:
    status = 404 if reason is Reason.HTTP_ERROR else None
    shown = page(captured(1), failed(2, reason, status))
    missing = shown.by_id("not-captured")
    assert missing.one("p", "failure").words == describe(reason, status)
    assert missing.one("p", "link").words == "https://www.news.example/story-2"
    assert "1 of 2 links" in missing.words
    assert "link-2" not in [card.attributes["id"] for card in shown.all("article")]


def test_a_failed_link_without_reason_has_words_too() -> None:
    assert page(failed(1, None)).one("p", "failure").words == "This link was not captured."


def test_nothing_is_said_of_failures_where_there_are_none() -> None:
    assert "not captured" not in page(captured()).text.lower()


def test_totals() -> None:
    shown = page(
        captured(1),
        captured(2, outlet="Bote", language="de"),
        captured(3, outlet="Le Fil", language="fr-FR"),
        captured(4, outlet="Le Fil", language="FR"),
        failed(5),
    )
    assert totals(shown) == {
        "Links": "5",
        "Screenshots": "4",
        "Outlets": "3",
        "Languages": "3 French, English, German",
    }


def test_totals_of_one_link_are_singular() -> None:
    assert totals(page(captured())) == {"Link": "1", "Screenshot": "1", "Outlet": "1", "Language": "1 English"}


def test_a_language_nobody_knows_is_not_counted() -> None:
    for language in (None, "<b>", "x"):
        shown = page(captured(language=language))
        assert totals(shown)["Languages"] == "n/a"
        assert "lang" not in shown.one("h3").attributes


def test_names_of_one_language_count_once() -> None:
    shown = page(*(captured(n, language=tag) for n, tag in enumerate(("no", "nb", "nn", "nb-NO"), 1)))
    assert totals(shown)["Language"] == "1 Norwegian"


def test_many_languages_are_named_in_short() -> None:
    shown = page(*(captured(n, language=tag) for n, tag in enumerate(("de", "fr", "es", "it", "pt"), 1)))
    assert totals(shown)["Languages"] == "5 German, French, Spanish and 2 more"


def test_a_report_without_captures_is_still_a_page() -> None:
    shown = page(failed(1), failed(2))
    assert totals(shown) == {"Links": "2", "Screenshots": "0", "Outlets": "0", "Languages": "n/a"}
    assert not shown.all("article")


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([date(2025, 10, 14)], "Published 14 October 2025"),
        ([date(2025, 10, 14), date(2025, 10, 14)], "Published 14 October 2025"),
        ([date(2025, 10, 14), None, date(2025, 10, 3)], "Published 3–14 October 2025"),
        ([date(2025, 10, 14), date(2025, 9, 30)], "Published 30 September – 14 October 2025"),
        ([date(2025, 1, 2), date(2024, 12, 31)], "Published 31 December 2024 – 2 January 2025"),
        ([date(2025, 10, 1), date(2024, 10, 1)], "Published 1 October 2024 – 1 October 2025"),
        ([None], "Completed 24 October 2025"),
    ],
)
def test_date_range(days: list[date | None], said: str) -> None:
    shown = page(*(captured(n, published_on=when) for n, when in enumerate(days, 1)))
    assert shown.one("p", "period").words == said


def test_the_day_of_completion_is_that_of_utc() -> None:
    night = datetime(2025, 10, 25, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert "Completed 24 October 2025" in page(captured(), completed_at=night).one("footer").words


def test_who_made_it_is_said_only_when_known() -> None:
    assert "Prepared by Alder & Finch" in page(captured()).one("header").words
    assert "Prepared by" not in page(captured(), account_name=" ").text


def test_a_report_without_a_title_is_untitled() -> None:
    assert page(captured(), title=" \x07 ").one("h1").words == "Untitled"


# -- Outlets --------------------------------------------------------------------------------------------------------


def test_outlets_are_grouped_without_regard_to_case_and_ranked() -> None:
    names = ["Stackpoint", "The Ledger", "THE LEDGER", "the  ledger", "STRASSE", "Straße"]
    shown = page(*(captured(n, outlet=name) for n, name in enumerate(names, 1)))
    assert chart(shown) == {"The Ledger": "3 links", "STRASSE": "2 links", "Stackpoint": "1 link"}
    widths = [bar.attributes["width"] for bar in shown.by_id("outlets").all("rect")]
    assert widths == ["100%", "66.67%", "33.33%"]
    assert totals(shown)["Outlets"] == "3"


def test_outlets_with_a_link_each_are_listed_without_bars() -> None:
    shown = page(captured(1, outlet="B"), captured(2, outlet="A"))
    assert [name.words for name in shown.by_id("outlets").all("span", "name")] == ["B", "A"]
    assert not shown.all("svg")


def test_a_single_outlet_needs_no_chart() -> None:
    assert not [one for one in page(captured(1), captured(2)) if one.attributes.get("id") == "outlets"]


def test_a_long_chart_says_what_it_leaves_out() -> None:
    shown = page(*(captured(n, outlet=f"Outlet {min(n, 12)}") for n in range(1, 15)))
    assert len(chart(shown)) == 10
    assert shown.one("p", "rest").words == "and 2 more outlets with 2 links"


# -- Long reports ---------------------------------------------------------------------------------------------------


def test_five_hundred_links() -> None:
    shown = page(*big())
    assert totals(shown) == {"Links": "500", "Screenshots": "490", "Outlets": "83", "Language": "1 English"}
    assert len(shown.all("article")) == 490
    assert len(shown.by_id("not-captured").all("li")) == 10
    assert "compact" in shown.by_id("coverage").attributes["class"]
    assert len(render_document(document(*big())).html) < 1_000_000


def test_the_index_of_a_long_report_leads_to_every_card() -> None:
    shown = page(*big())
    index = shown.by_id("index")
    assert [item.one("bdi").words for item in index.all("li")] == sorted(f"Outlet {n}" for n in range(83))
    assert {link.attributes["href"] for link in index.all("a")} == {
        f"#{card.attributes['id']}" for card in shown.all("article")
    }


def test_links_inside_the_page_lead_somewhere() -> None:
    for items in ([captured()], big(80), [*big(49), captured(49)]):
        shown = page(*items)
        names = [one.attributes["id"] for one in shown if "id" in one.attributes]
        targets = {a.attributes["href"][1:] for a in shown.all("a") if a.attributes["href"].startswith("#")}
        assert targets <= set(names)


def test_a_short_report_has_no_index_and_large_cards() -> None:
    shown = page(*(captured(n, outlet=f"Outlet {n}") for n in range(1, 7)))
    assert not shown.all("nav")
    assert shown.by_id("coverage").attributes["class"] == "coverage"
