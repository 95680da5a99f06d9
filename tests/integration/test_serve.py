"""`coveragereport serve` and its processes: settings it refuses, the demo, a second start, `migrate`.

It takes some 25 s: the product is started twice, and a database is built from nothing.
"""

import re
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from dotenv import dotenv_values
from pgmq.install import get_embedded_install_sql
from psycopg import sql

from cli.environment import Failure, settings_here
from cli.serve import _runner, _web
from core.migrations import LOGIN_ROLES, known_versions, open_login
from core.settings import ROOT
from embedded.stack import Stack
from tests.integration.product import Product, answers, free_port, run, wait_until
from tests.site import ARTICLES, DEMO_PATHS

NOWHERE = "postgresql://somebody:a-secret@127.0.0.1:1/postgres"  # pragma: allowlist secret


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("PORT", "abc", "PORT: Input should be a valid integer, unable to parse string as an integer."),
        ("PORT", "70000", "PORT: Input should be less than or equal to 65535."),
        ("CAPTURE_ALLOW", "nonsense", "CAPTURE_ALLOW: 'nonsense' is not host:port."),
        ("TRUSTED_PROXIES", "us", "TRUSTED_PROXIES: 'us' does not appear to be an IPv4 or IPv6 network."),
        ("RUNNER_CONCURRENCY", "0", "RUNNER_CONCURRENCY: Input should be greater than or equal to 1."),
        ("CAPTURE_SANDBOX", "maybe", "CAPTURE_SANDBOX: Input should be 'on' or 'off'."),
        (
            "PUBLIC_URL",
            "we.example",
            "PUBLIC_URL: 'we.example' is not an address that begins with http:// or https://.",
        ),
        ("REDIS_URL", "localhost:6379", "REDIS_URL: it must begin with redis:// or rediss:// or unix://."),
        ("WEB_DATABASE_URL", "db", "WEB_DATABASE_URL: it must begin with postgresql:// or postgres://."),
        ("OBJECT_STORE", "gs://us", "OBJECT_STORE: 'gs://us' is neither a folder nor s3://bucket/prefix."),
        ("MAIL_URL", "smtp://mail.example.com", "MAIL_FROM: a mail server needs the sender's address."),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(Failure) as raised:
        settings_here()
    assert (str(raised.value), raised.value.status) == (sentence, 2)


@pytest.mark.parametrize("setting", [{"RUNNER_CONCURRENCY": "0"}, {"HOST": "no.such.host.invalid"}])
def test_nothing_is_started_with_a_wrong_setting(tmp_path: Path, setting: dict[str, str]) -> None:
    done = run("serve", STATE_DIR=str(tmp_path / "state"), PORT=str(free_port()), **setting)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(next(iter(setting))) and done.stderr.count("\n") == 1
    assert not (tmp_path / "state").exists()


def test_what_stands_in_the_way_of_a_start_is_named_in_one_sentence(product: Product, tmp_path: Path) -> None:
    def refused(command: str, **settings: str) -> str:
        done = run(command, **{"STATE_DIR": str(tmp_path / "state"), "PORT": str(free_port()), **settings})
        assert done.returncode in (1, 78)
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
        return done.stderr

    in_use = refused("serve", PORT=str(product.port))
    assert in_use.startswith(f"Port {product.port} is in use by another program.")
    assert "Another server runs from " in refused("serve", STATE_DIR=str(product.state))
    assert refused("serve", WEB_DATABASE_URL=NOWHERE).startswith("Set both WEB_DATABASE_URL and JOBS_DATABASE_URL")
    away = refused("serve", WEB_DATABASE_URL=NOWHERE, JOBS_DATABASE_URL=NOWHERE)
    assert away.startswith("WEB_DATABASE_URL cannot be reached: ") and "a-secret" not in away
    assert refused("api").startswith("WEB_DATABASE_URL is not set")
    assert refused("runner").startswith("JOBS_DATABASE_URL is not set")
    assert refused("migrate").startswith("MIGRATE_DATABASE_URL is not set")
    assert refused("migrate", MIGRATE_DATABASE_URL=NOWHERE).startswith("The database cannot be reached: ")
    for command in ("api", "runner"):
        unwritable = refused(command, WEB_DATABASE_URL=NOWHERE, JOBS_DATABASE_URL=NOWHERE, OBJECT_STORE="/proc/x")
        assert unwritable.startswith("OBJECT_STORE: ")
    jobs = product.running.jobs_database_url
    assert refused("runner", JOBS_DATABASE_URL=jobs, CHROMIUM_PATH="/x").startswith("CHROMIUM_PATH is /x")


def test_the_demo_is_there_at_once_and_there_still_after_a_stop(open_folder: Path) -> None:
    state = open_folder / "demo"
    with Product(state, "--demo", until="The report is ready:") as first:
        (share,) = re.findall(r"The report is ready: (\S+)", first.greeting)
        assert_demo_report(share)
        demo = state / "demo.env"
        assert demo.stat().st_mode & 0o777 == 0o600
        values = dotenv_values(demo)
        assert set(values) == {
            "COVERAGEREPORT_URL", "COVERAGEREPORT_API_KEY",
            "DEMO_EMAIL", "DEMO_PASSWORD", "DEMO_STAFF_EMAIL", "DEMO_STAFF_PASSWORD",
        }  # fmt: skip
        assert values["COVERAGEREPORT_URL"] == first.url
        # 50, and one report.
        assert balance(values) == 49
        curl = first.greeting[first.greeting.index("  curl ") :].partition("\n\n")[0]
        pasted = subprocess.check_output(["bash", "-c", f"{curl} --silent --write-out %{{http_code}}"])
        assert pasted.endswith(b"202"), pasted
        # Ctrl-C.
        assert first.stop(signal.SIGINT) == (0, [])
    with Product(state, PORT=str(first.port)):
        assert dotenv_values(demo) == values
        assert balance(values) in (48, 49)
        assert_demo_report(share)


def assert_demo_report(share: str) -> None:
    page = httpx.get(share)
    text = " ".join(unescape(page.text).split())
    assert all(" ".join(ARTICLES[path].headline.split()) in text for path in DEMO_PATHS if path in ARTICLES)
    pictures = re.findall(r'<img[^>]*?src="([^"]+)"', page.text)
    assert len(pictures) == 8
    assert all(httpx.get(httpx.URL(share).join(picture)).status_code == 200 for picture in pictures)


def balance(values: dict[str, str | None]) -> int:
    url, key = values["COVERAGEREPORT_URL"], values["COVERAGEREPORT_API_KEY"]
    assert url and key
    return int(httpx.get(f"{url}/api/v1/credits/balance", headers={"X-API-Key": key}).json()["balance"])


def test_a_stop_in_the_middle_of_a_start_leaves_nothing_behind(open_folder: Path) -> None:
    product = Product(open_folder / "stopped", until="Starting the database")
    with product:
        wait_until(lambda: any(process.name() == "postgres" for process in product.processes()))


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses are Linux's")
def test_a_web_process_says_when_its_port_is_open(product: Product) -> None:
    name = f"coveragereport-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(20)
        with product.web_process(NOTIFY_SOCKET=f"@{name}") as web:
            assert manager.recv(100) == b"READY=1"
            assert answers(web.url)


def test_mail_of_the_embedded_supabase_goes_into_the_outbox(product: Product) -> None:
    known = {name: process.environ() for process in product.processes() for name in _commands(process)}
    assert known["dashboard"]["MAIL_URL"] == str(product.state / "outbox")
    assert "MAIL_URL" not in known["runner"]


def _commands(process: psutil.Process) -> set[str]:
    return {"dashboard", "runner"} & set(process.cmdline())


def test_the_mail_servers_password_is_the_web_processs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "smtp://user:a-secret@mail.example.com"  # pragma: allowlist secret
    monkeypatch.setenv("MAIL_URL", url)
    monkeypatch.setenv("MAIL_FROM", "reports@example.com")
    assert _web(settings_here()).environment["MAIL_URL"] == url
    assert not [value for value in _runner(settings_here(), None).environment.values() if "a-secret" in value]


# -- migrate --------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty_database(stack: Stack) -> Iterator[str]:
    """A database of the migration role with what Supabase brings, and nothing of ours."""
    admin = stack.installation.database_url("supabase_admin")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database fresh owner postgres")
    url = stack.running.migrate_database_url.replace("/postgres?", "/fresh?")
    try:
        with psycopg.connect(admin.replace("/postgres?", "/fresh?")) as connection:
            connection.execute((ROOT / "embedded" / "sql" / "auth.sql").read_bytes())
        with psycopg.connect(url) as connection:
            connection.execute(get_embedded_install_sql().encode())
            for role in LOGIN_ROLES:
                connection.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(role)))
        yield url
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("drop database fresh with (force)")
        # Logins belong to the whole server: other tests sign in with those it was started with.
        for role in LOGIN_ROLES:
            open_login(stack.running.migrate_database_url, role, stack.installation.secrets.passwords[role])


def test_migrate_builds_the_database_and_prints_logins_that_work(empty_database: str) -> None:
    first = run("migrate", MIGRATE_DATABASE_URL=empty_database)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(f"{len(known_versions())} migrations applied.\n")
    again = run("migrate", MIGRATE_DATABASE_URL=empty_database)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("The database is up to date.\n")
    names = dict(zip(LOGIN_ROLES, ("WEB_DATABASE_URL", "JOBS_DATABASE_URL"), strict=True))
    for role, name in names.items():
        assert f"{name} stays as it was printed before" in again.stdout
        with psycopg.connect(printed_url(first.stdout, name)) as connection:
            row = connection.execute("select current_user::text, (private.queue_health()).length").fetchone()
        assert row == (role, 0)
    changed = run("migrate", "--new-passwords", MIGRATE_DATABASE_URL=empty_database)
    for name in names.values():
        psycopg.connect(printed_url(changed.stdout, name)).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(printed_url(first.stdout, name))


def test_migrate_leaves_the_logins_of_a_running_server_alone(product: Product) -> None:
    done = product.run("migrate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The database is up to date.\n")
    assert "DATABASE_URL" not in done.stdout
    for url in (product.running.web_database_url, product.running.jobs_database_url):
        psycopg.connect(url).close()


def printed_url(output: str, name: str) -> str:
    (url,) = re.findall(rf"^{name}=(\S+)$", output, re.MULTILINE)
    return str(url)
