"""Invitations without their link: for who has confirmed the address that they were sent to, and for nobody else."""

import hashlib
import secrets
import uuid
from typing import Any

import psycopg
import pytest

from tests.database.people import Person, Team, audited, make_team, person, raced, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world)


@pytest.fixture
def guest(world: World) -> Person:
    return person(world)


def invite(someone: Person, account: uuid.UUID, email: str, role: str = "member") -> tuple[uuid.UUID, str]:
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    return someone.call("invite_member", account, email, role, digest), token


def waiting(world: World, who: Person) -> list[dict[str, Any]]:
    return world.rows("web", "select * from private.list_invitations_to(%s)", who.id)


def accept(world: World, who: Person, invitation: uuid.UUID) -> Any:
    return world.value("web", "select private.accept_invitation_to(%s, %s)", who.id, invitation)


def decline(world: World, who: Person, invitation: uuid.UUID) -> None:
    world.value("web", "select private.decline_invitation_to(%s, %s)", who.id, invitation)


def role_of(world: World, account: uuid.UUID, who: Person) -> str | None:
    role: str | None = world.value(
        "admin", "select role from public.members where account_id = %s and user_id = %s", account, who.id
    )
    return role


def test_who_is_invited_sees_who_invites_and_joins(world: World, team: Team, guest: Person) -> None:
    team.admin.call("save_profile", "Ada")
    invitation, token = invite(team.admin, team.account, guest.email.upper(), "admin")
    (row,) = waiting(world, guest)
    assert (row["invitation_id"], row["invited_by"], row["email"]) == (invitation, "Ada", guest.email)
    assert (row["role"], row["state"]) == ("admin", "open")
    assert accept(world, guest, invitation) == team.account
    assert role_of(world, team.account, guest) == "admin"
    assert audited(world, team.account)[1:] == ["invitation.create", "invitation.accept"]
    assert waiting(world, guest) == []
    # Pressed twice it is the same; the link is used up.
    assert accept(world, guest, invitation) == team.account
    assert guest.call("accept_invitation", token) == team.account
    assert audited(world, team.account)[1:] == ["invitation.create", "invitation.accept"]


def test_who_declines_ends_the_link_too(world: World, team: Team, guest: Person) -> None:
    invitation, token = invite(team.owner, team.account, guest.email)
    decline(world, guest, invitation)
    decline(world, guest, invitation)
    assert waiting(world, guest) == []
    with refused(410, "invitation_cancelled"):
        accept(world, guest, invitation)
    with refused(410, "invitation_cancelled"):
        guest.call("accept_invitation", token)
    assert role_of(world, team.account, guest) is None
    assert audited(world, team.account)[1:] == ["invitation.create", "invitation.decline"]


def test_what_was_accepted_is_not_declined(world: World, team: Team, guest: Person) -> None:
    invitation, _ = invite(team.owner, team.account, guest.email)
    accept(world, guest, invitation)
    decline(world, guest, invitation)
    assert role_of(world, team.account, guest) == "member"
    assert audited(world, team.account)[1:] == ["invitation.create", "invitation.accept"]


@pytest.mark.parametrize(
    "change",
    [
        "update public.invitations set expires_at = now() - interval '1 second' where email = %s",
        "update public.invitations set cancelled_at = now() where email = %s",
        "update public.invitations set email = 'other@example.com' where email = %s",
        "update auth.users set email_confirmed_at = null where email = %s",
        "update auth.users set deleted_at = now() where email = %s",
    ],
)
def test_only_what_is_open_to_a_confirmed_address_is_shown_and_accepted(
    world: World, team: Team, guest: Person, change: str
) -> None:
    invitation, _ = invite(team.owner, team.account, guest.email)
    assert len(waiting(world, guest)) == 1
    world.run(change, guest.email)
    assert waiting(world, guest) == []
    with pytest.raises(psycopg.Error) as caught:
        accept(world, guest, invitation)
    assert caught.value.sqlstate in ("PT404", "PT410")
    assert role_of(world, team.account, guest) is None


def test_others_do_not_even_learn_that_there_is_one(world: World, team: Team, guest: Person) -> None:
    invitation, _ = invite(team.owner, team.account, guest.email)
    for someone in (team.outsider, team.admin):
        for unknown in (invitation, uuid.uuid4()):
            with refused(404, "not_found"):
                accept(world, someone, unknown)
            with refused(404, "not_found"):
                decline(world, someone, unknown)
    assert len(waiting(world, guest)) == 1


def test_of_accepting_and_cancelling_at_once_one_counts(world: World, team: Team, guest: Person) -> None:
    invitation, _ = invite(team.owner, team.account, guest.email)
    answer = raced(world, team.owner, ("cancel_invitation", invitation), lambda: accept(world, guest, invitation))
    with refused(410, "invitation_cancelled"):
        answer.result()
    assert role_of(world, team.account, guest) is None


def test_people_cannot_ask_for_it_by_themselves(world: World, team: Team, guest: Person) -> None:
    invitation, _ = invite(team.owner, team.account, guest.email)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        guest.value("select private.accept_invitation_to(%s, %s)", guest.id, invitation)
