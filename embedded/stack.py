"""The embedded Supabase: real Postgres, pgmq and PostgREST, and a stand-in for Auth, behind one gateway."""

import asyncio
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psycopg

from core.migrations import LOGIN_ROLES, MigrationError, migrate, open_login
from core.private_files import write_private
from core.settings import ROOT
from embedded import postgrest
from embedded.auth.rules import Rules
from embedded.installation import Installation
from embedded.postgres import VERSION, Postgres
from embedded.problem import Problem
from embedded.running import FILE, Running
from embedded.supervisor import Program, Supervisor


class Stack:
    """Everything that a clone needs behind its own processes. Raises `Problem` where it cannot start.

    `rules` are those of sign-in; `postgres_settings` are added to the server's command line; `quiet` leaves deaths of
    programs unreported.
    """

    def __init__(
        self,
        state: Path,
        *,
        rules: Rules | None = None,
        postgres_version: int = VERSION,
        postgres_settings: dict[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        self._state = state
        self._rules = rules or Rules()
        self._version = postgres_version
        self._settings = postgres_settings
        self._quiet = quiet
        self._running: Running | None = None
        self.supervisor: Supervisor
        self.installation: Installation

    @property
    def running(self) -> Running:
        """How to reach what runs."""
        assert self._running is not None
        return self._running

    async def __aenter__(self) -> Self:
        self.installation = Installation(self._state)
        self.supervisor = Supervisor(self.installation.logs, quiet=self._quiet)
        try:
            await self._start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.unlink(missing_ok=True)
        await self.supervisor.stop()
        self.installation.close()

    @property
    def _file(self) -> Path:
        return self.installation.state / FILE

    async def _start(self) -> None:
        postgres = Postgres(self.installation, self._version, self._settings)
        await asyncio.to_thread(postgres.prepare)
        await self.supervisor.start(postgres.program())
        await asyncio.to_thread(self._bring_up_to_date, postgres)
        await self.supervisor.start(postgrest.program(self.installation))
        self._running = self._describe()
        self._running.save(self._file)
        await self.supervisor.start(self._gateway())

    def _bring_up_to_date(self, postgres: Postgres) -> None:
        url = self.installation.database_url("postgres")
        try:
            postgres.furnish()
            migrate(url)
            for role in LOGIN_ROLES:
                open_login(url, role, self.installation.secrets.passwords[role])
        except MigrationError as error:
            raise Problem(str(error)) from error
        except psycopg.Error as error:
            raise Problem(f"The database could not be set up: {error}") from error

    def _describe(self) -> Running:
        secrets = self.installation.secrets
        url = self.installation.database_url
        return Running(
            pid=os.getpid(),
            supabase_url=f"http://127.0.0.1:{self._gateway_port()}",
            publishable_key=secrets.publishable_key,
            secret_key=secrets.secret_key,
            signing_key=secrets.signing_key,
            session_key=secrets.session_key,
            postgrest_socket=str(postgrest.socket_of(self.installation)),
            auth_database_url=url("supabase_auth_admin"),
            migrate_database_url=url("postgres"),
            web_database_url=url("coverage_web"),
            jobs_database_url=url("coverage_jobs"),
            rules=replace(self._rules, mail_url=self._rules.mail_url or str(self.installation.state / "outbox")),
        )

    def _gateway_port(self) -> int:
        """That of the start before, unless somebody has it now: links in mails that were sent lead to it."""
        note = self.installation.state / "gateway-port"
        try:
            port = _free_port(max(0, min(int(note.read_text()), 65535)))
        except (OSError, ValueError):
            port = _free_port()
        write_private(note, f"{port}\n")
        return port

    def _gateway(self) -> Program:
        port = httpx.URL(self.running.supabase_url).port
        return Program(
            name="gateway",
            command=[sys.executable, "-m", "embedded.gateway", str(self._file), str(port)],
            environment={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
            is_ready=lambda: is_up(f"{self.running.supabase_url}/health"),
        )


async def is_up(url: str) -> bool:
    """Whether a server of this machine answers there."""
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url, timeout=2)).is_success
    except httpx.HTTPError:
        return False


def _free_port(wanted: int = 0) -> int:
    """A port that nobody has, or the wanted one. Raises OSError when somebody has that."""
    with socket.create_server(("127.0.0.1", wanted)) as listener:
        return int(listener.getsockname()[1])
