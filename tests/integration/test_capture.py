"""Captures of the news site in a real Chromium: the facts of its articles, the outcomes of its troubles.

It takes some 25 s: a page that never answers is waited for, and pages without end have to be cut off.
"""

import asyncio
import io
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageStat

from core.reasons import Reason
from jobs.capture import Capture
from tests.integration.conftest import Look
from tests.site import ARTICLES, TROUBLES, NewsSite
from tests.site.articles import TARGET

pytestmark = pytest.mark.anyio

Captures = dict[str, Capture]
# Long enough for /trouble/slow-but-fine (3 s) on a busy machine, short enough for those that never answer.
DEADLINE = 7.0


@pytest.fixture(scope="module")
async def articles(anyio_backend: str, news: NewsSite, look: Look) -> Captures:
    captures = await asyncio.gather(*(look(news.url(path), 30.0) for path in ARTICLES))
    return dict(zip(ARTICLES, captures, strict=True))


@pytest.fixture(scope="module")
async def troubles(anyio_backend: str, news: NewsSite, look: Look) -> Captures:
    news.reset()
    captures = await asyncio.gather(*(look(news.url(path), DEADLINE) for path in TROUBLES))
    return dict(zip(TROUBLES, captures, strict=True))


@pytest.mark.parametrize("path", ARTICLES)
async def test_an_article_is_captured_with_exactly_its_facts(articles: Captures, news: NewsSite, path: str) -> None:
    capture, facts = articles[path], ARTICLES[path]
    told = facts.published
    day, moment = (told.date(), told.astimezone(UTC)) if isinstance(told, datetime) else (told, None)
    article = capture.article
    assert (capture.reason, capture.http_status, capture.final_url) == (None, 200, news.url(path))
    assert article.headline == facts.headline
    assert article.outlet == facts.outlet
    assert article.author == facts.author
    assert (article.published_on, article.published_at) == (day, moment)
    assert article.language == facts.language
    assert article.excerpt == facts.excerpt
    assert article.access == facts.access


@pytest.mark.parametrize("path", ARTICLES)
async def test_an_article_has_a_screenshot_and_a_small_one_of_the_same(articles: Captures, path: str) -> None:
    large, small = (_opened(data) for data in (articles[path].screenshot, articles[path].thumbnail))
    assert (large.format, large.size, small.format, small.size) == ("JPEG", (1280, 800), "JPEG", (640, 400))
    assert all(deviation > 5 for deviation in ImageStat.Stat(large).stddev)
    halved = large.resize((64, 40)).tobytes()
    difference = sum(abs(one - other) for one, other in zip(halved, small.resize((64, 40)).tobytes(), strict=True))
    assert difference / len(halved) < 6


@pytest.mark.parametrize("path", TROUBLES)
async def test_a_trouble_ends_as_the_rules_say(troubles: Captures, path: str) -> None:
    capture = troubles[path]
    assert TROUBLES[path].allows(capture.reason, capture.http_status), (capture.reason, capture.http_status)
    captured = capture.reason is None
    assert captured == (capture.screenshot is not None) == (capture.thumbnail is not None)
    assert captured == (capture.article.headline is not None)


async def test_a_redirect_is_followed_to_the_article(troubles: Captures, news: NewsSite) -> None:
    for path in ("/trouble/redirect", "/trouble/meta-refresh"):
        assert troubles[path].final_url == news.url(TARGET)
        assert troubles[path].article.headline == ARTICLES[TARGET].headline


async def test_hostile_words_come_out_as_plain_words(troubles: Captures) -> None:
    for path, capture in troubles.items():
        if not path.startswith("/trouble/hostile/"):
            continue
        for words in (capture.article.headline, capture.article.author):
            assert words is not None and len(words) <= 300
            assert words.isprintable(), path
    assert (troubles["/trouble/hostile/markup"].article.headline or "").startswith("Council </title></style></script>")


async def test_the_deadline_is_kept_and_what_is_too_large_does_not_wait_for_it(news: NewsSite, look: Look) -> None:
    loop = asyncio.get_running_loop()

    async def timed(path: str, deadline: float) -> tuple[Reason | None, float]:
        began = loop.time()
        return (await look(news.url(path), deadline)).reason, loop.time() - began

    hanging = ("/trouble/slow", "/trouble/slow-headers-then-dribble", "/trouble/script-never-ends")
    *late, (reason, took) = await asyncio.gather(
        *(timed(path, 1.5) for path in hanging), timed("/trouble/endless", 30.0)
    )
    assert [outcome for outcome, _ in late] == [Reason.TIMEOUT] * 3
    assert all(seconds < 4 for _, seconds in late)
    assert reason is Reason.TOO_LARGE and took < 20


def _opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data))
