from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.article import EXCERPT_CAP, HEADLINE_CAP, OUTLET_CAP, Article, read_article
from jobs.page import Page
from tests.unit.pages import WORDS, byline, heading, moment, page

HEAT = "Council talks about heat"
TODAY = datetime.now(UTC).date().isoformat()


def news(**parts: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle"} | parts


@pytest.mark.parametrize(
    ("seen", "headline", "outlet"),
    [
        (page(HEAT), HEAT, "news.example"),
        (page(f"{HEAT} | Harbour Times", headings=(heading(HEAT),)), HEAT, "Harbour Times"),
        (page(f"{HEAT} - Harbour Times", headings=(heading(HEAT),)), HEAT, "Harbour Times"),
        (page(f"{HEAT} – Local news – Harbour Times", headings=(heading(HEAT),)), HEAT, "Harbour Times"),
        (
            page(f"Harbour Times: {HEAT}", headings=(heading(HEAT),), metas=(("og:site_name", "Harbour Times"),)),
            HEAT,
            "Harbour Times",
        ),
        (page(f"{HEAT} | Harbour Times", headings=()), HEAT, "Harbour Times"),
        (
            page("Heat - cold - and in between", headings=(heading("Heat - cold - and in between"),)),
            "Heat - cold - and in between",
            "news.example",
        ),
        (
            page(HEAT, metas=(("og:title", f"{HEAT} | Harbour Times"), ("og:site_name", "Harbour Times"))),
            HEAT,
            "Harbour Times",
        ),
        (page(HEAT, metas=(("og:site_name", "Harbour Times | All the news"),)), HEAT, "Harbour Times"),
        (
            page(HEAT, metas=(("og:site_name", "@harbour"), ("application-name", "Harbour Times"))),
            HEAT,
            "Harbour Times",
        ),
        (
            page("Harbour Times", news(headline=HEAT, publisher={"name": "The Harbour Times"})),
            HEAT,
            "The Harbour Times",
        ),
        (page(HEAT, news(headline="Council talks about…")), HEAT, "news.example"),
        (page(HEAT, news(headline="Heat &amp; <em>light</em>")), "Heat & light", "news.example"),
        (page(HEAT, news(headline=["", HEAT])), HEAT, "news.example"),
        (page(HEAT, {"@type": "WebSite", "name": "Harbour Times"}), HEAT, "Harbour Times"),
        (
            page(
                f"{HEAT} - Harbour Times",
                headings=(heading("Harbour Times", home=True, story=False), heading(HEAT, level=2)),
            ),
            HEAT,
            "Harbour Times",
        ),
        (page(f"{HEAT} - Harbour Times", headings=(heading("Harbour Times", masthead=True),)), HEAT, "Harbour Times"),
        (
            page(HEAT, headings=(heading("Other words", visible=False, story=False), heading(HEAT))),
            HEAT,
            "news.example",
        ),
        (page("Harbour Times", headings=(), metas=(("og:site_name", "Harbour Times"),)), None, "Harbour Times"),
        (page("", headings=()), None, "news.example"),
        (page(HEAT, url="https://www.harbour.example/x"), HEAT, "harbour.example"),
        (page(HEAT, news(headline="A debate in a town hall", name=HEAT)), HEAT, "news.example"),
        (
            page(HEAT, news(headline="A debate in a town hall"), metas=(("og:title", f"{HEAT} | Harbour Times"),)),
            HEAT,
            "news.example",
        ),
        (page(HEAT, headings=(heading(f"{HEAT}¶"),), title=""), HEAT, "news.example"),
        (page(HEAT, news(headline=f"{HEAT} #")), HEAT, "news.example"),
        (page(HEAT, news(headline="All there is to C#")), "All there is to C#", "news.example"),
        (page(f"{HEAT} @ Harbour Times", metas=(("og:site_name", "Harbour Times"),)), HEAT, "Harbour Times"),
        (page("市議会は暖房について話した_社会_港新聞", headings=()), "市議会は暖房について話した", "港新聞"),
        (page(HEAT, news(publisher="Harbour Times, Inc.")), HEAT, "Harbour Times"),
        (page(f"{HEAT} - Harbour Times", news(publisher="Harbour Times Company")), HEAT, "Harbour Times"),
        (page(HEAT, news(publisher="Fast Company")), HEAT, "Fast Company"),
        (
            page(f"{HEAT} - Harbour", news(publisher="Quay Foundation"), url="https://en.harbour.co.uk/x"),
            HEAT,
            "Harbour",
        ),
        (
            page(HEAT, news(publisher="Quay Foundation"), title=f"{HEAT} - Town", url="https://en.harbour.co.uk/x"),
            HEAT,
            "Quay Foundation",
        ),
        (page(HEAT, url="https://amp.harbour.example/x"), HEAT, "harbour.example"),
    ],
)
def test_headline_and_outlet(seen: Page, headline: str | None, outlet: str) -> None:
    article = read_article(seen)
    assert (article.headline, article.outlet) == (headline, outlet)


@pytest.mark.parametrize(
    ("seen", "author"),
    [
        (page(HEAT), None),
        (page(HEAT, news(author={"name": "Ann Lee"})), "Ann Lee"),
        (page(HEAT, news(author=[{"name": "Ann Lee"}, "Bo Berg"])), "Ann Lee, Bo Berg"),
        (
            page(HEAT, news(author={"@id": "#a"}), {"@graph": [{"@id": "#a", "@type": "Person", "name": "Ann Lee"}]}),
            "Ann Lee",
        ),
        (page(HEAT, news(author="https://news.example/ann"), metas=(("author", "Ann Lee"),)), "Ann Lee"),
        (page(HEAT, metas=(("article:author", "https://www.facebook.com/ann"), ("author", "Ann Lee"))), "Ann Lee"),
        (page(HEAT, metas=(("article:author", "Ann Lee"), ("article:author", "Bo Berg"))), "Ann Lee, Bo Berg"),
        (
            page(
                HEAT,
                news(author={"name": "Harbour Times"}, publisher={"name": "Harbour Times"}),
                bylines=(byline("By Ann Lee"),),
            ),
            "Ann Lee",
        ),
        (page(HEAT, news(author="Staff"), bylines=(byline("By Ann Lee"),)), "Ann Lee"),
        (page(HEAT, news(author="Reuters")), "Reuters"),
        (page(HEAT, metas=(("author", "ann@news.example"),)), None),
        (page(HEAT, bylines=(byline("Bo Berg", aside=True), byline("By Ann Lee"))), "Ann Lee"),
        (page(HEAT, bylines=(byline("Ann Lee", rel=True, tag="A"),)), "Ann Lee"),
        (page(HEAT, item_authors=("Ann Lee",)), "Ann Lee"),
        (page(HEAT, news(creator="ann77"), bylines=(byline("Ann Lee"),)), "Ann Lee"),
        (page(HEAT, news(creator="ann77")), "ann77"),
        (page(HEAT, metas=(("dc.creator", "Lee, Ann"), ("dc.creator", "Berg, Bo van"))), "Ann Lee, Bo van Berg"),
        (page(HEAT, bylines=(byline("Bo Berg"), byline("Ann Lee", label="author", near=True))), "Ann Lee"),
        (
            page(HEAT, bylines=(byline("Bo Berg", rel=True, tag="A"), byline("Ann Lee", rel=True, tag="A", near=True))),
            "Ann Lee",
        ),
        (page(HEAT, bylines=(byline("Bo Berg", label="menu"), byline("Ann Lee", label="author"))), "Ann Lee"),
        (page(HEAT, bylines=tuple(byline(f"{name} Berg", label="menu") for name in ("Al", "Bo", "Cy", "Di"))), None),
        (page(HEAT, bylines=(byline("人気", label="author-views", near=True),)), None),
        (page(HEAT, bylines=(byline("個人", label="bylines"),)), None),
        (page(HEAT, bylines=(byline("三枝 陽子", near=True),)), "三枝 陽子"),
        (page(HEAT, bylines=(byline(HEAT),)), None),
        (page(HEAT, news(author="\u202eAnn\u2069 Lee\u200b")), "Ann Lee"),
    ],
)
def test_author(seen: Page, author: str | None) -> None:
    assert read_article(seen).author == author


@pytest.mark.parametrize(
    ("seen", "day"),
    [
        (page(HEAT), None),
        (page(HEAT, news(datePublished="2025-03-04")), date(2025, 3, 4)),
        (page(HEAT, news(datePublished="2199-01-01"), metas=(("date", "2025-03-04"),)), date(2025, 3, 4)),
        (page(HEAT, news(datePublished=["2025-03-04T10:00:00Z"])), date(2025, 3, 4)),
        (
            page(HEAT, metas=(("article:published_time", "2025-03-04T10:00:00Z"), ("date", "2024-01-01"))),
            date(2025, 3, 4),
        ),
        (page(HEAT, times=(moment("2025-01-01", aside=True), moment("2025-03-04"))), date(2025, 3, 4)),
        (page(HEAT, times=(moment("2025-01-01", label="updated"), moment("2025-03-04"))), date(2025, 3, 4)),
        (page(HEAT, times=(moment("", "4 March 2025"),)), date(2025, 3, 4)),
        (page(HEAT, url="https://news.example/2025/03/04/heat"), date(2025, 3, 4)),
        (page(HEAT, bylines=(byline("By Ann Lee, 4 March 2025"),)), date(2025, 3, 4)),
        (page(HEAT, times=(moment("", "3/4/2025"),)), None),
        (page(HEAT, metas=(("article:published", "2025-03-04T10:00:00Z"),)), date(2025, 3, 4)),
        (page(HEAT, times=(moment("2025-01-01"), moment("", "4 March 2025", tag="P", near=True))), date(2025, 3, 4)),
        (page(HEAT, times=(moment("", "Updated 5 March 2025", near=True), moment("2025-03-04"))), date(2025, 3, 4)),
        (page(HEAT, title=f"{HEAT} - 04.03.2025 - Harbour Times"), date(2025, 3, 4)),
        (page(HEAT, title=f"{HEAT} | What happened on 4 March 2025"), None),
        (page(HEAT, times=(moment("", "4 March 2025", tag="P", story=False),)), date(2025, 3, 4)),
        (
            page(HEAT, times=tuple(moment("", f"{day} March 2025", tag="P", story=False) for day in (4, 5))),
            None,
        ),
        (page(HEAT, times=(moment("", TODAY, tag="P", story=False),)), None),
        (page(HEAT, news(dateModified="2025-03-04")), None),
    ],
)
def test_published(seen: Page, day: date | None) -> None:
    assert read_article(seen).published_on == day


@pytest.mark.parametrize(
    ("seen", "language"),
    [
        (page(lang="en"), "en"),
        (page(lang="EN_gb"), "en-GB"),
        (page(lang="zh-hant-tw"), "zh-Hant-TW"),
        (page(lang="pt_BR.UTF-8"), "pt-BR"),
        (page(lang="en, fr"), "en"),
        (page(lang="english", paragraphs=()), None),
        (page(lang="english"), "en"),
        (page(lang="und", metas=(("og:locale", "fr_FR"),)), "fr-FR"),
        (page(HEAT, {"@type": "NewsArticle", "inLanguage": "de"}), "de"),
        (page(HEAT, {"@type": "NewsArticle", "inLanguage": {"name": "x"}}, paragraphs=()), None),
        (page(lang="{{lang}}", paragraphs=()), None),
        (page(lang="x" * 4000, paragraphs=()), None),
        (page(lang="", paragraphs=()), None),
    ],
)
def test_language(seen: Page, language: str | None) -> None:
    assert read_article(seen).language == language


def test_excerpt_is_the_description_or_the_first_words() -> None:
    told = "The council met and decided nothing at all."
    assert read_article(page(metas=(("og:description", told),))).excerpt == told
    assert read_article(page(standfirst=told)).excerpt == told
    assert (
        read_article(page(HEAT, metas=(("description", HEAT), ("description", "short")))).excerpt == (WORDS * 3).strip()
    )
    assert read_article(page(paragraphs=())).excerpt is None
    assert read_article(page(metas=(("og:description", HEAT), ("description", told)))).excerpt == told
    assert read_article(page(paragraphs=("Written by Ann Lee for the council", WORDS))).excerpt == WORDS.strip()
    assert read_article(page(paragraphs=("The council met on Tuesday.",))).excerpt == "The council met on Tuesday."
    assert len(read_article(page(paragraphs=("word " * 5000,))).excerpt or "") <= EXCERPT_CAP


@pytest.mark.parametrize(
    ("seen", "access"),
    [
        (page(), "open"),
        (page(HEAT, news(isAccessibleForFree=False)), "paywalled"),
        (page(HEAT, news(hasPart=[{"isAccessibleForFree": "False"}])), "paywalled"),
        (page(metas=(("article:content_tier", "locked"),)), "paywalled"),
        (page(paywall=True), "paywalled"),
        (page(HEAT, news(isAccessibleForFree="True"), paywall=True), "open"),
    ],
)
def test_access(seen: Page, access: str) -> None:
    assert read_article(seen).access == access


def test_everything_is_capped_and_printable() -> None:
    evil = "\u202e\x00<b>" + "word\u200b " * 100_000
    article = read_article(
        page(evil, news(headline=evil, author=evil, publisher={"name": evil}, description=evil, inLanguage=evil))
    )
    for words, cap in (
        (article.headline, HEADLINE_CAP),
        (article.outlet, OUTLET_CAP),
        (article.author, 200),
        (article.excerpt, EXCERPT_CAP),
    ):
        assert words is None or (len(words) <= cap and words.isprintable())


marks = st.text(max_size=40) | st.sampled_from(["a - b", "| x", "By x y", "2025-03-04", "https://[", "{}"])


@given(
    title=marks,
    metas=st.lists(st.tuples(st.sampled_from(["og:title", "author", "date", "og:site_name"]), marks)),
    url=marks,
)
def test_nothing_raises(title: str, metas: list[tuple[str, str]], url: str) -> None:
    lines = (byline(title), byline(url, rel=True, tag="A"))
    seen = page(title, title, url=url, canonical=title, metas=tuple(metas), bylines=lines, times=(moment(title, url),))
    assert isinstance(read_article(seen), Article)
