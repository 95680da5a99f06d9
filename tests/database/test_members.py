"""The people of an account: roles, removal, and an owner always left."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, join, make_team, raced, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


def roles(world: World, account: uuid.UUID) -> dict[uuid.UUID, str]:
    rows = world.rows("admin", "select user_id, role from public.members where account_id = %s", account)
    return {row["user_id"]: row["role"] for row in rows}


def test_members_see_each_other(world: World, team: Team) -> None:
    team.admin.call("save_profile", "Ada")
    session = (
        "insert into private.sessions (hash, user_id, tokens, tokens_expire_at, user_agent, address, last_seen_at)"
        " values (sha256(random()::text::bytea), %s, '', now(), '', '', %s)"
    )
    for moment in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"):
        world.run(session, team.member.id, moment)
    rows = team.member.rows("select * from public.list_members(%s)", team.account)
    assert [(row["user_id"], row["email"], row["name"], row["role"]) for row in rows] == [
        (team.owner.id, team.owner.email, None, "owner"),
        (team.admin.id, team.admin.email, "Ada", "admin"),
        (team.member.id, team.member.email, None, "member"),
    ]
    assert [row["last_seen_at"] and row["last_seen_at"].day for row in rows] == [None, None, 2]
    with refused(404, "not_found"):
        team.outsider.rows("select * from public.list_members(%s)", team.account)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.rows("select * from public.list_members(%s)", team.account)


def test_owner_sets_every_role(world: World, team: Team) -> None:
    for role in ("admin", "owner", "owner", "member"):
        team.owner.call("set_member_role", team.account, team.member.id, role)
        assert roles(world, team.account)[team.member.id] == role
    assert audited(world, team.account)[1:] == ["member.set_role"] * 3


def test_admin_makes_and_unmakes_admins_but_no_owner(world: World, team: Team) -> None:
    team.admin.call("set_member_role", team.account, team.member.id, "admin")
    team.admin.call("set_member_role", team.account, team.member.id, "member")
    for someone, role in ((team.member, "owner"), (team.owner, "admin"), (team.admin, "owner")):
        with refused(403, "forbidden", "Only owners can"):
            team.admin.call("set_member_role", team.account, someone.id, role)
    with refused(403, "forbidden", "Only owners can"):
        team.admin.call("remove_member", team.account, team.owner.id)
    with refused(403, "forbidden", "Only owners can"):
        team.admin.call("transfer_ownership", team.account, team.admin.id)
    assert roles(world, team.account) == {team.owner.id: "owner", team.admin.id: "admin", team.member.id: "member"}


@pytest.mark.parametrize(
    ("function", "more"), [("set_member_role", ("member",)), ("remove_member", ()), ("transfer_ownership", ())]
)
def test_others_change_no_member(world: World, team: Team, function: str, more: tuple[str, ...]) -> None:
    before = roles(world, team.account)
    with refused(403, "forbidden"):
        team.member.call(function, team.account, team.admin.id, *more)
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            team.outsider.call(function, account, team.admin.id, *more)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call(function, team.account, team.admin.id, *more)
    for stranger in (team.outsider.id, None, uuid.uuid4()):
        with refused(404, "not_found", "not in the account"):
            team.owner.call(function, team.account, stranger, *more)
    assert roles(world, team.account) == before


@pytest.mark.parametrize("role", [None, "", "Owner", "staff"])
def test_unknown_role(team: Team, role: str | None) -> None:
    with refused(400, "unknown_role"):
        team.owner.call("set_member_role", team.account, team.member.id, role)


def test_removing_ends_the_view_of_the_account(world: World, team: Team) -> None:
    world.run(
        "insert into private.sessions (hash, user_id, account_id, tokens, tokens_expire_at, user_agent, address)"
        " values (sha256(random()::text::bytea), %s, %s, '', now(), '', '')",
        team.member.id, team.account,
    )  # fmt: skip
    team.admin.call("remove_member", team.account, team.member.id)
    assert team.member.rows("select from public.accounts") == []
    chosen = world.rows("admin", "select account_id from private.sessions where user_id = %s", team.member.id)
    assert chosen == [{"account_id": None}]
    assert audited(world, team.account)[-1] == "member.remove"
    with refused(404, "not_found"):
        team.admin.call("remove_member", team.account, team.member.id)


def test_everybody_may_leave_but_the_last_owner(world: World, team: Team) -> None:
    for someone in (team.member, team.admin):
        someone.call("leave_account", team.account)
        with refused(404, "not_found"):
            someone.call("leave_account", team.account)
    with refused(404, "not_found"):
        team.outsider.call("leave_account", team.account)
    with refused(409, "last_owner", "Make somebody else an owner first"):
        team.owner.call("leave_account", team.account)
    assert roles(world, team.account) == {team.owner.id: "owner"}
    assert audited(world, team.account)[-2:] == ["member.leave"] * 2


def test_last_owner_stays(world: World, team: Team) -> None:
    with refused(409, "last_owner"):
        team.owner.call("set_member_role", team.account, team.owner.id, "admin")
    with refused(409, "last_owner"):
        team.owner.call("remove_member", team.account, team.owner.id)
    second = join(world, team.account, "owner")
    second.call("remove_member", team.account, team.owner.id)
    with refused(409, "last_owner"):
        second.call("leave_account", team.account)


def test_ownership_goes_to_a_member(world: World, team: Team) -> None:
    team.owner.call("transfer_ownership", team.account, team.member.id)
    assert roles(world, team.account) == {team.owner.id: "admin", team.admin.id: "admin", team.member.id: "owner"}
    with refused(403, "forbidden"):
        team.owner.call("transfer_ownership", team.account, team.owner.id)
    with refused(400, "already_owner"):
        team.member.call("transfer_ownership", team.account, team.member.id)
    assert audited(world, team.account)[1:] == ["account.transfer"]


@pytest.mark.parametrize(
    ("function", "more", "status", "code"),
    [
        ("set_member_role", ("admin",), 403, "forbidden"),
        ("remove_member", (), 404, "not_found"),
        ("leave_account", None, 409, "last_owner"),
    ],
)
def test_two_owners_unmaking_each_other_leave_one(
    world: World, team: Team, function: str, more: tuple[str, ...] | None, status: int, code: str
) -> None:
    second = join(world, team.account, "owner")

    def unmaking(other: Person) -> tuple[Any, ...]:
        return (function, team.account) if more is None else (function, team.account, other.id, *more)

    answer = raced(world, team.owner, unmaking(second), lambda: second.call(*unmaking(team.owner)))
    with refused(status, code):
        answer.result()
    assert list(roles(world, team.account).values()).count("owner") == 1


def test_many_owners_leaving_at_once_leave_one(world: World, team: Team) -> None:
    owners = [team.owner, *(join(world, team.account, "owner") for _ in range(5))]
    together = threading.Barrier(len(owners))

    def leave(someone: Person) -> str | None:
        together.wait()
        try:
            someone.call("leave_account", team.account)
        except psycopg.Error as error:
            return error.diag.message_detail
        return None

    with ThreadPoolExecutor(len(owners)) as threads:
        outcomes = list(threads.map(leave, owners))
    assert sorted(outcomes, key=str) == [None] * 5 + ["last_owner"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda world, team: world.run("delete from public.members where account_id = %s", team.account),
        lambda world, team: world.run("update public.members set role = 'admin' where account_id = %s", team.account),
        lambda world, team: world.run("delete from auth.users where id = %s", team.owner.id),
    ],
    ids=["delete", "update", "user"],
)
def test_the_table_itself_keeps_an_owner(world: World, team: Team, harm: Callable[[World, Team], None]) -> None:
    with pytest.raises(errors.CheckViolation, match="needs an owner"):
        harm(world, team)
    assert len(roles(world, team.account)) == 3
