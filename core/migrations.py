"""Brings a database to the schema of this release, with the Supabase CLI, and opens the logins of our processes."""

import os
import re
import secrets
import subprocess
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from core.settings import ROOT

FOLDER = ROOT / "supabase" / "migrations"
LOGIN_ROLES = ("coverage_web", "coverage_jobs")
_CLI = ROOT / "node_modules" / "supabase" / "dist" / "supabase.js"
_TIMEOUT = 300


class MigrationError(RuntimeError):
    """The database was not changed, or only in part; calling again goes on. The message is for a person."""


def known_versions() -> set[str]:
    """Versions of the migrations of this release, from their file names."""
    return {path.name.partition("_")[0] for path in FOLDER.glob("*.sql")}


def applied_versions(url: str) -> set[str]:
    """Versions the database has had. Raises `psycopg.Error`."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = connection.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone()
        if row is None or row[0] is None:
            return set()
        return {row[0] for row in connection.execute("select version from supabase_migrations.schema_migrations")}


def migrate(url: str) -> int:
    """Applies the migrations that the database at `url` lacks; how many those were. Raises `MigrationError`."""
    try:
        applied = applied_versions(url)
    except psycopg.OperationalError as error:
        raise MigrationError(f"The database cannot be reached: {error}".partition("\n")[0]) from error
    unknown = applied - known_versions()
    if unknown:
        raise MigrationError(
            f"The database is of a newer release: it has had migration {max(unknown)}, which this one does not know."
            " Update the clone, or use another database."
        )
    missing = known_versions() - applied
    if missing:
        _push(url)
    return len(missing)


def open_login(url: str, role: str, password: str | None = None) -> str:
    """Gives one of our roles LOGIN and a password (made at random if None). Its URL, made from `url`."""
    password = password or secrets.token_urlsafe(32)
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute(
            sql.SQL("alter role {} login password {}").format(sql.Identifier(role), sql.Literal(password))
        )
    return login_url(url, role, password)


def can_log_in(url: str, role: str) -> bool:
    """Whether the role was given a login before."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = connection.execute("select rolcanlogin from pg_catalog.pg_roles where rolname = %s", (role,)).fetchone()
    return bool(row and row[0])


def login_url(url: str, role: str, password: str) -> str:
    """`url` for another role. Supabase's pooler wants the project behind the name: `role.project`."""
    parts = urlsplit(url)
    project = re.fullmatch(r"[^.]+\.(\w+)", parts.username or "")
    user = f"{role}.{project[1]}" if project else role
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def _push(url: str) -> None:
    done = run_cli(url, "db", "push", "--yes", "--skip-vault")
    if done.returncode != 0:
        raise MigrationError(f"The migrations failed:\n{(done.stderr or done.stdout).strip()}")


def run_cli(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of the Supabase CLI on the database at `url`. Raises `MigrationError`."""
    if not _CLI.is_file():
        raise MigrationError("The Supabase CLI is missing. Run script/bootstrap.")
    # The password goes by the environment: command lines are everybody's to read.
    parts = urlsplit(url)
    without = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2] or 'localhost'}"))
    environment = {
        **os.environ,
        "PGPASSWORD": parts.password or "",
        "SUPABASE_TELEMETRY_DISABLED": "1",
        "DO_NOT_TRACK": "1",
        "CI": "1",
    }
    command = [_node(), str(_CLI), *arguments, f"--remote={without}", "--workdir", str(ROOT)]
    try:
        return subprocess.run(
            command,
            check=False,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise MigrationError(
            "The Supabase CLI did not end in 5 minutes: something holds a lock. Start again."
        ) from None


def _node() -> str:
    own = ROOT / ".venv" / "bin" / "node"
    return str(own) if own.exists() else "node"
