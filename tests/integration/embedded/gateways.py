"""More gateways in front of the database of the stack, with other rules of Auth."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from core.settings import ROOT
from embedded.auth.rules import Rules
from embedded.running import Running
from tests.integration.product import free_port, wait_until


@contextmanager
def gateway(running: Running, rules: Rules, folder: Path) -> Iterator[Running]:
    """A gateway with these rules."""
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
