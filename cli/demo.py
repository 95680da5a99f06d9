"""The demo account of a first start, and the first report of `--demo`."""

import hashlib
import json
import secrets
from pathlib import Path
from uuid import UUID

import httpx
from dotenv import dotenv_values

from cli import admin
from cli.client import ApiClient
from cli.report import DEMO_FILE, follow
from core.private_files import write_private
from core.settings import Settings

EMAIL = "demo@example.com"
STAFF_EMAIL = "support@example.com"
CREDITS = 50
REPORT_NAME = "A first look at Coverage Report"
_KEY_NAME = "Demo"


def ensure_account(settings: Settings) -> dict[str, str]:
    """The values of `demo.env`, made at the first start. Killed half-way, the next start makes the rest."""
    path = settings.state_dir / DEMO_FILE
    known = {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}
    values = known if known.get("COVERAGEREPORT_API_KEY") else _make_account(settings)
    values |= {"COVERAGEREPORT_URL": settings.origin}
    if not values.get("DEMO_STAFF_PASSWORD"):
        values |= {"DEMO_STAFF_EMAIL": STAFF_EMAIL, "DEMO_STAFF_PASSWORD": _make_staff(settings)}
    if values != known:
        _save(path, values)
    return values


def _make_account(settings: Settings) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    made = admin.create_account(settings, EMAIL, "Demo account", CREDITS - 3, "")
    with admin.database(settings) as db:
        for (prefix,) in db.execute(
            "select prefix from public.api_keys where account_id = %s and name = %s and revoked_at is null",
            (made.account_id, _KEY_NAME),
        ).fetchall():
            # Made by a start that was killed before it could write the key down.
            admin.revoke_key(settings, str(made.account_id), prefix)
    if not made.password:
        admin.set_password(settings, _user(settings), password)
    return {
        "COVERAGEREPORT_API_KEY": admin.create_key(settings, str(made.account_id), _KEY_NAME),
        "DEMO_EMAIL": EMAIL,
        "DEMO_PASSWORD": made.password or password,
    }


def _make_staff(settings: Settings) -> str:
    """The support agent of the demo. Their password."""
    with admin.database(settings) as db:
        user, password = admin.ensure_user(settings, db, STAFF_EMAIL, "")
    if not password:
        # Made by a start that was killed before it could write the password down.
        password = secrets.token_urlsafe(12)
        admin.set_password(settings, user, password)
    admin.add_staff(settings, STAFF_EMAIL)
    return password


def site_port(settings: Settings) -> int:
    """The port the demo's news site had before, so that links in older reports stay good; 0 the first time."""
    try:
        return int(json.loads(_site_file(settings).read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def keep_site_port(settings: Settings, port: int) -> None:
    """Remembers it."""
    write_private(_site_file(settings), json.dumps({"port": port}))


def site_links(site: str) -> list[str]:
    """The links of the demo's report, as its news site lists them; `site` is host:port."""
    return httpx.get(f"http://{site}/links.txt", trust_env=False).text.split()


def first_report(values: dict[str, str], links: list[str]) -> str | None:
    """Makes a report of the links, with a progress bar. Its share link; None: it failed."""
    with ApiClient(values["COVERAGEREPORT_URL"], values["COVERAGEREPORT_API_KEY"]) as client:
        # The same key for the same links: started again within a day, the first report is found, not made again.
        accepted = client.create_report(links, REPORT_NAME, f"demo:{_hash(links)}")
        report = follow(client, accepted)
    share: str | None = report.get("shareUrl")
    return share


def _hash(links: list[str]) -> str:
    return hashlib.sha256("\n".join(links).encode()).hexdigest()[:16]


def _user(settings: Settings) -> UUID:
    with admin.database(settings) as db:
        row = db.execute("select id from auth.users where email = %s", (EMAIL,)).fetchone()
    assert row is not None
    user: UUID = row[0]
    return user


def _site_file(settings: Settings) -> Path:
    return settings.state_dir / "demo-site.json"


def _save(path: Path, values: dict[str, str]) -> None:
    lines = [
        "# The demo account of this folder's server. Keep it to yourself.",
        *(f"{n}={v}" for n, v in values.items()),
    ]
    write_private(path, "\n".join(lines) + "\n")
