"""The whole product as a customer meets it: `coveragereport serve`, an API key, a report."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from dotenv import dotenv_values

from benchmarks.measured import Measured
from cli.report import DEMO_FILE
from core.settings import ROOT

CREDITS = "100000"
START_PATIENCE = 90.0
POLL = 0.1
"""Seconds between two looks at the report: what a look comes late counts as the product's time."""


class Product:
    """A running product, and the key of an account that can pay."""

    def __init__(self, state: Path, process: Process, client: httpx.AsyncClient) -> None:
        self.process = process
        self._state = state
        self._client = client

    async def measure(self, urls: list[str]) -> Measured:
        """One report, from the request until the API says that it is complete."""
        started = time.monotonic()
        accepted = await self._json("POST", "/reports", json={"urls": urls, "reportName": "Bench"})
        report = accepted
        while report["status"] == "processing":
            await asyncio.sleep(POLL)
            report = await self._json("GET", f"/reports/{accepted['id']}")
        seconds = time.monotonic() - started
        if report["status"] != "completed":
            raise RuntimeError(f"the report ended as {report['status']}: {report['error']}")
        return Measured(await self._captured(accepted["id"], report), seconds)

    async def _captured(self, report_id: str, report: dict[str, Any]) -> int:
        """Links with both pictures in the store."""
        captured = int(report["stats"]["screenshots"])
        stored = len(list((self._state / "objects").glob(f"**/{report_id}/*.jpg")))
        if stored != 2 * captured:
            raise RuntimeError(f"{captured} links captured, but {stored} pictures stored")
        return captured

    async def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = await self._client.request(method, path, **options)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body


@asynccontextmanager
async def product(site: str) -> AsyncIterator[Product]:
    """Starts it on an empty database, allowed to read the site, with its own settings otherwise."""
    folder = await asyncio.to_thread(_open_folder)
    state = folder / "state"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    environment = os.environ | {
        "PORT": str(port),
        "STATE_DIR": str(state),
        "CAPTURE_ALLOW": site,
        "RATE_LIMIT_PER_MINUTE": "1000000",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "serve", cwd=ROOT, env=environment, stdout=DEVNULL, start_new_session=True
    )
    try:
        values = await _started(process, state)
        await _furnish(environment, values["DEMO_EMAIL"])
        headers = {"X-API-Key": values["COVERAGEREPORT_API_KEY"]}
        url = f"{values['COVERAGEREPORT_URL']}/api/v1"
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            yield Product(state, process, client)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _open_folder() -> Path:
    """A folder that the database's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="coveragereport-bench-"))
    folder.chmod(0o755)
    return folder


async def _started(process: Process, state: Path) -> dict[str, str]:
    """The demo account's values, written last of all at a start."""
    async with asyncio.timeout(START_PATIENCE):
        while process.returncode is None:
            found = {name: value for name, value in dotenv_values(state / DEMO_FILE).items() if value}
            if "DEMO_PASSWORD" in found:
                return found
            await asyncio.sleep(0.2)
    raise RuntimeError("the product did not start; it has said why above")


async def _furnish(environment: dict[str, str], email: str) -> None:
    command = [sys.executable, "-m", "cli", "account", "credits", email, CREDITS, "--reason", "Bench"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=DEVNULL)
    if await process.wait():
        raise RuntimeError("the account was given no credits")
