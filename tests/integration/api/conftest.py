from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.database.world import Urls, World
from tests.integration.api.stand import Customer, Stand, web_process


@pytest.fixture(scope="session")
def stand(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A web process that many tests share; its rate limit is out of the way."""
    with web_process(urls, tmp_path_factory.mktemp("web")) as stand:
        yield stand


@pytest.fixture
def start(urls: Urls, tmp_path: Path) -> Iterator[Callable[..., Stand]]:
    """Starts web processes with settings of their own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(web_process(urls, tmp_path, **settings))


@pytest.fixture
def customer(stand: Stand, world: World) -> Customer:
    return Customer(stand, world)


@pytest.fixture
def stranger(stand: Stand, world: World) -> Customer:
    """Somebody with an account of their own."""
    return Customer(stand, world)
