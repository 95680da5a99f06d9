"""Who asks an endpoint of the portal, and for which account."""

import base64
import json
import uuid
from typing import Any

import httpx
import pytest

from embedded.running import Running
from tests.database.world import World
from tests.integration.api.stand import ORIGIN, Stand, assert_error
from tests.integration.portal.people import FROM_OUR_PAGE, Team, access_token, own_account

KEYS = "/api/portal/keys"
FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.coverage.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ORIGIN + ".evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "none", "Origin": "null"},
]


def test_nobody_is_told_how_to_sign_in(portal: Stand) -> None:
    answer = portal.client.get(KEYS)
    assert_error(answer, 401, code="not_signed_in")
    assert answer.headers["www-authenticate"] == 'Bearer realm="coverage-report"'


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "a" * 10_000, '"quoted"'])
def test_a_cookie_of_nobody_is_nobody(portal: Stand, cookie: str) -> None:
    answer = portal.client.get(KEYS, headers={"Cookie": f"coveragereport_session={cookie}"})
    assert_error(answer, 401, code="not_signed_in")


def test_a_browser_asks_for_the_account_it_chose_last(people: Team, world: World) -> None:
    second = own_account(world, people.member)
    people.member.post(KEYS, params={"account": str(second)}, json={"name": "of the second"})
    assert people.member.get(KEYS).json()["data"] == []
    world.run("update private.sessions set account_id = %s where user_id = %s", second, people.member.id)
    assert [key["name"] for key in people.member.get(KEYS).json()["data"]] == ["of the second"]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_cookie_does_not_speak_for_other_sites(people: Team, headers: dict[str, str]) -> None:
    answer = people.owner.post(KEYS, headers=headers, json={"name": "stolen"})
    assert_error(answer, 403, code="foreign_origin")
    assert people.owner.get(KEYS).json()["data"] == []


@pytest.mark.parametrize("headers", [FROM_OUR_PAGE, {"Origin": ORIGIN}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_cookie_speaks_for_our_own_pages(people: Team, headers: dict[str, str]) -> None:
    assert people.owner.post(KEYS, headers=headers, json={"name": "mine"}).status_code == 201


def test_a_form_of_another_site_is_not_even_json(people: Team) -> None:
    answer = people.owner.post(KEYS, data={"name": "stolen"})
    assert_error(answer, 415, code="unsupported_media_type")


def test_a_program_needs_neither_cookie_nor_origin(people: Team, portal: Stand) -> None:
    answer = portal.client.post(KEYS, headers=people.owner.bearer, json={"name": "deploy"})
    assert answer.status_code == 201, answer.text
    assert [key["name"] for key in portal.client.get(KEYS, headers=people.admin.bearer).json()["data"]] == ["deploy"]


def test_a_token_is_asked_before_the_cookie(people: Team) -> None:
    answer = people.owner.get(KEYS, headers={"Authorization": "Bearer a.b.c"})
    assert_error(answer, 401, code="invalid_token")


def test_a_program_of_several_accounts_names_one(people: Team, portal: Stand, world: World) -> None:
    second = own_account(world, people.member)
    bearer = people.member.bearer
    answer = portal.client.get(KEYS, headers=bearer)
    assert_error(answer, 400, code="account_required")
    assert [account["id"] for account in answer.json()["accounts"]] == [str(people.account), str(second)]
    for account in (people.account, second):
        assert portal.client.get(KEYS, headers=bearer, params={"account": str(account)}).status_code == 200


def test_who_belongs_to_no_account_is_told(people: Team, portal: Stand, world: World) -> None:
    bearer = people.member.bearer
    world.run("delete from public.members where user_id = %s", people.member.id)
    assert_error(portal.client.get(KEYS, headers=bearer), 403, code="no_account")
    assert_error(people.member.get(KEYS), 403, code="no_account")


@pytest.mark.parametrize("named", ["x", "", "'; drop table accounts; --", "0" * 40, str(uuid.UUID(int=0))])
def test_what_is_no_account_of_theirs_is_not_there(people: Team, named: str) -> None:
    for visitor in ({}, {"headers": people.owner.bearer}):
        options: dict[str, Any] = {"params": {"account": named}, **visitor}
        assert_error(people.owner.get(KEYS, **options), 404, code="not_found")


def test_the_account_of_a_stranger_is_not_there(people: Team) -> None:
    params = {"account": str(people.account)}
    for options in ({}, {"headers": people.outsider.bearer}):
        assert_error(people.outsider.get(KEYS, params=params, **options), 404, code="not_found")
        assert_error(people.outsider.post(KEYS, params=params, json={"name": "x"}, **options), 404, code="not_found")


def test_an_account_named_twice_is_none(people: Team) -> None:
    answer = people.owner.get(f"{KEYS}?account={people.account}&account={people.account}")
    assert_error(answer, 404, code="not_found")


def changed(token: str, **claims: Any) -> str:
    head, payload, signature = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    written = base64.urlsafe_b64encode(json.dumps(content | claims).encode()).decode().rstrip("=")
    return f"{head}.{written}.{signature}"


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def test_a_token_that_the_database_does_not_take_is_nobodys(people: Team, portal: Stand, running: Running) -> None:
    token = access_token(running, people.outsider.email)
    owner = str(people.owner.id)
    for sent in (
        f"Bearer {changed(token, sub=owner)}", f"Bearer {unsigned(token)}", f"Bearer {unsigned(token)}x", "Bearer",
        "Bearer a.b.c", f"Basic {token}", token, f"Bearer {running.publishable_key}", f"Bearer {running.secret_key}",
        f"Bearer {token}{'x' * 60_000}", "Bearer é.é.é", f"Bearer {token} {token}", f"Bearer {token[:-3]}",
    ):  # fmt: skip
        answer = portal.client.get(KEYS, headers={b"Authorization": sent.encode()})
        assert_error(answer, 401, code="invalid_token")
        assert answer.headers["www-authenticate"] == 'Bearer realm="coverage-report", error="invalid_token"'
    assert_error(portal.client.get(KEYS, headers=[("Authorization", f"Bearer {token}")] * 2), 401)
    assert portal.client.get(KEYS, headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize("change", ["banned_until = now() + interval '1 day'", "deleted_at = now()"])
def test_who_is_banned_or_gone_is_nobody_though_the_token_lasts(
    people: Team, portal: Stand, world: World, change: str
) -> None:
    bearer = people.owner.bearer
    assert people.owner.get(KEYS).status_code == 200
    world.run(f"update auth.users set {change} where id = %s", people.owner.id)
    assert_error(portal.client.get(KEYS, headers=bearer), 401, code="invalid_token")
    assert_error(people.owner.get(KEYS), 401, code="not_signed_in")


def test_a_token_ends_with_its_session_though_it_would_last(people: Team, portal: Stand, running: Running) -> None:
    tokens = [access_token(running, people.owner.email) for _ in range(2)]
    first, second = ({"Authorization": f"Bearer {token}"} for token in tokens)
    assert [portal.client.get(KEYS, headers=bearer).status_code for bearer in (first, second)] == [200, 200]
    httpx.post(
        f"{running.supabase_url}/auth/v1/logout?scope=local", headers={"apikey": running.publishable_key, **first}
    ).raise_for_status()
    assert_error(portal.client.get(KEYS, headers=first), 401, code="invalid_token")
    assert portal.client.get(KEYS, headers=second).status_code == 200
    # Out everywhere, in a browser.
    out = people.owner.post("/api/portal/session/end", data={"everywhere": "1"})
    assert out.status_code == 303
    assert_error(portal.client.post(KEYS, headers=second, json={"name": "x"}), 401, code="invalid_token")


def test_an_api_key_opens_nothing_here(people: Team, portal: Stand) -> None:
    key = people.owner.post(KEYS, json={"name": "key"}).json()["key"]
    assert_error(portal.client.get(KEYS, headers={"X-API-Key": key}), 401, code="not_signed_in")
    assert_error(portal.client.get(KEYS, headers={"Authorization": f"Bearer {key}"}), 401, code="invalid_token")
