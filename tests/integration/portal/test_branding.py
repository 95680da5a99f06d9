"""Branding on the pages of reports, and tried out before it is saved."""

import re
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from embedded.running import Running
from tests.database.world import World
from tests.integration.api.stand import ORIGIN, Customer, Stand, assert_error
from tests.integration.portal.people import Someone, Team, join, someone
from tests.integration.portal.test_logo import FILE, LOGO, upload

PREVIEW = "/api/portal/branding/preview"


@pytest.fixture
def customer(portal: Stand, world: World) -> Customer:
    return Customer(portal, world)


@pytest.fixture
def admin(portal: Stand, running: Running, world: World, customer: Customer) -> Someone:
    """Manages the account of the customer."""
    who = someone(portal, running)
    join(world, customer.account, who, "admin")
    return who


def brand(world: World, customer: Customer, **branding: str) -> None:
    world.run("update public.accounts set branding = branding || %s where id = %s", Jsonb(branding), customer.account)


def test_the_shared_page_shows_it(admin: Someone, customer: Customer, portal: Stand, world: World) -> None:
    report = customer.completed()
    share = customer.share_path(report)
    plain = portal.client.get(share)
    brand(world, customer, accent="#ffe100", intro="Dear all,\n\n<b>enjoy</b>")
    coloured = portal.client.get(share, headers={"If-None-Match": plain.headers["etag"]})
    assert coloured.status_code == 200, "the page of before is no longer the page"
    assert "--accent: #ffe100;" in coloured.text and '<p dir="ltr">&lt;b&gt;enjoy&lt;/b&gt;</p>' in coloured.text
    assert coloured.headers["content-security-policy"] != plain.headers["content-security-policy"]
    logo = upload(admin)
    shown = portal.client.get(share, headers={"If-None-Match": coloured.headers["etag"]})
    assert shown.status_code == 200
    assert f'<img src="{logo}"' in shown.text
    assert portal.client.get(share, headers={"If-None-Match": shown.headers["etag"]}).status_code == 304
    admin.delete(LOGO)
    assert logo not in portal.client.get(share).text


def test_the_html_for_other_pages_names_the_logo_in_full(admin: Someone, customer: Customer) -> None:
    report = customer.completed()
    logo = upload(admin)
    page = customer.get(f"/api/v1/reports/{report}/html")
    assert f'<img src="{ORIGIN}{logo}"' in page.text
    assert ORIGIN in page.headers["content-security-policy"]


def test_the_file_has_the_logo_inside(admin: Someone, customer: Customer) -> None:
    report = customer.completed()
    upload(admin)
    page = customer.get(f"/api/v1/reports/{report}/html", params={"images": "inline"})
    assert re.search(r'<p class="logo"><img src="data:image/png;base64,iVBORw0KGgo[A-Za-z0-9+/=]+"', page.text)
    assert "/api/portal/" not in page.text


def test_a_lost_logo_does_not_cost_the_page(admin: Someone, customer: Customer, portal: Stand) -> None:
    report = customer.completed()
    upload(admin)
    for file in (portal.pictures / "logos" / str(customer.account)).iterdir():
        file.unlink()
    page = customer.get(f"/api/v1/reports/{report}/html", params={"images": "inline"})
    assert page.status_code == 200 and 'class="logo"' not in page.text


# -- Before it is saved ---------------------------------------------------------------------------------------------


def preview(who: Someone, **body: Any) -> str:
    answer = who.post(PREVIEW, json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_preview_is_a_report_with_what_was_sent(people: Team) -> None:
    logo = upload(people.owner)
    for who in (people.owner, people.member):
        shown = preview(who, name="New & <b>Name</b>", accent="#123456", intro="One\n\nTwo")
        assert "Prepared by <bdi>New &amp; &lt;b&gt;Name&lt;/b&gt;</bdi>" in shown
        assert "--accent: #123456;" in shown and '<p dir="ltr">Two</p>' in shown and logo in shown
    assert "--accent: #0b6b5d;" in preview(people.owner, accent="url(//evil.example)")
    assert "--accent: #0b6b5d;" in preview(people.owner)


def test_a_preview_shows_nothing_of_another_account(people: Team) -> None:
    upload(people.owner)
    named = {"account": str(people.account)}
    assert_error(people.outsider.post(PREVIEW, params=named, json={}), 404, code="not_found")
    assert "/api/portal/logos/" not in preview(people.outsider)


@pytest.mark.parametrize("body", [{"name": 7}, {"accent": ["#000000"]}, {"intro": {"a": 1}}])
def test_texts_are_texts(people: Team, body: dict[str, Any]) -> None:
    assert_error(people.owner.post(PREVIEW, json=body), 400)


def test_a_long_text_is_cut(people: Team) -> None:
    assert len(preview(people.owner, name="x" * 9999, intro="y" * 99_999)) < 40_000
    assert_error(people.owner.post(PREVIEW, content=FILE), 415)
