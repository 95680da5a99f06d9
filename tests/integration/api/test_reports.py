"""Reports: create, status, list. What the contract and the rules say, field for field."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.integration.api.stand import ORIGIN, Customer, assert_error

REPORTS = "/api/v1/reports"
LINK = {"urls": ["https://news.example/"]}
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def links(count: int, site: str = "news.example") -> dict[str, list[str]]:
    return {"urls": [f"https://{site}/{number}" for number in range(count)]}


# -- Create ---------------------------------------------------------------------------------------------------------


def test_a_report_is_accepted_and_charged(customer: Customer) -> None:
    answer = customer.post(REPORTS, json={**links(15), "reportName": "January Campaign"})
    assert answer.status_code == 202
    report = answer.json()["id"]
    assert re.fullmatch("[0-9a-f]{32}", report)
    assert answer.json() == {
        "id": report,
        "status": "processing",
        "urlCount": 15,
        "creditsUsed": 1,
        "message": f"Report is being generated. Poll GET /api/v1/reports/{report} for status.",
    }
    assert answer.headers["location"] == f"/api/v1/reports/{report}"
    assert customer.get("/api/v1/credits/balance").json() == {"balance": 9}


@pytest.mark.parametrize(("count", "price"), [(1, 1), (100, 1), (101, 2), (250, 2), (251, 3), (500, 3)])
def test_the_price_goes_by_links(customer: Customer, count: int, price: int) -> None:
    answer = customer.post(REPORTS, json=links(count)).json()
    assert (answer["urlCount"], answer["creditsUsed"]) == (count, price)
    assert customer.world.balance(customer.account) == 10 - price


def test_repetitions_cost_nothing(customer: Customer) -> None:
    urls = links(90)["urls"]
    answer = customer.post(REPORTS, json={"urls": urls + [url + "#again" for url in urls[:30]]}).json()
    assert (answer["urlCount"], answer["creditsUsed"]) == (90, 1)


def test_five_hundred_and_one_repetitions_are_too_many(customer: Customer) -> None:
    answer = customer.post(REPORTS, json={"urls": ["https://news.example/"] * 501})
    assert_error(answer, 400, "urls holds 501 items. The maximum is 500.", code="invalid_urls")


def test_what_is_no_link_is_dropped(customer: Customer) -> None:
    urls = [None, 7, "ftp://news.example", "https://B.example", "https://a.example", "HTTPS://b.example/#x"]
    report = customer.post(REPORTS, json={"urls": urls}).json()
    assert report["urlCount"] == 2
    items = customer.get(f"{REPORTS}/{report['id']}/items").json()["data"]
    assert [item["url"] for item in items] == ["https://b.example/", "https://a.example/"]


def test_a_private_address_is_accepted_like_any_other(customer: Customer) -> None:
    answer = customer.post(REPORTS, json={"urls": ["http://127.0.0.1:1/", "http://169.254.169.254/", "http://db/"]})
    assert (answer.status_code, answer.json()["urlCount"]) == (202, 3)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, "Untitled"),
        ({"reportName": None}, "Untitled"),
        ({"reportName": ""}, "Untitled"),
        ({"reportName": " \t\u00a0 "}, "Untitled"),
        ({"reportName": "\x00\x07"}, "Untitled"),
        ({"reportName": "  January Campaign \n"}, "January Campaign"),
        ({"reportName": "Jan\x00uary\x1b[31m\x85\ud800"}, "January[31m"),
        ({"reportName": "Größe 👩‍💻 <b>"}, "Größe 👩‍💻 <b>"),
        ({"reportName": "n" * 200}, "n" * 200),
        ({"reportName": " " * 300 + "n" + "\x00" * 300}, "n"),
    ],
)
def test_the_name_is_cleaned(customer: Customer, sent: dict[str, Any], kept: str) -> None:
    body = json.dumps({**LINK, **sent})
    report = customer.post(REPORTS, content=body, headers={"Content-Type": "application/json"}).json()["id"]
    assert customer.get(f"{REPORTS}/{report}").json()["reportName"] == kept


def test_unknown_fields_are_ignored(customer: Customer) -> None:
    assert customer.post(REPORTS, json={**LINK, "colour": "blue"}).status_code == 202


def test_too_few_credits_are_402_and_change_nothing(customer: Customer) -> None:
    poor = Customer(customer.stand, customer.world, credits=4)
    poor.create(300)
    answer = poor.post(REPORTS, json=links(101))
    assert answer.status_code == 402
    assert answer.json() == {
        "error": "Insufficient credits",
        "required": 2,
        "available": 1,
        "code": "insufficient_credits",
        "requestId": answer.headers["request-id"],
    }
    assert poor.world.balance(poor.account) == 1
    assert len(poor.get(REPORTS).json()["data"]) == 1


def test_a_hundred_at_once_on_ten_credits(customer: Customer) -> None:
    keys = [customer.key, *(customer.another_key()[0] for _ in range(4))]

    def post(number: int) -> int:
        with httpx.Client(base_url=customer.stand.url, timeout=60) as client:
            headers = customer.headers | {"X-API-Key": keys[number % 5]}
            return client.post(REPORTS, json=LINK, headers=headers).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(post, range(100)))
    assert (statuses.count(202), statuses.count(402)) == (10, 90)
    assert customer.world.balance(customer.account) == 0
    assert len(customer.get(REPORTS).json()["data"]) == 10


# -- Status ---------------------------------------------------------------------------------------------------------


def test_a_processing_report(customer: Customer) -> None:
    before = datetime.now(UTC)
    report = customer.create(15, reportName="January Campaign")
    body = customer.get(f"{REPORTS}/{report}").json()
    created = body.pop("createdAt")
    assert re.fullmatch(TIMESTAMP, created)
    assert abs((datetime.fromisoformat(created) - before).total_seconds()) < 5
    assert body == {
        "id": report,
        "status": "processing",
        "reportName": "January Campaign",
        "urlCount": 15,
        "creditsUsed": 1,
        "completedAt": None,
    }


def test_a_completed_report(customer: Customer) -> None:
    report = customer.create(3, reportName="January Campaign")
    customer.finish(report, [None, "dns", None])
    body = customer.get(f"{REPORTS}/{report}").json()
    if body["status"] == "processing":
        # The link that failed has its second attempt.
        claim = customer.world.must_claim(1)
        assert customer.world.open(claim, 2)
        customer.world.record(claim, 2, "dns")
        body = customer.get(f"{REPORTS}/{report}").json()
    created, completed, share = body.pop("createdAt"), body.pop("completedAt"), body.pop("shareUrl")
    assert re.fullmatch(TIMESTAMP, created) and re.fullmatch(TIMESTAMP, completed) and created <= completed
    assert re.fullmatch(rf"{ORIGIN}/api/portal/reports/share/[0-9A-Za-z_-]{{22,}}", share)
    assert body == {
        "id": report,
        "status": "completed",
        "reportName": "January Campaign",
        "urlCount": 3,
        "creditsUsed": 1,
        "stats": {"totalLinks": 3, "screenshots": 2},
    }


def test_a_failed_report(customer: Customer) -> None:
    report = customer.create(reportName="January Campaign")
    customer.finish(report, ["blocked"])
    body = customer.get(f"{REPORTS}/{report}").json()
    assert re.fullmatch(TIMESTAMP, body.pop("createdAt")) and re.fullmatch(TIMESTAMP, body.pop("completedAt"))
    error = body.pop("error")
    assert isinstance(error, str) and error
    assert body == {
        "id": report,
        "status": "failed",
        "reportName": "January Campaign",
        "urlCount": 1,
        "creditsUsed": 1,
        "creditsRefunded": 1,
    }
    assert customer.get("/api/v1/credits/balance").json() == {"balance": 10}


def test_the_share_url_is_null_once_revoked(customer: Customer) -> None:
    report = customer.completed()
    customer.world.value("admin", "select private.revoke_share_link(%s, %s)", customer.account, uuid.UUID(report))
    body = customer.get(f"{REPORTS}/{report}").json()
    assert body["shareUrl"] is None
    assert body["stats"]["screenshots"] == 1


def test_links_name_our_origin_whatever_the_host_header_says(customer: Customer) -> None:
    report = customer.completed()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    assert "evil.example" not in customer.get(f"{REPORTS}/{report}", headers=headers).text


def test_timestamps_have_milliseconds_even_when_they_are_zero(customer: Customer) -> None:
    report = customer.create()
    customer.world.run(
        "update public.reports set created_at = '2026-04-05T12:30:00+02' where id = %s", uuid.UUID(report)
    )
    assert customer.get(f"{REPORTS}/{report}").json()["createdAt"] == "2026-04-05T10:30:00.000Z"


@pytest.mark.parametrize("ending", ["", "/html", "/items"])
def test_unknown_malformed_and_foreign_ids_answer_the_same(customer: Customer, stranger: Customer, ending: str) -> None:
    mine = customer.create()
    ids = [
        "0" * 32,
        stranger.create(),
        mine.upper(),
        str(uuid.UUID(mine)),
        mine[:-1],
        mine + "0",
        "x",
        "%00",
        "1'--",
        "é",
    ]
    bodies = []
    for one in ids:
        answer = customer.get(f"{REPORTS}/{one}{ending}")
        assert_error(answer, 404, "Report not found.", code="report_not_found")
        bodies.append({name: value for name, value in answer.json().items() if name != "requestId"})
    assert all(body == bodies[0] for body in bodies)
    assert customer.get(f"{REPORTS}/{mine}{ending}").status_code in (200, 409)


# -- List -----------------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first(customer: Customer, stranger: Customer) -> None:
    stranger.create()
    names = ["first", "second", "third"]
    ids = [customer.create(reportName=name) for name in names]
    body = customer.get(REPORTS).json()
    assert [report["id"] for report in body["data"]] == ids[::-1]
    assert body["has_more"] is False
    assert list(body["data"][0]) == [
        "id",
        "status",
        "reportName",
        "urlCount",
        "creditsUsed",
        "createdAt",
        "completedAt",
    ]
    assert body["data"][0]["reportName"] == "third"


def test_an_empty_list(customer: Customer) -> None:
    assert customer.get(REPORTS).json() == {"data": [], "has_more": False}


def test_twenty_by_default_and_a_hundred_at_most(customer: Customer) -> None:
    rich = Customer(customer.stand, customer.world, credits=110)
    for _ in range(102):
        rich.world.value(
            "web", "select private.create_report(%s, %s, null, 'Report', %s, null, null)",
            rich.account, rich.key_id, ["https://news.example/"],
        )  # fmt: skip
    for limit, count in [(None, 20), ("1", 1), ("50", 50), ("100", 100), ("101", 100), ("007", 7), ("9" * 6000, 100)]:
        body = rich.get(REPORTS, params={"limit": limit} if limit else {}).json()
        assert (len(body["data"]), body["has_more"]) == (count, True)


@pytest.mark.parametrize(
    "limit", ["0", "-1", "-0", "00", "", "x", "1.0", "1e2", " 5", "5 ", "+5", "\u0665", "0x10", "null"]
)
def test_a_limit_that_is_no_count_is_400(customer: Customer, limit: str) -> None:
    answer = customer.get(REPORTS, params={"limit": limit})
    assert_error(answer, 400, "limit must be a whole number from 1 to 100.", code="invalid_limit")


def test_pages_follow_each_other_while_reports_are_made(customer: Customer) -> None:
    ids = [customer.create() for _ in range(5)]
    first = customer.get(REPORTS, params={"limit": "2"}).json()
    customer.create()
    second = customer.get(REPORTS, params={"limit": "2", "starting_after": first["data"][-1]["id"]}).json()
    third = customer.get(REPORTS, params={"limit": "2", "starting_after": second["data"][-1]["id"]}).json()
    assert [report["id"] for page in (first, second, third) for report in page["data"]] == ids[::-1]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]
    end = customer.get(REPORTS, params={"starting_after": ids[0]}).json()
    assert end == {"data": [], "has_more": False}


def test_a_page_after_no_report_of_ours_is_400(customer: Customer, stranger: Customer) -> None:
    for cursor in ["", "x", "0" * 32, stranger.create()]:
        answer = customer.get(REPORTS, params={"starting_after": cursor})
        assert_error(answer, 400, "starting_after must be the id of one of your reports.")


def test_unknown_parameters_are_ignored(customer: Customer) -> None:
    assert customer.get(f"{REPORTS}?colour=blue&%00=%ff&&&=").status_code == 200
