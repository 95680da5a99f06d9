"""Another e-mail address: only with the password, and only when both mailboxes say yes."""

import uuid
from typing import Any

import httpx
import pytest

from embedded.running import Running
from tests.database.world import World
from tests.integration.api.stand import Stand, an_address, assert_error
from tests.integration.embedded.client import PASSWORD, follow, link_in, mail_to, mails_to, new_user, sign_in
from tests.integration.portal.people import FROM_OUR_PAGE, Someone, Team

EMAIL, CONFIRM = "/api/portal/email", "/api/portal/confirm"
OTHER_MAIL = "Now the other mail"


def an_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def ask(who: Someone, email: str, password: str = PASSWORD, **options: Any) -> httpx.Response:
    headers = {**FROM_OUR_PAGE, "X-Forwarded-For": an_address()}
    return who.post(EMAIL, data={"email": email, "current_password": password}, **{"headers": headers, **options})


def asked(who: Someone, email: str) -> str:
    """The note that the browser keeps."""
    answer = ask(who, email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/check-mail?for=email"), answer.text
    return answer.cookies["coveragereport_mail"]


def open_link(who: Someone, link: httpx.URL, note: str = "") -> httpx.Response:
    """Where the link of a mail ends, in the browser of `who`."""
    cookies = f"coveragereport_session={who.cookie}; coveragereport_mail={note}"
    return who.get(CONFIRM, params=dict(link.params), headers={"Cookie": cookies, "Sec-Fetch-Site": "cross-site"})


def sessions(world: World, who: Someone) -> int:
    return int(world.value("admin", "select count(*) from private.sessions where user_id = %s", who.id))


@pytest.mark.parametrize("first_is_new", [True, False])
def test_the_address_changes_when_both_links_were_opened(
    people: Team, running: Running, world: World, first_is_new: bool
) -> None:
    owner, email = people.owner, an_email()
    note = asked(owner, email)
    first, second = (email, owner.email) if first_is_new else (owner.email, email)
    answer = open_link(owner, follow(link_in(mail_to(running, first))), note)
    assert answer.status_code == 200 and OTHER_MAIL in answer.text
    assert sign_in(running, email).status_code == 400
    answer = open_link(owner, follow(link_in(mail_to(running, second))), note)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/profile?done=email")
    assert answer.cookies["coveragereport_session"] != owner.cookie
    assert sign_in(running, email).is_success
    assert sign_in(running, owner.email).status_code == 400
    # The session of before has made way for the new one.
    assert sessions(world, owner) == 1


def test_a_server_that_hands_tokens_over_is_told_the_same(people: Team, running: Running) -> None:
    owner, email = people.owner, an_email()
    asked(owner, email)
    answers = []
    for address in (email, owner.email):
        token = httpx.URL(link_in(mail_to(running, address))).params["token"]
        answers.append(owner.post(CONFIRM, data={"token_hash": token, "type": "email_change"}))
    assert answers[0].status_code == 200 and OTHER_MAIL in answers[0].text
    assert answers[1].status_code == 303
    assert sign_in(running, email).is_success


def test_the_page_after_says_what_happens_next(people: Team) -> None:
    note = asked(people.owner, "ada.new@example.com")
    page = people.owner.get("/check-mail?for=email", headers={"Cookie": f"coveragereport_mail={note}"})
    assert "ada.new@example.com" in page.text and "when both were opened" in page.text


def test_a_message_alone_changes_nothing(people: Team) -> None:
    link = httpx.URL("http://x/?message=Confirmed")
    assert open_link(people.owner, link).status_code == 400
    assert open_link(people.owner, link, "not a note").status_code == 400


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", "x" * 5000])
def test_not_without_the_password(people: Team, running: Running, password: str) -> None:
    email = an_email()
    answer = ask(people.owner, email, password)
    assert answer.status_code == 400 and ("Your password is not right." if password else "Enter your") in answer.text
    assert email in answer.text and "coveragereport_mail" not in answer.cookies
    assert password not in answer.text or not password
    assert not mails_to(running, email)


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Enter your new e-mail address."),
        ("ada", "not an e-mail address that mail can be sent to"),
        ("a@b@c", "not an e-mail address that mail can be sent to"),
        (f"{'x' * 300}@example.com", "not an e-mail address that mail can be sent to"),
        ("<script>alert(1)</script>", "not an e-mail address that mail can be sent to"),
    ],
)
def test_an_address_is_one_that_mail_can_be_sent_to(people: Team, email: str, sentence: str) -> None:
    answer = ask(people.owner, email)
    assert answer.status_code == 400 and sentence in answer.text
    assert "<script>alert" not in answer.text


def test_not_to_the_same_address_and_not_to_that_of_another(people: Team, running: Running) -> None:
    assert "This is your e-mail address already." in ask(people.owner, people.owner.email.upper()).text
    assert "belongs to another user" in ask(people.owner, new_user(running)["email"]).text


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_asks(people: Team, running: Running, headers: dict[str, str]) -> None:
    email = an_email()
    assert_error(ask(people.owner, email, headers=headers), 403, code="foreign_origin")
    assert not mails_to(running, email)


def test_who_is_signed_out_signs_in_first(portal: Stand) -> None:
    answer = portal.client.post(EMAIL, data={"email": an_email()}, headers=FROM_OUR_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/settings/profile")


def test_tries_are_counted(people: Team) -> None:
    # From one client, and from many.
    at_home = {**FROM_OUR_PAGE, "X-Forwarded-For": an_address()}
    answers = [ask(people.owner, "", headers=at_home) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [400] * 20 + [429]
    # They have signed in already.
    answers = [ask(people.owner, "") for _ in range(80)]
    assert [answer.status_code for answer in answers] == [400] * 79 + [429]
    assert "Too many tries" in answers[-1].text
