"""Settings: every one is an environment variable of the same name in capitals.

The README holds the table of all of them; `tests/unit/test_settings.py` keeps it complete.
"""

import ipaddress
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.mail_address import parse_sender

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the clone: templates, migrations and the default state folder lie below it."""


def is_web_address(url: str) -> bool:
    """Whether the URL has a scheme that we speak, and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _origin(url: str) -> str:
    if url and not is_web_address(url):
        raise ValueError(f"{url!r} is not an address that begins with http:// or https://")
    return url.rstrip("/")


def _one_of(*schemes: str) -> AfterValidator:
    """A URL with one of these schemes, or nothing. What it holds is a secret, and not repeated."""

    def check(url: str) -> str:
        if url and not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"it must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return url

    return AfterValidator(check)


def _store(url: str) -> str:
    scheme, colon, rest = url.partition("://")
    if colon and (scheme not in ("s3", "file") or not rest):
        raise ValueError(f"{url!r} is neither a folder nor s3://bucket/prefix")
    return url


_SECRET_LENGTH = 32


def _secrets(text: str) -> str:
    if any(len(secret) < _SECRET_LENGTH for secret in _split(text)):
        raise ValueError(f"each of its secrets has at least {_SECRET_LENGTH} characters (openssl rand -hex 32)")
    return text


def _mail(url: str) -> str:
    """A folder becomes absolute: our processes run in different ones. A URL may hold a secret, and is not repeated."""
    scheme, colon, rest = url.partition("://")
    if colon and scheme in ("smtp", "smtps"):
        try:
            parts = urlsplit(url)
            if parts.hostname and parts.port != 0 and parts.path in ("", "/"):
                return url
        except ValueError:
            pass
        raise ValueError(f"it must look like {scheme}://host:port, with user name and password before the host")
    if colon and (scheme != "file" or not rest.startswith("/")):
        raise ValueError("it must be a folder, or begin with smtp:// or smtps://")
    return str(Path(url.removeprefix("file://")).absolute()) if url else url


def _sender(text: str) -> str:
    if text:
        parse_sender(text)
    return text


_DatabaseUrl = Annotated[str, _one_of("postgresql", "postgres")]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


# Pages that are there for good, in public and without a consent banner.
_SAMPLES = (
    "https://en.wikipedia.org/wiki/Public_relations",
    "https://en.wikipedia.org/wiki/Press_release",
    "https://en.wikipedia.org/wiki/Earned_media",
)


class Settings(BaseSettings):
    """What the environment says. A process is given only the database URL of its own role."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    # Where we are
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: Annotated[str, AfterValidator(_origin)] = ""
    state_dir: Path = ROOT / ".local"

    # Database, one URL a role
    web_database_url: _DatabaseUrl = ""
    jobs_database_url: _DatabaseUrl = ""
    migrate_database_url: _DatabaseUrl = ""
    db_prepare: bool = False
    db_pool_size: int = Field(default=8, ge=1, le=100)

    # Supabase
    supabase_url: Annotated[str, AfterValidator(_origin)] = ""
    supabase_publishable_key: str = ""
    supabase_secret_key: str = ""

    # Sessions of browsers
    secret_key: Annotated[str, AfterValidator(_secrets)] = Field(default="", repr=False)

    # Files
    object_store: Annotated[str, AfterValidator(_store)] = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"

    # Mail
    mail_url: Annotated[str, AfterValidator(_mail)] = ""
    mail_from: Annotated[str, AfterValidator(_sender)] = ""

    # Sign-in of the embedded Supabase
    embedded_confirm_email: Literal["on", "off"] = "on"
    embedded_mail_interval: int = Field(default=60, ge=0)
    embedded_mail_links: Literal["verify", "token_hash"] = "token_hash"

    # First steps
    sample_links: str = ""

    # Limits
    redis_url: Annotated[str, _one_of("redis", "rediss", "unix")] = ""
    rate_limit_per_minute: int = Field(default=60, ge=1)
    trusted_proxies: str = ""

    # Runner
    runner_concurrency: int = Field(default_factory=lambda: 2 * (os.cpu_count() or 1), ge=1, le=256)
    runner_per_host: int = Field(default=4, ge=1)
    chromium_path: str = ""
    chromium_pages: int = Field(default=500, ge=1)
    capture_allow: str = ""
    capture_sandbox: Literal["on", "off"] = "on"

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def origin(self) -> str:
        """Scheme, host and port of every absolute link; never read from a request."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def store_url(self) -> str:
        """Where files are kept: a folder, or `s3://bucket/prefix`."""
        return self.object_store or str(self.state_dir / "objects")

    @property
    def outbox(self) -> Path | None:
        """The folder that mails are written to instead of being sent; None where they are sent, or there are none."""
        if not self.mail_url or self.mail_url.startswith(("smtp://", "smtps://")):
            return None
        return Path(self.mail_url)

    @property
    def sender(self) -> str:
        """Who mails come from. Raises ValueError for a mail server without `MAIL_FROM`: it would refuse ours."""
        if not self.mail_from and self.mail_url.startswith(("smtp://", "smtps://")):
            raise ValueError("MAIL_FROM: a mail server needs the sender's address")
        return self.mail_from or "Coverage Report <coverage-report@localhost>"

    @property
    def samples(self) -> list[str]:
        """Links that a first report can be tried with."""
        return self.sample_links.split() or list(_SAMPLES)

    @property
    def allowed_addresses(self) -> frozenset[tuple[str, int]]:
        """`CAPTURE_ALLOW` as (host, port): the only private addresses a page may be read from."""
        pairs = set()
        for entry in _split(self.capture_allow):
            host, colon, port = entry.rpartition(":")
            if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
                raise ValueError(f"CAPTURE_ALLOW: {entry!r} is not host:port")
            pairs.add((host.strip("[]").lower(), int(port)))
        return frozenset(pairs)

    @property
    def trusted_networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """`TRUSTED_PROXIES` as networks: the peers whose X-Forwarded-For is read."""
        try:
            return [ipaddress.ip_network(entry) for entry in _split(self.trusted_proxies)]
        except ValueError as error:
            raise ValueError(f"TRUSTED_PROXIES: {error}") from None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
