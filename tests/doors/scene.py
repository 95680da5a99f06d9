"""What an action is tried on: a fresh account with one person of each role, who are signed in already."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.invitations import new_token
from tests.database.world import World
from tests.people import People, Person

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
VIEWER = "viewer"
"""Support staff who look at the account."""
STAFF = "staff"
"""Support staff who do not."""
OUTSIDER = "outsider"
"""Who has an account, but another."""
SIGNED_OUT = "signed out"
ROLES = (OWNER, ADMIN, MEMBER, VIEWER, STAFF, OUTSIDER, SIGNED_OUT)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people who act in every scene, and their access tokens."""

    people: dict[str, Person]
    tokens: dict[str, str] = field(repr=False)
    caretaker: uuid.UUID
    """Owns the accounts of scenes that are over."""


def make_cast(people: People) -> Cast:
    """Signs everybody in, once."""
    found = {role: people.owner(name=f"Own of {role}") for role in (OWNER, ADMIN, MEMBER, OUTSIDER)}
    found |= {VIEWER: people.staff(), STAFF: people.staff()}
    return Cast(found, {role: person.token() for role, person in found.items()}, people.world.user())


class Scene:
    """An account, and what rows of the table make in it. `made` holds what an action is about."""

    def __init__(self, world: World, cast: Cast, role: str) -> None:
        self.world, self.cast, self.role = world, cast, role
        self.secret = f"Secret {uuid.uuid4().hex[:12]}"
        """Stands in the names of what belongs to the account: who sees it, has seen the account."""
        self.made: dict[str, Any] = {}
        self.account = uuid.UUID(
            str(world.value("admin", "insert into public.accounts (name) values (%s) returning id", self.secret))
        )

    @property
    def actor(self) -> Person | None:
        """Who acts; None: somebody who is not signed in."""
        return self.cast.people.get(self.role)

    @property
    def actor_id(self) -> uuid.UUID | None:
        """The id of who acts."""
        return self.actor.user if self.actor else None

    def user(self, role: str) -> uuid.UUID:
        """The id of somebody of the cast."""
        return self.cast.people[role].user

    def value(self, query: str, *arguments: object) -> Any:
        """What the database holds, whoever may see it."""
        return self.world.value("admin", query, *arguments)

    def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """The same, as rows."""
        return self.world.rows("admin", query, *arguments)

    # -- What can be made in it -----------------------------------------------------------------------------------

    def join(self, user: uuid.UUID, role: str) -> uuid.UUID:
        """Puts a user into the account."""
        self.world.run("insert into public.members (account_id, user_id, role) values (%s, %s, %s)",
                       self.account, user, role)  # fmt: skip
        return user

    def another(self, role: str) -> uuid.UUID:
        """One more member, whom nobody acts as."""
        return self.join(self.world.user(), role)

    def credits(self, credits: int) -> None:
        """Puts credits into the account."""
        self.value(
            "select private.adjust_credits(%s, %s, %s, 'cli:test', %s)",
            self.account, credits, self.secret, str(uuid.uuid4()),
        )  # fmt: skip

    def key(self) -> uuid.UUID:
        """An active API key."""
        digest = hashlib.sha256(uuid.uuid4().bytes).digest()
        key: uuid.UUID = self.value(
            "select private.create_api_key(%s, %s, 'cr_live_AAAAAAAA', %s, null, 'cli:test')",
            self.account, self.secret, digest,
        )  # fmt: skip
        return key

    def report(self, status: str = "completed", by: uuid.UUID | None = None) -> uuid.UUID:
        """A report that has ended, or still waits for a runner that never comes."""
        is_open, failed = status == "processing", status == "failed"
        report: uuid.UUID = self.value(
            """
            insert into public.reports (
                account_id, name, status, url_count, open_count, captured_count, credits_used, credits_refunded, error,
                created_by_user, completed_at
            ) values (%s, %s, %s, 2, %s, %s, 1, %s, %s, %s, case when %s then null else now() end) returning id
            """,
            self.account, self.secret, status, 2 if is_open else 0, 1 if status == "completed" else 0,
            1 if failed else 0, "No link worked." if failed else None, by, is_open,
        )  # fmt: skip
        if status == "completed":
            self.world.run(
                "insert into private.share_links (report_id, token) values (%s, %s)", report, uuid.uuid4().hex
            )
        return report

    def invitation(self, email: str = "") -> uuid.UUID:
        """An open invitation, sent a while ago. Its token is `made["token"]`."""
        new = new_token()
        self.made["token"] = new.token
        invitation: uuid.UUID = self.value(
            """
            insert into public.invitations (account_id, email, role, invited_by, sent_at, created_at)
            values (%s, %s, 'member', null, now() - interval '1 hour', now() - interval '1 hour') returning id
            """,
            self.account, email or f"{uuid.uuid4().hex}@example.com",
        )  # fmt: skip
        self.world.run(
            "insert into private.invitation_tokens (invitation_id, hash) values (%s, decode(%s, 'hex'))",
            invitation, new.digest,
        )  # fmt: skip
        return invitation

    def session(self, user: uuid.UUID) -> uuid.UUID:
        """One more browser in which the user is signed in."""
        session: uuid.UUID = self.value(
            "select private.open_session(%s, %s, 'x', now() + interval '1 hour', 'a browser', '')",
            hashlib.sha256(uuid.uuid4().bytes).digest(), user,
        )  # fmt: skip
        return session

    def credit_request(self) -> uuid.UUID:
        """A wish for credits that nobody has answered."""
        request: uuid.UUID = self.value(
            """
            insert into public.credit_requests (account_id, requested_by, credits, message)
            values (%s, %s, 5, %s) returning id
            """,
            self.account, self.user(OWNER), self.secret,
        )  # fmt: skip
        return request


@contextmanager
def scene(world: World, cast: Cast, role: str) -> Iterator[Scene]:
    """A new account, to which the tabs of the cast belong as long as the scene lasts."""
    made = Scene(world, cast, role)
    for name in (OWNER, ADMIN, MEMBER):
        made.join(cast.people[name].user, name)
    made.value("select private.staff_start_view(%s, %s, 'To help')", cast.people[VIEWER].user, made.account)
    inside = [cast.people[name].user for name in (OWNER, ADMIN, MEMBER, VIEWER)]
    world.run("update private.sessions set account_id = %s where user_id = any (%s)", made.account, inside)
    try:
        yield made
    finally:
        # Sessions tell all accounts of their user: it is not to get slower with every scene.
        made.join(cast.caretaker, OWNER)
        world.run("delete from public.members where account_id = %s and user_id <> %s", made.account, cast.caretaker)
        world.run("delete from private.staff_views where account_id = %s", made.account)
