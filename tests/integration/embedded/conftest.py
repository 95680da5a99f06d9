"""Gateways to ask: the stack's own, and others on the same database with other rules."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.running import Running
from embedded.stack import Stack
from tests.integration.embedded.client import close_clients
from tests.integration.embedded.gateways import gateway


@pytest.fixture(autouse=True)
def clients_closed() -> Iterator[None]:
    yield
    close_clients()


@pytest.fixture
def running(stack: Stack) -> Running:
    """Confirmation of addresses is on, and 60 s pass between two mails."""
    return stack.running


@pytest.fixture(scope="session")
def lax(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Confirmation of addresses is off, mails follow at once, and the site is not on this machine."""
    rules = replace(
        stack.running.rules, confirm_email=False, mail_interval=0, site_url="https://reports.example.com/app"
    )
    with gateway(stack.running, rules, tmp_path_factory.mktemp("lax")) as running:
        yield running


@pytest.fixture
def token_hash_links(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    """Links of mails lead straight to the site."""
    with gateway(stack.running, replace(stack.running.rules, token_hash_links=True), tmp_path) as running:
        yield running


@pytest.fixture
def no_mail(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    """No mail goes out: a file stands where the outbox should be."""
    (tmp_path / "outbox").write_text("a file")
    rules = replace(stack.running.rules, mail_url=str(tmp_path / "outbox"))
    with gateway(stack.running, rules, tmp_path) as running:
        yield running
