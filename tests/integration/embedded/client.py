"""People and keys of the embedded Supabase, as its clients use them."""

import uuid
from typing import Any

import httpx

from embedded.running import Running
from supabase import Client, create_client

PASSWORD = "correct horse battery"  # pragma: allowlist secret


def admin_call(running: Running, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """A call of Auth with the secret key."""
    headers = {"apikey": running.secret_key}
    return httpx.request(method, f"{running.supabase_url}/auth/v1{path}", headers=headers, json=body)


def new_user(running: Running, **fields: Any) -> dict[str, Any]:
    """A confirmed user with `PASSWORD`."""
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD, "email_confirm": True} | fields
    answer = admin_call(running, "POST", "/admin/users", body)
    assert answer.status_code == 200, answer.text
    user: dict[str, Any] = answer.json()
    return user


def sign_in(running: Running, email: str, password: str = PASSWORD) -> httpx.Response:
    """The password grant, as a client with the publishable key asks for it."""
    return httpx.post(
        f"{running.supabase_url}/auth/v1/token?grant_type=password",
        headers={"apikey": running.publishable_key, "X-Supabase-Api-Version": "2024-01-01"},
        json={"email": email, "password": password},
    )


def client_of(running: Running, email: str) -> Client:
    """The official client, signed in."""
    client = create_client(running.supabase_url, running.publishable_key)
    client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    return client
