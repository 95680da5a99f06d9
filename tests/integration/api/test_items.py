"""The links of a report one by one, and what a report would cost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.reasons import Reason, describe
from tests.integration.api.stand import ORIGIN, Customer, assert_error

REPORTS = "/api/v1/reports"
NOTHING = {
    "finalUrl": None, "reason": None, "message": None, "httpStatus": None, "headline": None, "outlet": None,
    "author": None, "publishedAt": None, "language": None, "excerpt": None, "access": None, "screenshotUrl": None,
    "authority": None, "monthlyVisits": None,
}  # fmt: skip


def items(customer: Customer, report: str, **parameters: str) -> dict[str, Any]:
    answer = customer.get(f"{REPORTS}/{report}/items", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_pending_item(customer: Customer) -> None:
    body = items(customer, customer.create())
    assert body == {
        "data": [{"position": 1, "url": "https://news.example/1", "status": "pending"} | NOTHING],
        "has_more": False,
    }


def test_a_captured_item(customer: Customer) -> None:
    report = customer.completed(
        http_status=200,
        final_url="https://www.news.example/1",
        headline="Harbour bridge reopens",
        outlet="The Example",
        author="Ada Byline, Bo Writer",
        published_on="2026-04-05",
        published_at=datetime(2026, 4, 5, 10, 30, tzinfo=UTC).isoformat(),
        language="en",
        excerpt="The bridge is open.",
        access="paywalled",
    )
    (item,) = items(customer, report)["data"]
    screenshot = item.pop("screenshotUrl")
    assert item == {
        "position": 1,
        "url": "https://news.example/1",
        "finalUrl": "https://www.news.example/1",
        "status": "captured",
        "reason": None,
        "message": None,
        "httpStatus": 200,
        "headline": "Harbour bridge reopens",
        "outlet": "The Example",
        "author": "Ada Byline, Bo Writer",
        "publishedAt": "2026-04-05T10:30:00.000Z",
        "language": "en",
        "excerpt": "The bridge is open.",
        "access": "paywalled",
        "authority": None,
        "monthlyVisits": None,
    }
    assert screenshot.startswith(f"{ORIGIN}/api/portal/images/")


def test_a_date_without_a_time_stays_a_date(customer: Customer) -> None:
    (item,) = items(customer, customer.completed(published_on="2026-04-05"))["data"]
    assert item["publishedAt"] == "2026-04-05"


def test_a_failed_item_says_why(customer: Customer) -> None:
    report = customer.create()
    customer.finish(report, ["http_error"], http_status=404)
    (item,) = items(customer, report)["data"]
    assert item == NOTHING | {
        "position": 1,
        "url": "https://news.example/1",
        "status": "failed",
        "reason": "http_error",
        "message": describe(Reason.HTTP_ERROR, 404),
        "httpStatus": 404,
        "headline": item["headline"],
    }


def test_items_come_in_pages_in_the_order_of_the_links(customer: Customer) -> None:
    report = customer.create(250)
    pages = [items(customer, report)]
    while pages[-1]["has_more"]:
        pages.append(items(customer, report, starting_after=str(pages[-1]["data"][-1]["position"])))
    assert [len(page["data"]) for page in pages] == [100, 100, 50]
    assert [item["position"] for page in pages for item in page["data"]] == list(range(1, 251))
    assert len(items(customer, report, limit="250")["data"]) == 250
    assert items(customer, report, limit="7", starting_after="243") == {
        "data": pages[2]["data"][43:],
        "has_more": False,
    }


def test_five_hundred_items_at_most(customer: Customer) -> None:
    report = customer.create(500)
    for limit in ("500", "501", "9" * 30):
        body = items(customer, report, limit=limit)
        assert (len(body["data"]), body["has_more"]) == (500, False)
    assert items(customer, report, starting_after="500") == {"data": [], "has_more": False}
    assert items(customer, report, starting_after="9" * 6000) == {"data": [], "has_more": False}
    assert len(items(customer, report, starting_after="0")["data"]) == 100


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "2.5"])
def test_a_limit_that_is_no_count_is_400(customer: Customer, limit: str) -> None:
    answer = customer.get(f"{REPORTS}/{customer.create()}/items", params={"limit": limit})
    assert_error(answer, 400, "limit must be a whole number from 1 to 500.", code="invalid_limit")


@pytest.mark.parametrize("position", ["-1", "x", "", "1.5", "0" * 31 + "g"])
def test_a_position_that_is_none_is_400(customer: Customer, position: str) -> None:
    answer = customer.get(f"{REPORTS}/{customer.create()}/items", params={"starting_after": position})
    assert_error(answer, 400, "starting_after must be the position of an item.", code="invalid_starting_after")


def test_an_estimate_cleans_prices_and_charges_nothing(customer: Customer) -> None:
    urls = ["https://a.example", "https://A.example/#x", "ftp://a.example", 7, "https://u:p@a.example", "nonsense"]
    answer = customer.post(f"{REPORTS}/estimate", json={"urls": urls})
    assert answer.status_code == 200
    body = answer.json()
    rejected = body.pop("rejected")
    assert body == {"urlCount": 1, "duplicates": 1, "creditsRequired": 1, "balance": 10}
    assert [(one["index"], one["value"], one["reason"]) for one in rejected] == [
        (2, "ftp://a.example", "not_http"),
        (3, "7", "not_a_string"),
        (4, "https://u:p@a.example", "has_credentials"),
        (5, "nonsense", "not_a_url"),
    ]
    assert all(one["message"] for one in rejected)
    assert customer.world.balance(customer.account) == 10
    assert customer.get(REPORTS).json()["data"] == []


@pytest.mark.parametrize(("count", "price"), [(100, 1), (101, 2), (250, 2), (251, 3), (500, 3)])
def test_an_estimate_is_what_the_report_costs(customer: Customer, count: int, price: int) -> None:
    urls = [f"https://news.example/{number}" for number in range(count)]
    assert customer.post(f"{REPORTS}/estimate", json={"urls": urls}).json()["creditsRequired"] == price
    assert customer.post(REPORTS, json={"urls": urls}).json()["creditsUsed"] == price


def test_an_estimate_may_exceed_the_balance(customer: Customer) -> None:
    poor = Customer(customer.stand, customer.world, credits=4)
    poor.create(300)
    body = poor.post(f"{REPORTS}/estimate", json={"urls": [f"https://a.example/{n}" for n in range(300)]}).json()
    assert (body["creditsRequired"], body["balance"]) == (3, 1)
