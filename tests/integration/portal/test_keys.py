"""API keys through the portal: made once, listed, revoked, within the account and by its roles."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.keys import has_valid_shape
from tests.database.world import World
from tests.integration.api.stand import Stand, assert_error
from tests.integration.api.test_docs import check
from tests.integration.portal.people import Team

KEYS = "/api/portal/keys"
BALANCE = "/api/v1/credits/balance"


def test_a_key_is_made_used_listed_and_revoked(people: Team, portal: Stand, world: World) -> None:
    made = people.owner.post(KEYS, json={"name": "  Newsroom  "})
    assert made.status_code == 201
    key = made.json()["key"]
    assert has_valid_shape(key) and key.startswith(made.json()["prefix"])
    assert portal.client.get(BALANCE, headers={"X-API-Key": key}).json() == {"balance": 3}
    (listed,) = people.admin.get(KEYS).json()["data"]
    assert (listed["id"], listed["name"], listed["prefix"]) == (made.json()["id"], "Newsroom", made.json()["prefix"])
    assert (listed["createdBy"], listed["revokedAt"], listed["unused"]) == (people.owner.email, None, False)
    assert people.admin.delete(f"{KEYS}/{listed['id']}").status_code == 204
    assert portal.client.get(BALANCE, headers={"X-API-Key": key}).status_code == 401
    assert people.admin.get(KEYS).json()["data"][0]["revokedAt"]
    # Once more is no fault.
    assert people.admin.delete(f"{KEYS}/{listed['id']}").status_code == 204


def test_the_key_is_told_once_and_kept_nowhere(people: Team, portal: Stand) -> None:
    key = people.owner.post(KEYS, json={"name": "once"}).json()["key"]
    answer = people.owner.get(KEYS)
    assert key not in answer.text and answer.headers["cache-control"] == "no-store"
    assert "hash" not in answer.text


def test_a_member_looks_and_does_not_touch(people: Team) -> None:
    made = people.owner.post(KEYS, json={"name": "key"}).json()
    assert len(people.member.get(KEYS).json()["data"]) == 1
    for headers in (None, people.member.bearer):
        assert_error(people.member.post(KEYS, json={"name": "mine"}, headers=headers), 403, code="forbidden")
        assert_error(people.member.delete(f"{KEYS}/{made['id']}", headers=headers), 403, code="forbidden")
    (key,) = people.owner.get(KEYS).json()["data"]
    assert key["revokedAt"] is None


def test_the_key_of_another_account_is_not_there(people: Team) -> None:
    made = people.owner.post(KEYS, json={"name": "key"}).json()
    for headers in (None, people.outsider.bearer):
        assert_error(people.outsider.delete(f"{KEYS}/{made['id']}", headers=headers), 404, code="not_found")
    assert people.owner.get(KEYS).json()["data"][0]["revokedAt"] is None


@pytest.mark.parametrize("key_id", [str(uuid.UUID(int=0)), "x", "1", "%00", "..%2F..", "' or true --", "0" * 5000])
def test_what_is_no_key_is_not_there(people: Team, key_id: str) -> None:
    assert_error(people.owner.delete(f"{KEYS}/{key_id}"), 404)


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_revokes_a_key(people: Team, headers: dict[str, str]) -> None:
    made = people.owner.post(KEYS, json={"name": "key"}).json()
    assert_error(people.owner.delete(f"{KEYS}/{made['id']}", headers=headers), 403, code="foreign_origin")
    assert people.owner.get(KEYS).json()["data"][0]["revokedAt"] is None


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": 7}, {"name": ["x"]}, {"name": {"a": "b"}}])
def test_a_name_is_a_text(people: Team, body: dict[str, Any]) -> None:
    assert_error(people.owner.post(KEYS, json=body), 400, code="invalid_name")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "missing"),
        ("  \t", "missing"),
        ("x" * 101, "too_long"),
        ("x\\u0000y", "refused"),
        ("\\ud800", "invalid_text"),
    ],
)
def test_a_name_is_one_that_can_be_shown(people: Team, name: str, code: str) -> None:
    content = f'{{"name": "{name}"}}'.replace("\t", " ")
    headers = people.owner.bearer | {"Content-Type": "application/json"}
    assert_error(people.owner.post(KEYS, content=content, headers=headers), 400, code=code)
    assert people.owner.get(KEYS).json()["data"] == []


def test_five_are_active_and_no_more_however_many_ask_at_once(people: Team) -> None:
    people.owner.cookie  # noqa: B018 (signs in)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: people.owner.post(KEYS, json={"name": f"key {n}"}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert_error(
        refused, 409, "The account has 5 active API keys, which is the limit. Revoke one first.", code="key_limit"
    )
    listed = people.owner.get(KEYS).json()
    assert listed["activeLimit"] == 5
    people.owner.delete(f"{KEYS}/{listed['data'][0]['id']}")
    assert people.owner.post(KEYS, json={"name": "sixth"}).status_code == 201


def test_an_old_key_without_use_is_marked(people: Team, world: World) -> None:
    made = people.owner.post(KEYS, json={"name": "old"}).json()
    world.run("update public.api_keys set created_at = now() - interval '91 days' where id = %s", uuid.UUID(made["id"]))
    assert people.owner.get(KEYS).json()["data"][0]["unused"] is True


def test_staff_who_look_cannot_touch(people: Team, world: World) -> None:
    made = people.owner.post(KEYS, json={"name": "key"}).json()
    world.run("insert into private.staff (user_id, added_by) values (%s, 'cli:test')", people.outsider.id)
    world.value("web", "select private.staff_start_view(%s, %s, 'a question')", people.outsider.id, people.account)
    params = {"account": str(people.account)}
    assert len(people.outsider.get(KEYS, params=params).json()["data"]) == 1
    assert_error(people.outsider.post(KEYS, params=params, json={"name": "x"}), 403, code="read_only")
    assert_error(people.outsider.delete(f"{KEYS}/{made['id']}"), 403, code="read_only")


def test_the_wrong_method_is_told_the_right_ones(people: Team) -> None:
    answer = people.owner.request("PATCH", KEYS)
    assert_error(answer, 405, code="method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_answers_are_as_the_document_says(people: Team, portal: Stand) -> None:
    openapi = portal.client.get("/api/v1/openapi.json").json()
    made = people.owner.post(KEYS, json={"name": "key"})
    answers = [
        ("post", KEYS, made),
        ("get", KEYS, people.owner.get(KEYS)),
        ("post", KEYS, people.owner.post(KEYS, json={})),
        ("delete", f"{KEYS}/{{key_id}}", people.outsider.delete(f"{KEYS}/{made.json()['id']}")),
    ]
    for method, path, answer in answers:
        response = openapi["paths"][path][method]["responses"][str(answer.status_code)]
        check(answer.json(), response["content"]["application/json"]["schema"], openapi)
