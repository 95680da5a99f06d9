"""Captures of what real news pages do: rendering by script, old encodings, odd servers, redirects, layers on top.

It takes some 30 s: several pages are there to be waited for.
"""

import asyncio
import gzip
import json
import shutil
from asyncio.subprocess import PIPE

import pytest

from core.reasons import Reason
from jobs.article import Article
from tests.integration.conftest import Look
from tests.integration.stage import PROSE, Play, Stage, answer, page, redirect, squeezed

pytestmark = pytest.mark.anyio

HEADLINE = "Council talks about heat"


def linked(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org"} | node)}</script>'


def after(seconds: float, what: bytes) -> Play:
    async def play(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(what)
        await writer.drain()

    return play


async def read(look: Look, url: str, deadline: float = 12.0) -> Article:
    capture = await look(url, deadline)
    assert capture.reason is None
    assert capture.screenshot is not None
    return capture.article


# Written by scripts


@pytest.mark.parametrize("event", ["DOMContentLoaded", "load"])
async def test_a_page_rendered_by_script(stage: Stage, look: Look, event: str) -> None:
    script = f'document.title = "{HEADLINE}"; root.innerHTML = `<h1>{HEADLINE}</h1>{PROSE}`'
    url = stage.play(
        f"<!doctype html><title>App</title><div id=root></div>"
        f'<script>addEventListener("{event}", () => setTimeout(() => {{ {script} }}, 700))</script>'
    )
    assert (await read(look, url)).headline == HEADLINE


async def test_a_page_that_fetches_its_article_from_a_slow_server(stage: Stage, look: Look) -> None:
    words = stage.play(after(2.5, answer(f"<h1>{HEADLINE}</h1>{PROSE}")))
    url = stage.play(
        "<!doctype html><title>App</title><div id=root>Loading…</div>"
        f'<script>fetch("{words}").then((it) => it.text()).then((text) => root.innerHTML = text)</script>'
    )
    assert (await read(look, url)).headline == HEADLINE


async def test_a_page_that_appears_late(stage: Stage, look: Look) -> None:
    # As AMP does when its script cannot be had.
    style = "<style>body { animation: show 3s steps(1, end) 0s 1 normal both }"
    style += "@keyframes show { from { visibility: hidden } to { visibility: visible } }</style>"
    url = stage.play(page(HEADLINE, head=style + '<script async src="http://cdn.invalid/v0.js"></script>'))
    assert (await read(look, url, 20.0)).headline == HEADLINE


async def test_a_page_that_changes_its_address(stage: Stage, look: Look) -> None:
    url = stage.play(page(HEADLINE, body="<script>history.pushState({}, '', '/news/story')</script>"))
    capture = await look(url)
    assert (capture.reason, capture.final_url) == (None, stage.url("/news/story"))


async def test_a_document_written_anew(stage: Stage, look: Look) -> None:
    script = f"document.open(); document.write(`<h1>{HEADLINE}</h1>{PROSE}`)"
    assert (
        await read(look, stage.play(f"<!doctype html><title>x</title><script>{script}</script>"))
    ).headline == HEADLINE


# What is said


@pytest.mark.parametrize(
    "heading",
    [
        '<header><h1><a href="/">Harbour Times</a></h1></header>',
        "<header><h1 class=name>Harbour Times</h1></header>",
        "<div class=logo><h1>Harbour Times</h1></div>",
        "",
    ],
)
async def test_the_site_in_the_only_h1_is_not_the_headline(stage: Stage, look: Look, heading: str) -> None:
    article = await read(
        look,
        stage.play(
            f"<!doctype html><html lang=en><title>{HEADLINE} - Harbour Times</title>{heading}"
            f"<article><h2>{HEADLINE}</h2>{PROSE}</article>"
        ),
    )
    assert (article.headline, article.outlet) == (HEADLINE, "Harbour Times")


async def test_a_title_with_the_outlet_where_nothing_names_the_site(stage: Stage, look: Look) -> None:
    named = f"{HEADLINE} | Harbour Times"
    url = stage.play(
        page(HEADLINE, head=f'<meta property="og:title" content="{named}">').replace(
            f"<title>{HEADLINE}", f"<title>{named}"
        )
    )
    article = await read(look, url)
    assert (article.headline, article.outlet) == (HEADLINE, "Harbour Times")


async def test_authors_in_a_list(stage: Stage, look: Look) -> None:
    authors = [{"@type": "Person", "name": "Ann Lee"}, {"name": ["Bo Berg"]}, "Cy Young", {"name": "Ann Lee"}]
    node = linked(**{"@type": ["NewsArticle"], "headline": HEADLINE, "author": authors})
    assert (await read(look, stage.play(page(head=node)))).author == "Ann Lee, Bo Berg, Cy Young"


async def test_a_live_blog_has_the_facts_of_the_whole(stage: Stage, look: Look) -> None:
    update = {
        "@type": "BlogPosting",
        "headline": "Update",
        "datePublished": "2025-03-02T12:00:00Z",
        "author": "Bo Berg",
    }
    node: dict[str, object] = {
        "@type": "LiveBlogPosting",
        "headline": "Live: the storm",
        "datePublished": "2025-03-01T09:00:00+01:00",
    }
    node |= {"author": {"name": "Ann Lee"}, "liveBlogUpdate": [update] * 5}
    article = await read(look, stage.play(page("Live: the storm", head=linked(**node))))
    assert (article.headline, article.author, str(article.published_at)) == (
        "Live: the storm",
        "Ann Lee",
        "2025-03-01 08:00:00+00:00",
    )


@pytest.mark.parametrize("free", [False, "False", "false", "http://schema.org/False"])
async def test_a_headline_in_front_of_a_paywall(stage: Stage, look: Look, free: object) -> None:
    node = linked(**{"@type": "NewsArticle", "headline": HEADLINE, "isAccessibleForFree": free})
    article = await read(look, stage.play(page(head=node, prose="<p>Two lines, then the wall.</p>")))
    assert (article.headline, article.access) == (HEADLINE, "paywalled")


async def test_a_consent_layer_over_an_article_does_not_hide_it(stage: Stage, look: Look) -> None:
    layer = "<div id=consent style='position:fixed;inset:0;background:#0008;color:#fff'><h2>We value your privacy</h2>"
    layer += "<p>We and our 842 partners store information on a device. " * 20 + "<button>Accept all</button></div>"
    article = await read(look, stage.play(page(HEADLINE, body=layer)))
    assert article.headline == HEADLINE
    assert (article.excerpt or "").startswith("The council met")


# How it is said


@pytest.mark.parametrize("declared", ["meta", "header"])
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("iso-8859-1", "Café où l'été finit"),
        ("windows-1251", "Ветер дует ночью в порту"),
        ("shift_jis", "港町の夜に風が吹く"),
        ("gbk", "港口的夜晚有风吹过"),
        ("big5", "港口的夜晚有風吹過"),
        ("euc-kr", "항구의 밤에 바람이 분다"),
        ("utf-16", "Utf sixteen in the harbour"),
    ],
)
async def test_encodings(stage: Stage, look: Look, encoding: str, words: str, declared: str) -> None:
    meta = f'<meta charset="{encoding}">' if declared == "meta" else ""
    text = page(words, prose=f"<p>{words * 30}</p>").replace('<meta charset="utf-8">', meta)
    kind = "text/html" if declared == "meta" else f"text/html; charset={encoding}"
    assert (await read(look, stage.play(answer(text.encode(encoding), kind=kind)))).headline == words


def zstd(body: str) -> bytes:
    """A frame of one raw block: uncompressed, and right all the same."""
    data = body.encode()
    return b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little") + (len(data) << 3 | 1).to_bytes(3, "little") + data


SERVERS = {
    "gzip": squeezed(page()),
    "zstd": answer(zstd(page()), "Content-Encoding: zstd"),
    "gzip without a length": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    + gzip.compress(page().encode()),
    "HTTP/1.0": answer(page(), version="1.0"),
    "HTTP/1.0 without a length": b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + page().encode(),
    "chunks": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in page().encode())
    + b"0\r\n\r\n",
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n" + answer(page()),
    "no type": answer(page(), kind=None),
    "line feeds alone": answer(page()).replace(b"\r\n", b"\n", 5),
    "a body shorter than told": answer(page()).replace(b"Content-Length: ", b"Content-Length: 9"),
    "a broken last chunk": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%s" % (len(page()) + 100, page().encode()),
    "a Refresh header": None,
    "XHTML": answer(
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head><title>'
        f"{HEADLINE}</title></head><body><h1>{HEADLINE}</h1>{PROSE}</body></html>",
        kind="application/xhtml+xml",
    ),
}


@pytest.mark.parametrize("kind", SERVERS)
async def test_servers(stage: Stage, look: Look, kind: str) -> None:
    what = SERVERS[kind] or answer("<p>Moved", f"Refresh: 1; url={stage.play(page())}")
    article = await read(look, stage.play(what))
    assert article.headline == HEADLINE
    assert (article.excerpt or "").startswith("The council met")


@pytest.mark.skipif(shutil.which("node") is None, reason="nothing here can pack brotli")
async def test_brotli(stage: Stage, look: Look) -> None:
    pack = "process.stdout.write(require('zlib').brotliCompressSync(require('fs').readFileSync(0)))"
    node = await asyncio.create_subprocess_exec("node", "-e", pack, stdin=PIPE, stdout=PIPE)
    packed, _ = await node.communicate(page().encode())
    assert (await read(look, stage.play(answer(packed, "Content-Encoding: br")))).headline == HEADLINE


# What leads elsewhere


@pytest.mark.parametrize(
    "script",
    [
        'location.href = "TARGET"',
        'location.replace("TARGET")',
        'setTimeout(() => location.replace("TARGET"), 900)',
        'addEventListener("load", () => setTimeout(() => location.assign("TARGET"), 50))',
        'document.write(`<form action="TARGET"><input name=a></form>`); document.forms[0].submit()',
        'const a = document.createElement("a"); a.href = "TARGET"; document.body.append(a); a.click()',
    ],
)
async def test_redirects_by_script(stage: Stage, look: Look, script: str) -> None:
    target = stage.play(page(HEADLINE))
    url = stage.play(
        f"<!doctype html><title>Redirecting</title><body>Please wait<script>{script.replace('TARGET', target)}</script>"
    )
    capture = await look(url)
    assert (capture.reason, capture.article.headline) == (None, HEADLINE)
    assert (capture.final_url or "").partition("?")[0] == target


async def test_redirects_by_refresh_and_header(stage: Stage, look: Look) -> None:
    target = stage.play(page(HEADLINE))
    refresh = stage.play(f'<!doctype html><meta http-equiv="refresh" content="1; URL={target}"><h1>One moment</h1>')
    for status in ("301 Moved", "303 See Other", "307 Temporary", "308 Permanent"):
        refresh = stage.play(redirect(refresh, status))
    assert (await look(refresh)).final_url == target


# What is no article


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answer("words " * 100, kind="text/plain"), Reason.NOT_A_PAGE),
        (answer("<rss><channel><title>x</title></channel></rss>", kind="application/xml"), Reason.NOT_A_PAGE),
        (
            answer("<svg xmlns='http://www.w3.org/2000/svg'><text y='20'>hi</text></svg>", kind="image/svg+xml"),
            Reason.NOT_A_PAGE,
        ),
        (answer("", status="205 Reset Content"), Reason.NOT_A_PAGE),
        (answer("", status="503 Away"), Reason.HTTP_ERROR),
        (answer("", status="404 Not Found"), Reason.HTTP_ERROR),
        (answer(page(), status="429 Too Many"), Reason.HTTP_ERROR),
        (answer(page(), 'WWW-Authenticate: Basic realm="x"', status="401 Unauthorized"), Reason.HTTP_ERROR),
        (answer(page("Just a moment..."), status="503 Away"), Reason.HTTP_ERROR),
        (b"\x00\x01 no HTTP at all\r\n\r\n", Reason.CONNECT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Reason.CONNECT),
        (b"HTTP/1.1 200", Reason.CONNECT),
        (answer(b"this is not gzip" * 9, "Content-Encoding: gzip"), Reason.NOT_A_PAGE),
        (
            answer(page(head="<style>* { color: #fff !important; background: #fff !important }</style>")),
            Reason.NOT_A_PAGE,
        ),
    ],
)
async def test_what_is_no_article(stage: Stage, look: Look, body: bytes, reason: Reason) -> None:
    capture = await look(stage.play(body), 12.0)
    assert capture.reason is reason
    assert (capture.screenshot, capture.article) == (None, Article())
    if reason is Reason.HTTP_ERROR:
        assert capture.http_status == int(body.split()[1])


async def test_a_wall_leaves_no_facts(stage: Stage, look: Look) -> None:
    capture = await look(stage.play(page("Just a moment...", prose="<p>Checking your browser.</p>")))
    assert (capture.reason, capture.article) == (Reason.BLOCKED, Article())
