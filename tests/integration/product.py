"""The whole product as a user starts it, `coveragereport serve`, and customers of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

import httpx
import psutil

from core.keys import new_api_key
from embedded.running import FILE, Running
from tests.database.world import Urls, World

COMMAND = Path(sys.executable).with_name("coveragereport")
RUNNING = "Coverage Report is running."
_STOP_SECONDS = 40
# The kernel takes a moment to bury the dead.
_LEAVING_SECONDS = 0.2


class Served(Protocol):
    """Something that answers browsers: the product, one web process of it, or what is in front of several."""

    @property
    def url(self) -> str:
        """Its address."""


class Product:
    """`coveragereport serve` with a state folder of its own. Leaving the block stops it, and looks for what is left."""

    def __init__(self, state: Path, *arguments: str, until: str = RUNNING, **settings: str) -> None:
        self.state = state
        self.port = int(settings.pop("PORT", "") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(STATE_DIR=str(state), PORT=str(self.port), **settings)
        self.greeting = ""
        self._arguments = arguments
        self._until = until
        self._ended: tuple[int, list[str]] | None = None
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by `stop`)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [COMMAND, "serve", *self._arguments],
            env=self.environment,
            cwd=self.state.parent,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.greeting += line
            if self._until in line:
                break
        else:
            self.stop()
            raise AssertionError(f"the product did not start: {self.greeting}{self.errors}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ended = self._ended or self.stop()
        if error is None:
            assert ended == (0, []), self.errors

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[str]]:
        """The exit status, and the command lines of processes that outlived it."""
        started = _descendants(self._process.pid)
        self._process.send_signal(number)
        status = self._process.wait(_STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.seek(0)
        self.errors = self._errors.read()
        self._errors.close()
        _, alive = psutil.wait_procs(started, timeout=_LEAVING_SECONDS)
        self._ended = status, [" ".join(_command_line(process)) for process in alive]
        return self._ended

    def run(self, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """A command of `coveragereport` in the folder of this product."""
        return run(*arguments, stdin=stdin, **{**self.environment, **settings})

    @property
    def running(self) -> Running:
        """How to reach its Supabase."""
        return Running.load(self.state / FILE)

    def processes(self) -> list[psutil.Process]:
        """Every process that it has started."""
        return _descendants(self._process.pid)

    def web(self) -> psutil.Process:
        """The process that serves the pages."""
        return next(process for process in self.processes() if process.cmdline()[1:] == ["-m", "cli", "dashboard"])

    @contextmanager
    def world(self) -> Iterator[World]:
        """Its database, as every role."""
        running = self.running
        world = World(Urls(running.migrate_database_url, running.web_database_url, running.jobs_database_url))
        try:
            yield world
        finally:
            world.close()

    def customer(self, credits: int = 10) -> "Customer":
        """A new account with a key."""
        with self.world() as world:
            account = world.account(credits)
        return Customer(self, account, self.key(account))

    def key(self, account: UUID) -> str:
        """A new key of the account."""
        new = new_api_key()
        with self.world() as world:
            world.value(
                "admin", "select private.create_api_key(%s, 'key', %s, %s, null, 'cli:test')",
                account, new.prefix, new.digest,
            )  # fmt: skip
        return new.key

    @contextmanager
    def web_process(
        self, command: str = "api", *, folder: Path | None = None, **settings: str
    ) -> Iterator["WebProcess"]:
        """One more web process on the same database, `coveragereport api` or `dashboard`, with settings of its own."""
        port = int(settings.pop("PORT", "") or free_port())
        log = self.state / "logs" / f"web-{port}.log"
        with log.open("a") as output:
            process = subprocess.Popen(
                [COMMAND, command],
                cwd=folder,
                env={**self.environment, **settings, "PORT": str(port)},
                stdout=output,
                stderr=output,
            )
        try:
            web = WebProcess(f"http://127.0.0.1:{port}", log, process)
            wait_until(lambda: process.poll() is not None or answers(web.url))
            assert process.poll() is None, log.read_text()
            yield web
        finally:
            process.terminate()
            process.wait(20)


@dataclass(frozen=True, slots=True)
class WebProcess:
    """A web process, and the log of its requests."""

    url: str
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    def statuses(self, account: UUID) -> list[int]:
        """How the requests of an account ended so far, in their order."""
        events = (json.loads(line) for line in self.log.read_text().splitlines())
        return [
            event["status"]
            for event in events
            if event["event"] == "request" and event.get("account_id") == str(account)
        ]


@dataclass(frozen=True, slots=True)
class Customer:
    """An account of the product, and a key of it."""

    product: Product
    account: UUID
    key: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What a program of the customer reads."""
        return {"COVERAGEREPORT_URL": self.product.url, "COVERAGEREPORT_API_KEY": self.key}

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return httpx.request(
            method, f"{self.product.url}/api/v1{path}", headers={"X-API-Key": self.key}, timeout=20, **options
        )

    def balance(self) -> int:
        return int(self.get("/credits/balance").json()["balance"])

    def create(self, urls: list[str], **body: Any) -> str:
        """Makes a report. Its id."""
        answer = self.request("POST", "/reports", json={"urls": urls, **body})
        assert answer.status_code == 202, answer.text
        report: str = answer.json()["id"]
        return report

    def ended(self, report: str) -> dict[str, Any]:
        """The report, once it is no longer processing."""
        wait_until(lambda: self.get(f"/reports/{report}").json()["status"] != "processing", seconds=60)
        status: dict[str, Any] = self.get(f"/reports/{report}").json()
        return status


def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """`coveragereport` with nothing in its environment but these settings."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        check=False,
        text=True,
        timeout=90,
    )


def environment(**settings: str) -> dict[str, str]:
    """A user's: without the settings of whoever runs the tests, and behind a proxy that nobody may ask for loopback."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    nowhere = "http://127.0.0.1:1"
    return {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere, **kept, **settings}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a web process serves there."""
    try:
        return httpx.get(f"{url}/healthz", timeout=2).is_success
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Returns as soon as the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen in {seconds} s"
        time.sleep(0.1)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
