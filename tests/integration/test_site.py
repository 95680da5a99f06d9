"""The news site that other tests capture: it answers, it tells the truth, and it stops."""

import socket
import threading
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.site import ARTICLES, DEMO_PATHS, TROUBLES, NewsSite, bench_headline
from tests.site.articles import BY_PATH


@pytest.fixture(scope="module")
def site() -> Iterator[NewsSite]:
    with NewsSite() as running:
        yield running


@pytest.mark.parametrize("path", ARTICLES)
def test_article_shows_its_headline(site: NewsSite, path: str) -> None:
    scripted = BY_PATH[path].markup == "scripted"
    answer = httpx.get(site.url(f"/fragments{path}" if scripted else path))
    assert answer.status_code == 200
    assert ARTICLES[path].headline in unescape(answer.text).split("</h1>")[0].split("<h1")[1]
    assert (ARTICLES[path].author or "").split(", ")[0] in answer.text


def test_script_page_has_no_article_of_its_own(site: NewsSite) -> None:
    path = "/stackpoint/simulator"
    assert ARTICLES[path].headline not in httpx.get(site.url(path)).text


def test_demo_paths_are_known() -> None:
    assert set(DEMO_PATHS) <= ARTICLES.keys() | TROUBLES.keys()
    assert len({path.split("/")[1] for path in DEMO_PATHS if path in ARTICLES}) == 6


@pytest.mark.parametrize(
    "kind", ["wind", "town", "pool", "harbour", "oven", "kiln", "glass", "chart", "circuit", "bricks"]
)
def test_pictures_are_the_same_every_time(site: NewsSite, kind: str) -> None:
    first, second = (httpx.get(site.url(f"/pictures/{kind}-2.svg")) for _ in range(2))
    assert first.headers["content-type"] == "image/svg+xml"
    assert first.content == second.content


def test_flaky_page_fails_once_until_reset(site: NewsSite) -> None:
    path = site.url("/trouble/flaky/one")
    assert [httpx.get(path).status_code for _ in range(3)] == [500, 200, 200]
    site.reset()
    assert httpx.get(path).status_code == 500


def test_requests_are_recorded_without_queries(site: NewsSite) -> None:
    site.reset()
    httpx.get(site.url("/trouble/404?from=test"))
    assert site.requests == ["/trouble/404"]


def test_troubles_that_answer_have_the_expected_status(site: NewsSite) -> None:
    with httpx.Client() as client:
        for code in (403, 404, 410, 500):
            assert (
                client.get(site.url(f"/trouble/{code}")).status_code == code == TROUBLES[f"/trouble/{code}"].http_status
            )
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(site.url("/trouble/no-answer"))


def test_bench_page_and_its_parts(site: NewsSite) -> None:
    page = httpx.get(site.url("/bench/7"))
    assert bench_headline(7) in page.text
    for part in ("style.css", "page.js", "1.png", "6.png"):
        assert httpx.get(site.url(f"/bench/7/{part}")).status_code == 200
    assert httpx.get(site.url("/bench/7/7.png")).status_code == 404


def test_stops_within_a_second_with_endless_streams_open() -> None:
    before = threading.active_count()
    streams: list[socket.socket] = []
    with NewsSite() as site:
        host, port = site.address.split(":")
        for path in ("/trouble/endless", "/trouble/slow", "/trouble/slow-headers-then-dribble", "/trouble/huge"):
            stream = socket.create_connection((host, int(port)))
            stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {site.address}\r\n\r\n".encode())
            streams.append(stream)
        streams[0].recv(1000)
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 1
    assert threading.active_count() == before
    for stream in streams:
        stream.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{host}:{port}/")


def test_a_taken_port_is_an_error() -> None:
    with NewsSite() as site, pytest.raises(OSError, match="address already in use"), NewsSite(port=site.port):
        pass
