"""The report as a page: hostile text stays text, nothing is loaded or run, and everybody can read it."""

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from core.document import DocumentItem, render_document
from tests.unit.report_pages import Element, big, captured, document, failed, page

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"
ARABIC = "طوب يخزن حرارة الريح"


def styles(shown: Element) -> str:
    return "".join(child for child in shown.one("style").children if isinstance(child, str))


# -- Hostile text ---------------------------------------------------------------------------------------------------


def test_hostile_text_stays_text_everywhere() -> None:
    def link(position: int) -> DocumentItem:
        return captured(
            position,
            headline=HOSTILE,
            outlet=HOSTILE + "x" * (position % 2),
            author=HOSTILE,
            excerpt=HOSTILE,
            language=HOSTILE,
            url=f"https://x.example/?{HOSTILE}",
            screenshot_src=HOSTILE,
            thumbnail_src=f"/{HOSTILE}",
        )

    links = [link(position) for position in range(1, 15)]
    shown = page(*links, replace(failed(15), url=HOSTILE), title=HOSTILE, account_name=HOSTILE)
    assert not shown.all("script")
    assert all(not name.startswith("on") for one in shown for name in one.attributes)
    assert {picture.attributes["src"] for picture in shown.all("img")} == {f"/{HOSTILE}"}
    card = shown.by_id("link-2")
    assert shown.one("h1").words == shown.one("title").words.removesuffix(" · Coverage report") == HOSTILE
    assert card.one("h3").words == card.one("p", "outlet").words == card.one("p", "excerpt").words == HOSTILE
    assert card.one("p", "byline").all("bdi")[0].words == HOSTILE
    assert shown.by_id("not-captured").one("p", "link").words == HOSTILE
    assert f"Prepared by {HOSTILE}" in shown.one("header").words


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "//x", "nonsense"]
)
def test_only_web_pages_are_linked(address: str) -> None:
    shown = page(captured(1, url=address, final_url=address, screenshot_src=address), replace(failed(2), url=address))
    assert not shown.all("a")
    assert shown.by_id("not-captured").one("p", "link").words == address.strip()


@pytest.mark.parametrize(
    "src", ["javascript:alert(1)", "//x.example/a.jpg", "/\\x.example/a.jpg", "data:text/html,x", "a.jpg"]
)
def test_only_pictures_of_ours_are_shown(src: str) -> None:
    assert not page(captured(screenshot_src=src, thumbnail_src=src)).all("img")


def test_characters_that_no_page_can_show_are_left_out() -> None:
    shown = page(captured(headline="a\x00b\x1b\ud800c\u202ed\ufffe\te"), title="x\u202dy")
    assert shown.one("h3").words == "abcd e"
    assert shown.one("h1").words == "xy"


# -- What the page may do -------------------------------------------------------------------------------------------


def test_the_policy_allows_the_one_style_and_the_pictures() -> None:
    rendered = render_document(document(captured(thumbnail_src="https://pictures.example:8443/a.jpg")))
    (style,) = re.findall(r"<style>(.*?)</style>", rendered.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rendered.csp == (
        "default-src 'none'; img-src 'self' data: https://pictures.example:8443; "
        f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
    assert "style=" not in rendered.html


def test_the_policy_names_every_origin_once_in_one_order() -> None:
    links = [captured(n, thumbnail_src=f"https://{host}.example/{n}.jpg") for n, host in enumerate("cabca", 1)]
    assert "data: https://a.example https://b.example https://c.example;" in render_document(document(*links)).csp


def test_the_policy_cannot_be_widened_by_an_address() -> None:
    for src in ("https://x.example;script-src *", "https://x.example 'unsafe-inline'/a.jpg", "https://*/a.jpg"):
        csp = render_document(document(captured(screenshot_src=src, thumbnail_src=src))).csp
        assert "img-src 'self' data:;" in csp and "script-src" not in csp


@pytest.mark.parametrize("picture", ["/p/1.jpg", "data:image/jpeg;base64,/9j/", "https://pictures.example/1.jpg"])
def test_the_page_loads_nothing_but_its_pictures(picture: str) -> None:
    shown = page(*(captured(n, outlet=f"Outlet {n}", thumbnail_src=picture) for n in range(1, 20)), failed(20))
    assert {one.tag for one in shown if {"src", "srcset", "data", "poster", "background"} & set(one.attributes)} == {
        "img"
    }
    assert {one.attributes["src"] for one in shown.all("img")} == {picture}
    fetched = {(link.attributes["rel"], link.attributes["as"], link.attributes["href"]) for link in shown.all("link")}
    assert fetched == (set() if picture.startswith("data:") else {("preload", "image", picture)})
    assert not {"script", "iframe", "object", "embed", "form", "base"} & {one.tag for one in shown}
    assert not re.search(r"@import|url\(|image-set|@font-face", styles(shown))


def test_links_out_tell_nothing_of_the_page() -> None:
    shown = page(captured(1), failed(2))
    out = [a for a in shown.all("a") if not a.attributes["href"].startswith("#")]
    assert len(out) == 3
    for link in out:
        assert {"noopener", "noreferrer"} <= set(link.attributes["rel"].split())
    meta = {one.attributes.get("name"): one.attributes.get("content") for one in shown.all("meta")}
    assert (meta["robots"], meta["referrer"]) == ("noindex", "no-referrer")


def test_pictures_keep_their_place_and_load_late_but_the_first_come_with_the_page() -> None:
    shown = page(*big(40))
    pictures = shown.all("img")
    assert {(picture.attributes["width"], picture.attributes["height"]) for picture in pictures} == {("640", "400")}
    assert {picture.attributes.get("loading") for picture in pictures} == {"lazy"}
    sources = [picture.attributes["src"] for picture in pictures]
    assert [link.attributes["href"] for link in shown.all("link")] == sources[:12]


def test_a_picture_inside_the_page_opens_the_article() -> None:
    inside = "data:image/jpeg;base64,/9j/"
    card = page(captured(screenshot_src=inside, thumbnail_src=inside)).by_id("link-1")
    assert card.one("div", "picture").one("a").attributes["href"] == "https://www.news.example/story-1"


def test_the_same_document_gives_the_same_page() -> None:
    assert render_document(document(*big(90))) == render_document(document(*big(90)))


# -- For every reader -----------------------------------------------------------------------------------------------


def test_every_picture_says_what_it_shows() -> None:
    shown = page(captured(1), captured(2, headline="Word " * 100))
    first, second = (picture.attributes["alt"] for picture in shown.all("img"))
    assert first == "Screenshot of “Headline 1”"
    assert second.startswith("Screenshot of “Word Word") and len(second) < 200


@pytest.mark.parametrize("items", [[captured()], [captured(1), failed(2)], [failed(1)], big(80)])
def test_headings_are_in_order(items: list[DocumentItem]) -> None:
    levels = [int(one.tag[1]) for one in page(*items) if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_sections_are_named_by_their_headings() -> None:
    shown = page(*big(80))
    sections = shown.all("section")
    assert len(sections) == 4
    for section in sections:
        assert shown.by_id(section.attributes["aria-labelledby"]).tag == "h2"


def test_no_name_is_given_twice() -> None:
    names = [one.attributes["id"] for one in page(*big()) if "id" in one.attributes]
    assert len(names) == len(set(names))


def test_text_says_its_language() -> None:
    card = page(captured(language="ja", outlet="港坂新報", author="三枝 陽子")).by_id("link-1")
    said = [
        card.one("h3"),
        card.one("p", "excerpt"),
        card.one("p", "outlet").one("bdi"),
        card.one("p", "byline").all("bdi")[0],
    ]
    assert [one.attributes["lang"] for one in said] == ["ja"] * 4
    assert "lang" not in card.attributes, "the words of the report itself are English"
    assert page(captured()).one("html").attributes["lang"] == "en"


@pytest.mark.parametrize(
    ("headline", "language", "direction"),
    [
        (ARABIC, "ar", "rtl"),
        (ARABIC, None, "rtl"),
        (f"«{ARABIC}»", None, "rtl"),
        (f"Tarnwick Heat: {ARABIC}", "ar-EG", "rtl"),
        (f"Tarnwick Heat: {ARABIC}", "en", "ltr"),
        ("מחסן חום", "he", "rtl"),
        ("Heat from bricks", "ar", "ltr"),
        ("夜の風を蓄える", "ja", "ltr"),
        ("2025", "ar", "ltr"),
    ],
)
def test_cards_run_the_way_their_headline_does(headline: str, language: str | None, direction: str) -> None:
    card = page(captured(headline=headline, language=language, excerpt=headline)).by_id("link-1")
    assert card.one("div", "story").attributes["dir"] == direction
    assert card.one("p", "excerpt").attributes["dir"] == direction
    assert "dir" not in card.one("h3").attributes
    assert card.one("p", "address").attributes["dir"] == "ltr"


def test_the_title_runs_its_own_way() -> None:
    shown = page(captured(), title=ARABIC)
    (around,) = (one for one in shown.one("header").all("div") if "dir" in one.attributes)
    assert around.attributes["dir"] == "rtl"
    assert around.one("h1").words == ARABIC
    assert around.one("p", "period").words == "Published 14 October 2025"
    assert shown.one("html").attributes.get("dir", "ltr") == "ltr"


def test_styles_for_paper_dark_rooms_and_phones() -> None:
    style = styles(page(captured()))
    for wanted in ("@media print", "@page", "prefers-color-scheme: dark)", "max-width: 44rem", "break-inside: avoid"):
        assert wanted in style
