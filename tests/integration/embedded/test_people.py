"""What a signed-in person does, over the real gateway and PostgREST: statuses, sentences and codes arrive."""

import hashlib
import uuid
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError

from embedded.running import Running
from embedded.stack import Stack
from supabase import Client
from tests.integration.embedded.client import client_of, new_user


@pytest.fixture
def running(stack: Stack) -> Running:
    return stack.running


@pytest.fixture
def someone(running: Running) -> Client:
    user: dict[str, Any] = new_user(running)
    return client_of(running, user["email"])


def call(client: Client, function: str, **arguments: Any) -> Any:
    return client.rpc(function, {f"p_{name}": value for name, value in arguments.items()}).execute().data


def refusal(client: Client, function: str, **arguments: Any) -> APIError:
    with pytest.raises(APIError) as caught:
        call(client, function, **arguments)
    return caught.value


def test_from_first_sign_in_to_the_first_report(someone: Client) -> None:
    account = call(someone, "ensure_account")
    call(someone, "save_profile", name="Ada", time_zone="Europe/Berlin", theme="dark")
    call(someone, "rename_account", account=account, name="Penrose & Co")
    made = call(someone, "create_report", account=account, name="Launch", urls=["https://example.com/"])
    assert made["outcome"] == "created"
    assert call(someone, "report_page", report=made["report_id"])["created_by"] == "Ada"
    rows = call(someone, "search_reports", account=account, search="laun")
    assert [(row["id"], row["total"]) for row in rows] == [(made["report_id"], 1)]
    overview = call(someone, "account_overview", account=account)
    assert (overview["name"], overview["balance"]) == ("Penrose & Co", 2)


def test_a_refusal_comes_with_status_sentence_and_code(someone: Client, running: Running) -> None:
    account = call(someone, "ensure_account")
    stranger = client_of(running, new_user(running)["email"])
    error = refusal(stranger, "rename_account", account=account, name="Stolen")
    assert (error.code, error.details) == ("PT404", "not_found")
    assert error.message == "This account does not exist, or it is not yours."
    error = refusal(someone, "create_report", account=account, name="", urls=["ftp://example.com/"])
    assert (error.code, error.details) == ("PT400", "invalid_urls")
    assert error.message == "This is not a link that can be opened: ftp://example.com/"


def post(client: Client, function: str, body: dict[str, Any]) -> httpx.Response:
    """As the official client asks, and what it makes of statuses is not in the way."""
    return httpx.post(f"{client.postgrest.base_url}/rpc/{function}", headers=dict(client.postgrest.headers), json=body)


def test_the_status_is_that_of_http(someone: Client) -> None:
    answer = post(someone, "report_page", {"p_report": str(uuid.uuid4())})
    assert (answer.status_code, answer.json()["details"]) == (404, "not_found")


def test_hostile_arguments_are_refused_not_stumbled_over(someone: Client) -> None:
    account = call(someone, "ensure_account")
    for urls in ([["https://example.com/"]], {"a": 1}, ["https://example.com/\u0000"]):
        answer = post(someone, "create_report", {"p_account": account, "p_name": "x", "p_urls": urls})
        assert answer.status_code == 400, answer.text


def test_invited_and_accepted(someone: Client, running: Running) -> None:
    account = call(someone, "ensure_account")
    guest = new_user(running)
    token = uuid.uuid4().hex
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    invitation = call(
        someone, "invite_member", account=account, email=guest["email"], role="admin", token_hash=token_hash
    )
    listed = someone.table("invitations").select("id,email").execute().data
    assert listed == [{"id": invitation, "email": guest["email"]}]
    error = refusal(someone, "renew_invitation", invitation=invitation, token_hash=token_hash)
    assert (error.code, error.details) == ("PT429", "too_soon")
    error = refusal(someone, "accept_invitation", token=token)
    assert (error.code, error.details) == ("PT403", "other_email")
    assert call(client_of(running, guest["email"]), "accept_invitation", token=token) == account
    members = call(someone, "list_members", account=account)
    assert [(row["email"], row["role"]) for row in members][1:] == [(guest["email"], "admin")]
