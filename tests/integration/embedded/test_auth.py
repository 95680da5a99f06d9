"""The stand-in for Supabase Auth, asked as Supabase's own client asks, and in its error shapes."""

import json
import uuid

import httpx
import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from embedded.running import Running
from tests.integration.embedded.client import PASSWORD, admin_call, client_of, new_user, sign_in


def test_the_official_client_signs_in(running: Running) -> None:
    user = new_user(running, user_metadata={"name": "Ada"})
    client = client_of(running, user["email"])
    response = client.auth.get_user()
    assert response is not None
    assert (response.user.id, response.user.email) == (user["id"], user["email"])
    assert response.user.user_metadata["name"] == "Ada"
    assert response.user.identities is not None and response.user.identities[0].provider == "email"


def test_a_token_is_checked_with_the_published_keys(running: Running) -> None:
    user = new_user(running)
    token = sign_in(running, user["email"]).json()["access_token"]
    keys = httpx.get(f"{running.supabase_url}/auth/v1/.well-known/jwks.json").json()["keys"]
    assert "d" not in keys[0], "the private half of the key is published"
    assert jwt.get_unverified_header(token)["kid"] == keys[0]["kid"]
    key = ECAlgorithm.from_jwk(json.dumps(keys[0]))
    claims = jwt.decode(token, key, ["ES256"], audience="authenticated")  # type: ignore[arg-type]
    assert (claims["sub"], claims["role"], claims["iss"]) == (
        user["id"],
        "authenticated",
        f"{running.supabase_url}/auth/v1",
    )
    assert uuid.UUID(claims["session_id"]).version == 4


@pytest.mark.parametrize("password", ["wrong", "", "x" * 100, "nul\0byte"])
def test_a_wrong_password_and_an_unknown_user_get_one_answer(running: Running, password: str) -> None:
    known = sign_in(running, new_user(running)["email"], password)
    unknown = sign_in(running, "nobody@example.com", password)
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert known.status_code == 400
    assert known.json() == {"code": "invalid_credentials", "message": "Invalid login credentials"}
    assert known.headers["x-supabase-api-version"] == "2024-01-01"


def test_an_unconfirmed_user_is_told_so_only_with_the_right_password(running: Running) -> None:
    email = new_user(running, email_confirm=False)["email"]
    assert sign_in(running, email, "wrong").json()["code"] == "invalid_credentials"
    assert sign_in(running, email).json()["code"] == "email_not_confirmed"


@pytest.mark.parametrize("version", ["", "2023-12-31", "latest", "2024", "2024-1-1"])
def test_an_older_client_gets_the_older_error_shape(running: Running, version: str) -> None:
    answer = httpx.post(
        f"{running.supabase_url}/auth/v1/token?grant_type=password",
        headers={"apikey": running.publishable_key, "X-Supabase-Api-Version": version},
        json={"email": "nobody@example.com", "password": "x"},
    )
    assert answer.json() == {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}


def test_an_address_is_taken_once(running: Running) -> None:
    email = new_user(running)["email"]
    again = admin_call(running, "POST", "/admin/users", {"email": email.upper(), "password": PASSWORD})
    assert (again.status_code, again.json()["error_code"]) == (422, "email_exists")


@pytest.mark.parametrize("email", ["", "no-at", "a b@example.com", "@example.com", "a@", None, "x" * 250 + "@e.com"])
def test_what_is_no_address_is_refused(running: Running, email: object) -> None:
    answer = admin_call(running, "POST", "/admin/users", {"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"x"', b"[" * 100_000, b'{"a": NaN}', b'{"email": 7}'])
def test_a_body_that_is_no_object_is_refused(running: Running, body: bytes) -> None:
    answer = httpx.post(
        f"{running.supabase_url}/auth/v1/admin/users", headers={"apikey": running.secret_key}, content=body
    )
    assert (answer.status_code, answer.json()["error_code"]) == (400, "bad_json")


@pytest.mark.parametrize(
    "body",
    [
        '{"email": "a\\u0000@example.com"}',
        '{"email": "a\\ud800@example.com"}',
        '{"email": "%s", "password": "\\ud800"}',
        '{"email": "%s", "user_metadata": {"name": "\\u0000"}}',
        '{"email": "%s", "user_metadata": {"name": "\\ud800"}}',
    ],
)
def test_what_cannot_be_stored_is_refused(running: Running, body: str) -> None:
    for path, key in (("/admin/users", running.secret_key), ("/token?grant_type=password", running.publishable_key)):
        answer = httpx.post(
            f"{running.supabase_url}/auth/v1{path}",
            headers={"apikey": key},
            content=body.replace("%s", f"{uuid.uuid4().hex}@example.com"),
        )
        assert answer.status_code == 400
        assert answer.json()["error_code"] in ("validation_failed", "invalid_credentials")


def test_only_the_secret_key_makes_users(running: Running) -> None:
    url, body = f"{running.supabase_url}/auth/v1/admin/users", {"email": "x@example.com", "password": PASSWORD}
    token = sign_in(running, new_user(running)["email"]).json()["access_token"]
    publishable = {"apikey": running.publishable_key}
    for headers in (publishable, publishable | {"Authorization": f"Bearer {token}"}):
        answer = httpx.post(url, headers=headers, json=body)
        assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin")
    assert httpx.post(url, json=body).status_code == 401


def test_a_token_of_another_key_is_refused(running: Running) -> None:
    user = new_user(running)
    forged = jwt.encode({"sub": user["id"], "role": "service_role", "exp": 2**32}, "x" * 32, "HS256")
    headers = {"apikey": running.publishable_key, "Authorization": f"Bearer {forged}"}
    answer = httpx.get(f"{running.supabase_url}/auth/v1/user", headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "bad_jwt")
    rest = httpx.get(f"{running.supabase_url}/rest/v1/accounts", headers=headers)
    assert rest.status_code == 401


def test_a_new_password_ends_the_users_sessions(running: Running) -> None:
    user = new_user(running)
    token = sign_in(running, user["email"]).json()["access_token"]
    changed = admin_call(running, "PUT", f"/admin/users/{user['id']}", {"password": "another long one"})
    assert changed.status_code == 200
    headers = {"apikey": running.publishable_key, "Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{running.supabase_url}/auth/v1/user", headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "session_not_found")
    assert sign_in(running, user["email"]).status_code == 400
    assert sign_in(running, user["email"], "another long one").status_code == 200


def test_a_removed_user_is_gone(running: Running) -> None:
    user = new_user(running)
    assert admin_call(running, "DELETE", f"/admin/users/{user['id']}").status_code == 200
    assert admin_call(running, "GET", f"/admin/users/{user['id']}").status_code == 404
    assert admin_call(running, "GET", "/admin/users/nonsense").status_code == 404
    assert sign_in(running, user["email"]).status_code == 400
