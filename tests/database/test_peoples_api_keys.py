"""API keys as people manage them."""

import threading
import uuid

import psycopg
import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, make_team, refused
from tests.database.world import World

PREFIX = "cr_live_AbCd1234"


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


def create(someone: Person, account: uuid.UUID | None, name: str | None = "Key") -> uuid.UUID:
    digest = uuid.uuid4().hex * 2
    key: uuid.UUID = someone.call("create_api_key", account, name, PREFIX, digest)
    return key


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_make_and_revoke_keys(world: World, team: Team, role: str) -> None:
    someone = team.person(role)
    digest = uuid.uuid4().hex * 2
    key = someone.call("create_api_key", team.account, " Key ", PREFIX, digest)
    find = "select key_id from private.find_api_key(%s)"
    assert world.value("web", find, bytes.fromhex(digest)) == key
    someone.call("revoke_api_key", key)
    someone.call("revoke_api_key", key)
    assert world.value("web", find, bytes.fromhex(digest)) is None
    assert audited(world, team.account)[1:] == ["api_key.create", "api_key.revoke"]


def test_others_touch_no_keys(world: World, team: Team) -> None:
    key = create(team.owner, team.account)
    with refused(403, "forbidden", "Only owners and admins"):
        create(team.member, team.account)
    with refused(403, "forbidden"):
        team.member.call("revoke_api_key", key)
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            create(team.outsider, account)
    for unknown in (key, None, uuid.uuid4()):
        with refused(404, "not_found", "This API key does not exist, or it is not yours"):
            team.outsider.call("revoke_api_key", unknown)
    with pytest.raises(errors.InsufficientPrivilege):
        create(team.anonymous, team.account)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call("revoke_api_key", key)
    assert [row["revoked_at"] for row in team.member.rows("select * from public.list_api_keys(%s)", team.account)] == [
        None
    ]


@pytest.mark.parametrize(
    ("name", "prefix", "digest", "code"),
    [
        (None, PREFIX, "a" * 64, "missing"),
        ("x" * 101, PREFIX, "a" * 64, "too_long"),
        ("k", "cr_live_short", "a" * 64, "invalid_key"),
        ("k", None, "a" * 64, "invalid_key"),
        ("k", PREFIX, "a" * 63, "invalid_key"),
        ("k", PREFIX, None, "invalid_key"),
    ],
)
def test_key_refuses(team: Team, name: str | None, prefix: str | None, digest: str | None, code: str) -> None:
    with refused(400, code):
        team.owner.call("create_api_key", team.account, name, prefix, digest)


def test_five_keys_also_at_once(world: World, team: Team) -> None:
    outcomes: list[str | None] = []

    def make(someone: Person) -> None:
        try:
            create(someone, team.account)
            outcomes.append(None)
        except psycopg.Error as error:
            outcomes.append(error.diag.message_detail)

    threads = [threading.Thread(target=make, args=[someone]) for someone in (team.owner, team.admin) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [None] * 5 + ["key_limit"] * 3


def test_list_says_who_made_a_key_and_whether_it_is_used(world: World, team: Team) -> None:
    team.owner.call("save_profile", "Ada")
    old = create(team.owner, team.account, "old")
    create(team.admin, team.account, "fresh")
    gone = create(team.admin, team.account, "gone")
    world.run("update public.api_keys set created_at = now() - interval '91 days' where id in (%s, %s)", old, gone)
    team.admin.call("revoke_api_key", gone)
    listed = team.member.rows("select * from public.list_api_keys(%s)", team.account)
    assert [(row["name"], row["created_by"], row["unused"]) for row in listed] == [
        ("fresh", team.admin.email, False), ("old", "Ada", True), ("gone", team.admin.email, False),
    ]  # fmt: skip
    world.run("update public.api_keys set last_used_at = now() - interval '89 days' where id = %s", old)
    assert not team.member.rows("select unused from public.list_api_keys(%s) where name = 'old'", team.account)[0][
        "unused"
    ]
    with refused(404, "not_found"):
        team.outsider.rows("select * from public.list_api_keys(%s)", team.account)
