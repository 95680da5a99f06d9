"""Invitations: single use, for one address, for 7 days."""

import hashlib
import secrets
import uuid
from typing import Any

import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, join, make_team, person, raced, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(someone: Person, account: uuid.UUID | None, email: str, role: str = "member") -> tuple[uuid.UUID, str]:
    """The invitation and its token."""
    token = secrets.token_urlsafe(32)
    return someone.call("invite_member", account, email, role, digest(token)), token


def state(world: World, token: str) -> str | None:
    found: str | None = world.value(
        "web", "select state from private.find_invitation(%s)", hashlib.sha256(token.encode()).digest()
    )
    return found


def role_of(world: World, account: uuid.UUID, someone: Person) -> str | None:
    role: str | None = world.value(
        "admin", "select role from public.members where account_id = %s and user_id = %s", account, someone.id
    )
    return role


def later(world: World, invitation: uuid.UUID, span: str) -> None:
    """So much time has passed since it was sent."""
    world.run(
        "update public.invitations set sent_at = sent_at - %s::interval, expires_at = expires_at - %s::interval"
        " where id = %s",
        span, span, invitation,
    )  # fmt: skip


@pytest.mark.parametrize(("role", "given"), [("owner", "admin"), ("admin", "admin"), ("admin", "member")])
def test_invited_person_becomes_a_member(world: World, team: Team, role: str, given: str) -> None:
    guest = person(world)
    _, token = invite(team.person(role), team.account, f" {guest.email.upper()} ", given)
    assert state(world, token) == "open"
    assert guest.call("accept_invitation", token) == team.account
    assert role_of(world, team.account, guest) == given
    assert state(world, token) == "accepted"
    assert audited(world, team.account)[1:] == ["invitation.create", "invitation.accept"]
    # No account of their own, and no credits, until they ask.
    assert guest.call("ensure_account") == team.account
    assert world.ledger(team.account) == [("welcome", 3)]


def test_page_behind_the_link(world: World, team: Team) -> None:
    team.admin.call("save_profile", "Ada")
    invitation, token = invite(team.admin, team.account, "guest@example.com", "admin")
    rows = world.rows("web", "select * from private.find_invitation(%s)", hashlib.sha256(token.encode()).digest())
    assert rows == [
        {
            "invitation_id": invitation, "account_name": team.owner.email.split("@", maxsplit=1)[0],
            "invited_by": "Ada", "email": "guest@example.com", "role": "admin", "state": "open",
        }
    ]  # fmt: skip
    assert state(world, "another") is None


@pytest.mark.parametrize(
    ("email", "role", "token_hash", "status", "code"),
    [
        (None, "member", "a" * 64, 400, "missing"),
        ("nobody", "member", "a" * 64, 400, "invalid_email"),
        ("a@b@c", "member", "a" * 64, 400, "invalid_email"),
        ("a b@example.com", "member", "a" * 64, 400, "invalid_email"),
        ("a@example.com,b@example.com", "member", "a" * 64, 400, "invalid_email"),
        ("x" * 250 + "@e.de", "member", "a" * 64, 400, "too_long"),
        ("a@example.com", "owner", "a" * 64, 400, "unknown_role"),
        ("a@example.com", None, "a" * 64, 400, "unknown_role"),
        ("a@example.com", "member", "a" * 63, 400, "invalid_token_hash"),
        ("a@example.com", "member", None, 400, "invalid_token_hash"),
    ],
)
def test_invitation_refuses(
    team: Team, email: str | None, role: str | None, token_hash: str | None, status: int, code: str
) -> None:
    with refused(status, code):
        team.owner.call("invite_member", team.account, email, role, token_hash)


def test_line_breaks_do_not_reach_the_address(team: Team) -> None:
    with refused(400, "invalid_email"):
        invite(team.owner, team.account, "guest@example.com\r\nBcc: all@example.com")


def test_others_invite_nobody_and_see_no_invitations(world: World, team: Team) -> None:
    invitation, _ = invite(team.owner, team.account, "guest@example.com")
    later(world, invitation, "2 minutes")
    calls: list[tuple[Any, ...]] = [
        ("invite_member", team.account, "other@example.com", "member", "a" * 64),
        ("renew_invitation", invitation, "a" * 64),
        ("cancel_invitation", invitation),
    ]
    for call in calls:
        with refused(403, "forbidden", "Only owners and admins"):
            team.member.call(*call)
        with refused(404, "not_found"):
            team.outsider.call(*call)
        with pytest.raises(errors.InsufficientPrivilege):
            team.anonymous.call(*call)
        for unknown in (None, uuid.uuid4()):
            with refused(404, "not_found"):
                team.owner.call(call[0], unknown, *call[2:])
    seen = "select id from public.invitations"
    for someone, rows in ((team.owner, 1), (team.admin, 1), (team.member, 0), (team.outsider, 0)):
        assert len(someone.rows(seen)) == rows
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.rows(seen)
    with pytest.raises(errors.InsufficientPrivilege):
        team.owner.rows("select * from private.invitation_tokens")


def test_the_list_holds_what_waits_or_has_run_out(world: World, team: Team) -> None:
    team.admin.call("save_profile", "Ada")
    first, _ = invite(team.owner, team.account, "first@example.com")
    second, _ = invite(team.admin, team.account, "second@example.com", "admin")
    cancelled, _ = invite(team.owner, team.account, "cancelled@example.com")
    team.owner.call("cancel_invitation", cancelled)
    guest = person(world)
    guest.call("accept_invitation", invite(team.owner, team.account, guest.email)[1])
    later(world, first, "8 days")
    rows = team.owner.rows("select * from public.list_invitations(%s)", team.account)
    assert [(row["id"], row["email"], row["role"], row["invited_by"], row["expired"]) for row in rows] == [
        (second, "second@example.com", "admin", "Ada", False),
        (first, "first@example.com", "member", team.owner.email, True),
    ]


def test_members_and_strangers_list_no_invitations(team: Team) -> None:
    invite(team.owner, team.account, "guest@example.com")
    assert team.member.rows("select * from public.list_invitations(%s)", team.account) == []
    with refused(404, "not_found"):
        team.outsider.rows("select * from public.list_invitations(%s)", team.account)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.rows("select * from public.list_invitations(%s)", team.account)


def test_only_the_invited_address_accepts(world: World, team: Team) -> None:
    guest = person(world)
    _, token = invite(team.owner, team.account, guest.email)
    for someone in (team.outsider, team.member):
        with refused(403, "other_email", "Sign in with the address"):
            someone.call("accept_invitation", token)
    world.run("update auth.users set email_confirmed_at = null where id = %s", guest.id)
    with refused(403, "email_not_confirmed"):
        guest.call("accept_invitation", token)
    for unknown in (None, "", "guess", digest(token)):
        with refused(404, "not_found"):
            team.outsider.call("accept_invitation", unknown)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call("accept_invitation", token)
    assert state(world, token) == "open" and role_of(world, team.account, guest) is None


def test_a_link_works_once(world: World, team: Team) -> None:
    guest = person(world)
    _, token = invite(team.owner, team.account, guest.email)
    guest.call("accept_invitation", token)
    # Pressed twice.
    assert guest.call("accept_invitation", token) == team.account
    assert audited(world, team.account).count("invitation.accept") == 1
    team.owner.call("remove_member", team.account, guest.id)
    with refused(410, "invitation_used"):
        guest.call("accept_invitation", token)
    # Somebody else has the address now.
    heir = person(world)
    world.run("update auth.users set email = id || '@moved.example' where id = %s", guest.id)
    world.run("update auth.users set email = %s where id = %s", guest.email, heir.id)
    with refused(410, "invitation_used"):
        heir.call("accept_invitation", token)
    assert role_of(world, team.account, heir) is None


def test_accepted_twice_at_once(world: World, team: Team) -> None:
    guest = person(world)
    _, token = invite(team.owner, team.account, guest.email)
    accept = ("accept_invitation", token)
    assert raced(world, guest, accept, lambda: guest.call(*accept)).result() == team.account
    assert audited(world, team.account).count("invitation.accept") == 1


def test_accepted_while_it_is_cancelled(world: World, team: Team) -> None:
    guest = person(world)
    invitation, token = invite(team.owner, team.account, guest.email)
    answer = raced(world, team.owner, ("cancel_invitation", invitation), lambda: guest.call("accept_invitation", token))
    with refused(410, "invitation_cancelled"):
        answer.result()
    assert role_of(world, team.account, guest) is None


def test_who_is_a_member_already_keeps_the_higher_role(world: World, team: Team) -> None:
    guests = [person(world) for _ in range(3)]
    tokens = [
        invite(team.owner, team.account, guest.email, role)[1]
        for guest, role in zip(guests, ("member", "admin", "admin"), strict=True)
    ]
    join_as = "insert into public.members (account_id, user_id, role) values (%s, %s, %s)"
    for guest, role, token in zip(guests, ("admin", "member", "owner"), tokens, strict=True):
        world.run(join_as, team.account, guest.id, role)
        assert guest.call("accept_invitation", token) == team.account
    assert [role_of(world, team.account, guest) for guest in guests] == ["admin", "admin", "owner"]


def test_cancelled_and_expired_links_say_what_to_do(world: World, team: Team) -> None:
    guest = person(world)
    invitation, token = invite(team.owner, team.account, guest.email)
    later(world, invitation, "7 days")
    assert state(world, token) == "expired"
    with refused(410, "invitation_expired", "Ask the person who invited you"):
        guest.call("accept_invitation", token)
    for _ in range(2):
        team.admin.call("cancel_invitation", invitation)
    assert state(world, token) == "cancelled"
    with refused(410, "invitation_cancelled", "Ask the person who invited you"):
        guest.call("accept_invitation", token)
    with refused(410, "invitation_cancelled"):
        team.owner.call("renew_invitation", invitation, "a" * 64)
    assert audited(world, team.account).count("invitation.cancel") == 1


def test_accepted_invitation_is_not_taken_back(world: World, team: Team) -> None:
    guest = person(world)
    invitation, token = invite(team.owner, team.account, guest.email)
    guest.call("accept_invitation", token)
    with refused(409, "invitation_used", "Remove the member"):
        team.owner.call("cancel_invitation", invitation)
    with refused(410, "invitation_used"):
        team.owner.call("renew_invitation", invitation, "a" * 64)


def test_renewing_makes_a_new_link(world: World, team: Team) -> None:
    guest = person(world)
    invitation, first = invite(team.owner, team.account, guest.email)
    second = secrets.token_urlsafe(32)
    with refused(429, "too_soon"):
        team.admin.call("renew_invitation", invitation, digest(second))
    later(world, invitation, "8 days")
    name = world.value("admin", "select name from public.accounts where id = %s", team.account)
    answer = team.admin.call("renew_invitation", invitation, digest(second))
    assert answer == {"email": guest.email, "role": "member", "account_name": name}
    assert (state(world, first), state(world, second)) == (None, "open")
    with refused(429, "too_soon"):
        team.admin.call("renew_invitation", invitation, digest(first))
    guest.call("accept_invitation", second)


def test_one_open_invitation_an_address(world: World, team: Team) -> None:
    with refused(409, "already_member"):
        invite(team.owner, team.account, team.member.email.upper())
    invitation, first = invite(team.owner, team.account, "guest@example.com")
    with refused(409, "already_invited"):
        invite(team.admin, team.account, "GUEST@example.com")
    team.owner.call("cancel_invitation", invitation)
    with refused(429, "too_soon"):
        invite(team.owner, team.account, "guest@example.com")
    later(world, invitation, "1 minute")
    again, _ = invite(team.owner, team.account, "guest@example.com")
    later(world, again, "7 days")
    # One that has run out is in nobody's way.
    invite(team.owner, team.account, "guest@example.com")
    invite(team.outsider, team.outsider.call("ensure_account"), "guest@example.com")
    assert state(world, first) == "cancelled"


def test_who_became_a_member_otherwise_is_not_invited_again(world: World, team: Team) -> None:
    guest = person(world)
    invitation, _ = invite(team.owner, team.account, guest.email)
    later(world, invitation, "2 minutes")
    world.run("insert into public.members values (%s, %s, 'member')", team.account, guest.id)
    with refused(409, "already_member"):
        team.owner.call("renew_invitation", invitation, "a" * 64)


def test_fifty_open_invitations(world: World, team: Team) -> None:
    invitations = [invite(team.owner, team.account, f"guest{n}@example.com")[0] for n in range(50)]
    with refused(409, "invitation_limit", "Cancel one first"):
        invite(team.owner, team.account, "one.more@example.com")
    later(world, invitations[0], "7 days")
    team.owner.call("cancel_invitation", invitations[1])
    for n in (51, 52):
        invite(team.owner, team.account, f"guest{n}@example.com")
    with refused(409, "invitation_limit"):
        invite(team.owner, team.account, "one.more@example.com")


def test_deactivated_account_sends_nothing(world: World, team: Team) -> None:
    invitation, _ = invite(team.owner, team.account, "guest@example.com")
    later(world, invitation, "2 minutes")
    world.value("admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'x')", team.account)
    with refused(403, "account_deactivated"):
        invite(team.owner, team.account, "other@example.com")
    with refused(403, "account_deactivated"):
        team.owner.call("renew_invitation", invitation, "a" * 64)


def test_one_who_joined_by_two_accounts_begins_with_the_first(world: World, team: Team) -> None:
    guest = join(world, team.account, "member")
    _, token = invite(team.outsider, team.outsider.call("ensure_account"), guest.email)
    guest.call("accept_invitation", token)
    assert guest.call("ensure_account") == team.account
