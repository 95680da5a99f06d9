"""Rows of the schema `auth`, as dictionaries by column."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

Row = dict[str, Any]
Connection = AsyncConnection[Any]

NO_INSTANCE = UUID(int=0)
"""Supabase Auth writes this where it once told several projects apart, and looks for it."""


async def one(connection: Connection, query: str | sql.Composed, *arguments: object) -> Row | None:
    """The first row, if there is one."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode() if isinstance(query, str) else query, arguments)
        return await cursor.fetchone()


async def many(connection: Connection, query: str, *arguments: object) -> list[Row]:
    """All rows."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), arguments)
        return await cursor.fetchall()


async def run(connection: Connection, query: str, *arguments: object) -> None:
    """A statement whose rows nobody needs."""
    await connection.execute(query.encode(), arguments)


async def update_user(connection: Connection, user_id: UUID, columns: Mapping[str, object]) -> Row:
    """Sets columns of a user who is known to exist. The row as it is now."""
    sets = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in [*columns, "updated_at"]
    )
    query = sql.SQL("update auth.users set {} where id = {} returning *").format(sets, sql.Placeholder())
    user = await one(connection, query, *columns.values(), datetime.now(UTC), user_id)
    assert user is not None
    return user
