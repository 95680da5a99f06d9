"""Recovery, and links of mails: followed by browsers, handed over by servers, forged, used twice, looked at."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from embedded.running import Running
from tests.integration.embedded.client import (
    PASSWORD,
    admin_call,
    call,
    digits_in,
    follow,
    fragment,
    is_signed_in,
    link_in,
    mail_to,
    mails_to,
    new_email,
    new_user,
    official,
    rewind,
    said,
    sign_in,
)

OTHER = "another horse battery"
EXPIRED = (403, "otp_expired", "Email link is invalid or has expired")


def verify(running: Running, **body: object) -> httpx.Response:
    return call(running, "POST", "/verify", body)


# -- Recovery -------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_changed_with_the_official_client(running: Running) -> None:
    email, client = new_user(running)["email"], official(running)
    client.auth.reset_password_for_email(email, {"redirect_to": "http://127.0.0.1:8000/api/portal/confirm"})
    mail = mail_to(running, email)
    assert mail.subject == "Set a new password"
    code = follow(link_in(mail)).params["code"]
    session = client.auth.exchange_code_for_session({"auth_code": code}).session
    assert session is not None
    client.auth.update_user({"password": OTHER})
    assert sign_in(running, email).status_code == 400
    assert sign_in(running, email, OTHER).status_code == 200


def test_a_server_hands_the_token_over_itself(running: Running) -> None:
    email, client = new_user(running)["email"], official(running)
    client.auth.reset_password_for_email(email)
    token = link_in(mail_to(running, email)).params["token"]
    assert token.startswith("pkce_")
    answer = client.auth.verify_otp({"token_hash": token, "type": "recovery"})
    assert answer.session is not None and answer.session.user.email == email
    assert said(verify(running, token_hash=token, type="recovery")) == EXPIRED


def test_of_an_unknown_address_nothing_is_told(running: Running) -> None:
    known, unknown = new_user(running)["email"], new_email()
    answers = [call(running, "POST", "/recover", {"email": email}) for email in (known, unknown)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {})] * 2
    assert mails_to(running, unknown) == []
    refused = call(running, "POST", "/recover", {"email": known})
    assert said(refused)[:2] == (429, "over_email_send_rate_limit")
    rewind(running, "users", "recovery_sent_at", "email", known, 60)
    assert call(running, "POST", "/recover", {"email": known}).status_code == 200


def test_of_several_requests_at_once_one_sends_the_mail(running: Running) -> None:
    email = new_user(running)["email"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: call(running, "POST", "/recover", {"email": email}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 429, 429, 429]
    assert len(mails_to(running, email)) == 1


def test_a_recovery_confirms_an_address_that_was_not(running: Running) -> None:
    email = new_user(running, email_confirm=False)["email"]
    call(running, "POST", "/recover", {"email": email})
    assert is_signed_in(running, fragment(follow(link_in(mail_to(running, email)))))
    assert sign_in(running, email).status_code == 200


@pytest.mark.parametrize("email", ["", None, "nonsense", "a@example.com\n"])
def test_recovery_needs_an_address(running: Running, email: object) -> None:
    for path in ("/recover", "/otp", "/resend"):
        answer = call(running, "POST", path, {"email": email, "type": "signup"})
        assert said(answer)[:2] == (400, "validation_failed")


def test_the_interval_can_be_switched_off(lax: Running) -> None:
    email = new_user(lax)["email"]
    for _ in range(3):
        assert call(lax, "POST", "/recover", {"email": email}).status_code == 200
    assert len(mails_to(lax, email)) == 3


# -- Links ----------------------------------------------------------------------------------------------------------


def test_a_link_leads_to_the_site_and_nowhere_else(lax: Running) -> None:
    evil = "?redirect_to=https://evil.example/"
    email = new_user(lax)["email"]
    call(lax, "POST", f"/recover{evil}", {"email": email})
    link = link_in(mail_to(lax, email))
    assert link.params["redirect_to"] == lax.rules.site_url
    forged = link.copy_set_param("redirect_to", "https://evil.example/")
    target = follow(forged)
    assert (target.host, target.path) == ("reports.example.com", "/app")
    assert "access_token" in fragment(target)


def test_looking_at_a_link_does_not_use_it_up(running: Running) -> None:
    email = new_user(running)["email"]
    call(running, "POST", "/recover", {"email": email})
    link = link_in(mail_to(running, email))
    assert httpx.head(link).status_code == 405
    answer = httpx.get(link)
    assert answer.headers["cache-control"] == "no-store"
    assert "access_token" in answer.headers["location"]


def test_a_link_of_another_type_or_nobody_is_refused(running: Running) -> None:
    email = new_user(running)["email"]
    call(running, "POST", "/recover", {"email": email})
    link = link_in(mail_to(running, email))
    for kind in ("signup", "invite", "email_change"):
        assert fragment(follow(link.copy_set_param("type", kind)))["error_code"] == "otp_expired"
    for token in ("x", "pkce_x", "'", "0" * 56, ""):
        answer = httpx.get(link.copy_set_param("token", token))
        expected = (303, token.startswith("pkce_")) if token else (400, False)
        location = httpx.URL(answer.headers.get("location", ""))
        assert (answer.status_code, location.params.get("error_code") == "otp_expired") == expected
    nul = httpx.get(link.copy_set_param("token", "a\0b"))
    assert nul.status_code == 400 and nul.json()["error_code"] == "validation_failed"
    assert httpx.get(link.copy_remove_param("type")).json()["error_code"] == "validation_failed"
    assert fragment(follow(link.copy_set_param("type", "sms")))["error_code"] == "validation_failed"
    assert "access_token" in fragment(follow(link))


def test_a_link_with_a_challenge_that_is_gone_says_so(running: Running) -> None:
    email, client = new_user(running)["email"], official(running)
    client.auth.reset_password_for_email(email)
    link = link_in(mail_to(running, email))
    # The flow of a recovery is not one of a magic link, although they share the token.
    target = follow(link.copy_set_param("type", "magiclink"))
    assert target.params["error_code"] == "flow_state_not_found"
    assert "code" in follow(link).params


def test_who_is_banned_is_not_let_in_by_a_link(running: Running) -> None:
    user = new_user(running)
    call(running, "POST", "/recover", {"email": user["email"]})
    admin_call(running, "PUT", f"/admin/users/{user['id']}", {"ban_duration": "1h"})
    mail = mail_to(running, user["email"])
    assert fragment(follow(link_in(mail)))["error_code"] == "user_banned"
    typed = verify(running, type="recovery", email=user["email"], token=digits_in(mail))
    assert said(typed) == (403, "user_banned", "User is banned")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": None, "token_hash": "x"},
        {"type": "signup"},
        {"type": "signup", "token": "123456", "token_hash": "x"},
        {"type": "signup", "token": "123456"},
        {"type": "signup", "token": "123456", "email": "a@example.com", "phone": "+49"},
        {"type": "signup", "token": "123456", "email": "nonsense"},
        {"type": "signup", "token_hash": "x", "email": "a@example.com"},
        {"type": "nonsense", "token_hash": "x"},
        {"type": "signup", "token_hash": "a\0b"},
    ],
)
def test_half_a_verification_is_refused(running: Running, body: dict[str, object]) -> None:
    assert said(verify(running, **body))[:2] == (400, "validation_failed")


def test_an_unknown_token_is_no_token(running: Running) -> None:
    for token in ("x", "'; --", "x" * 100_000):
        assert said(verify(running, type="email", token_hash=token)) == EXPIRED
    typed = verify(running, type="email", email=new_email(), token="000000")
    assert said(typed) == (403, "otp_expired", "Token has expired or is invalid")


def test_links_may_lead_straight_to_the_site(token_hash_links: Running) -> None:
    running, email = token_hash_links, new_email()
    client = official(running)
    credentials = {"email": email, "password": PASSWORD}
    call(running, "POST", "/signup?redirect_to=http://127.0.0.1:8000/confirm?a=b", credentials)
    link = link_in(mail_to(running, email))
    assert (link.host, link.port, link.path) == ("127.0.0.1", 8000, "/confirm")
    assert link.params["a"] == "b" and link.params["type"] == "signup"
    answer = client.auth.verify_otp({"token_hash": link.params["token_hash"], "type": "signup"})
    assert answer.session is not None and answer.session.user.email == email


def test_a_mail_that_cannot_be_sent_leaves_nothing_behind(no_mail: Running) -> None:
    email = new_email()
    answer = call(no_mail, "POST", "/signup", {"email": email, "password": PASSWORD})
    assert said(answer) == (500, "unexpected_failure", "Error sending confirmation email")
    older = admin_call(no_mail, "POST", "/invite", {"email": email}).json()
    assert older["msg"] == "Error sending invite email" and older["error_id"]
    assert new_user(no_mail, email=email)["email"] == email
    assert call(no_mail, "POST", "/recover", {"email": email}).status_code == 500
    # The next try is not told to wait.
    assert call(no_mail, "POST", "/recover", {"email": email}).status_code == 500
