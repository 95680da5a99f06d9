"""What an operator does from the command line: every change is one SQL function, and audited."""

import getpass
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from cli.environment import Failure, running_here
from core import migrations
from core.keys import new_api_key
from core.network import asks_proxy
from core.settings import Settings

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """`password` is empty when the user existed before."""

    account_id: UUID
    balance: int
    password: str


def migrate(settings: Settings, *, new_passwords: bool) -> list[str]:
    """Applies migrations and opens the logins of our roles, or gives them new passwords: what to tell the operator."""
    url = _migrate_url(settings)
    try:
        count = migrations.migrate(url)
        lines = [f"{count} migrations applied." if count else "The database is up to date."]
        running = running_here(settings)
        if running is not None and running.migrate_database_url == url:
            # New passwords would lock out the processes that work there.
            return [*lines, "It is the embedded one: the server gives its own processes their logins."]
        lines.append("Give each process only the URL of its own role:")
        for role, name in zip(migrations.LOGIN_ROLES, ("WEB_DATABASE_URL", "JOBS_DATABASE_URL"), strict=True):
            if new_passwords or not migrations.can_log_in(url, role):
                lines.append(f"{name}={migrations.open_login(url, role)}")
            else:
                lines.append(f"{name} stays as it was printed before; lost, it is made anew with --new-passwords.")
    except migrations.MigrationError as error:
        raise Failure(str(error)) from None
    except psycopg.Error as error:
        raise Failure(f"The logins could not be opened: {_sentence(error)}") from None
    return lines


def create_account(settings: Settings, email: str, name: str, credits: int, password: str) -> NewAccount:
    """Makes the user where there is none, the account, and its extra credits."""
    with database(settings) as db:
        user, chosen = ensure_user(settings, db, email.strip().lower(), password)
        account = _value(db, "select private.ensure_account_for(%s, %s)", user, name)
        if credits:
            try:
                _adjust(db, account, credits, "Credits at the start", f"cli-start:{account}")
            except psycopg.errors.UniqueViolation:
                raise Failure(
                    f"The account of {email} is there, and started with other credits. To change them:"
                    " `coveragereport account credits`."
                ) from None
        return NewAccount(account, _value(db, "select private.credit_balance(%s)", account), chosen)


def adjust_credits(settings: Settings, account: str, change: int, reason: str, key: str) -> int:
    """Adds or takes credits. The balance afterwards."""
    with database(settings) as db:
        return _adjust(db, find_account(db, account), change, reason, key or f"cli:{uuid4()}")


def create_key(settings: Settings, account: str, name: str) -> str:
    """A new key of the account."""
    with database(settings) as db:
        return new_key(db, find_account(db, account), name)


def new_key(db: Connection, account: UUID, name: str) -> str:
    """The same, on an open connection."""
    new = new_api_key()
    _value(
        db, "select private.create_api_key(%s, %s, %s, %s, null, %s)", account, name, new.prefix, new.digest, _actor()
    )
    return new.key


def revoke_key(settings: Settings, account: str, prefix: str) -> None:
    """Revokes the active key with this prefix."""
    with database(settings) as db:
        owner = find_account(db, account)
        rows = db.execute(
            "select id from public.api_keys where account_id = %s and prefix = %s and revoked_at is null",
            (owner, prefix),
        ).fetchall()
        if not rows:
            raise Failure(f"The account has no active key {prefix}.")
        for (key,) in rows:
            _value(db, "select private.revoke_api_key(%s, %s, %s)", owner, key, _actor())


def add_staff(settings: Settings, email: str) -> None:
    """Makes a user staff."""
    with database(settings) as db:
        _value(db, "select private.add_staff(%s, %s)", email, _actor())


def remove_staff(settings: Settings, email: str) -> None:
    """Takes the role away."""
    with database(settings) as db:
        if not _value(db, "select private.remove_staff(%s, %s)", email, _actor()):
            raise Failure(f"{email} is not staff.")


def set_password(settings: Settings, user: UUID, password: str) -> None:
    """Gives a user a new password, which ends all their sessions."""
    answer = _auth(settings, "PUT", f"/admin/users/{user}", {"password": password, "email_confirm": True})
    if not answer.is_success:
        raise Failure(f"Supabase Auth did not set the password: {_why(answer)}.")


@contextmanager
def database(settings: Settings) -> Iterator[Connection]:
    """A transaction as the migration role. What the database refuses becomes a `Failure` with its sentence."""
    url = _migrate_url(settings)
    try:
        with psycopg.connect(url, prepare_threshold=None, connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Failure(f"The database of MIGRATE_DATABASE_URL cannot be reached: {_sentence(error)}") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise Failure(f"MIGRATE_DATABASE_URL is not the role that made the tables: {_sentence(error)}") from None
    except psycopg.errors.UndefinedTable:
        raise Failure("The database is empty. Run `coveragereport migrate` first.") from None
    except psycopg.Error as error:
        raise Failure(_sentence(error)) from None


def find_account(db: Connection, wanted: str) -> UUID:
    """An account by its id, or by the address of its owner. Raises `Failure`."""
    try:
        query, argument = "select a.id from public.accounts a where a.id = %s", str(UUID(wanted))
    except ValueError:
        query, argument = (
            """
            select m.account_id from public.members m join auth.users u on u.id = m.user_id
            where m.role = 'owner' and lower(u.email) = %s order by m.created_at limit 2
            """,
            wanted.strip().lower(),
        )
    rows = db.execute(query.encode(), (argument,)).fetchall()
    if not rows:
        raise Failure(f"There is no account {wanted}.")
    if len(rows) > 1:
        raise Failure(f"{wanted} owns several accounts. Give the account's id.")
    account: UUID = rows[0][0]
    return account


def ensure_user(settings: Settings, db: Connection, email: str, password: str) -> tuple[UUID, str]:
    """The user with this address, made if there is none; and the password of one that was made."""
    row = db.execute("select id from auth.users where lower(email) = %s and deleted_at is null", (email,)).fetchone()
    if row is not None:
        if password:
            raise Failure(f"{email} has a password already. Leave --password out.")
        return row[0], ""
    chosen = password or secrets.token_urlsafe(12)
    answer = _auth(settings, "POST", "/admin/users", {"email": email, "password": chosen, "email_confirm": True})
    if not answer.is_success:
        raise Failure(f"Supabase Auth did not make the user: {_why(answer)}.")
    return UUID(answer.json()["id"]), chosen


def _auth(settings: Settings, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
    if not settings.supabase_url or not settings.supabase_secret_key:
        raise Failure("SUPABASE_URL and SUPABASE_SECRET_KEY are needed to make users.")
    key = settings.supabase_secret_key
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    try:
        url = f"{settings.supabase_url}/auth/v1{path}"
        return httpx.request(method, url, headers=headers, json=body, timeout=20, trust_env=asks_proxy(url))
    except httpx.HTTPError as error:
        raise Failure(f"Supabase Auth cannot be reached at {settings.supabase_url}: {error}.") from None


def _why(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    return str(body.get("msg") or body.get("message") or answer.status_code)


def _adjust(db: Connection, account: UUID, change: int, reason: str, key: str) -> int:
    return int(_value(db, "select private.adjust_credits(%s, %s, %s, %s, %s)", account, change, reason, _actor(), key))


def _value(db: Connection, query: str, *arguments: object) -> Any:
    row = db.execute(query.encode(), arguments).fetchone()
    return row[0] if row else None


def _migrate_url(settings: Settings) -> str:
    if not settings.migrate_database_url:
        raise Failure(
            "MIGRATE_DATABASE_URL is not set, and no server runs from this folder. Start script/server first."
        )
    return settings.migrate_database_url


def _actor() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"


def _sentence(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).strip().partition("\n")[0]
