"""A Supabase that does not answer: said in seconds, in our shape, with nothing done."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.keys import new_api_key
from embedded.running import Running
from tests.database.world import Urls
from tests.integration.api.stand import Stand, assert_error, web_process
from tests.integration.portal.people import FROM_OUR_PAGE, Team
from tests.integration.product import free_port

KEYS = "/api/portal/keys"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def alone(urls: Urls, running: Running, tmp_path: Path) -> Iterator[Stand]:
    """A web process whose database answers and whose Supabase does not."""
    with web_process(
        urls, tmp_path,
        supabase_url=f"http://127.0.0.1:{free_port()}", supabase_publishable_key=running.publishable_key,
        secret_key=running.session_key,
    ) as stand:  # fmt: skip
        yield stand


def test_both_ways_in_are_told_to_come_back(alone: Stand, people: Team) -> None:
    cookie = {"Cookie": f"coveragereport_session={people.owner.cookie}", **FROM_OUR_PAGE}
    for headers in (cookie, people.owner.bearer):
        began = time.monotonic()
        answer = alone.client.post(KEYS, headers=headers, json={"name": "key"})
        assert time.monotonic() - began < 3
        assert_error(answer, 503, code="unavailable")
        assert answer.headers["retry-after"] == "5"
    assert people.owner.get(KEYS).json()["data"] == []


def test_the_page_of_an_invitation_says_so_and_keeps_the_way_open(alone: Stand, people: Team) -> None:
    made = people.owner.post("/api/portal/invitations", json={"email": people.outsider.email, "role": "member"}).json()
    path = made["url"].removeprefix("https://coverage.example")
    cookie = {"Cookie": f"coveragereport_session={people.outsider.cookie}", **FROM_OUR_PAGE}
    page = alone.client.post(path, headers=cookie, data={"x": ""})
    assert page.status_code == 503
    assert "We cannot reach our database right now" in page.text and "Accept the invitation" in page.text


def test_a_person_reads_a_page_and_a_program_json(alone: Stand, people: Team) -> None:
    cookie = {"Cookie": f"coveragereport_session={people.owner.cookie}"}
    page = alone.client.get("/api/portal/ledger.csv", headers=cookie | BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "The service is unavailable for a moment." in page.text and "Go to Coverage Report" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["retry-after"] == "5" and page.headers["cache-control"] == "no-store"
    assert_error(alone.client.get("/api/portal/ledger.csv", headers=cookie), 503, code="unavailable")


def test_a_form_that_another_site_sent_is_refused_on_a_page(alone: Stand) -> None:
    page = alone.client.post("/api/portal/session", headers={"Sec-Fetch-Site": "cross-site"} | BROWSER, data={"x": ""})
    assert page.status_code == 403
    assert "This was not sent from our own pages." in page.text and "<html" in page.text


def test_who_reads_a_shared_report_is_told_without_a_way_into_the_product(urls: Urls, tmp_path: Path) -> None:
    away = f"postgresql://coverage_web:none@127.0.0.1:{free_port()}/postgres"  # pragma: allowlist secret
    with web_process(urls, tmp_path, web_database_url=away) as stand:
        page = stand.client.get(f"/api/portal/reports/share/{'a' * 43}", headers=BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "The service is unavailable for a moment." in page.text
        assert "noindex" in page.text and 'href="/"' not in page.text
        # What the API answers stays one shape, whoever asks.
        headers = {"X-API-Key": new_api_key().key} | BROWSER
        assert_error(stand.client.get("/api/v1/credits/balance", headers=headers), 503, code="unavailable")
