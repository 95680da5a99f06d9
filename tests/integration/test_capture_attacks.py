"""Pages that attack: private addresses, dialogs, floods, giant documents, broken globals. None may reach or break us.

It takes some 30 s: dozens of pages, some of them as slow as they can make themselves.
"""

# ruff: noqa: E501

import asyncio
import gzip
from collections.abc import Callable
from uuid import uuid4

import pytest

from core.reasons import Reason
from jobs.browser import Browser
from jobs.capture import capture
from tests.integration.conftest import Look
from tests.integration.egress_world import Server, resolving
from tests.integration.stage import PROSE, Stage, answer, page, redirect

pytestmark = pytest.mark.anyio

HEADLINE = "Council talks about heat"


def scripted(script: str, **parts: str) -> str:
    return page(HEADLINE, body=f"<script>{script}</script>", **parts)


# Private addresses

HOSTS = [
    "127.0.0.1",
    "localhost",
    "localhost.",
    "news.localhost",
    "[::1]",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "0x7f.1",
    "[::ffff:127.0.0.1]",
]
WAYS: dict[str, Callable[[str], bytes]] = {
    "redirect": redirect,
    "refresh": lambda url: answer(f'<!doctype html><meta http-equiv="refresh" content="0;url={url}"><p>Moving on'),
    "refresh header": lambda url: answer("<p>Moving on", f"Refresh: 0;url={url}"),
    "script": lambda url: answer(f'<!doctype html><title>x</title><script>location.href = "{url}"</script>'),
    "late script": lambda url: answer(scripted(f'setTimeout(() => location.replace("{url}"), 0)')),
    "form": lambda url: answer(f'<form method=post action="{url}"></form><script>document.forms[0].submit()</script>'),
}


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_leads_to_a_private_address(stage: Stage, look: Look, forbidden: Server, way: str) -> None:
    hosts = HOSTS if way in ("redirect", "script") else HOSTS[:2]
    urls = [stage.play(WAYS[way](f"http://{host}:{forbidden.port}/secret")) for host in hosts]
    urls += [stage.play(WAYS[way](f"https://127.0.0.1:{forbidden.port}/"))]
    captures = await asyncio.gather(*(look(url) for url in urls))
    # The article behind a script that leaves it late may have been seen before.
    assert {found.reason for found in captures} <= {Reason.REFUSED, *((None,) if way == "late script" else ())}
    assert forbidden.connections == 0
    for found in captures:
        assert found.http_status is None or found.reason is None


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://127.0.0.1:22/",
        "http://192.168.0.1:8080/",
    ],
)
async def test_private_addresses_elsewhere_are_refused(stage: Stage, look: Look, target: str) -> None:
    for url in (target, stage.play(redirect(target)), stage.play(WAYS["script"](target))):
        assert (await look(url)).reason is Reason.REFUSED


async def test_a_name_that_resolves_to_a_private_address_is_refused(
    stage: Stage, look: Look, forbidden: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["93.184.216.34", "127.0.0.1"], ["127.0.0.1"])
    for _ in range(2):
        assert (await look(f"http://rebind.example:{forbidden.port}/")).reason is Reason.REFUSED
    assert forbidden.connections == 0


async def test_nothing_on_a_page_reaches_a_private_address(stage: Stage, look: Look, forbidden: Server) -> None:
    there, host = f"http://127.0.0.1:{forbidden.port}/", f"127.0.0.1:{forbidden.port}"
    body = f"""<img src="{there}i"><link rel=stylesheet href="{there}s"><script src="{there}j"></script><iframe src="{there}f"></iframe>
<object data="{there}o"></object><embed src="{there}e"><video src="{there}v"></video><iframe name=frame></iframe>
<form id=post action="{there}post" method=post target=frame><input name=a value=b></form>
<link rel=preconnect href="{there}"><link rel=dns-prefetch href="{there}"><link rel=prefetch href="{there}p">
<script type=speculationrules>{{"prefetch": [{{"source": "list", "urls": ["{there}x"]}}]}}</script><script>
const leak = (text) => document.querySelector("h1").textContent = "LEAK " + text, mine = (work) => {{ try {{ work() }} catch (e) {{}} }};
mine(() => post.submit()); mine(() => fetch("{there}g").then((it) => it.text()).then(leak)); mine(() => fetch("{there}n", {{mode: "no-cors"}}));
mine(() => navigator.sendBeacon("{there}b", "x")); mine(() => new WebSocket("ws://{host}/").onopen = leak);
mine(() => new EventSource("{there}e").onmessage = leak); mine(() => new WebTransport("https://{host}/"));
mine(() => new Worker(URL.createObjectURL(new Blob([`fetch("{there}w"); importScripts("{there}k")`]))));
mine(() => open("{there}open")); mine(() => navigator.serviceWorker.register("/sw.js"));
mine(() => {{ const peer = new RTCPeerConnection({{iceServers: [{{urls: "stun:{host}"}}, {{urls: "turn:{host}?transport=tcp", username: "a", credential: "b"}}]}});
  peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  peer.onicecandidate = (event) => event.candidate && fetch("/candidate?" + encodeURIComponent(event.candidate.candidate)); }});
</script>"""
    head = f'<link rel=preload as=script href="{there}l">'
    found = await look(
        stage.play(answer(page(HEADLINE, head=head, body=body), f"Link: <{there}h>; rel=preload; as=script"))
    )
    assert (found.reason, found.article.headline) == (None, HEADLINE)
    assert forbidden.connections == 0
    assert not [path for path in stage.asked if path.startswith(("/candidate", "/sw.js"))]


# Other schemes and tricks of HTTP


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "data:text/html,<h1>Data</h1>",
        "view-source:http://example.com/",
        "chrome://version/",
        "javascript:alert(1)",
        "about:blank",
        "ftp://example.com/",
        "blob:http://x/y",
    ],
)
async def test_other_schemes_lead_nowhere(stage: Stage, chromium: Browser, look: Look, target: str) -> None:
    assert (await look(stage.play(redirect(target)))).reason is Reason.NOT_A_PAGE
    assert (await look(target)).reason is Reason.REFUSED
    # By script Chromium refuses them, and the page stays; or there is a page that is none of the web's.
    found = await look(stage.play(scripted(f"location.href = {target!r}")))
    assert (found.reason, found.article.headline) in [(None, HEADLINE), (Reason.NOT_A_PAGE, None)]
    framed = await look(stage.play(page(HEADLINE, body=f'<iframe src="{target}"></iframe>')))
    assert (framed.reason, framed.article.headline) == (None, HEADLINE)


async def test_a_page_made_of_a_blob_is_no_page(stage: Stage, look: Look) -> None:
    blob = f"location.href = URL.createObjectURL(new Blob([`<h1>Blob</h1>{PROSE}`], {{type: 'text/html'}}))"
    assert (
        await look(stage.play(f"<!doctype html><title>x</title><script>{blob}</script>"))
    ).reason is Reason.NOT_A_PAGE


async def test_passwords_in_redirects_and_split_responses(stage: Stage, look: Look) -> None:
    target = stage.play(page(HEADLINE))
    named = stage.play(redirect(target.replace("http://", "http://user:secret@")))
    split = stage.play(redirect(target).rstrip(b"\r\n") + b"\r\n\r\n" + answer("<h1>Not asked for</h1>"))
    for url in (named, split):
        found = await look(url)
        assert (found.reason, found.article.headline) == (None, HEADLINE)
        assert "secret" not in (found.final_url or "")


async def test_no_window_is_opened(stage: Stage, look: Look) -> None:
    link = "const a = document.createElement('a'); a.href = '/window'; a.target = '_blank'; document.body.append(a); a.click()"
    assert (await look(stage.play(scripted(f"open('/window'); {link}; fetch('/asked')")))).reason is None
    assert "/asked" in stage.asked
    assert "/window" not in stage.asked


async def test_a_page_that_has_all_passwords_forgotten(stage: Stage, chromium: Browser) -> None:
    cleared = stage.play(answer(page("Cleared"), 'Clear-Site-Data: "*"', "Strict-Transport-Security: max-age=9999"))
    report, url = uuid4(), stage.play(page(HEADLINE))
    for link in (cleared, url, cleared, url):
        async with chromium.lane(report) as lane:
            assert (await capture(lane, link)).reason is None


@pytest.mark.parametrize(
    "script",
    [
        'location.replace("?" + Math.random())',
        'setTimeout(() => location.replace("?" + Math.random()), 200)',
        "location.reload()",
        "history.back(); history.forward(); location.hash = Math.random(); setTimeout(() => location.reload(), 100)",
    ],
)
async def test_endless_redirects_end(stage: Stage, look: Look, script: str) -> None:
    url = stage.play(f"<!doctype html><title>Round</title><p>Round and round<script>{script}</script>")
    assert (await look(url, 6.0)).reason in (Reason.NOT_A_PAGE, Reason.BLOCKED, Reason.TIMEOUT)


async def test_a_gzip_bomb(stage: Stage, look: Look) -> None:
    bomb = gzip.compress(b"<h1>Bomb</h1>" + b" " * 200_000_000, 1)
    assert (await look(stage.play(answer(bomb, "Content-Encoding: gzip")), 2.0)).reason in (
        Reason.TIMEOUT,
        Reason.BLOCKED,
    )


# Scripts that annoy, and documents that are out of all measure: the article is there, and is captured

SCRIPTS = {
    "dialogs": "onbeforeunload = (event) => { event.preventDefault(); return 'x' }; setInterval(() => { alert(1); confirm(2); prompt(3); print() }, 10)",
    "windows": "setInterval(() => { for (let i = 0; i < 20; i++) open('/pop' + i) }, 20)",
    "downloads": "const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob(['x'])); a.download = 'x.exe'; for (let i = 0; i < 20; i++) a.click()",
    "workers": "for (let i = 0; i < 20; i++) new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))",
    "frames": "for (let i = 0; i < 40; i++) document.body.append(Object.assign(document.createElement('iframe'), {src: '/pop'}))",
    "close": "window.close(); close(); open('', '_self').close()",
    "stop": "stop()",
    "requests": "setInterval(() => fetch('/x' + Math.random()), 20); (function go() { fetch('/y').finally(go) })()",
    "scrolling": "onscroll = () => document.body.append('more '); setInterval(() => { scrollBy(0, 99); document.body.append(document.createElement('p')) }, 20)",
    "mutations": "setInterval(() => document.body.setAttribute('data-x', Math.random()), 0)",
    "debugger": "setInterval(() => { debugger }, 1)",
    "questions": "navigator.geolocation.getCurrentPosition(() => 0); Notification.requestPermission(); navigator.mediaDevices?.getUserMedia({video: true}).catch(() => 0); document.documentElement.requestFullscreen().catch(() => 0)",
    "globals": "Array.prototype.map = Array.prototype.filter = () => ['x']; document.querySelectorAll = () => []; JSON.stringify = () => '{}'; performance.now = () => NaN; Promise.prototype.then = () => {}; Map = Set = null; window.setTimeout = () => 0",
    "getters": "Object.defineProperty(Node.prototype, 'textContent', {get() { throw 1 }}); Object.defineProperty(document, 'title', {get() { throw 2 }}); Element.prototype.matches = () => { throw 3 }",
    "giant title": "document.title = 'T'.repeat(10 * 2 ** 20)",
    "giant document": "document.body.insertAdjacentHTML('beforeend', '<div><span>x y z</span></div>'.repeat(30000))",
    "giant attribute": "document.body.setAttribute('class', 'byline '.repeat(10 ** 5)); document.documentElement.lang = 'e'.repeat(10 ** 6)",
    "giant area": "document.body.insertAdjacentHTML('beforeend', '<div style=\"width:900000px;height:90000000px;background:linear-gradient(red,blue)\"></div>')",
    "frames of animation": "(function go() { const end = Date.now() + 200; while (Date.now() < end); requestAnimationFrame(go) })()",
    "errors": "setInterval(() => { throw new Error('x'.repeat(10 ** 4)) }, 5); setInterval(() => console.log('y'.repeat(10 ** 4)), 5)",
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_nuisance_does_not_keep_the_article_from_us(stage: Stage, look: Look, name: str) -> None:
    found = await look(stage.play(scripted(SCRIPTS[name])), 15.0)
    assert (found.reason, found.article.headline) == (None, HEADLINE)


MARKUP = {
    "fields named like properties": "<form class=byline id=author itemprop=author><input name=textContent><input name=getAttribute><input name=closest>"
    "<input name=matches><input name=innerText><input name=id><input name=parentElement><input name=tagName><input name=querySelector><p>"
    + "words " * 20
    + "</form>",
    "images named like the document's": "".join(
        f"<img name={name}>"
        for name in (
            "body",
            "querySelectorAll",
            "querySelector",
            "images",
            "scripts",
            "title",
            "documentElement",
            "fonts",
        )
    ),
    "an endless list of linked data": f'<script type="application/ld+json">{"[" * 300000}</script>',
    "linked data nested for ever": '<script type="application/ld+json">'
    + '{"a":' * 50000
    + "1"
    + "}" * 50000
    + "</script>",
    "linked data of the wrong types": '<script type="application/ld+json">[null, 1, "x", {"@type": 7, "headline": {"a": []}, "author": 3},'
    ' {"@type": "NewsArticle", "headline": 5, "author": [[[["x"]]], null, {"name": {"name": {}}}], "datePublished": {}, "isAccessibleForFree": [], "publisher": true}]</script>',
    "metas of all kinds": "<meta content=x><meta name content><meta property=og:title content=''><meta name=author content='"
    + "a" * 300000
    + "'>",
    "a base elsewhere": "<base href='http://127.0.0.1:1/' target=_blank>",
}


@pytest.mark.parametrize("name", MARKUP)
async def test_markup_that_would_break_our_script(stage: Stage, look: Look, name: str) -> None:
    found = await look(stage.play(page(HEADLINE, body=MARKUP[name])), 15.0)
    assert (found.reason, found.article.headline) == (None, HEADLINE)


async def test_a_document_without_a_body_or_any_element(stage: Stage, look: Look) -> None:
    for script in ("document.body.remove()", "document.documentElement.remove()"):
        found = await look(stage.play(scripted(script)), 8.0)
        assert found.reason is Reason.NOT_A_PAGE
