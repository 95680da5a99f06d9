"""Starting the embedded Supabase where something is wrong, again over its own data, and after parts of it were killed.

Takes some 25 s: every test starts a stack of its own.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from embedded.installation import Installation
from embedded.problem import Problem
from embedded.running import FILE
from embedded.stack import Stack
from tests.conftest import FAST
from tests.integration.embedded.client import (
    PASSWORD,
    call,
    follow,
    fragment,
    link_in,
    mail_to,
    new_email,
    new_user,
    sign_in,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def made(open_folder: Path) -> Path:
    """A state folder that was started once and stopped cleanly."""
    folder = open_folder / "made"

    async def once() -> None:
        async with Stack(folder, postgres_settings=FAST, quiet=True):
            pass

    asyncio.run(once())
    return folder


@pytest.fixture
def state(made: Path, open_folder: Path) -> Iterator[Path]:
    """A copy of it, for one test to spoil."""
    folder = open_folder / f"copy-{uuid.uuid4().hex[:8]}"
    subprocess.run(["cp", "-a", str(made), str(folder)], check=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def started(folder: Path, version: int = 18) -> AsyncIterator[Stack]:
    async with Stack(folder, postgres_version=version, postgres_settings=FAST, quiet=True) as stack:
        yield stack


async def problem_of(folder: Path, version: int = 18) -> str:
    with pytest.raises(Problem) as caught:
        async with started(folder, version):
            pass
    assert not processes_of(folder), "something was left running"
    return str(caught.value)


def processes_of(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if any(str(folder) in part for part in command):
            found.append(" ".join(command))
    return found


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_data_secrets_and_links_of_mails_are_kept(state: Path) -> None:
    async with started(state) as stack:
        user, email = new_user(stack.running), new_email()
        call(stack.running, "POST", "/signup", {"email": email, "password": PASSWORD})
        secrets = stack.installation.secrets
        assert (state / "secrets.json").stat().st_mode & 0o777 == 0o600
        assert (state / FILE).stat().st_mode & 0o777 == 0o600
    assert not (state / FILE).exists()
    assert not processes_of(state)
    async with started(state) as stack:
        assert stack.installation.secrets == secrets
        assert sign_in(stack.running, user["email"]).status_code == 200
        assert "access_token" in fragment(follow(link_in(mail_to(stack.running, email))))


def test_the_gateway_keeps_its_port_while_nobody_else_has_it(state: Path) -> None:
    stack = Stack(state)
    stack.installation = Installation(state)
    try:
        port = stack._gateway_port()
        assert stack._gateway_port() == port
        with socket.create_server(("127.0.0.1", port)):
            assert stack._gateway_port() != port
        for nonsense in ("nonsense", "99999", ""):
            (state / "gateway-port").write_text(nonsense)
            assert 0 < stack._gateway_port() < 65536
    finally:
        stack.installation.close()


async def test_two_installations_share_no_secret(made: Path, open_folder: Path) -> None:
    one, other = Installation(made), Installation(open_folder / "other")
    try:
        assert not set(one.secrets.passwords.values()) & set(other.secrets.passwords.values())
        assert one.secrets.signing_key != other.secrets.signing_key
        assert one.secrets.secret_key != other.secrets.secret_key
    finally:
        one.close()
        other.close()


async def test_a_second_start_from_one_folder_is_refused(state: Path) -> None:
    async with started(state) as stack:
        with pytest.raises(Problem, match=f"Another server runs from .* \\(process {os.getpid()}\\)"):
            async with started(state):
                pass
        answer = await asyncio.to_thread(httpx.get, f"{stack.running.supabase_url}/health")
        assert answer.is_success, "the first one was hurt"


async def test_data_of_another_postgres_is_named(state: Path) -> None:
    said = await problem_of(state, version=16)
    assert "of another project version: it was written by Postgres 18, this one runs 16" in said
    assert "begin anew" in said


async def test_data_of_a_newer_release_is_named(state: Path) -> None:
    async with started(state) as stack:
        with psycopg.connect(stack.running.migrate_database_url, autocommit=True) as connection:
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version, name) values ('29990101000000', 'later')"
            )
    said = await problem_of(state)
    assert "newer release" in said and "29990101000000" in said and "Update the clone" in said


async def test_lost_secrets_are_named(state: Path) -> None:
    (state / "secrets.json").unlink()
    said = await problem_of(state)
    assert "secrets.json do not fit the data" in said and "Restore" in said


async def test_broken_secrets_are_named(state: Path) -> None:
    (state / "secrets.json").write_text('{"id": "half')
    assert "secrets.json cannot be read" in await problem_of(state)


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    folder = open_folder / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_named(small_disk: Path) -> None:
    said = await problem_of(small_disk / "state")
    assert "The disk is full" in said and "Free some space" in said


async def test_a_start_that_was_killed_while_making_the_data_is_made_good(open_folder: Path) -> None:
    folder = open_folder / "half"
    (folder / "postgres.new").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    async with started(folder) as stack:
        assert new_user(stack.running)["email"]
    assert not (folder / "postgres.new").exists()


@pytest.mark.parametrize("name", ["postgres", "postgrest", "gateway"])
async def test_a_program_that_is_killed_is_started_again(state: Path, name: str) -> None:
    async with started(state) as stack:
        user = new_user(stack.running)
        before = stack.supervisor.pid(name)
        os.kill(before, signal.SIGKILL)

        def answers() -> bool:
            try:
                auth = sign_in(stack.running, user["email"])
                headers = {"apikey": stack.running.secret_key}
                rest = httpx.get(f"{stack.running.supabase_url}/rest/v1/accounts?limit=1", headers=headers)
            except httpx.HTTPError:
                return False
            return auth.status_code == rest.status_code == 200

        async def works() -> bool:
            # In a thread: the supervisor works in our own loop.
            return stack.supervisor.pid(name) != before and await asyncio.to_thread(answers)

        await until(works)
    assert not processes_of(state)


async def test_a_program_that_keeps_dying_is_started_ever_more_slowly(state: Path) -> None:
    async with started(state) as stack:
        starts: list[float] = []
        last = stack.supervisor.pid("gateway")
        while len(starts) < 4:
            os.kill(last, signal.SIGKILL)

            async def again(dead: int = last) -> bool:
                return stack.supervisor.pid("gateway") != dead

            begun = time.monotonic()
            await until(again)
            starts.append(time.monotonic() - begun)
            last = stack.supervisor.pid("gateway")
        assert starts[0] < starts[3], starts
        assert starts[0] >= 0.2 and starts[3] >= 1.5, starts
