"""Gateways to ask: the stack's own, and others on the same database with other rules."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.settings import ROOT
from embedded.auth.rules import Rules
from embedded.running import Running
from embedded.stack import Stack
from tests.integration.embedded.client import close_clients
from tests.integration.product import free_port, wait_until


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
    with _gateway(stack.running, rules, tmp_path_factory.mktemp("lax")) as running:
        yield running


@pytest.fixture
def token_hash_links(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    """Links of mails lead straight to the site."""
    with _gateway(stack.running, replace(stack.running.rules, token_hash_links=True), tmp_path) as running:
        yield running


@pytest.fixture
def no_mail(stack: Stack, tmp_path: Path) -> Iterator[Running]:
    """No mail goes out: a file stands where the outbox should be."""
    (tmp_path / "outbox").write_text("a file")
    rules = replace(stack.running.rules, mail_url=str(tmp_path / "outbox"))
    with _gateway(stack.running, rules, tmp_path) as running:
        yield running


@contextmanager
def _gateway(running: Running, rules: Rules, folder: Path) -> Iterator[Running]:
    port = free_port()
    other = replace(running, supabase_url=f"http://127.0.0.1:{port}", rules=rules)
    file = folder / "running.json"
    other.save(file)
    command = [sys.executable, "-m", "embedded.gateway", str(file), str(port)]
    with (folder / "gateway.log").open("w") as log:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _is_up(other))
        assert process.poll() is None, (folder / "gateway.log").read_text()
        yield other
    finally:
        process.terminate()
        process.wait(20)


def _is_up(running: Running) -> bool:
    try:
        return httpx.get(f"{running.supabase_url}/health", timeout=2).is_success
    except httpx.TransportError:
        return False
