"""One Chromium for all tests of the dashboard; every test has windows of its own."""

from collections.abc import AsyncIterator, Generator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from core.settings import Settings
from jobs.sandbox import SandboxError, find_chromium
from tests.browser.windows import DESKTOP, PATIENCE, Windows
from tests.integration.product import Product, Served

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fixtures learn whether their test has failed."""
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = call.excinfo is not None
    return report


@pytest.fixture(scope="session")
async def screen(anyio_backend: str) -> AsyncIterator[Browser]:
    """The browser in which the tests look at our pages. They are our own, so it needs no sandbox of its own."""
    try:
        path = find_chromium(Settings())
    except SandboxError as missing:
        pytest.skip(str(missing))
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
def front(product: Product) -> Served:
    """What the windows open."""
    return product


@pytest.fixture
async def windows(screen: Browser, front: Served, request: pytest.FixtureRequest) -> AsyncIterator[Windows]:
    """Opens windows: `page = await windows.open(person, "/settings/keys")`. Of a desktop, but see `both_sizes`."""
    windows = Windows(screen, front, getattr(request, "param", DESKTOP))
    yield windows
    await windows.close(request.node.name if request.node.stash.get(_FAILED, default=False) else "")
