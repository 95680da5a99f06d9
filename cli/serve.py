"""Everything on one port: the embedded Supabase (unless settings name another), one web process, one runner."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from cli import demo as demo_account
from cli.doctor import Wrong, check_database
from cli.environment import Failure, embedded_settings
from cli.ports import check_port, is_free, own_address
from cli.report import DEMO_FILE
from core.settings import ROOT, Settings
from embedded.auth.rules import Rules
from embedded.problem import Problem
from embedded.stack import Stack, is_up
from embedded.supervisor import Program, Supervisor

_A_LINK = "https://en.wikipedia.org/wiki/Public_relations"
out = Console(highlight=False, soft_wrap=True)

_ALL_SECRETS = {
    "WEB_DATABASE_URL",
    "JOBS_DATABASE_URL",
    "MIGRATE_DATABASE_URL",
    "SUPABASE_SECRET_KEY",
    "SECRET_KEY",
    "MAIL_URL",
}


async def serve(settings: Settings, *, demo: bool) -> None:
    """Runs until SIGINT or SIGTERM, and leaves no process behind. Raises `Failure` when something cannot start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.create_task(_run(settings, demo=demo))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        out.print("Stopping …")
        working.cancel()
    stopped.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return
    except Problem as problem:
        raise Failure(str(problem)) from None


async def _run(settings: Settings, *, demo: bool) -> None:
    check_port(settings)
    async with _backend(settings) as (supervisor, settings):
        site = await _start_site(settings, supervisor) if demo else None
        links = await asyncio.to_thread(demo_account.site_links, site) if site else []
        await supervisor.start(_web(settings, links))
        await supervisor.start(_runner(settings, site))
        values = None
        if settings.migrate_database_url and settings.supabase_secret_key:
            values = await asyncio.to_thread(demo_account.ensure_account, settings)
        _greet(settings, values, links[0] if links else _A_LINK)
        if values and links:
            await _make_first_report(values, links)
        await asyncio.Event().wait()


@asynccontextmanager
async def _backend(settings: Settings) -> AsyncIterator[tuple[Supervisor, Settings]]:
    """The supervisor, and settings that name a database: the environment's, or the embedded one's."""
    if settings.web_database_url and settings.jobs_database_url:
        await asyncio.to_thread(_check_databases, settings)
        logs = settings.state_dir / "logs"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        supervisor = Supervisor(logs)
        try:
            # An operator's own database gets no demo account.
            yield supervisor, settings.model_copy(update={"supabase_secret_key": ""})
        finally:
            await supervisor.stop()
        return
    if settings.web_database_url or settings.jobs_database_url:
        raise Failure("Set both WEB_DATABASE_URL and JOBS_DATABASE_URL, or neither for the embedded database.")
    out.print("Starting the database …")
    async with Stack(settings.state_dir, rules=Rules.of(settings)) as stack:
        own = embedded_settings(stack.running) | {"state_dir": stack.installation.state}
        yield stack.supervisor, settings.model_copy(update=own)


def _check_databases(settings: Settings) -> None:
    for name in ("web", "jobs"):
        try:
            check_database(name)(settings)
        except Wrong as wrong:
            raise Failure(f"{name.upper()}_DATABASE_URL {wrong}") from None


# -- Programs -------------------------------------------------------------------------------------------------------


def _web(settings: Settings, samples: Sequence[str] = ()) -> Program:
    environment = _environment(
        settings,
        {
            "WEB_DATABASE_URL": settings.web_database_url,
            "SUPABASE_URL": settings.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": settings.supabase_publishable_key,
            "SECRET_KEY": settings.secret_key,
            "MAIL_URL": settings.mail_url,
            "SAMPLE_LINKS": " ".join(samples) or settings.sample_links,
        },
    )
    return Program(
        name="web",
        command=[sys.executable, "-m", "cli", "dashboard"],
        environment=environment,
        folder=Path.cwd(),
        is_ready=lambda: is_up(f"http://{own_address(settings)}/healthz"),
    )


def _runner(settings: Settings, site: str | None) -> Program:
    allowed = ",".join(part for part in (settings.capture_allow, site) if part)
    environment = _environment(settings, {"JOBS_DATABASE_URL": settings.jobs_database_url, "CAPTURE_ALLOW": allowed})
    return Program(
        name="runner",
        command=[sys.executable, "-m", "cli", "runner"],
        environment=environment,
        folder=Path.cwd(),
        is_ready=None,
        start_patience=60.0,
    )


def _environment(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what belongs to others: a process is given only the secrets of its own role."""
    shared = {name: value for name, value in os.environ.items() if name not in _ALL_SECRETS}
    state = {"STATE_DIR": str(settings.state_dir.absolute()), "PYTHONUNBUFFERED": "1"}
    return shared | state | {name: value for name, value in own.items() if value}


async def _start_site(settings: Settings, supervisor: Supervisor) -> str:
    """Serves the demo's news site. Its address, as host:port."""
    port = demo_account.site_port(settings)
    if not port or not is_free("127.0.0.1", port):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        demo_account.keep_site_port(settings, port)
    await supervisor.start(
        Program(
            name="news-site",
            command=[sys.executable, "-m", "tests.site", "--port", str(port)],
            environment={"PATH": os.environ.get("PATH", "")},
            folder=ROOT,
            is_ready=lambda: is_up(f"http://127.0.0.1:{port}/"),
        )
    )
    return f"127.0.0.1:{port}"


# -- Words ----------------------------------------------------------------------------------------------------------


def _greet(settings: Settings, values: dict[str, str] | None, link: str) -> None:
    out.print("\n[bold]Coverage Report is running.[/] Ctrl-C stops it.\n")
    out.print(f"  Dashboard  {settings.origin}")
    out.print(f"  API        {settings.origin}/api/v1")
    out.print(f"  Reference  {settings.origin}/api/v1/docs")
    out.print(f"  Logs       {settings.state_dir / 'logs'}", markup=False)
    if values is None:
        return
    out.print(f"  Demo       {settings.state_dir / DEMO_FILE} (account, key)\n", markup=False)
    out.print("A first report, ready to paste:\n")
    command = (
        f"  curl -X POST {settings.origin}/api/v1/reports \\\n"
        f'    -H "X-API-Key: {values["COVERAGEREPORT_API_KEY"]}" -H "Content-Type: application/json" \\\n'
        f"""    -d '{{"urls": ["{link}"], "reportName": "First report"}}'\n"""
    )
    out.print(command, markup=False)


async def _make_first_report(values: dict[str, str], links: list[str]) -> None:
    out.print("Making a first report of the demo's news site:")
    try:
        share = await asyncio.to_thread(demo_account.first_report, values, links)
    except Failure as failure:
        out.print(f"The first report could not be made: {failure}", markup=False)
        return
    if share:
        out.print(f"\n[bold green]The report is ready:[/] {share}\n")
    else:
        out.print("The first report failed. Look into the runner's log.")
