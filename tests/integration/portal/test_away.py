"""A Supabase that does not answer: said in seconds, in our shape, with nothing done."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.running import Running
from tests.database.world import Urls
from tests.integration.api.stand import Stand, assert_error, web_process
from tests.integration.portal.people import FROM_OUR_PAGE, Team
from tests.integration.product import free_port

KEYS = "/api/portal/keys"


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
