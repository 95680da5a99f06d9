"""People who use the portal of a web process over HTTP: in a browser by their cookie, or through a program."""

import hashlib
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from embedded.running import Running
from tests.database.world import World
from tests.integration.api.stand import ORIGIN, Stand, an_address
from tests.integration.embedded.client import PASSWORD, new_user, sign_in

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


class Someone:
    """A user; every request is their browser's, with its cookie, from our own page."""

    def __init__(self, stand: Stand, running: Running, user: uuid.UUID, email: str) -> None:
        self._stand, self._running = stand, running
        self.id, self.email = user, email

    @cached_property
    def cookie(self) -> str:
        """The browser is signed in when it is first used. On the way to an invitation nobody gets an account."""
        answer = self._stand.client.post(
            "/api/portal/session",
            data={"email": self.email, "password": PASSWORD, "next": "/invitations/none"},
            headers={**FROM_OUR_PAGE, "X-Forwarded-For": an_address()},
        )
        assert answer.status_code == 303, answer.text
        self._stand.client.cookies.clear()
        return answer.cookies["coveragereport_session"]

    @cached_property
    def bearer(self) -> dict[str, str]:
        """What a program sends that this user has signed in to."""
        return {"Authorization": f"Bearer {access_token(self._running, self.email)}"}

    def other_browser(self) -> "Someone":
        """The same user, signed in once more."""
        return Someone(self._stand, self._running, self.id, self.email)

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        """With `headers` in place of those that our own page sends."""
        sent = {"Cookie": f"coveragereport_session={self.cookie}", **(FROM_OUR_PAGE if headers is None else headers)}
        return self._stand.client.request(method, path, headers=sent, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


def access_token(running: Running, email: str) -> str:
    """An access token of Supabase Auth."""
    token: str = sign_in(running, email).json()["access_token"]
    return token


def someone(stand: Stand, running: Running, **fields: Any) -> Someone:
    """A new user without an account."""
    user = new_user(running, **fields)
    return Someone(stand, running, uuid.UUID(user["id"]), user["email"])


@dataclass(frozen=True, slots=True)
class Team:
    """An account with one person of each role, and somebody with an account of their own."""

    account: uuid.UUID
    owner: Someone
    admin: Someone
    member: Someone
    outsider: Someone

    def person(self, role: str) -> Someone:
        someone: Someone = getattr(self, role)
        return someone


def team(stand: Stand, running: Running, world: World) -> Team:
    """A new account with its people."""
    owner, admin, member, outsider = (someone(stand, running) for _ in range(4))
    account = own_account(world, owner)
    own_account(world, outsider)
    join(world, account, admin, "admin")
    join(world, account, member, "member")
    return Team(account, owner, admin, member, outsider)


def own_account(world: World, who: Someone) -> uuid.UUID:
    """An account that they own."""
    account: uuid.UUID = world.value("admin", "select private.ensure_account_for(%s, 'Penrose & Co')", who.id)
    return account


def join(world: World, account: uuid.UUID, who: Someone, role: str) -> None:
    """They are in the account."""
    world.run("insert into public.members (account_id, user_id, role) values (%s, %s, %s)", account, who.id, role)


def digest(token: str) -> str:
    """The hash by which a token is known, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
