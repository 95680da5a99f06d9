"""What tests of support staff act with: a staff member who calls what the dashboard calls, as the web process."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from core.database import Database
from core.refusal import Refused
from core.reports import AccountId
from core.support import StaffId
from tests.database.world import World


@dataclass(frozen=True, slots=True)
class Desk:
    """A staff member with a database of customers."""

    world: World
    db: Database
    staff: StaffId

    def account(self, credits: int = 3) -> AccountId:
        return AccountId(self.world.account(credits))

    def audited(self, account: uuid.UUID, *actions: str) -> list[dict[str, Any]]:
        """What the audit log keeps of these actions, the oldest first."""
        return self.world.rows(
            "admin",
            "select actor, action, target, before, after, reason from private.audit_log"
            " where account_id = %s and action = any (%s) order by id",
            account,
            list(actions),
        )


@asynccontextmanager
async def open_desk(world: World) -> AsyncIterator[Desk]:
    staff = world.user()
    world.value("admin", "select private.add_staff(%s, 'cli:test')", f"{staff}@example.com")
    async with Database(world.urls.web, pool_size=4) as db:
        yield Desk(world, db, StaffId(staff))


@contextmanager
def refused(status: int, code: str) -> Iterator[None]:
    """What is done is refused in this way, with a sentence."""
    with pytest.raises(Refused) as refusal:
        yield
    assert (refusal.value.status, refusal.value.code) == (status, code)
    assert refusal.value.sentence.endswith(".")


async def at_once(*calls: Coroutine[Any, Any, Any]) -> tuple[list[Any], list[str]]:
    """What calls made at once answered, and the codes of those that were refused."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    others = [answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, Refused)]
    assert others == []
    return [answer for answer in answers if not isinstance(answer, BaseException)], codes


async def until_one_waits(world: World) -> None:
    """Until somebody waits for a lock that somebody else holds."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with asyncio.timeout(10):
        # The database tells nobody when one begins to wait.
        while not world.value("admin", waiting):
            await asyncio.sleep(0.01)
