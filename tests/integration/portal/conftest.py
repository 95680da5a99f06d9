"""A web process over the real embedded Supabase, and people who are signed in to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.running import Running
from embedded.stack import Stack
from tests.database.world import Urls, World
from tests.integration.api.stand import Stand, web_process
from tests.integration.portal.people import Team, team

WARNING = "ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Supabase's client warns of its own use of its own parts.
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(WARNING))


@pytest.fixture(scope="session")
def running(stack: Stack) -> Running:
    return stack.running


@pytest.fixture(scope="session")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the mails of the web process."""
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="session")
def portal(urls: Urls, running: Running, outbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A web process that many tests share."""
    with web_process(
        urls, tmp_path_factory.mktemp("portal"),
        supabase_url=running.supabase_url, supabase_publishable_key=running.publishable_key,
        supabase_secret_key=running.secret_key, secret_key=running.session_key, mail_url=str(outbox),
    ) as stand:  # fmt: skip
        yield stand


@pytest.fixture
def people(portal: Stand, running: Running, world: World) -> Team:
    """A new account with its people."""
    return team(portal, running, world)
