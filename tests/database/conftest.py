"""Database tests run on both versions of Postgres that the wheel brings: hosted Supabase is in between."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from embedded.stack import Stack
from tests.conftest import FAST, StackThread, urls_of
from tests.database.desk import Desk, open_desk
from tests.database.world import Urls, World


@pytest.fixture(scope="session")
def old_stack(open_folder: Path) -> Iterator[Stack]:
    """The same on Postgres 16."""
    with StackThread(Stack(open_folder / "old", postgres_version=16, postgres_settings=FAST, quiet=True)) as stack:
        yield stack


@pytest.fixture(scope="session", params=["postgres-18", "postgres-16"])
def urls(request: pytest.FixtureRequest) -> Urls:
    stack: Stack = request.getfixturevalue("stack" if request.param == "postgres-18" else "old_stack")
    return urls_of(stack)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def desk(world: World, anyio_backend: str) -> AsyncIterator[Desk]:
    """A staff member at work."""
    async with open_desk(world) as desk:
        yield desk
