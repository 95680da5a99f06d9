"""A pool of connections of one login role, which executes functions and reads no table."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg_pool import AsyncConnectionPool

from core.patience import within
from core.refusal import refusal_of

Row = TypeVar("Row")
Answer = TypeVar("Answer")


class Database:
    """Calls SQL functions. Every call is its own transaction; nothing is kept in a session.

    Calls raise `psycopg.OperationalError` when the database cannot be reached within `timeout` seconds, gave up a
    statement, or held the connection without a word for `deadline` seconds, so that nobody knows whether it did what
    was asked; the pool connects again by itself. They raise `Refused` when the function refused.

    `deadline` is longer than the role's own `statement_timeout`: a server that works speaks first.
    """

    def __init__(
        self, url: str, *, prepare: bool = False, pool_size: int = 8, timeout: float = 3.0, deadline: float = 10.0
    ) -> None:
        self._deadline = deadline
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=timeout,
            # Supabase's transaction pooler cannot follow prepared statements.
            kwargs={
                "autocommit": True,
                "prepare_threshold": 5 if prepare else None,
                "connect_timeout": 5,
                "application_name": "coveragereport",
            },
            # A connection that died with its server is noticed before it is used.
            check=AsyncConnectionPool.check_connection,
            # Never give up: a database that was away for an hour is found again within seconds.
            reconnect_timeout=5.0,
            reconnect_failed=None,
            open=False,
        )

    async def __aenter__(self) -> Self:
        # A database that is still starting is no reason to die.
        await self._pool.open(wait=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    async def rows(self, shape: type[Row], function: str, *arguments: object) -> list[Row]:
        """The rows a function returns, each as a `shape` made from its columns by name."""
        return await self._in_time(self._rows(shape, function, arguments))

    async def row(self, shape: type[Row], function: str, *arguments: object) -> Row | None:
        """The first row a function returns, or None."""
        found = await self.rows(shape, function, *arguments)
        return found[0] if found else None

    async def value(self, function: str, *arguments: object) -> Any:
        """The one value a function returns, or None."""
        return await self._in_time(self._value(function, arguments))

    async def _in_time(self, answer: Awaitable[Answer]) -> Answer:
        try:
            return await within(self._deadline, answer)
        except TimeoutError:
            raise psycopg.OperationalError("the database did not answer in time") from None

    async def _rows(self, shape: type[Row], function: str, arguments: tuple[object, ...]) -> list[Row]:
        async with self._connection() as connection, connection.cursor(row_factory=class_row(shape)) as cursor:
            await cursor.execute(_call(function, len(arguments)), arguments)
            return await cursor.fetchall()

    async def _value(self, function: str, arguments: tuple[object, ...]) -> Any:
        async with self._connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(_call(function, len(arguments)), arguments)
            return await cursor.fetchone()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.ProgrammingError as error:
            refused = refusal_of(error)
            if refused is None:
                raise
            raise refused from None


def _call(function: str, arguments: int) -> bytes:
    # `function` is written in our code, never read from outside.
    return f"select * from private.{function}({', '.join(['%s'] * arguments)})".encode()  # noqa: S608
