"""One stage and one Chromium for all tests of captures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from uuid import uuid4

import pytest

from core.settings import Settings
from jobs.browser import Browser
from jobs.capture import Capture, capture
from tests.integration.egress_world import Server, serving
from tests.integration.patience import Client, patient_clients
from tests.integration.product import Product
from tests.integration.stage import Stage, staged
from tests.site import NewsSite

AT_ONCE = 4

Look = Callable[..., Awaitable[Capture]]


@pytest.fixture(scope="session")
async def stage(anyio_backend: str) -> AsyncIterator[Stage]:
    """The stage, which captures may read."""
    async with staged() as stage:
        yield stage


@pytest.fixture
async def forbidden(anyio_backend: str) -> AsyncIterator[Server]:
    """A server on loopback that no capture may reach: a connection to it is a hole."""

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nAccess-Control-Allow-Origin: *\r\n\r\nsecret")
        await writer.drain()

    async with serving(welcome) as server:
        yield server


@pytest.fixture(scope="session")
def capture_settings(news: NewsSite, stage: Stage) -> Settings:
    """Settings under which the two servers of the tests may be read, and nothing else on this machine."""
    return Settings(capture_allow=f"{news.address},{stage.address}")


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str, capture_settings: Settings) -> AsyncIterator[Browser]:
    """The browser that the tests share."""
    async with Browser(capture_settings) as browser:
        yield browser


@pytest.fixture(scope="session")
def look(chromium: Browser) -> Look:
    """Captures a URL, a few at once, as links of one report."""
    report = uuid4()
    slots = asyncio.Semaphore(AT_ONCE)

    async def look(url: str, deadline: float = 10.0) -> Capture:
        async with slots, chromium.lane(report) as lane:
            return await capture(lane, url, deadline=deadline)

    return look


@pytest.fixture(scope="session")
def patient(
    product: Product, news: NewsSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Client]]:
    """Clients that wait for their next minute, while other tests go on: ask for them early."""
    link = news.url("/wexcombe-ledger/pool-reopens")
    with patient_clients(product, tmp_path_factory.mktemp("patient"), link) as clients:
        yield clients
