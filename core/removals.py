"""Typed calls of the SQL functions on files to remove: each removal is done twice, at once and 5 minutes later."""

from dataclasses import dataclass

from core.database import Database


@dataclass(frozen=True, slots=True)
class Removal:
    """A file of the object store, or a folder (`prefix` ends in a slash) with all below it."""

    id: int
    prefix: str


async def claim_removals(db: Database, limit: int) -> list[Removal]:
    """What is due. Until it is done it is due again after a minute, later with every attempt."""
    return await db.rows(Removal, "claim_removals", limit)


async def removal_done(db: Database, removal: Removal) -> None:
    """The files are gone: the removal is due once more in 5 minutes, or was done for the second time and goes."""
    await db.value("removal_done", removal.id)
