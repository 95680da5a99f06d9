"""Typed calls of the SQL functions that runners use: turns, claims, outcomes."""

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from core.database import Database

# Postgres stores neither in a text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Link:
    """One claimed link. The claim is (`msg_id`, `read_ct`): an outcome counts only while it holds."""

    msg_id: int
    read_ct: int
    account_id: UUID
    report_id: UUID
    position: int
    url: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep healed: claims released, turns sent, overdue reports ended."""

    released: int
    sent: int
    ended: int


async def claim_turn(db: Database, limit: int) -> list[Link]:
    """The next turn's links, at most `limit`, all of one report and one claim; empty when there is nothing to do.

    The claim is invisible to others for 30 s, and for another 30 s after every heartbeat.
    """
    return await db.rows(Link, "claim_turn", limit)


async def open_link(db: Database, link: Link) -> bool:
    """Counts the attempt. False: the link is no longer ours, do not open its page."""
    return bool(await db.value("open_link", link.msg_id, link.read_ct, link.report_id, link.position))


async def heartbeat(db: Database, msg_id: int, read_ct: int) -> bool:
    """Keeps the claim for another 30 s. False: it is lost."""
    return bool(await db.value("heartbeat", msg_id, read_ct))


async def release_link(db: Database, link: Link, *, opened: bool) -> bool:
    """Gives the link back to the queue; an attempt that was `opened` is not counted."""
    return bool(await db.value("release_link", link.msg_id, link.read_ct, link.report_id, link.position, opened))


async def record_outcome(db: Database, link: Link, outcome: dict[str, Any]) -> Literal["recorded", "retry", "late"]:
    """Ends the link, or sends it back for its second attempt ("retry"); "late" when the claim no longer holds.

    `outcome`: reason (None: captured), http_status, final_url, headline, outlet, author, published_on, published_at,
    language, excerpt, access; screenshot and thumbnail as {id, object_key, bytes, width, height}.
    """
    answer: Literal["recorded", "retry", "late"] = await db.value(
        "record_outcome", link.msg_id, link.read_ct, link.report_id, link.position, Jsonb(_storable(outcome))
    )
    return answer


async def sweep(db: Database) -> Swept:
    """Heals what crashes and purged queues left behind. Any process may call it at any time; one does the work."""
    swept = await db.row(Swept, "sweep")
    assert swept is not None
    return swept


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    return value
