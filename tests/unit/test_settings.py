"""Settings: what odd values become or are refused for, and that the README's table is complete and true."""

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.links import clean_links
from core.settings import ROOT, Settings

README = (ROOT / "README.md").read_text()
NAMES = {name.upper() for name in Settings.model_fields}
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


# -- The README's table ---------------------------------------------------------------------------------------------


def test_the_readme_names_every_setting_once_and_no_other() -> None:
    named = [name for name, _ in ROW.findall(README)]
    assert sorted(named) == sorted(NAMES)


@pytest.mark.parametrize(("name", "shown"), ROW.findall(README))
def test_the_readme_tells_the_true_default(name: str, shown: str) -> None:
    default = getattr(Settings(), name.lower())
    match shown:
        case "none":
            assert default == ""
        case "twice the cores":
            assert default == 2 * (os.cpu_count() or 1)
        case "`.local`":
            assert default == ROOT / ".local"
        case _:
            assert shown == f"`{str(default).lower() if isinstance(default, bool) else default}`"


# -- Values ---------------------------------------------------------------------------------------------------------


def test_what_is_not_said_is_derived() -> None:
    settings = Settings(port=8123, state_dir=Path("/somewhere"))
    assert settings.origin == "http://127.0.0.1:8123"
    assert settings.store_url == "/somewhere/objects"


def test_samples_are_links_that_a_report_takes_as_they_are() -> None:
    samples = Settings().samples
    assert clean_links(samples).accepted == samples
    assert Settings(sample_links=" https://a.example/1\n https://b.example/2 ").samples == [
        "https://a.example/1",
        "https://b.example/2",
    ]


def test_what_is_said_counts() -> None:
    settings = Settings(public_url="https://reports.example.com", object_store="s3://bucket/prefix")
    assert settings.origin == "https://reports.example.com"
    assert settings.store_url == "s3://bucket/prefix"


def test_environment_is_read_by_name_and_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8999")
    monkeypatch.setenv("RUNNER_CONCURRENCY", "")
    monkeypatch.setenv("DB_PREPARE", "1")
    settings = Settings()
    assert (settings.port, settings.db_prepare) == (8999, True)
    assert settings.runner_concurrency == 2 * (os.cpu_count() or 1)


@pytest.mark.parametrize("url", ["https://reports.example.com/", "https://reports.example.com//"])
def test_an_address_loses_the_slash_at_its_end(url: str) -> None:
    assert Settings(public_url=url).origin == "https://reports.example.com"


@pytest.mark.parametrize("url", ["outbox", "./outbox", f"{Path.cwd()}/outbox", f"file://{Path.cwd()}/outbox"])
def test_an_outbox_is_the_same_folder_for_every_process(url: str) -> None:
    assert Settings(mail_url=url).mail_url == f"{Path.cwd()}/outbox"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("DB_POOL_SIZE", "0"),
        ("DB_POOL_SIZE", "101"),
        ("DB_PREPARE", "perhaps"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("RUNNER_CONCURRENCY", "0"),
        ("RUNNER_CONCURRENCY", "257"),
        ("RUNNER_PER_HOST", "0"),
        ("CHROMIUM_PAGES", "0"),
        ("CAPTURE_SANDBOX", "maybe"),
        ("LOG_LEVEL", "loud"),
        ("PUBLIC_URL", "reports.example.com"),
        ("PUBLIC_URL", "ftp://reports.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "https://example.com:port"),
        ("SUPABASE_URL", "project.supabase.co"),
        ("WEB_DATABASE_URL", "mysql://localhost/x"),
        ("JOBS_DATABASE_URL", "localhost"),
        ("MIGRATE_DATABASE_URL", "http://localhost"),
        ("REDIS_URL", "localhost:6379"),
        ("OBJECT_STORE", "gs://bucket"),
        ("OBJECT_STORE", "s3://"),
        ("MAIL_URL", "http://mail.example.com"),
        ("MAIL_URL", "file://outbox"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://:587"),
        ("MAIL_URL", "smtps://mail.example.com:port"),
        ("MAIL_URL", "smtp://mail.example.com/folder"),
        ("EMBEDDED_CONFIRM_EMAIL", "maybe"),
        ("EMBEDDED_MAIL_INTERVAL", "-1"),
        ("EMBEDDED_MAIL_LINKS", "short"),
        ("MAIL_FROM", "Coverage Report"),
        ("MAIL_FROM", "a@example.com, b@example.com"),
        ("MAIL_FROM", "a@example.com\nBcc: b@example.com"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert [error["loc"] for error in refusal.value.errors()] == [(name.lower(),)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        (" , ", set()),
        ("localhost:8090", {("localhost", 8090)}),
        (" LocalHost:8090 , 10.0.0.5:80,", {("localhost", 8090), ("10.0.0.5", 80)}),
        ("[::1]:8090", {("::1", 8090)}),
    ],
)
def test_allowed_addresses_are_pairs_of_host_and_port(text: str, expected: set[tuple[str, int]]) -> None:
    assert Settings(capture_allow=text).allowed_addresses == expected


@pytest.mark.parametrize("text", ["localhost", "localhost:", ":80", "localhost:0", "localhost:65536", "a:b", "a:-1"])
def test_an_allowed_address_without_host_or_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="CAPTURE_ALLOW"):
        _ = Settings(capture_allow=text).allowed_addresses


def test_trusted_proxies_are_networks() -> None:
    networks = Settings(trusted_proxies="10.0.0.0/8, 192.0.2.1,::1/128,").trusted_networks
    assert networks == [ip_network("10.0.0.0/8"), ip_network("192.0.2.1/32"), ip_network("::1/128")]


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/8", "10.0.0.0/33"])
def test_a_trusted_proxy_that_is_no_network_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        _ = Settings(trusted_proxies=text).trusted_networks
