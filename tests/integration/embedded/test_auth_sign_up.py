"""Sign-up with the stand-in for Supabase Auth, with confirmation of the address and without."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from supabase_auth.errors import AuthApiError

from embedded.running import Running
from supabase import AsyncClientOptions, acreate_client
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
    signed_in,
)

CHALLENGE = "c" * 43
WITH_NUL = "with\0nul"
BAD_JSON = "Could not parse request body as JSON"
NO_ADDRESS = "Unable to validate email address: invalid format"
HALF_A_CHALLENGE = "PKCE flow requires code_challenge_method and code_challenge"


def sign_up(running: Running, email: str, password: str = PASSWORD, **fields: object) -> httpx.Response:
    return call(running, "POST", "/signup", {"email": email, "password": password, **fields})


# -- With confirmation ----------------------------------------------------------------------------------------------


def test_the_official_client_signs_up_confirms_and_signs_in_with_the_code(running: Running) -> None:
    client, email = official(running), new_email()
    back = "http://127.0.0.1:8000/api/portal/confirm?next=%2Freports"
    answer = client.auth.sign_up(
        {
            "email": email.upper(),
            "password": PASSWORD,
            "options": {"email_redirect_to": back, "data": {"name": "Ada"}},
        }
    )
    assert answer.session is None and answer.user is not None
    assert answer.user.email == email and answer.user.confirmation_sent_at is not None
    assert answer.user.identities is not None and answer.user.identities[0].provider == "email"
    assert sign_in(running, email).json()["code"] == "email_not_confirmed"
    target = follow(link_in(mail_to(running, email)))
    assert (target.host, target.port, target.path) == ("127.0.0.1", 8000, "/api/portal/confirm")
    assert target.params["next"] == "/reports" and not target.fragment
    session = client.auth.exchange_code_for_session({"auth_code": target.params["code"]}).session
    assert session is not None and session.user.email_confirmed_at is not None
    assert session.user.user_metadata == {"name": "Ada", "email_verified": True}
    assert session.user.identities is not None and session.user.identities[0].identity_data is not None
    assert session.user.identities[0].identity_data["email_verified"] is True
    claims = client.auth.get_claims()
    assert claims is not None and claims["claims"]["amr"][0]["method"] == "email/signup"
    assert signed_in(running, email)["user"]["id"] == answer.user.id


@pytest.mark.anyio
async def test_the_async_client_does_so_too(running: Running) -> None:
    email = new_email()
    async with httpx.AsyncClient() as http:
        options = AsyncClientOptions(httpx_client=http)
        client = await acreate_client(running.supabase_url, running.publishable_key, options)
        await client.auth.sign_up({"email": email, "password": PASSWORD})
        target = follow(link_in(mail_to(running, email)))
        answer = await client.auth.exchange_code_for_session({"auth_code": target.params["code"]})
        assert answer.session is not None
        refreshed = await client.auth.refresh_session()
        assert refreshed.session is not None and refreshed.session.refresh_token != answer.session.refresh_token
        await client.auth.sign_out({"scope": "local"})
        assert await client.auth.get_session() is None


def test_a_client_without_a_challenge_gets_its_tokens_behind_the_hash(running: Running) -> None:
    email = new_email()
    sign_up(running, email, data=None, gotrue_meta_security={"captcha_token": None})
    target = follow(link_in(mail_to(running, email)))
    assert "code" not in target.params and str(target).startswith(running.rules.site_url)
    said_there = fragment(target)
    assert said_there.keys() == {
        "access_token", "expires_at", "expires_in", "refresh_token", "token_type", "type", "sb",
    }  # fmt: skip
    assert (said_there["type"], said_there["token_type"], said_there["sb"]) == ("signup", "bearer", "")
    assert is_signed_in(running, said_there)


def test_a_link_is_good_once(running: Running) -> None:
    email = new_email()
    sign_up(running, email)
    link = link_in(mail_to(running, email))
    with ThreadPoolExecutor(4) as pool:
        targets = list(pool.map(follow, [link] * 4))
    assert sum("access_token" in fragment(target) for target in targets) == 1
    with psycopg.connect(running.migrate_database_url) as connection:
        query = "select count(*) from auth.one_time_tokens where relates_to = %s"
        assert connection.execute(query, (email,)).fetchone() == (0,)
    again = fragment(follow(link))
    assert again == {
        "error": "access_denied",
        "error_code": "otp_expired",
        "error_description": "Email link is invalid or has expired",
        "sb": "",
    }


def test_digits_are_as_good_as_the_link(running: Running) -> None:
    email = new_email()
    sign_up(running, email)
    body = {"type": "signup", "email": email.upper(), "token": digits_in(mail_to(running, email))}
    wrong = body | {"token": f"{(int(body['token']) + 1) % 10**6:06d}"}
    expired = (403, "otp_expired", "Token has expired or is invalid")
    assert said(call(running, "POST", "/verify", wrong)) == expired
    assert said(call(running, "POST", "/verify", body | {"email": new_user(running)["email"]})) == expired
    assert said(call(running, "POST", "/verify", body | {"type": "recovery"})) == expired
    session = call(running, "POST", "/verify", body).json()
    assert is_signed_in(running, session)
    assert said(call(running, "POST", "/verify", body)) == expired


def test_a_repeated_sign_up_of_a_confirmed_address_tells_nothing(running: Running) -> None:
    email, fresh = new_user(running, user_metadata={"name": "Ada"})["email"], new_email()
    taken, free = sign_up(running, email, data={"name": "Eve"}), sign_up(running, fresh, data={"name": "Eve"})
    assert (taken.status_code, free.status_code) == (200, 200)
    assert taken.json().keys() == free.json().keys(), free.json()
    assert taken.json()["user_metadata"] == {"name": "Eve"} and taken.json()["identities"] == []
    assert taken.json()["id"] != sign_up(running, email).json()["id"]
    assert mails_to(running, email) == []
    assert signed_in(running, email)["user"]["user_metadata"]["name"] == "Ada"


def test_a_repeated_sign_up_of_an_unconfirmed_address_changes_nothing_and_mails_again_a_minute_later(
    running: Running,
) -> None:
    email = new_email()
    first = sign_up(running, email, data={"name": "Ada"}).json()
    refused = sign_up(running, email, "another password", data={"name": "Eve"})
    status, code, sentence = said(refused)
    assert (status, code) == (429, "over_email_send_rate_limit")
    assert sentence.startswith("For security purposes, you can only request this after ")
    rewind(running, "users", "confirmation_sent_at", "email", email, 59)
    assert sign_up(running, email).status_code == 429
    rewind(running, "users", "confirmation_sent_at", "email", email, 1)
    second = sign_up(running, email, "another password", data={"name": "Eve"}).json()
    assert (second["id"], second["user_metadata"]["name"]) == (first["id"], "Ada")
    newer, older = mails_to(running, email)
    assert "error_code" in fragment(follow(link_in(older)))
    assert "access_token" in fragment(follow(link_in(newer)))
    assert sign_in(running, email, "another password").status_code == 400
    assert sign_in(running, email).status_code == 200


def test_of_several_sign_ups_at_once_one_makes_the_user_and_sends_the_mail(running: Running) -> None:
    email = new_email()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: sign_up(running, email), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 429, 429, 429]
    assert len(mails_to(running, email)) == 1


def test_a_link_expires_after_an_hour(running: Running) -> None:
    email = new_email()
    sign_up(running, email)
    rewind(running, "users", "confirmation_sent_at", "email", email, 3601)
    mail = mail_to(running, email)
    assert fragment(follow(link_in(mail)))["error_code"] == "otp_expired"
    digits = {"type": "signup", "email": email, "token": digits_in(mail)}
    assert call(running, "POST", "/verify", digits).status_code == 403


def test_a_confirmation_is_sent_again(running: Running) -> None:
    email = new_email()
    sign_up(running, email, code_challenge=CHALLENGE, code_challenge_method="s256")
    body = {"type": "signup", "email": email}
    assert call(running, "POST", "/resend", body).status_code == 429
    rewind(running, "users", "confirmation_sent_at", "email", email, 60)
    client = official(running)
    client.auth.resend({"type": "signup", "email": email, "options": {"email_redirect_to": "http://127.0.0.1:9/again"}})
    newer, _ = mails_to(running, email)
    # The client sends no challenge here: what comes back are tokens, behind the hash.
    target = follow(link_in(newer))
    assert (target.port, target.path, "access_token" in fragment(target)) == (9, "/again", True)
    for address in (email, new_email()):
        answer = call(running, "POST", "/resend", body | {"email": address})
        assert (answer.status_code, answer.json()) == (200, {})
    assert len(mails_to(running, email)) == 2


def test_a_magic_link_makes_a_user_and_confirms_the_address(running: Running) -> None:
    client, email = official(running), new_email()
    with pytest.raises(AuthApiError, match="Signups not allowed for otp") as refused:
        client.auth.sign_in_with_otp({"email": email, "options": {"should_create_user": False}})
    assert (refused.value.status, refused.value.code) == (422, "otp_disabled")
    client.auth.sign_in_with_otp({"email": email, "options": {"data": {"name": "Ada"}}})
    first = mail_to(running, email)
    assert first.subject == "Confirm your e-mail address"
    code = follow(link_in(first)).params["code"]
    session = client.auth.exchange_code_for_session({"auth_code": code}).session
    assert session is not None and session.user.user_metadata["name"] == "Ada"
    client.auth.sign_in_with_otp({"email": email})
    second = mails_to(running, email)[0]
    assert second.subject == "Sign in to Coverage Report"
    answer = client.auth.verify_otp({"email": email, "token": digits_in(second), "type": "email"})
    assert answer.session is not None and answer.session.user.id == session.user.id


# -- Without confirmation -------------------------------------------------------------------------------------------


def test_without_confirmation_a_sign_up_signs_in(lax: Running) -> None:
    client, email = official(lax), new_email()
    answer = client.auth.sign_up({"email": email, "password": PASSWORD})
    assert answer.session is not None and answer.user is not None and answer.user.email_confirmed_at is not None
    assert mails_to(lax, email) == []
    again = sign_up(lax, email)
    assert said(again) == (422, "user_already_exists", "User already registered")
    assert signed_in(lax, email)["user"]["id"] == answer.user.id


def test_without_confirmation_a_magic_link_still_has_to_be_opened(lax: Running) -> None:
    email = new_email()
    assert call(lax, "POST", "/otp", {"email": email}).json() == {}
    assert mail_to(lax, email).subject == "Sign in to Coverage Report"
    assert is_signed_in(lax, fragment(follow(link_in(mail_to(lax, email)))))


@pytest.mark.parametrize(("gateway", "confirmed"), [("running", False), ("lax", True)])
def test_settings_say_what_is_on(request: pytest.FixtureRequest, gateway: str, confirmed: bool) -> None:
    running: Running = request.getfixturevalue(gateway)
    settings = call(running, "GET", "/settings").json()
    assert settings["mailer_autoconfirm"] is confirmed
    assert [name for name, on in settings["external"].items() if on] == ["email"]
    assert httpx.get(f"{running.supabase_url}/auth/v1/settings").status_code == 401


# -- Hostile --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code", "sentence"),
    [
        ({"email": ""}, 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
        ({"email": None}, 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
        ({"password": ""}, 400, "validation_failed", "Signup requires a valid password"),
        ({"password": None}, 400, "validation_failed", "Signup requires a valid password"),
        ({"password": "é" * 37}, 400, "validation_failed", "Password cannot be longer than 72 characters"),
        (
            {"password": WITH_NUL},
            400,
            "validation_failed",
            "Password cannot contain a NUL character",
        ),
        ({"password": 123456}, 400, "bad_json", BAD_JSON),
        ({"email": "no-address"}, 400, "validation_failed", NO_ADDRESS),
        ({"email": "a@example.com\nBcc: b@example.com"}, 400, "validation_failed", NO_ADDRESS),
        ({"email": "a" * 250 + "@example.com"}, 400, "validation_failed", "An email address is too long"),
        ({"email": ["a@example.com"]}, 400, "bad_json", BAD_JSON),
        ({"email": "", "phone": "+4912345"}, 400, "phone_provider_disabled", "Phone signups are disabled"),
        (
            {"phone": "+4912345"},
            400,
            "validation_failed",
            "Only an email address or phone number should be provided on signup.",
        ),
        ({"data": "x"}, 400, "bad_json", BAD_JSON),
        ({"code_challenge": CHALLENGE}, 400, "validation_failed", HALF_A_CHALLENGE),
        ({"code_challenge_method": "s256"}, 400, "validation_failed", HALF_A_CHALLENGE),
        (
            {"code_challenge": "c", "code_challenge_method": "s256"},
            400,
            "validation_failed",
            "code challenge has to be between 43 and 128 characters",
        ),
        (
            {"code_challenge": CHALLENGE, "code_challenge_method": "md5"},
            400,
            "validation_failed",
            "unsupported code_challenge method 'md5'",
        ),
    ],
)
def test_a_bad_sign_up_is_refused(
    running: Running, changes: dict[str, object], status: int, code: str, sentence: str
) -> None:
    body = {"email": "a@example.com", "password": PASSWORD, **changes}
    assert said(call(running, "POST", "/signup", body)) == (status, code, sentence)


def test_a_short_password_is_weak(running: Running) -> None:
    answer = sign_up(running, new_email(), "12345")
    assert said(answer) == (422, "weak_password", "Password should be at least 6 characters.")
    assert answer.json()["weak_password"] == {"reasons": ["length"]}
    assert sign_up(running, new_email(), "123456").status_code == 200


def test_who_was_given_a_weak_password_is_told_at_sign_in(running: Running) -> None:
    email = new_user(running, password="12345")["email"]
    assert signed_in(running, email, "12345")["weak_password"]["reasons"] == ["length"]
    assert "weak_password" not in signed_in(running, new_user(running)["email"])


@pytest.mark.parametrize("data", ['"\\u0000"', '"\\ud800"', "[" * 3000 + "]" * 3000])
def test_what_cannot_be_stored_of_a_new_user_is_refused(running: Running, data: str) -> None:
    assert said(sign_up_raw(running, data))[:2] in ((400, "validation_failed"), (400, "bad_json"))


def test_data_is_stored_or_refused_however_deep_it_is(running: Running) -> None:
    answers = [sign_up_raw(running, "[" * depth + "]" * depth) for depth in range(850, 1000, 10)]
    assert {answer.status_code for answer in answers} == {200, 400}


def sign_up_raw(running: Running, data: str) -> httpx.Response:
    body = f'{{"email": "{new_email()}", "password": "{PASSWORD}", "data": {{"a": {data}}}}}'
    headers = {"apikey": running.publishable_key, "X-Supabase-Api-Version": "2024-01-01"}
    return httpx.post(f"{running.supabase_url}/auth/v1/signup", headers=headers, content=body)


def test_an_invited_user_who_signs_up_is_shown_nothing_of_the_invitation(running: Running) -> None:
    email = new_email()
    assert admin_call(running, "POST", "/invite", {"email": email, "data": {"team": "Acme"}}).status_code == 200
    rewind(running, "users", "confirmation_sent_at", "email", email, 60)
    answer = sign_up(running, email).json()
    assert (answer["user_metadata"], answer["identities"]) == ({}, [])
