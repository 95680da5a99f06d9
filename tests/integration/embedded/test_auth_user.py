"""What signed-in users of the stand-in see and change: password, address, metadata; and how they sign out."""

from typing import Any

import pytest
from supabase_auth.errors import AuthApiError

from embedded.running import Running
from tests.integration.embedded.client import (
    PASSWORD,
    admin_call,
    call,
    client_of,
    digits_in,
    follow,
    fragment,
    is_signed_in,
    link_in,
    mail_to,
    mails_to,
    new_email,
    new_user,
    rewind,
    said,
    sign_in,
    signed_in,
)

OTHER = "another horse battery"


@pytest.fixture
def session(running: Running) -> dict[str, Any]:
    return signed_in(running, new_user(running)["email"])


def change(running: Running, session: dict[str, Any], **body: object) -> Any:
    return call(running, "PUT", "/user", body, token=session["access_token"])


# -- Password -------------------------------------------------------------------------------------------------------


def test_a_new_password_keeps_this_session_and_ends_the_others(running: Running) -> None:
    client = client_of(running, new_user(running)["email"])
    mine = client.auth.get_session()
    assert mine is not None and mine.user.email is not None
    other = signed_in(running, mine.user.email)
    assert client.auth.update_user({"password": OTHER}).user.id == mine.user.id
    assert not is_signed_in(running, other)
    token = call(running, "POST", "/token?grant_type=refresh_token", {"refresh_token": other["refresh_token"]})
    assert said(token)[1] == "refresh_token_not_found"
    assert client.auth.refresh_session().session is not None
    assert sign_in(running, mine.user.email).status_code == 400
    assert sign_in(running, mine.user.email, OTHER).status_code == 200


def test_a_password_has_to_be_new_and_good(running: Running, session: dict[str, Any]) -> None:
    assert said(change(running, session, password=PASSWORD)) == (
        422,
        "same_password",
        "New password should be different from the old password.",
    )
    for weak in ("12345", ""):
        assert said(change(running, session, password=weak))[:2] == (422, "weak_password")
    assert said(change(running, session, password="x" * 73))[:2] == (400, "validation_failed")
    assert change(running, session, password=None, nonce=None).status_code == 200
    assert is_signed_in(running, session)


def test_a_new_password_ends_links_that_were_sent_before(running: Running, session: dict[str, Any]) -> None:
    email = session["user"]["email"]
    call(running, "POST", "/recover", {"email": email})
    assert change(running, session, password=OTHER).status_code == 200
    mail = mail_to(running, email)
    assert fragment(follow(link_in(mail)))["error_code"] == "otp_expired"
    body = {"type": "recovery", "email": email, "token": digits_in(mail)}
    assert call(running, "POST", "/verify", body).status_code == 403
    assert call(running, "POST", "/recover", {"email": email}).status_code == 200


# -- Metadata -------------------------------------------------------------------------------------------------------


def test_metadata_is_merged_and_null_removes(running: Running) -> None:
    email = new_user(running, user_metadata={"name": "Ada", "team": "Acme"})["email"]
    session = signed_in(running, email)
    user = change(running, session, data={"name": "Countess", "team": None, "deep": {"a": None}}).json()
    assert user["user_metadata"] == {"name": "Countess", "deep": {"a": None}, "email_verified": True}
    assert change(running, session, data=None).json()["user_metadata"] == user["user_metadata"]
    assert said(change(running, session, data={"nul": "a\0b"}))[:2] == (400, "validation_failed")


def test_nobody_makes_themselves_an_administrator(running: Running, session: dict[str, Any]) -> None:
    refused = change(running, session, app_metadata={"role": "admin"})
    assert said(refused) == (403, "not_admin", "Updating app_metadata requires admin privileges")
    user = change(running, session, role="service_role", aud="x", id="x", email_confirmed_at=None).json()
    assert (user["role"], user["aud"], user["id"]) == ("authenticated", "authenticated", session["user"]["id"])


# -- Address --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["old", "new"])
def test_another_address_is_confirmed_by_both_mailboxes(running: Running, first: str) -> None:
    old, new = new_user(running)["email"], new_email()
    client = client_of(running, old)
    user = client.auth.update_user({"email": new.upper()}, {"email_redirect_to": "http://127.0.0.1:9/done"}).user
    assert (user.email, user.new_email) == (old, new)
    one, two = (old, new) if first == "old" else (new, old)
    mails = mail_to(running, one), mail_to(running, two)
    assert all(old in mail.text and new in mail.text for mail in mails)
    half = follow(link_in(mails[0]))
    message = "Confirmation link accepted. Please proceed to confirm link sent to the other email"
    assert half.params["message"] == message and fragment(half) == {"message": message, "sb": ""}
    assert sign_in(running, old).status_code == 200 and sign_in(running, new).status_code == 400
    assert fragment(follow(link_in(mails[0])))["error_code"] == "otp_expired"
    done = follow(link_in(mails[1]))
    assert (done.port, done.path) == (9, "/done")
    session = client.auth.exchange_code_for_session({"auth_code": done.params["code"]}).session
    assert session is not None and (session.user.email, session.user.new_email) == (new, None)
    assert session.user.identities is not None and session.user.identities[0].identity_data is not None
    assert session.user.identities[0].identity_data["email"] == new
    assert sign_in(running, old).status_code == 400 and sign_in(running, new).status_code == 200


def test_digits_confirm_another_address_too(running: Running) -> None:
    old, new = new_user(running)["email"], new_email()
    session = signed_in(running, old)
    assert change(running, session, email=new).status_code == 200

    def typed(email: str) -> dict[str, Any]:
        body = {"type": "email_change", "email": email, "token": digits_in(mail_to(running, email))}
        answer = call(running, "POST", "/verify", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    assert typed(new)["code"] == "200"
    assert typed(old)["user"]["email"] == new


def test_only_a_free_and_valid_address_can_be_asked_for(running: Running, session: dict[str, Any]) -> None:
    taken = new_user(running)["email"]
    assert said(change(running, session, email=taken.upper()))[:2] == (422, "email_exists")
    assert said(change(running, session, email="nonsense"))[:2] == (400, "validation_failed")
    assert said(change(running, session, phone="+49123"))[1] == "phone_provider_disabled"
    assert "new_email" not in change(running, session, email=session["user"]["email"]).json()
    assert mails_to(running, session["user"]["email"]) == []


def test_an_address_taken_meanwhile_is_not_given_twice(running: Running, session: dict[str, Any]) -> None:
    new = new_email()
    change(running, session, email=new)
    follow(link_in(mail_to(running, session["user"]["email"])))
    new_user(running, email=new)
    assert fragment(follow(link_in(mail_to(running, new))))["error_code"] == "email_exists"
    assert is_signed_in(running, session)


def test_a_change_of_address_is_mailed_again_a_minute_later(running: Running, session: dict[str, Any]) -> None:
    old, new = session["user"]["email"], new_email()
    change(running, session, email=new)
    assert said(change(running, session, email=new_email()))[:2] == (429, "over_email_send_rate_limit")
    body = {"type": "email_change", "email": old}
    assert call(running, "POST", "/resend", body).status_code == 429
    rewind(running, "users", "email_change_sent_at", "email", old, 60)
    assert call(running, "POST", "/resend", body).json() == {}
    assert [len(mails_to(running, email)) for email in (old, new)] == [2, 2]
    older = mails_to(running, new)[1]
    assert fragment(follow(link_in(older)))["error_code"] == "otp_expired"


def test_without_confirmation_one_mailbox_is_enough(lax: Running) -> None:
    session, new = signed_in(lax, new_user(lax)["email"]), new_email()
    assert change(lax, session, email=new).json()["email"] != new
    assert is_signed_in(lax, fragment(follow(link_in(mail_to(lax, new)))))
    assert sign_in(lax, new).status_code == 200


# -- Signing out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        ("?scope=global", [False, False]),
        ("", [False, False]),
        ("?scope=local", [False, True]),
        ("?scope=others", [True, False]),
    ],
)
def test_signing_out_ends_the_sessions_it_is_meant_to(running: Running, scope: str, kept: list[bool]) -> None:
    email, stranger = new_user(running)["email"], signed_in(running, new_user(running)["email"])
    sessions = [signed_in(running, email), signed_in(running, email)]
    answer = call(running, "POST", f"/logout{scope}", token=sessions[0]["access_token"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert [is_signed_in(running, session) for session in sessions] == kept
    assert is_signed_in(running, stranger)


def test_the_official_client_signs_out(running: Running) -> None:
    client = client_of(running, new_user(running)["email"])
    session = client.auth.get_session()
    assert session is not None
    client.auth.sign_out()
    assert client.auth.get_session() is None
    with pytest.raises(AuthApiError) as refused:
        client.auth.get_user(session.access_token)
    assert (refused.value.status, refused.value.code) == (403, "session_not_found")


def test_who_is_not_signed_in_does_nothing_here(running: Running, session: dict[str, Any]) -> None:
    assert said(call(running, "POST", "/logout?scope=mine", token=session["access_token"]))[:2] == (
        400,
        "validation_failed",
    )
    for method, path in (("GET", "/user"), ("PUT", "/user"), ("POST", "/logout")):
        body: dict[str, object] | None = {} if method == "PUT" else None
        assert said(call(running, method, path, body))[1] == "bad_jwt"
        assert said(call(running, method, path, body, token="x.y.z"))[1] == "bad_jwt"
    user = session["user"]["id"]
    admin_call(running, "PUT", f"/admin/users/{user}", {"ban_duration": "1h"})
    assert said(call(running, "GET", "/user", token=session["access_token"])) == (403, "user_banned", "User is banned")
    assert said(sign_in(running, session["user"]["email"])) == (400, "user_banned", "User is banned")
