"""The gateway and PostgREST: who may see what with which key."""

import uuid

import httpx
import pytest

from embedded.running import Running
from tests.database.world import World
from tests.integration.embedded.client import client_of, new_user


def rest(running: Running, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{running.supabase_url}/rest/v1{path}", headers=headers)


def test_without_a_key_nothing_is_answered(running: Running) -> None:
    assert rest(running, "/accounts").json()["message"] == "No API key found in request"
    guess = "sb_secret_guess"  # pragma: allowlist secret
    for headers in ({"apikey": guess}, {"Authorization": f"Bearer {guess}"}, {"apikey": ""}):
        answer = rest(running, "/accounts", **headers)
        assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")


def test_the_publishable_key_alone_sees_nothing(running: Running) -> None:
    answer = rest(running, "/accounts", apikey=running.publishable_key)
    assert (answer.status_code, answer.json()["code"]) == (401, "42501")


def test_the_secret_key_sees_what_is_granted_to_the_service(running: Running, world: World) -> None:
    account = world.account()
    answer = rest(running, f"/accounts?select=id&id=eq.{account}", apikey=running.secret_key)
    assert answer.json() == [{"id": str(account)}]
    by_query = httpx.get(f"{running.supabase_url}/rest/v1/accounts?select=id&limit=1&apikey={running.secret_key}")
    assert by_query.status_code == 200


# Supabase's client warns of its own use of its own parts.
@pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning")
def test_a_user_sees_their_own_account_and_nobody_elses(running: Running, world: World) -> None:
    mine, theirs = new_user(running), new_user(running)
    account = world.value("admin", "select private.ensure_account_for(%s, 'Mine')", uuid.UUID(mine["id"]))
    world.value("admin", "select private.ensure_account_for(%s, 'Theirs')", uuid.UUID(theirs["id"]))
    world.report(account)
    client = client_of(running, mine["email"])
    for table in ("accounts", "members", "credit_entries", "api_keys", "reports", "report_items"):
        rows = client.table(table).select("*").execute().data
        assert rows, f"a member sees nothing of {table}"
        assert {str(row.get("account_id", row.get("id"))) for row in rows if isinstance(row, dict)} == {str(account)}


@pytest.mark.parametrize("table", ["accounts", "members", "credit_entries", "api_keys", "reports", "report_items"])
def test_a_user_writes_to_no_table(running: Running, world: World, table: str) -> None:
    user = new_user(running)
    world.value("admin", "select private.ensure_account_for(%s, 'Mine')", uuid.UUID(user["id"]))
    token = client_of(running, user["email"]).auth.get_session()
    assert token is not None
    headers = {"apikey": running.publishable_key, "Authorization": f"Bearer {token.access_token}"}
    column = "id" if table == "accounts" else "account_id"
    body = {column: str(uuid.uuid4())}
    url = f"{running.supabase_url}/rest/v1/{table}?{column}=not.is.null"
    for method in ("PATCH", "DELETE", "POST"):
        answer = httpx.request(method, url, headers=headers, json=body if method != "DELETE" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501"), answer.text


def test_private_tables_and_functions_are_not_served(running: Running) -> None:
    for profile in ("private", "auth", "pgmq"):
        answer = rest(running, "/staff", apikey=running.secret_key, **{"Accept-Profile": profile})
        assert answer.status_code == 406
    answer = httpx.post(
        f"{running.supabase_url}/rest/v1/rpc/create_report", headers={"apikey": running.secret_key}, json={}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/rest/v1/accounts", "/auth/v1/admin/users"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused(running: Running, path: str, chunked: bool) -> None:
    pieces = [b"x" * 2**20] * 11
    answer = httpx.post(
        f"{running.supabase_url}{path}",
        headers={"apikey": running.secret_key},
        content=iter(pieces) if chunked else b"".join(pieces),
    )
    assert answer.status_code == 413


def test_an_address_that_is_none_is_400(running: Running) -> None:
    assert rest(running, "/%00", apikey=running.publishable_key).status_code == 400
