"""People of the dashboard, who call functions as PostgREST lets them: as a signed-in user, or as nobody."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psutil
import psycopg
import pytest
from psycopg.rows import RowFactory, dict_row, scalar_row

from tests.database.world import World

Row = TypeVar("Row")
Answer = TypeVar("Answer")


class Person:
    """A user, or nobody (`id` is None). Every call is a transaction of its own."""

    def __init__(self, world: World, user: uuid.UUID | None) -> None:
        self._world = world
        self._user = user

    @property
    def id(self) -> uuid.UUID:
        assert self._user is not None
        return self._user

    @property
    def email(self) -> str:
        return f"{self.id}@example.com"

    def value(self, query: str, *arguments: object) -> Any:
        """The first column of the first row."""
        rows = self._fetch(scalar_row, query, arguments)
        return rows[0] if rows else None

    def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        return self._fetch(dict_row, query, arguments)

    def cpu_seconds(self, query: str, *arguments: object, times: int = 10) -> float:
        """What the query costs the server, however busy the machine is."""
        with self._connect() as connection:
            server = psutil.Process(connection.info.backend_pid)
            begun = server.cpu_times()
            for _ in range(times):
                connection.execute(query.encode(), arguments)
            ended = server.cpu_times()
        return (ended.user - begun.user + ended.system - begun.system) / times

    def call(self, function: str, *arguments: object) -> Any:
        """The value of a function in public."""
        return self.value(f"select public.{function}({', '.join(['%s'] * len(arguments))})", *arguments)

    @contextmanager
    def transaction(self) -> Iterator[Callable[..., Any]]:
        """`call` in a transaction that stays open: two things at once."""
        with self._connect() as connection:

            def call(function: object, *arguments: object) -> Any:
                marks = ", ".join(["%s"] * len(arguments))
                with connection.cursor(row_factory=scalar_row) as cursor:
                    return cursor.execute(f"select public.{function}({marks})".encode(), arguments).fetchone()

            yield call

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[Any]]:
        claims = {"sub": str(self._user), "role": "authenticated"} if self._user else {}
        with psycopg.connect(self._world.urls.admin, prepare_threshold=None) as connection:
            connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
            connection.execute(b"set local role authenticated" if self._user else b"set local role anon")
            yield connection

    def _fetch(self, shape: RowFactory[Row], query: str, arguments: tuple[object, ...]) -> list[Row]:
        with self._connect() as connection, connection.cursor(row_factory=shape) as cursor:
            return cursor.execute(query.encode(), arguments).fetchall()


@dataclass(frozen=True, slots=True)
class Team:
    """An account, one person of each role, and two who are not of it."""

    account: uuid.UUID
    owner: Person
    admin: Person
    member: Person
    outsider: Person
    anonymous: Person

    def person(self, role: str) -> Person:
        person: Person = getattr(self, role)
        return person


def person(world: World) -> Person:
    """A new user without an account."""
    return Person(world, world.user())


def join(world: World, account: uuid.UUID, role: str) -> Person:
    """A new user who is in the account."""
    someone = person(world)
    world.run("insert into public.members (account_id, user_id, role) values (%s, %s, %s)", account, someone.id, role)
    return someone


def make_team(world: World, credits: int = 3) -> Team:
    """A new account with its people; the outsider has an account of their own."""
    owner = person(world)
    account = owner.call("ensure_account")
    if credits != 3:
        world.value(
            "admin", "select private.adjust_credits(%s, %s, 'test', 'cli:test', %s)", account, credits - 3,
            str(uuid.uuid4()),
        )  # fmt: skip
    outsider = person(world)
    outsider.call("ensure_account")
    admin, member = join(world, account, "admin"), join(world, account, "member")
    return Team(account, owner, admin, member, outsider, Person(world, None))


def audited(world: World, account: uuid.UUID) -> list[str]:
    """The actions of the account's audit log, oldest first."""
    rows = world.rows("admin", "select action from private.audit_log where account_id = %s order by id", account)
    return [row["action"] for row in rows]


@contextmanager
def refused(status: int, code: str, match: str | None = None) -> Iterator[None]:
    """The call is answered with this HTTP status and code."""
    with pytest.raises(psycopg.Error, match=match) as caught:
        yield
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == (f"PT{status}", code)


def raced(world: World, first: Person, sent: tuple[object, ...], second: Callable[[], Answer]) -> Future[Answer]:
    """Two things at once: `second` begins while the call `sent` of `first` has not ended, and has to wait for it."""
    with ThreadPoolExecutor(1) as threads:
        with first.transaction() as call:
            call(*sent)
            answer = threads.submit(second)
            _wait_for_one_that_waits(world)
        return answer


def _wait_for_one_that_waits(world: World) -> None:
    until = time.monotonic() + 10
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while not world.value("admin", waiting):
        assert time.monotonic() < until, "nobody waits"
