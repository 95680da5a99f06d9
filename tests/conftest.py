"""What all tests share: one loop, one embedded Supabase, one news site and one running product for the whole run."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.build import is_built
from embedded.auth.rules import Rules
from embedded.stack import Stack
from tests.database.world import Urls, World
from tests.integration.product import Product
from tests.people import People, people_of
from tests.site import NewsSite


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")
    parser.addoption("--docs-pictures", action="store_true", help="make the pictures of README and docs anew")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: script/test --long"))


# A crash of the machine may lose the test database: it need not wait for the disk, and passwords need not be slow.
FAST = {"fsync": "off", "full_page_writes": "off"}


class StackThread:
    """Runs a stack in a thread of its own while tests use it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="stack")

    def __enter__(self) -> Stack:
        self._thread.start()
        self._up.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self.stack

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            async with self.stack:
                self._up.set()
                await self._stop.wait()
        except BaseException as error:
            self._failure = error
            self._up.set()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the database's user can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="coveragereport-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(open_folder: Path) -> Iterator[Stack]:
    """The embedded Supabase that tests share."""
    rules = Rules(password_cost=4)
    with StackThread(Stack(open_folder / "state", rules=rules, postgres_settings=FAST, quiet=True)) as stack:
        yield stack


def urls_of(stack: Stack) -> Urls:
    """One database URL a role."""
    running = stack.running
    return Urls(running.migrate_database_url, running.web_database_url, running.jobs_database_url)


@pytest.fixture(scope="session")
def urls(stack: Stack) -> Urls:
    return urls_of(stack)


@pytest.fixture
def world(urls: Urls) -> Iterator[World]:
    """Roles to act as, on a queue that holds nothing of other tests."""
    world = World(urls)
    world.empty_queue()
    yield world
    world.close()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Session-scoped, so that what lives for the session lives in the loop of the tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def news() -> Iterator[NewsSite]:
    """The news site, which captures may read."""
    with NewsSite() as site:
        yield site


@pytest.fixture(scope="session")
def product(open_folder: Path, news: NewsSite) -> Iterator[Product]:
    """The whole product, which may capture the news site. It believes X-Forwarded-For, so that a test can be somebody
    from elsewhere."""
    settings = {
        "CAPTURE_ALLOW": news.address,
        "RATE_LIMIT_PER_MINUTE": "100000",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    if not is_built():
        pytest.skip("the dashboard is not built, or is older than its sources: run script/bootstrap")
    with Product(open_folder / "product", **settings) as product:
        yield product


@pytest.fixture(scope="session")
def people(product: Product) -> Iterator[People]:
    """Makes users of the product, of every role."""
    with people_of(product) as people:
        yield people
