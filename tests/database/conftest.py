from collections.abc import Iterator

import pytest

from tests.database.world import Urls, World


@pytest.fixture
def world(urls: Urls) -> Iterator[World]:
    """Roles to act as, on a queue that holds nothing of other tests."""
    world = World(urls)
    world.empty_queue()
    yield world
    world.close()
