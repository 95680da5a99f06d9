"""Refresh tokens and codes of the stand-in: rotation, reuse, theft, PKCE."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import psycopg
import pytest

from embedded.running import Running
from tests.integration.embedded.client import (
    PASSWORD,
    admin_call,
    call,
    client_of,
    follow,
    is_signed_in,
    link_in,
    mail_to,
    new_email,
    new_user,
    official,
    rewind,
    said,
    signed_in,
)

VERIFIER = "v" * 64
USED = (400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
UNKNOWN = (400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")


def refresh(running: Running, token: object) -> httpx.Response:
    return call(running, "POST", "/token?grant_type=refresh_token", {"refresh_token": token})


def refreshed(running: Running, token: str) -> str:
    answer = refresh(running, token)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


@pytest.fixture
def session(running: Running) -> dict[str, Any]:
    return signed_in(running, new_user(running)["email"])


def claims(session: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(session["access_token"], options={"verify_signature": False})
    return read


# -- Refreshing -----------------------------------------------------------------------------------------------------


def test_a_refresh_keeps_the_session_and_changes_the_token(running: Running, session: dict[str, Any]) -> None:
    answer = refresh(running, session["refresh_token"]).json()
    assert answer["refresh_token"] != session["refresh_token"]
    assert answer.keys() == {"access_token", "token_type", "expires_in", "expires_at", "refresh_token", "user"}
    before, after = claims(session), claims(answer)
    assert after["session_id"] == before["session_id"] and after["amr"] == before["amr"]
    assert before["amr"][0]["method"] == "password"
    assert after.keys() == {
        "iss", "sub", "aud", "exp", "iat", "email", "phone", "app_metadata", "user_metadata", "role", "aal", "amr",
        "session_id", "is_anonymous",
    }  # fmt: skip
    assert is_signed_in(running, answer)


def test_the_official_client_refreshes(running: Running) -> None:
    client = client_of(running, new_user(running)["email"])
    before = client.auth.get_session()
    after = client.auth.refresh_session().session
    assert before is not None and after is not None and before.refresh_token != after.refresh_token


def test_a_refresh_brings_what_has_changed_about_the_user(running: Running) -> None:
    user = new_user(running)
    session = signed_in(running, user["email"])
    admin_call(running, "PUT", f"/admin/users/{user['id']}", {"app_metadata": {"plan": "pro"}})
    answer = refresh(running, session["refresh_token"]).json()
    assert claims(answer)["app_metadata"] == {"provider": "email", "providers": ["email"], "plan": "pro"}


def test_a_lost_answer_is_given_again_however_late(running: Running, session: dict[str, Any]) -> None:
    first = session["refresh_token"]
    second = refreshed(running, first)
    rewind(running, "refresh_tokens", "updated_at", "token", first, 3600)
    assert refreshed(running, first) == second
    assert refreshed(running, second) not in (first, second)


def test_a_used_token_is_good_for_ten_more_seconds(running: Running, session: dict[str, Any]) -> None:
    first = session["refresh_token"]
    second = refreshed(running, first)
    third = refreshed(running, second)
    rewind(running, "refresh_tokens", "updated_at", "token", first, 8)
    late = refreshed(running, first)
    assert late not in (first, second, third)
    assert refreshed(running, late) and refreshed(running, third)


def test_a_token_used_again_later_ends_all_tokens_of_its_session(running: Running, session: dict[str, Any]) -> None:
    email = session["user"]["email"]
    other = signed_in(running, email)
    first = session["refresh_token"]
    second = refreshed(running, first)
    third = refreshed(running, second)
    rewind(running, "refresh_tokens", "updated_at", "token", first, 11)
    assert said(refresh(running, first)) == USED
    # The refusal was committed: the token that was good is none any more, once its own ten seconds are over.
    rewind(running, "refresh_tokens", "updated_at", "token", third, 11)
    assert said(refresh(running, third)) == USED
    assert refresh(running, other["refresh_token"]).status_code == 200


@pytest.mark.parametrize("at_once", [2, 8])
def test_refreshes_at_once_mint_one_child(running: Running, session: dict[str, Any], at_once: int) -> None:
    token = session["refresh_token"]
    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(lambda _: refresh(running, token), range(at_once)))
    assert [answer.status_code for answer in answers] == [200] * at_once
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    with psycopg.connect(running.migrate_database_url) as connection:
        query = "select count(*) from auth.refresh_tokens where parent = %s"
        assert connection.execute(query, (token,)).fetchone() == (1,)


def test_a_session_that_is_locked_for_too_long_is_a_conflict(running: Running, session: dict[str, Any]) -> None:
    with psycopg.connect(running.migrate_database_url) as connection:
        connection.execute("select 1 from auth.sessions where id = %s for update", (claims(session)["session_id"],))
        answer = refresh(running, session["refresh_token"])
    assert said(answer)[:2] == (409, "conflict")


def test_who_is_banned_or_gone_refreshes_nothing(running: Running) -> None:
    user = new_user(running)
    session = signed_in(running, user["email"])
    admin_call(running, "PUT", f"/admin/users/{user['id']}", {"ban_duration": "24h"})
    assert said(refresh(running, session["refresh_token"])) == (
        400,
        "user_banned",
        "Invalid Refresh Token: User Banned",
    )
    admin_call(running, "PUT", f"/admin/users/{user['id']}", {"ban_duration": "none"})
    assert refresh(running, session["refresh_token"]).status_code == 200
    admin_call(running, "DELETE", f"/admin/users/{user['id']}")
    assert said(refresh(running, session["refresh_token"])) == UNKNOWN


@pytest.mark.parametrize("token", ["x", "x" * 12, "'; drop table auth.users; --", "x" * 10_000])
def test_an_unknown_token_is_refused(running: Running, token: str) -> None:
    assert said(refresh(running, token)) == UNKNOWN


def test_odd_requests_for_a_token_are_refused(running: Running) -> None:
    for token in ("", None):
        answer = refresh(running, token)
        expected = {"error": "invalid_request", "error_description": "refresh_token required"}
        assert (answer.status_code, answer.json()) == (400, expected)
    assert said(refresh(running, 7))[:2] == (400, "bad_json")
    assert said(refresh(running, "a\0b"))[:2] == (400, "validation_failed")
    for grant in ("", "magic", "password&grant_type=x"):
        answer = call(running, "POST", f"/token?grant_type={grant}", {})
        assert said(answer) == (400, "invalid_credentials", "unsupported_grant_type")
    missing = call(running, "POST", "/token?grant_type=password", {"password": PASSWORD})
    assert said(missing) == (400, "validation_failed", "missing email or phone")


# -- Codes ----------------------------------------------------------------------------------------------------------


def challenge(method: str) -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    text = VERIFIER if method == "plain" else base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return {"code_challenge": text, "code_challenge_method": method}


def code_for(running: Running, method: str = "s256") -> str:
    """The code at the end of a new user's link."""
    email = new_email()
    body = {"email": email, "password": PASSWORD, **challenge(method)}
    assert call(running, "POST", "/signup", body).status_code == 200
    return follow(link_in(mail_to(running, email))).params["code"]


def exchange(running: Running, code: object, verifier: object = VERIFIER) -> httpx.Response:
    return call(running, "POST", "/token?grant_type=pkce", {"auth_code": code, "code_verifier": verifier})


@pytest.mark.parametrize("method", ["s256", "S256", "plain"])
def test_a_code_and_its_verifier_are_a_session_once(running: Running, method: str) -> None:
    code = code_for(running, method)
    wrong = exchange(running, code, "w" * 64)
    assert said(wrong) == (
        400,
        "bad_code_verifier",
        "code challenge does not match previously saved code verifier",
    )
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: exchange(running, code), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert said(exchange(running, code)) == (
        404,
        "flow_state_not_found",
        "invalid flow state, no valid flow state found",
    )


def test_a_code_expires_five_minutes_after_the_mail_was_asked_for(running: Running) -> None:
    code = code_for(running)
    rewind(running, "flow_state", "created_at", "auth_code", code, 301)
    assert said(exchange(running, code))[:2] == (422, "flow_state_expired")


def test_a_code_that_no_link_has_given_away_is_none(running: Running) -> None:
    email = new_email()
    user = call(running, "POST", "/signup", {"email": email, "password": PASSWORD, **challenge("s256")}).json()
    with psycopg.connect(running.migrate_database_url) as connection:
        row = connection.execute("select auth_code from auth.flow_state where user_id = %s", (user["id"],)).fetchone()
    assert row is not None
    assert exchange(running, row[0]).status_code == 404


@pytest.mark.parametrize(("code", "verifier"), [("", VERIFIER), (None, VERIFIER), ("x", ""), ("x", None)])
def test_half_a_code_is_refused(running: Running, code: object, verifier: object) -> None:
    assert said(exchange(running, code, verifier))[:2] == (400, "validation_failed")


def test_a_client_cannot_use_the_code_of_another(running: Running) -> None:
    first, second = (official(running) for _ in "ab")
    email = new_email()
    first.auth.sign_up({"email": email, "password": PASSWORD})
    second.auth.sign_up({"email": new_email(), "password": PASSWORD})
    code = follow(link_in(mail_to(running, email))).params["code"]
    with pytest.raises(Exception, match="does not match"):
        second.auth.exchange_code_for_session({"auth_code": code})
    assert first.auth.exchange_code_for_session({"auth_code": code}).session
