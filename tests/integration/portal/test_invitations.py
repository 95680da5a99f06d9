"""Invitations from the mail that is sent to the member who has joined."""

import re
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from core.outbox import SentMail, newest_mails
from embedded.running import Running
from tests.database.world import Urls, World
from tests.integration.api.stand import ORIGIN, Stand, assert_error, web_process
from tests.integration.embedded.client import PASSWORD
from tests.integration.portal.people import FROM_OUR_PAGE, Someone, Team, someone

INVITATIONS = "/api/portal/invitations"
KEYS = "/api/portal/keys"


@pytest.fixture
def guest(portal: Stand, running: Running) -> Someone:
    """Somebody who belongs to no account."""
    return someone(portal, running)


def an_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def invite(who: Someone, email: str, role: str = "member", **options: Any) -> httpx.Response:
    return who.post(INVITATIONS, json={"email": email, "role": role}, **options)


def link(who: Someone, email: str, role: str = "member") -> str:
    """Invites; the path of the link."""
    answer = invite(who, email, role)
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url.removeprefix(ORIGIN)


def mail_to(outbox: Path, email: str) -> SentMail:
    return next(mail for mail in newest_mails(outbox) if mail.to == email)


def let_a_minute_pass(world: World, email: str) -> None:
    world.run("update public.invitations set sent_at = sent_at - interval '61 seconds' where email = %s", email)


def role_of(world: World, account: uuid.UUID, who: Someone) -> str | None:
    role: str | None = world.value(
        "admin", "select role from public.members where account_id = %s and user_id = %s", account, who.id
    )
    return role


# -- Sending ----------------------------------------------------------------------------------------------------------


def test_the_mail_says_who_invites_whom_and_holds_the_link(people: Team, outbox: Path, guest: Someone) -> None:
    answer = invite(people.owner, f"  {guest.email.upper()} ", "admin")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["email"], body["mail"], body["problem"]) == (guest.email, "kept", None)
    mail = mail_to(outbox, guest.email)
    assert body["url"] in mail.links
    assert people.owner.email in mail.subject and "Penrose & Co" in mail.subject
    assert re.fullmatch(re.escape(ORIGIN) + "/invitations/[0-9A-Za-z_-]{43}", body["url"])


def test_the_token_is_kept_nowhere(people: Team, world: World, guest: Someone) -> None:
    path = link(people.owner, guest.email)
    token = path.rpartition("/")[2]
    for table in ("public.invitations", "private.invitation_tokens", "private.audit_log"):
        assert not world.rows("admin", f"select t from {table} t where t::text like %s", f"%{token}%")


def test_a_member_and_a_stranger_invite_nobody(people: Team, world: World, guest: Someone) -> None:
    assert_error(invite(people.member, guest.email), 403, code="forbidden")
    params = {"account": str(people.account)}
    assert_error(invite(people.outsider, guest.email, params=params), 404, code="not_found")
    assert_error(invite(people.outsider, guest.email, params=params, headers=people.outsider.bearer), 404)
    assert not world.rows("admin", "select 1 from public.invitations where email = %s", guest.email)


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}])
def test_no_other_site_invites(people: Team, guest: Someone, headers: dict[str, str]) -> None:
    assert_error(invite(people.owner, guest.email, headers=headers), 403, code="foreign_origin")


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "invalid_email"), ("ada", "invalid_email"), ("ada@localhost", "invalid_email"),
        ("a@b.example,c@d.example", "invalid_email"), ("a@b.example\nBcc: c@d.example", "invalid_email"),
        ("a" * 400 + "@b.example", "invalid_email"), ("\u202eada@b.example", "invalid_email"),
        ("a\u0000@b.example", "invalid_email"), (None, "invalid_email"), (["a@b.example"], "invalid_email"),
    ],
)  # fmt: skip
def test_only_addresses_are_invited(people: Team, email: Any, code: str) -> None:
    assert_error(invite(people.owner, email), 400, code=code)


@pytest.mark.parametrize(("role", "code"), [("owner", "unknown_role"), ("", "unknown_role"), (None, "invalid_role")])
def test_only_two_roles_are_given_by_mail(people: Team, guest: Someone, role: Any, code: str) -> None:
    assert_error(invite(people.owner, guest.email, role), 400, code=code)


def test_who_is_in_or_invited_is_not_invited_again(people: Team, guest: Someone) -> None:
    assert_error(invite(people.owner, people.member.email), 409, code="already_member")
    assert invite(people.owner, guest.email).status_code == 201
    assert_error(invite(people.admin, guest.email), 409, code="already_invited")


def test_many_mails_at_once_are_too_many(people: Team) -> None:
    statuses = [invite(people.owner, an_email()).status_code for _ in range(21)]
    assert statuses == [201] * 20 + [429]
    assert_error(invite(people.admin, an_email()), 429, code="rate_limited")


def test_without_mail_the_link_is_told_and_the_reason(
    urls: Urls, running: Running, people: Team, world: World, tmp_path: Path
) -> None:
    with web_process(
        urls, tmp_path, supabase_url=running.supabase_url, supabase_publishable_key=running.publishable_key,
        secret_key=running.session_key,
    ) as stand:  # fmt: skip
        headers = {"Cookie": f"coveragereport_session={people.owner.cookie}", **FROM_OUR_PAGE}
        email = an_email()
        answer = stand.client.post(INVITATIONS, headers=headers, json={"email": email, "role": "member"})
        assert answer.status_code == 201
        assert (answer.json()["mail"], answer.json()["problem"]) == ("failed", "No mail is sent: MAIL_URL is not set.")
        assert "Join Penrose" in stand.client.get(answer.json()["url"].removeprefix(ORIGIN)).text


# -- Sending again, taking back ---------------------------------------------------------------------------------------


def test_a_new_link_ends_the_one_before(
    people: Team, portal: Stand, world: World, outbox: Path, guest: Someone
) -> None:
    first = invite(people.owner, guest.email).json()
    renewal = f"{INVITATIONS}/{first['id']}/renewal"
    assert_error(people.owner.post(renewal), 429, code="too_soon")
    let_a_minute_pass(world, guest.email)
    second = people.admin.post(renewal)
    assert second.status_code == 200 and second.json()["url"] != first["url"]
    assert second.json()["url"] in mail_to(outbox, guest.email).links
    assert portal.client.get(first["url"].removeprefix(ORIGIN)).status_code == 404
    assert portal.client.get(second.json()["url"].removeprefix(ORIGIN)).status_code == 200


def test_only_who_manages_the_account_sends_again(people: Team, world: World, guest: Someone) -> None:
    made = invite(people.owner, guest.email).json()
    let_a_minute_pass(world, guest.email)
    renewal = f"{INVITATIONS}/{made['id']}/renewal"
    assert_error(people.member.post(renewal), 403, code="forbidden")
    assert_error(people.outsider.post(renewal), 404, code="not_found")
    assert_error(people.owner.post(renewal, headers={"Sec-Fetch-Site": "cross-site"}), 403, code="foreign_origin")
    assert_error(people.owner.post(f"{INVITATIONS}/{uuid.uuid4()}/renewal"), 404, code="not_found")
    assert_error(people.owner.post(f"{INVITATIONS}/x/renewal"), 404, code="not_found")


# -- The page behind the link -----------------------------------------------------------------------------------------


def test_signed_out_it_leads_to_both_ways_in_with_the_address(people: Team, portal: Stand, guest: Someone) -> None:
    path = link(people.owner, guest.email)
    page = portal.client.get(path)
    assert page.status_code == 200
    assert "Join Penrose &amp; Co" in page.text and "as a member" in page.text
    for way in ("sign-in", "sign-up"):
        href = re.search(f'href="(/{way}[^"]+)"', page.text)
        assert href is not None
        form = portal.client.get(href[1].replace("&amp;", "&")).text
        assert f'value="{path}"' in form and f'value="{guest.email}"' in form
    assert page.headers["referrer-policy"] == "same-origin"
    assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")


def test_the_invited_joins_and_lands_in_the_account(people: Team, world: World, guest: Someone) -> None:
    path = link(people.owner, guest.email, "admin")
    assert "Accept the invitation" in guest.get(path).text
    answer = guest.post(path, data={"x": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert role_of(world, people.account, guest) == "admin"
    assert guest.get(KEYS).status_code == 200
    # A second press is no fault; the link itself is used up.
    assert guest.post(path, data={"x": ""}).status_code == 303
    page = guest.get(path)
    assert page.status_code == 410 and "This invitation was used" in page.text


def test_who_has_an_account_lands_in_the_one_they_joined(people: Team, world: World) -> None:
    path = link(people.owner, people.outsider.email)
    people.outsider.post(path, data={"x": ""})
    chosen = world.value("admin", "select account_id from private.sessions where user_id = %s", people.outsider.id)
    assert chosen == people.account


def test_somebody_else_is_told_and_joins_nothing(people: Team, world: World, guest: Someone, portal: Stand) -> None:
    path = link(people.owner, an_email())
    page = guest.get(path)
    assert f"You are signed in as {guest.email}" in page.text and "Accept the invitation" not in page.text
    refused = guest.post(path, data={"x": ""})
    assert refused.status_code == 403 and "for another e-mail address" in refused.text
    assert role_of(world, people.account, guest) is None
    out = guest.post("/api/portal/session/end", data={"next": path})
    assert (out.status_code, out.headers["location"]) == (303, path)
    assert_error(guest.get(KEYS), 401)


def test_signing_out_leads_nowhere_else(guest: Someone) -> None:
    out = guest.post("/api/portal/session/end", data={"next": "https://evil.example/"})
    assert out.headers["location"] == "/"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_accepts(people: Team, world: World, guest: Someone, headers: dict[str, str]) -> None:
    path = link(people.owner, guest.email)
    assert guest.post(path, data={"x": ""}, headers=headers).status_code == 403
    assert role_of(world, people.account, guest) is None


def test_looking_at_it_accepts_nothing(people: Team, world: World, guest: Someone) -> None:
    guest.get(link(people.owner, guest.email))
    assert role_of(world, people.account, guest) is None


def test_cancelled_and_expired_say_so(people: Team, world: World, guest: Someone) -> None:
    path = link(people.owner, guest.email)
    world.run(
        "update public.invitations set created_at = now() - interval '8 days', sent_at = now() - interval '8 days',"
        " expires_at = now() - interval '1 day' where email = %s", guest.email,
    )  # fmt: skip
    page = guest.get(path)
    assert page.status_code == 410 and "This invitation has expired" in page.text
    assert guest.post(path, data={"x": ""}).status_code == 410
    world.run("update public.invitations set cancelled_at = now() where email = %s", guest.email)
    page = guest.get(path)
    assert page.status_code == 410 and "This invitation was taken back" in page.text
    assert guest.post(path, data={"x": ""}).status_code == 410
    assert role_of(world, people.account, guest) is None


@pytest.mark.parametrize("token", ["none", "x" * 43, "x" * 5000, "%00", "' or true --", "é" * 43])
def test_what_is_no_invitation_says_what_to_do(portal: Stand, guest: Someone, token: str) -> None:
    page = portal.client.get(f"/invitations/{token}")
    assert page.status_code == 404 and "There is no such invitation" in page.text
    assert guest.post(f"/invitations/{token}", data={"x": ""}).status_code == 404


def test_signed_out_at_the_last_moment_nothing_is_accepted(people: Team, portal: Stand, guest: Someone) -> None:
    path = link(people.owner, guest.email)
    page = portal.client.post(path, data={"x": ""}, headers=FROM_OUR_PAGE)
    assert page.status_code == 200 and "Sign up" in page.text


def test_hostile_names_are_shown_as_text(people: Team, world: World, guest: Someone, outbox: Path) -> None:
    name = "<script>alert(1)</script>\"'"
    world.run("update public.accounts set name = %s where id = %s", name, people.account)
    page = guest.get(link(people.owner, guest.email))
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)</script>" in mail_to(outbox, guest.email).subject


def test_a_new_user_gets_the_account_that_invited_and_none_of_their_own(
    people: Team, portal: Stand, world: World, running: Running
) -> None:
    email = an_email()
    path = link(people.owner, email)
    form = {"email": email, "password": PASSWORD, "next": path}
    signed_up = portal.client.post("/api/portal/users", data=form, headers=FROM_OUR_PAGE)
    assert signed_up.headers["location"] == "/check-mail?for=sign-up"
    mail = mail_to(Path(running.rules.mail_url), email)
    back = httpx.get(mail.links[0]).headers["location"]
    note = f"coveragereport_mail={signed_up.cookies['coveragereport_mail']}"
    portal.client.cookies.clear()
    confirmed = portal.client.get(f"/api/portal/confirm?{urlsplit(back).query}", headers={"Cookie": note})
    portal.client.cookies.clear()
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, path), confirmed.text
    user = world.value("admin", "select id from auth.users where email = %s", email)
    newcomer = Someone(portal, running, user, email)
    assert newcomer.post(path, data={"x": ""}).status_code == 303
    mine = world.rows("admin", "select account_id, role from public.members where user_id = %s", user)
    assert mine == [{"account_id": people.account, "role": "member"}]
