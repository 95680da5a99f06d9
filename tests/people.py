"""People of the running product: users of each role, signed in as a browser is."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from core.sessions import COOKIE
from tests.database.world import World
from tests.integration.product import Product, Served

PASSWORD = "a pass phrase of tests"  # pragma: allowlist secret


@dataclass(frozen=True, slots=True)
class Person:
    """A user and what they may be in `account`. `cookie` is that of a session which nobody else uses."""

    product: Product
    user: uuid.UUID
    email: str
    password: str = field(repr=False)
    account: uuid.UUID | None
    role: str
    cookie: str = field(repr=False)

    def client(self) -> httpx.Client:
        """A browser without a screen, on a page of ours: it has the cookie, and says where it comes from."""
        return httpx.Client(
            base_url=self.product.url,
            cookies={COOKIE: self.cookie},
            headers={"Sec-Fetch-Site": "same-origin", "Origin": self.product.url},
            timeout=20,
        )

    def token(self) -> str:
        """An access token of Supabase Auth, of a session of its own."""
        return str(self._auth("/token?grant_type=password", email=self.email, password=self.password)["access_token"])

    def another_session(self) -> str:
        """The cookie of one more browser."""
        return sign_in(self.product, self.email, self.password)

    def _auth(self, path: str, **body: str) -> dict[str, Any]:
        running = self.product.running
        answer = httpx.post(
            f"{running.supabase_url}/auth/v1{path}", headers={"apikey": running.publishable_key}, json=body, timeout=20
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@dataclass(frozen=True, slots=True)
class Team:
    """An account with one person of each role, and somebody with another account."""

    account: uuid.UUID
    owner: Person
    admin: Person
    member: Person
    outsider: Person


class People:
    """Makes people. What they need is made at its source: the user in Supabase Auth, the role in the database."""

    def __init__(self, product: Product, world: World) -> None:
        self.product, self.world = product, world

    def owner(self, credits: int = 3, *, name: str = "Team", email: str = "") -> Person:
        """A new user with a new account; of any address if it does not matter."""
        user, email = self._user(email)
        account = self.world.value("admin", "select private.ensure_account_for(%s, %s)", user, name)
        if credits != 3:
            self.world.value(
                "admin", "select private.adjust_credits(%s, %s, 'For a test', 'cli:test', %s)",
                account, credits - 3, str(uuid.uuid4()),
            )  # fmt: skip
        return self._person(user, email, account, "owner")

    def join(self, account: uuid.UUID, role: str) -> Person:
        """A new user in an account that is there; `role` is owner, admin or member."""
        user, email = self._user()
        self.add(account, user, role)
        return self._person(user, email, account, role)

    def loner(self) -> Person:
        """A new user who belongs to no account."""
        user, email = self._user()
        # Who follows an invitation is not given an account.
        return self._person(user, email, None, "", "/invitations/none")

    def staff(self) -> Person:
        """A support agent, who has an account of their own as well."""
        user, email = self._user()
        account = self.world.value("admin", "select private.ensure_account_for(%s, %s)", user, "Support")
        self.world.value("admin", "select private.add_staff(%s, 'cli:test')", email)
        return self._person(user, email, account, "staff")

    def team(self, credits: int = 3) -> Team:
        """A new account, and who is in it."""
        owner = self.owner(credits)
        assert owner.account is not None
        admin, member = self.join(owner.account, "admin"), self.join(owner.account, "member")
        return Team(owner.account, owner, admin, member, self.owner(name="Others"))

    # -- Changes --------------------------------------------------------------------------------------------------

    def add(self, account: uuid.UUID, user: uuid.UUID, role: str) -> None:
        """Puts a user into an account."""
        self.world.run(
            "insert into public.members (account_id, user_id, role) values (%s, %s, %s)", account, user, role
        )

    def remove(self, account: uuid.UUID, user: uuid.UUID) -> None:
        """Takes a user out of an account."""
        self.world.run("delete from public.members where account_id = %s and user_id = %s", account, user)

    def _user(self, email: str = "") -> tuple[uuid.UUID, str]:
        running = self.product.running
        email = email or f"{uuid.uuid4().hex[:12]}@example.com"
        answer = httpx.post(
            f"{running.supabase_url}/auth/v1/admin/users",
            headers={"apikey": running.secret_key, "Authorization": f"Bearer {running.secret_key}"},
            json={"email": email, "password": PASSWORD, "email_confirm": True},
            timeout=20,
        )
        assert answer.is_success, answer.text
        return uuid.UUID(answer.json()["id"]), email

    def _person(self, user: uuid.UUID, email: str, account: uuid.UUID | None, role: str, wanted: str = "/") -> Person:
        cookie = sign_in(self.product, email, PASSWORD, wanted)
        return Person(self.product, user, email, PASSWORD, account, role, cookie)


@contextmanager
def people_of(product: Product) -> Iterator[People]:
    """People of this product."""
    with product.world() as world:
        yield People(product, world)


def sign_in(server: Served, email: str, password: str, wanted: str = "/") -> str:
    """Signs in by the form, from an address that nobody else has. The cookie of the session."""
    answer = httpx.post(
        f"{server.url}/api/portal/session",
        data={"email": email, "password": password, "next": wanted},
        headers={"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": an_address()},
        timeout=20,
    )
    assert answer.status_code == 303, answer.text
    return answer.cookies[COOKIE]


def an_address() -> str:
    """An IPv4 address that no other test comes from; the product of tests trusts what is in front of it."""
    return ".".join(str(byte) for byte in uuid.uuid4().bytes[:4])
