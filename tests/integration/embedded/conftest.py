"""Gateways to ask: the stack's own, and one more on the same database with other rules."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from core.settings import ROOT
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
    port = free_port()
    rules = replace(
        stack.running.rules, confirm_email=False, mail_interval=0, site_url="https://reports.example.com/app"
    )
    lax = replace(stack.running, supabase_url=f"http://127.0.0.1:{port}", rules=rules)
    file = tmp_path_factory.mktemp("lax") / "running.json"
    lax.save(file)
    command = [sys.executable, "-m", "embedded.gateway", str(file), str(port)]
    process = subprocess.Popen(command, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})
    try:
        wait_until(lambda: process.poll() is not None or _is_up(lax))
        assert process.poll() is None, "the gateway did not start"
        yield lax
    finally:
        process.terminate()
        process.wait(20)


def _is_up(running: Running) -> bool:
    try:
        return httpx.get(f"{running.supabase_url}/health", timeout=2).is_success
    except httpx.TransportError:
        return False
