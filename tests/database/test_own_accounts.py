"""Profiles, and accounts in the hands of their people."""

import threading
import uuid

import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, join, make_team, person, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


def profile(someone: Person) -> dict[str, object]:
    return someone.rows("select name, time_zone, theme from public.profiles")[0]


def test_profile_keeps_what_is_not_said(world: World) -> None:
    someone = person(world)
    someone.call("save_profile", "  Ada\u202e\x07  Lovelace ")
    assert profile(someone) == {"name": "Ada  Lovelace", "time_zone": None, "theme": "system"}
    someone.call("save_profile", None, "Europe/Berlin", "dark")
    assert profile(someone) == {"name": "Ada  Lovelace", "time_zone": "Europe/Berlin", "theme": "dark"}
    someone.call("save_profile", "", "")
    assert profile(someone) == {"name": None, "time_zone": None, "theme": "dark"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("x" * 101,), "too_long"),
        ((None, "Mars/Olympus"), "unknown_time_zone"),
        ((None, "XYZ5"), "unknown_time_zone"),
        ((None, None, "pink"), "unknown_theme"),
    ],
)
def test_profile_refuses(world: World, arguments: tuple[str | None, ...], code: str) -> None:
    someone = person(world)
    with refused(400, code):
        someone.call("save_profile", *arguments)
    assert someone.rows("select from public.profiles") == []


def test_profile_is_seen_by_its_owner_alone(world: World, team: Team) -> None:
    team.owner.call("save_profile", "Owner")
    assert team.admin.rows("select from public.profiles") == []
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.rows("select from public.profiles")
    with pytest.raises(errors.InsufficientPrivilege):
        team.owner.rows("update public.profiles set name = 'x' returning 1")


def test_first_sign_in_makes_account_owner_and_credits_once(world: World) -> None:
    someone = person(world)
    account = someone.call("ensure_account")
    assert someone.call("ensure_account") == account
    assert world.ledger(account) == [("welcome", 3)]
    assert someone.rows("select account_id, role from public.members") == [{"account_id": account, "role": "owner"}]
    assert audited(world, account) == ["account.create"]


def test_two_first_sign_ins_at_once(world: World) -> None:
    someone = person(world)
    accounts: list[uuid.UUID] = []
    threads = [threading.Thread(target=lambda: accounts.append(someone.call("ensure_account"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accounts) == 4 and len(set(accounts)) == 1


def test_unconfirmed_address_makes_no_account(world: World) -> None:
    someone = person(world)
    world.run("update auth.users set email_confirmed_at = null where id = %s", someone.id)
    for function, arguments in (("ensure_account", ()), ("create_own_account", ("Mine",))):
        with refused(403, "email_not_confirmed", "open the link"):
            someone.call(function, *arguments)
    assert someone.rows("select from public.members") == []


def test_who_came_by_invitation_has_no_account_until_they_ask(world: World, team: Team) -> None:
    guest = join(world, team.account, "member")
    assert guest.call("ensure_account") == team.account
    assert world.ledger(team.account) == [("welcome", 3)]
    own = guest.call("create_own_account", " My own ")
    assert own != team.account and guest.call("create_own_account", "Another") == own
    assert world.value("admin", "select name from public.accounts where id = %s", own) == "My own"
    assert world.ledger(own) == [("welcome", 3)]
    # Their own account comes before the one they joined earlier.
    assert guest.call("ensure_account") == own


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_rename(world: World, team: Team, role: str) -> None:
    team.person(role).call("rename_account", team.account, " New \x00name".replace("\x00", "\x01"))
    team.person(role).call("rename_account", team.account, "New name")
    assert world.value("admin", "select name from public.accounts where id = %s", team.account) == "New name"
    assert audited(world, team.account) == ["account.create", "account.rename"]


@pytest.mark.parametrize(
    ("function", "arguments"), [("rename_account", ("Stolen",)), ("set_branding", ("#000000", "Stolen"))]
)
def test_others_change_nothing_of_the_account(
    world: World, team: Team, function: str, arguments: tuple[str, ...]
) -> None:
    before = world.rows("admin", "select * from public.accounts where id = %s", team.account)
    with refused(403, "forbidden", "Only owners and admins"):
        team.member.call(function, team.account, *arguments)
    with refused(404, "not_found"):
        team.outsider.call(function, team.account, *arguments)
    with refused(404, "not_found"):
        team.owner.call(function, uuid.uuid4(), *arguments)
    with refused(404, "not_found"):
        team.owner.call(function, None, *arguments)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call(function, team.account, *arguments)
    assert world.rows("admin", "select * from public.accounts where id = %s", team.account) == before


@pytest.mark.parametrize(("name", "code"), [(None, "missing"), (" \t\n", "missing"), ("x" * 201, "too_long")])
def test_account_has_a_name(team: Team, name: str | None, code: str) -> None:
    with refused(400, code):
        team.owner.call("rename_account", team.account, name)


def test_branding_is_set_and_changes_the_version(world: World, team: Team) -> None:
    report = world.report(team.account)
    version = "select version from private.report_face(%s, %s)"
    before = world.value("web", version, team.account, report)
    team.admin.call("set_branding", team.account, "#1A2b3C", " Hello\r\nworld ")
    branding = "select branding from public.accounts where id = %s"
    assert team.member.value(branding, team.account) == {"accent": "#1a2b3c", "intro": "Hello\nworld"}
    assert world.value("web", version, team.account, report) != before
    team.owner.call("set_branding", team.account, None, None)
    assert team.member.value(branding, team.account) == {}


@pytest.mark.parametrize(
    ("accent", "intro", "code"),
    [("red", None, "invalid_accent"), ("#12345", None, "invalid_accent"), ("#123456;", None, "invalid_accent"),
     (None, "x" * 2001, "too_long")],
)  # fmt: skip
def test_branding_refuses(team: Team, accent: str | None, intro: str | None, code: str) -> None:
    with refused(400, code):
        team.owner.call("set_branding", team.account, accent, intro)


def set_logo(world: World, someone: Person, account: uuid.UUID, logo: str | None) -> str | None:
    key = f"logos/{logo}.png" if logo else None
    replaced: str | None = world.value(
        "web", "select private.set_logo(%s, %s, %s, %s, 100, 40)", someone.id, account, logo, key
    )
    return replaced


def test_logo_is_replaced_and_its_file_removed(world: World, team: Team) -> None:
    first, second = uuid.uuid4().hex, uuid.uuid4().hex
    find = "select private.find_logo(%s)"
    assert set_logo(world, team.owner, team.account, first) is None
    assert set_logo(world, team.owner, team.account, first) is None
    team.owner.call("set_branding", team.account, "#000000", None)
    assert world.value("web", find, first) == f"logos/{first}.png"
    assert set_logo(world, team.admin, team.account, second) == f"logos/{first}.png"
    assert world.value("web", find, first) is None
    branding = "select branding from public.accounts where id = %s"
    assert team.member.value(branding, team.account) == {"accent": "#000000", "logo_id": second}
    assert set_logo(world, team.owner, team.account, None) == f"logos/{second}.png"
    assert team.member.value(branding, team.account) == {"accent": "#000000"}
    removals = world.rows("admin", "select prefix from private.removals where prefix like 'logos/%%' order by id")
    assert [row["prefix"] for row in removals][-2:] == [f"logos/{first}.png", f"logos/{second}.png"]


def test_logo_is_for_owners_and_admins(world: World, team: Team) -> None:
    logo = uuid.uuid4().hex
    with refused(403, "forbidden"):
        set_logo(world, team.member, team.account, logo)
    with refused(404, "not_found"):
        set_logo(world, team.outsider, team.account, logo)
    assert world.value("web", "select private.find_logo(%s)", logo) is None
