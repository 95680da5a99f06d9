"""The running product and the news site: what its API says, against its database and the files it keeps."""

import asyncio
import io
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image, ImageStat

from core.links import clean_link
from tests.integration.product import Customer, Product
from tests.site import ARTICLES, TROUBLES, NewsSite

GOOD = ["/wexcombe-ledger/pool-reopens", "/ferment-and-loaf/second-sun", "/difaf/dafia", "/trouble/redirect"]
BAD = ["/trouble/404", "/trouble/bot-wall", "/trouble/redirect-loop"]
NAME = "Warm <bricks> & friends"


@dataclass(frozen=True, slots=True)
class Finished:
    """A report that has ended, its customer, and what the API says of it."""

    customer: Customer
    id: str
    status: dict[str, Any]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.customer.get(f"/reports/{self.id}{path}", **options)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.customer.product.world() as world:
            return world.rows("admin", query, UUID(self.id))


@pytest.fixture(scope="module")
def report(product: Product, news: NewsSite) -> Finished:
    """A report of good and bad links, mixed."""
    customer = product.customer(credits=3)
    paths = [path for pair in zip(GOOD, [*BAD, ""], strict=True) for path in pair if path]
    report = customer.create([news.url(path) for path in paths], reportName=NAME)
    return Finished(customer, report, customer.ended(report))


def test_a_report_is_created_followed_and_completed(report: Finished) -> None:
    status = report.status
    assert (status["status"], status["reportName"], status["urlCount"], status["creditsUsed"]) == (
        "completed", NAME, 7, 1,
    )  # fmt: skip
    assert status["createdAt"] < status["completedAt"]
    assert status["stats"] == {"totalLinks": 7, "screenshots": 4}
    assert "error" not in status
    assert report.customer.balance() == 2


def test_its_items_are_what_the_database_holds_and_what_the_site_says(report: Finished, news: NewsSite) -> None:
    items = report.get("/items").json()["data"]
    rows = report.rows("select * from public.report_items where report_id = %s order by position")
    assert len(items) == len(rows) == 7
    for position, (item, row) in enumerate(zip(items, rows, strict=True), 1):
        assert item["position"] == row["position"] == position
        assert item["url"] == row["url"]
        assert (item["status"], item["reason"], item["httpStatus"]) == (
            row["status"],
            row["reason"],
            row["http_status"],
        )
        assert (item["headline"], item["outlet"]) == (row["headline"], row["outlet"])
        path = item["url"].removeprefix(news.url(""))
        assert item["status"] == ("captured" if path in GOOD else "failed")
        if facts := ARTICLES.get(path):
            said = (item["headline"], item["outlet"], item["author"], item["language"], item["excerpt"], item["access"])
            assert said == (
                facts.headline, facts.outlet, facts.author, facts.language, facts.excerpt, facts.access,
            )  # fmt: skip
        else:
            assert TROUBLES[path].allows(item["reason"], item["httpStatus"])
            assert (item["message"] is None) == (item["reason"] is None)


def test_its_number_of_screenshots_is_that_of_files_with_a_picture_in_them(report: Finished) -> None:
    rows = report.rows("select object_key from private.images where report_id = %s and kind = 'screenshot'")
    folder = report.customer.product.state / "objects"
    pictures = [Image.open(folder / row["object_key"]) for row in rows]
    assert len(pictures) == report.status["stats"]["screenshots"] == 4
    assert all(_shows_something(picture) for picture in pictures)
    # Nothing else of this report lies there: only the small ones.
    assert _files(folder, report.id) == 2 * len(pictures)


def test_the_addresses_of_its_screenshots_serve_them_to_anybody(report: Finished) -> None:
    addresses = [item["screenshotUrl"] for item in report.get("/items").json()["data"]]
    assert sum(address is not None for address in addresses) == 4
    for address in filter(None, addresses):
        answer = httpx.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert _shows_something(Image.open(io.BytesIO(answer.content)))


def test_its_page_names_every_headline_and_every_failure(report: Finished, news: NewsSite) -> None:
    answer = report.get("/html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    _assert_page(answer, news)
    for source in _sources(answer.text):
        assert httpx.get(source).headers["content-type"] == "image/jpeg"


def test_its_page_with_pictures_inside_needs_nothing_else(report: Finished, news: NewsSite) -> None:
    answer = report.get("/html", params={"images": "inline"})
    _assert_page(answer, news)
    sources = _sources(answer.text)
    assert len(sources) == 4
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_its_share_link_shows_it_to_anybody_and_nothing_of_the_account(report: Finished, news: NewsSite) -> None:
    customer = report.customer
    share = report.status["shareUrl"]
    assert share.startswith(f"{customer.product.url}/api/portal/reports/share/")
    answer = httpx.get(share)
    _assert_page(answer, news)
    assert "noindex" in answer.headers["x-robots-tag"]
    with customer.product.world() as world:
        private = [str(user["email"]) for user in world.rows(
            "admin",
            "select u.email from auth.users u join public.members m on m.user_id = u.id where m.account_id = %s",
            customer.account,
        )]  # fmt: skip
    private += [str(customer.account), customer.account.hex, customer.key, customer.key[:16], report.id]
    seen = answer.text + str(answer.headers)
    assert len(private) == 6
    assert [secret for secret in private if secret in seen] == []
    assert "set-cookie" not in answer.headers and "ratelimit" not in answer.headers
    token = share.rpartition("/")[2]
    sources = _sources(answer.text)
    assert len(sources) == 4
    for source in sources:
        assert f"/share/{token}/images/" in source
        picture = httpx.get(httpx.URL(share).join(source))
        assert _shows_something(Image.open(io.BytesIO(picture.content)))


def test_a_revoked_share_link_is_gone_at_once_with_its_pictures(product: Product, news: NewsSite) -> None:
    customer = product.customer()
    report = customer.create([news.url(GOOD[0])])
    share = customer.ended(report)["shareUrl"]
    page = httpx.get(share)
    picture = httpx.URL(share).join(_sources(page.text)[0])
    assert httpx.get(picture).status_code == 200
    with product.world() as world:
        world.value("admin", "select private.revoke_share_link(%s, %s)", customer.account, UUID(report))
    assert [httpx.get(address).status_code for address in (share, picture)] == [404, 404]
    assert customer.get(f"/reports/{report}").json()["shareUrl"] is None


def test_a_report_without_a_capture_fails_and_gives_its_credits_back(product: Product, news: NewsSite) -> None:
    customer = product.customer(credits=1)
    report = customer.create([news.url(path) for path in BAD])
    assert customer.balance() == 0
    status = customer.ended(report)
    assert status["status"] == "failed"
    assert status["error"]
    assert (status["creditsUsed"], status["creditsRefunded"]) == (1, 1)
    assert "shareUrl" not in status and "stats" not in status
    page = customer.get(f"/reports/{report}/html")
    assert (page.status_code, page.json()["status"]) == (409, "failed")
    assert customer.balance() == 1
    with product.world() as world:
        entries = world.rows(
            "admin", "select kind, delta from public.credit_entries where report_id = %s order by id", UUID(report)
        )
        assert [(entry["kind"], entry["delta"]) for entry in entries] == [("charge", -1), ("refund", 1)]
        assert world.state(UUID(report))["status"] == "failed"


def test_a_report_that_cannot_be_paid_says_what_it_costs(product: Product) -> None:
    customer = product.customer(credits=1)
    urls = [f"https://news.example/{number}" for number in range(101)]
    answer = customer.request("POST", "/reports", json={"urls": urls})
    assert answer.status_code == 402
    body = answer.json()
    assert (body["error"], body["required"], body["available"]) == ("Insufficient credits", 2, 1)
    assert customer.balance() == 1
    assert customer.get("/reports").json()["data"] == []


def test_an_estimate_costs_nothing_and_says_what_a_report_would(product: Product) -> None:
    customer = product.customer(credits=5)
    urls = [f"https://news.example/{number}" for number in range(120)] + [
        "https://NEWS.example/0#top",
        "ftp://x.example",
    ]
    estimate = customer.request("POST", "/reports/estimate", json={"urls": urls}).json()
    assert (estimate["urlCount"], estimate["duplicates"], estimate["creditsRequired"], estimate["balance"]) == (
        120, 1, 2, 5,
    )  # fmt: skip
    assert [(one["index"], one["value"]) for one in estimate["rejected"]] == [(121, "ftp://x.example")]
    assert customer.balance() == 5


def test_the_list_has_the_newest_first_and_goes_on(product: Product, news: NewsSite) -> None:
    customer = product.customer()
    made = [customer.create([news.url(GOOD[0])], reportName=f"Report {number}") for number in range(3)]
    first = customer.get("/reports", params={"limit": 2}).json()
    assert [one["id"] for one in first["data"]] == [made[2], made[1]]
    assert first["has_more"]
    rest = customer.get("/reports", params={"limit": 2, "starting_after": made[1]}).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([made[0]], False)
    for report in made:
        assert customer.ended(report)["status"] == "completed"


def test_a_hundred_requests_at_once_cannot_spend_more_than_there_is(product: Product, news: NewsSite) -> None:
    customer = product.customer(credits=10)
    keys = [customer.key, *(product.key(customer.account) for _ in range(4))]

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=product.url, timeout=60, limits=limits) as client:
            # A report that fails would give its credit back: these complete.
            posts = (
                client.post("/api/v1/reports", headers={"X-API-Key": key}, json={"urls": [news.url(GOOD[0])]})
                for key in keys * 20
            )
            return await asyncio.gather(*posts)

    answers = asyncio.run(all_at_once())
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(402), len(statuses)) == (10, 90, 100)
    refusals = [answer.json() for answer in answers if answer.status_code == 402]
    assert all((body["required"], body["available"]) == (1, 0) for body in refusals)
    reports = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert {customer.ended(report)["status"] for report in reports} == {"completed"}
    assert customer.balance() == 0
    with product.world() as world:
        assert [entry for entry in world.ledger(customer.account) if entry[0] == "charge"] == [("charge", -1)] * 10
        assert sum(delta for _, delta in world.ledger(customer.account)) == 0
        assert world.value("admin", "select credit_balance from public.accounts where id = %s", customer.account) == 0


def _assert_page(answer: httpx.Response, news: NewsSite) -> None:
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    text = _words(answer.text)
    assert NAME in text
    for path in GOOD:
        if facts := ARTICLES.get(path):
            assert _one_line(facts.headline) in text
            assert facts.outlet in text
    for path in BAD:
        assert clean_link(news.url(path)) in answer.text
    assert "<script" not in answer.text


def _words(page: str) -> str:
    return _one_line(unescape(re.sub(r"<[^>]*>", "", page)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sources(page: str) -> list[str]:
    return re.findall(r'<img[^>]*?src="([^"]+)"', page)


def _shows_something(picture: Image.Image) -> bool:
    return picture.format == "JPEG" and all(deviation > 5 for deviation in ImageStat.Stat(picture).stddev)


def _files(folder: Path, report: str) -> int:
    return sum(1 for path in folder.rglob("*.jpg") if UUID(report).hex in path.as_posix().replace("-", ""))
