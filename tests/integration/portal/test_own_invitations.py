"""Invitations found by the confirmed address: shown after sign-in, to who has lost the way to the link."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from embedded.running import Running
from tests.database.world import Urls, World
from tests.integration.api.stand import Stand, an_address, assert_error, web_process
from tests.integration.embedded.client import PASSWORD, link_in, mail_to
from tests.integration.embedded.gateways import gateway
from tests.integration.portal.people import FROM_OUR_PAGE, Someone, Team, someone
from tests.integration.product import free_port

INVITATIONS = "/invitations"


@pytest.fixture
def guest(portal: Stand, running: Running) -> Someone:
    """Somebody who belongs to no account."""
    return someone(portal, running)


@pytest.fixture
def lax_portal(urls: Urls, running: Running, tmp_path: Path) -> Iterator[Stand]:
    """A web process whose Supabase Auth takes any address without a mail to it."""
    with (
        gateway(running, replace(running.rules, confirm_email=False), tmp_path) as lax,
        web_process(
            urls, tmp_path,
            supabase_url=lax.supabase_url, supabase_publishable_key=running.publishable_key,
            secret_key=running.session_key,
        ) as stand,
    ):  # fmt: skip
        yield stand


def invite(who: Someone, email: str, role: str = "member") -> str:
    """The id of the invitation."""
    answer = who.post("/api/portal/invitations", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    invitation: str = answer.json()["id"]
    return invitation


def signs_in(portal: Stand, email: str, wanted: str = "/") -> httpx.Response:
    form = {"email": email, "password": PASSWORD, "next": wanted}
    answer = portal.client.post(
        "/api/portal/session", data=form, headers={**FROM_OUR_PAGE, "X-Forwarded-For": an_address()}
    )
    portal.client.cookies.clear()
    return answer


def accounts_of(world: World, who: uuid.UUID) -> list[dict[str, object]]:
    return world.rows("admin", "select account_id, role from public.members where user_id = %s", who)


def test_a_link_in_a_mail_opened_in_another_browser_still_leads_to_the_invitation(
    people: Team, portal: Stand, running: Running, world: World
) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    path = people.owner.post("/api/portal/invitations", json={"email": email, "role": "admin"}).json()["url"]
    form = {"email": email, "password": PASSWORD, "next": "/invitations/" + path.rpartition("/")[2]}
    assert portal.client.post("/api/portal/users", data=form, headers=FROM_OUR_PAGE).status_code == 303
    portal.client.cookies.clear()
    # A phone: it knows nothing of who signed up. The address is confirmed, and then they sign in.
    back = httpx.get(link_in(mail_to(running, email))).headers["location"]
    assert (
        "You opened the link in another browser"
        in portal.client.get("/api/portal/confirm?" + back.partition("?")[2]).text
    )
    answer = signs_in(portal, email)
    assert (answer.status_code, answer.headers["location"]) == (303, INVITATIONS)
    user = world.value("admin", "select id from auth.users where email = %s", email)
    newcomer = Someone(portal, running, user, email)
    page = newcomer.get(INVITATIONS)
    assert page.status_code == 200 and "Penrose &amp; Co" in page.text and people.owner.email in page.text
    assert "See who invites you" in newcomer.get("/welcome").text
    way = re.search(r'action="(/api/portal/invitations/[^"]+/acceptance)"', page.text)
    assert way is not None
    answer = newcomer.post(way[1], data={"x": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    # No account of their own, until they ask for one.
    assert accounts_of(world, user) == [{"account_id": people.account, "role": "admin"}]
    assert newcomer.get("/api/portal/keys").status_code == 200
    assert newcomer.post(way[1], data={"x": ""}).headers["location"] == "/"


def test_who_declines_is_asked_no_more(people: Team, portal: Stand, guest: Someone, world: World) -> None:
    first, second = invite(people.owner, guest.email), invite(people.outsider, guest.email)
    assert "You have 2 invitations" in guest.get(INVITATIONS).text
    for invitation, left in ((first, "You are invited"), (second, "No open invitations")):
        answer = guest.post(f"/api/portal/invitations/{invitation}/refusal", data={"x": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, INVITATIONS)
        assert left in guest.get(INVITATIONS).text
    assert accounts_of(world, guest.id) == []
    assert signs_in(portal, guest.email).headers["location"] == "/"
    assert len(accounts_of(world, guest.id)) == 1


def test_who_wants_to_go_somewhere_goes_there(people: Team, portal: Stand) -> None:
    invite(people.owner, people.outsider.email)
    assert signs_in(portal, people.outsider.email, "/reports").headers["location"] == "/reports"
    assert signs_in(portal, people.outsider.email).headers["location"] == INVITATIONS


def test_an_invitation_of_others_is_none(people: Team, guest: Someone, world: World) -> None:
    invitation = invite(people.owner, f"{uuid.uuid4().hex}@example.com")
    for way in ("acceptance", "refusal"):
        for unknown in (invitation, uuid.uuid4()):
            answer = guest.post(f"/api/portal/invitations/{unknown}/{way}", data={"x": ""})
            assert answer.status_code == 404 and "does not exist, or it is not yours" in answer.text
        assert_error(guest.post(f"/api/portal/invitations/none/{way}", data={"x": ""}), 404)
    assert world.value("admin", "select accepted_at is null and cancelled_at is null from public.invitations"
                       " where id = %s", invitation)  # fmt: skip
    assert "No open invitations" in guest.get(INVITATIONS).text


def test_signed_out_it_leads_to_sign_in(people: Team, portal: Stand, guest: Someone) -> None:
    invitation = invite(people.owner, guest.email)
    assert portal.client.get(INVITATIONS).headers["location"] == f"/sign-in?next={INVITATIONS}"
    for way in ("acceptance", "refusal"):
        answer = portal.client.post(
            f"/api/portal/invitations/{invitation}/{way}", data={"x": ""}, headers=FROM_OUR_PAGE
        )
        assert answer.headers["location"] == f"/sign-in?next={INVITATIONS}"


def test_where_addresses_are_not_confirmed_only_the_link_counts(
    people: Team, lax_portal: Stand, running: Running, guest: Someone, world: World
) -> None:
    invitation = invite(people.owner, guest.email)
    anybody = Someone(lax_portal, running, guest.id, guest.email)
    assert "No open invitations" in anybody.get(INVITATIONS).text
    assert "See who invites you" not in anybody.get("/welcome").text
    for way in ("acceptance", "refusal"):
        assert anybody.post(f"/api/portal/invitations/{invitation}/{way}", data={"x": ""}).status_code == 404
    assert accounts_of(world, guest.id) == []
    assert signs_in(lax_portal, guest.email).headers["location"] == "/"


def test_while_supabase_is_away_it_says_so(
    urls: Urls, people: Team, running: Running, guest: Someone, tmp_path: Path
) -> None:
    invitation = invite(people.owner, guest.email)
    cookie = {"Cookie": f"coveragereport_session={guest.cookie}", **FROM_OUR_PAGE}
    with web_process(
        urls, tmp_path,
        supabase_url=f"http://127.0.0.1:{free_port()}", supabase_publishable_key=running.publishable_key,
        secret_key=running.session_key,
    ) as alone:  # fmt: skip
        pages = [alone.client.get(INVITATIONS, headers=cookie)] + [
            alone.client.post(f"/api/portal/invitations/{invitation}/{way}", data={"x": ""}, headers=cookie)
            for way in ("acceptance", "refusal")
        ]
        assert [page.status_code for page in pages] == [503] * 3
        assert all("We cannot reach our database" in page.text for page in pages)
        assert alone.client.get("/welcome", headers=cookie).status_code == 200
