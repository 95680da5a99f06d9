"""People, keys and mails of the embedded Supabase, as its clients use them."""

import re
import ssl
import uuid
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from supabase.lib.client_options import SyncClientOptions

from core.outbox import SentMail, newest_mails
from embedded.running import Running
from supabase import Client, create_client

PASSWORD = "correct horse battery"  # pragma: allowlist secret
NEWER = {"X-Supabase-Api-Version": "2024-01-01"}
Said = tuple[int, str, str]
_open: list[httpx.Client] = []
# Of no use to plain HTTP, but read at every call that brings none.
_CERTIFICATES = ssl.create_default_context()
_LOOKED_AT = 40


# -- Calls ----------------------------------------------------------------------------------------------------------


def call(
    running: Running, method: str, path: str, body: object = None, *, token: str = "", key: str = ""
) -> httpx.Response:
    """A call of Auth, as a newer client makes it, with the publishable key and somebody's token."""
    headers = {"apikey": key or running.publishable_key} | NEWER
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return _request(method, f"{running.supabase_url}/auth/v1{path}", headers=headers, json=body)


def admin_call(running: Running, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """A call of Auth with the secret key."""
    headers = {"apikey": running.secret_key}
    return _request(method, f"{running.supabase_url}/auth/v1{path}", headers=headers, json=body)


def _request(method: str, url: httpx.URL | str, **options: Any) -> httpx.Response:
    return httpx.request(method, url, verify=_CERTIFICATES, timeout=20, **options)


def said(answer: httpx.Response) -> Said:
    """Status, code and sentence of a refusal."""
    body = answer.json()
    assert answer.headers["x-sb-error-code"] == body["code"]
    return answer.status_code, body["code"], body["message"]


# -- People ---------------------------------------------------------------------------------------------------------


def new_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def new_user(running: Running, **fields: Any) -> dict[str, Any]:
    """A confirmed user with `PASSWORD`."""
    body = {"email": new_email(), "password": PASSWORD, "email_confirm": True} | fields
    answer = admin_call(running, "POST", "/admin/users", body)
    assert answer.status_code == 200, answer.text
    user: dict[str, Any] = answer.json()
    return user


def sign_in(running: Running, email: str, password: str = PASSWORD) -> httpx.Response:
    """The password grant, as a client with the publishable key asks for it."""
    return call(running, "POST", "/token?grant_type=password", {"email": email, "password": password})


def signed_in(running: Running, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """The session that a password gives."""
    answer = sign_in(running, email, password)
    assert answer.status_code == 200, answer.text
    session: dict[str, Any] = answer.json()
    return session


def is_signed_in(running: Running, session: dict[str, Any]) -> bool:
    """Whether the session is still there."""
    return call(running, "GET", "/user", token=session["access_token"]).status_code == 200


def official(running: Running, *, key: str = "") -> Client:
    """The official client, with the publishable key. `close_clients` ends its connections."""
    http = httpx.Client(verify=_CERTIFICATES)
    _open.append(http)
    options = SyncClientOptions(httpx_client=http)
    return create_client(running.supabase_url, key or running.publishable_key, options)


def client_of(running: Running, email: str) -> Client:
    """The official client, signed in."""
    client = official(running)
    client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    return client


def close_clients() -> None:
    """Closes what `official` has opened."""
    while _open:
        _open.pop().close()


# -- Mails ----------------------------------------------------------------------------------------------------------


def mails_to(running: Running, email: str) -> list[SentMail]:
    """What the outbox holds for an address, the newest first."""
    return [mail for mail in newest_mails(Path(running.rules.mail_url), _LOOKED_AT) if mail.to == email]


def mail_to(running: Running, email: str) -> SentMail:
    """The only mail to an address."""
    (mail,) = mails_to(running, email)
    return mail


def link_in(mail: SentMail) -> httpx.URL:
    """The one link of a mail."""
    (link,) = mail.links
    return httpx.URL(link)


def digits_in(mail: SentMail) -> str:
    """The code that may be typed instead."""
    (digits,) = re.findall(r"\b\d{6}\b", mail.text)
    return str(digits)


def follow(link: httpx.URL | str) -> httpx.URL:
    """Where a link of a mail leads, opened by a browser, which has no API key."""
    answer = _request("GET", link)
    assert answer.status_code == 303, answer.text
    return httpx.URL(answer.headers["location"])


def fragment(url: httpx.URL) -> dict[str, str]:
    """What stands behind the `#`."""
    return dict(httpx.QueryParams(url.fragment))


# -- Time -----------------------------------------------------------------------------------------------------------


def rewind(running: Running, table: str, column: str, where: str, value: object, seconds: float) -> None:
    """Lets a time in a table of `auth` lie so much longer in the past."""
    query = sql.SQL("update auth.{} set {column} = {column} - make_interval(secs => %s) where {} = %s").format(
        sql.Identifier(table), sql.Identifier(where), column=sql.Identifier(column)
    )
    with psycopg.connect(running.migrate_database_url, autocommit=True) as connection:
        assert connection.execute(query, (seconds, value)).rowcount > 0
