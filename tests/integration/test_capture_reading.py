"""What the collector takes for the article and its own author and date, on pages built as real ones are."""

import pytest

from core.reasons import Reason
from jobs.article import Article
from tests.integration.conftest import Look
from tests.integration.stage import PROSE, WORDS, Stage, page

pytestmark = pytest.mark.anyio

HEADLINE = "Council talks about heat"
FIRST = "Two hours were not enough for the council to find out who should pay for the heat of next winter."


async def read(look: Look, url: str) -> Article:
    capture = await look(url)
    assert capture.reason is None
    return capture.article


async def test_one_element_may_have_several_names(stage: Stage, look: Look) -> None:
    names = '<meta property="x:author dcterms:creator" content="Ann Lee">'
    head = names + '<meta property="dc:title og:title" content="Heat, at length">'
    article = await read(look, stage.play(page(HEADLINE, head=head)))
    assert (article.headline, article.author) == ("Heat, at length", "Ann Lee")


@pytest.mark.parametrize("marks", ["right-sidebar", "post comments-open", "has-related teaser-off"])
async def test_a_class_of_the_whole_page_puts_nothing_aside(stage: Stage, look: Look, marks: str) -> None:
    said = "<p class=byline>By Ann Lee</p><time datetime=2025-03-04>4 March</time>"
    url = stage.play(page(HEADLINE, prose=said + PROSE).replace("<body>", f'<body class="{marks}">'))
    article = await read(look, url)
    assert (article.author, str(article.published_on)) == ("Ann Lee", "2025-03-04")


async def test_the_author_and_the_date_below_the_headline_are_the_articles_own(stage: Stage, look: Look) -> None:
    others = "<div class=author>Bo Berg</div><span class=date>5 March 2025</span>"
    own = f"<p>{FIRST}</p><div class=author>Ann Lee</div><span class=date>4 March 2025</span>"
    html = page(HEADLINE, prose=own + PROSE).replace("<body>", f"<body>{others}")
    article = await read(look, stage.play(html))
    assert (article.author, str(article.published_on)) == ("Ann Lee", "2025-03-04")


@pytest.mark.parametrize(
    ("lines", "author", "day"),
    [
        ("<p>By Ann Lee</p><p>4 March 2025, 10:00</p>", "Ann Lee", "2025-03-04"),
        ("<div>By Ann Lee | 4 March 2025</div>", "Ann Lee", "2025-03-04"),
        ("<p>2025年3月4日</p><p>文／三枝陽子</p>", "三枝陽子", "2025-03-04"),
        ("<p>By Tuesday it was all over.</p><p>It began on 4 March 2025.</p>", None, "None"),
    ],
)
async def test_lines_without_a_mark_below_the_headline(
    stage: Stage, look: Look, lines: str, author: str | None, day: str
) -> None:
    article = await read(look, stage.play(page(HEADLINE, prose=lines + PROSE)))
    assert (article.author, str(article.published_on)) == (author, day)


async def test_the_author_of_a_comment_is_not_the_articles(stage: Stage, look: Look) -> None:
    said = "<b itemprop=author>Bo Berg</b> <time itemprop=datePublished datetime=2025-03-05>yesterday</time>"
    comment = f"<div itemscope itemtype='https://schema.org/UserComments'>{said}</div>"
    article = await read(look, stage.play(page(HEADLINE, body=comment)))
    assert (article.author, article.published_on) == (None, None)


async def test_what_shares_the_header_with_the_headline_is_the_articles(stage: Stage, look: Look) -> None:
    others = "<div class=author>Bo Berg</div><span class=date>5 March 2025</span>"
    own = "<div class=author>Ann Lee</div><span class=date>4 March 2025</span>"
    html = page(HEADLINE).replace("<h1>", f"<header>{own}<h1>").replace("</h1>", "</h1></header>")
    article = await read(look, stage.play(html.replace("<main>", f"<main>{others}")))
    assert (article.author, str(article.published_on)) == ("Ann Lee", "2025-03-04")


async def test_the_date_below_the_text_is_the_articles_without_an_article_element(stage: Stage, look: Look) -> None:
    html = page(HEADLINE, prose=f"<div>{PROSE}<p class=date>4 March 2025</p></div>")
    for tag in ("main", "article"):
        html = html.replace(f"<{tag}>", "<div>").replace(f"</{tag}>", "</div>")
    html = html.replace("<body>", "<body><span class=date>5 March 2025</span>")
    assert str((await read(look, stage.play(html))).published_on) == "2025-03-04"


async def test_words_that_are_not_shown_are_no_article(stage: Stage, look: Look) -> None:
    hidden = f"<div><noscript>{WORDS * 4}</noscript><iframe>{WORDS * 4}</iframe></div>"
    assert (await look(stage.play(page(HEADLINE, prose=hidden)))).reason is Reason.BLOCKED


async def test_an_article_cut_into_sections_is_read_from_its_beginning(stage: Stage, look: Look) -> None:
    parts = (f"<p>{FIRST}</p>", PROSE, PROSE * 2)
    cut = "".join(f"<section><div><div><div><div>{part}</div></div></div></div></section>" for part in parts)
    article = await read(look, stage.play(page(HEADLINE, prose=cut)))
    assert article.excerpt == FIRST


@pytest.mark.parametrize(
    "other",
    [
        f"<ul><li class=subheading>The first of the ways to pay for it</li></ul><p>{FIRST}</p>",
        f"<p>{FIRST}</p><div class=summary>In short: nobody knows who will pay.</div>",
    ],
)
async def test_a_standfirst_stands_first(stage: Stage, look: Look, other: str) -> None:
    assert (await read(look, stage.play(page(HEADLINE, prose=other + PROSE)))).excerpt == FIRST
