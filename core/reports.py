"""Typed calls of the SQL functions on reports, credits and API keys. The rules are in SQL; nothing is decided here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NewType
from uuid import UUID

from psycopg.types.json import Jsonb

from core.branding import Branding, find_branding
from core.database import Database
from core.reasons import Reason

AccountId = NewType("AccountId", UUID)
KeyId = NewType("KeyId", UUID)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The account an API key opens. `active` is false when the account is deactivated."""

    key_id: KeyId
    account_id: AccountId
    active: bool


@dataclass(frozen=True, slots=True)
class Created:
    """A report was made and charged. `replayed`: by an earlier call with the same idempotency key."""

    report_id: UUID
    url_count: int
    credits_used: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class InsufficientCredits:
    """The report would cost `required` credits, the account has `available`. Nothing was changed."""

    required: int
    available: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class IdempotencyConflict:
    """The key is at work right now, or was used with another body."""

    kind: Literal["in_progress", "mismatch"]


@dataclass(frozen=True, slots=True)
class AccountDeactivated:
    """The account was deactivated between the look-up of the key and the charge."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report without its items. `screenshots` counts captured links."""

    id: UUID
    name: str
    status: Literal["processing", "completed", "failed"]
    url_count: int
    screenshots: int
    credits_used: int
    credits_refunded: int
    created_at: datetime
    completed_at: datetime | None
    error: str | None
    share_token: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One link of a report. Pictures are image ids of 32 hex digits; facts are None when unsure."""

    position: int
    url: str
    final_url: str | None
    status: Literal["pending", "captured", "failed"]
    reason: Reason | None
    http_status: int | None
    headline: str | None
    outlet: str | None
    author: str | None
    published_on: date | None
    published_at: datetime | None
    language: str | None
    excerpt: str | None
    access: Literal["open", "paywalled"] | None
    screenshot_id: str | None
    thumbnail_id: str | None

    def __post_init__(self) -> None:
        if self.reason is not None:
            object.__setattr__(self, "reason", Reason(self.reason))


@dataclass(frozen=True, slots=True)
class Face:
    """What a report's page shows of its account, and a version that changes with anything the page shows."""

    account_name: str
    version: str


@dataclass(frozen=True, slots=True)
class Price:
    """What a report costs, and the most links it may have for that."""

    links: int
    credits: int


@dataclass(frozen=True, slots=True)
class Share:
    """The report behind a share token, and its account."""

    account_id: AccountId
    report_id: UUID


@dataclass(frozen=True, slots=True)
class Source:
    """Everything a report's page is rendered from."""

    report: Report
    account_name: str
    branding: Branding
    items: list[Item]
    version: str


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Turns in the queue, waiting or held, and the age of the oldest in seconds (None: empty)."""

    length: int
    oldest_seconds: int | None


async def find_api_key(db: Database, digest: bytes) -> KeyHolder | None:
    """Who holds the key with this SHA-256. None: unknown or revoked."""
    return await db.row(KeyHolder, "find_api_key", digest)


async def record_key_uses(db: Database, uses: dict[KeyId, tuple[int, datetime]]) -> None:
    """Adds uses counted in memory: for each key their number and the time of the last."""
    rows = [
        {"key_id": str(key), "count": count, "last_used_at": last.isoformat()} for key, (count, last) in uses.items()
    ]
    await db.value("record_key_uses", Jsonb(rows))


async def credit_balance(db: Database, account: AccountId) -> int:
    """Credits the account has now."""
    return int(await db.value("credit_balance", account))


async def report_price(db: Database, links: int) -> int:
    """Credits a report of so many links costs; `links` is 1 or more."""
    return int(await db.value("report_price", links))


async def list_prices(db: Database, links: int) -> list[Price]:
    """What reports of up to so many links cost, the cheapest first."""
    return await db.rows(Price, "list_prices", links)


async def create_report(
    db: Database,
    account: AccountId,
    key: KeyId,
    name: str,
    urls: list[str],
    idempotency_key: str | None = None,
    fingerprint: bytes | None = None,
) -> Created | InsufficientCredits | IdempotencyConflict | AccountDeactivated:
    """Charges the account and makes the report with its items and its turn in the queue, all or nothing.

    `urls` are cleaned and unique, 1 to 2,000. `fingerprint` is a digest of the request, needed with a key.
    """
    answer = await db.value("create_report", account, key, None, name, urls, idempotency_key, fingerprint)
    match answer.pop("outcome"):
        case "created":
            return Created(**answer | {"report_id": UUID(answer["report_id"])})
        case "insufficient_credits":
            return InsufficientCredits(**answer)
        case "deactivated":
            return AccountDeactivated()
        case kind:
            return IdempotencyConflict(kind)


async def get_report(db: Database, account: AccountId, report_id: UUID) -> Report | None:
    """The account's report. None: there is none, or it is somebody else's."""
    return await db.row(Report, "get_report", account, report_id)


async def list_reports(
    db: Database, account: AccountId, limit: int, starting_after: UUID | None = None
) -> list[Report]:
    """The account's reports, newest first: up to `limit` + 1, so that the caller sees whether there are more."""
    return await db.rows(Report, "list_reports", account, limit + 1, starting_after)


async def list_items(
    db: Database, account: AccountId, report_id: UUID, limit: int, after_position: int = 0
) -> list[Item]:
    """Items of the account's report in the order of its links: up to `limit` + 1."""
    return await db.rows(Item, "list_items", account, report_id, limit + 1, after_position)


async def find_share(db: Database, token: str) -> Share | None:
    """The report behind a share token. None: unknown or revoked."""
    return await db.row(Share, "find_share", token)


async def report_version(db: Database, account: AccountId, report_id: UUID) -> str | None:
    """Changes whenever anything changes that the report's page shows."""
    face = await db.row(Face, "report_face", account, report_id)
    return face.version if face else None


async def report_source(db: Database, account: AccountId, report_id: UUID) -> Source | None:
    """What the report's page is rendered from. Its version is read first: a page may be newer than its version, and
    is then rendered once more; it is never older."""
    face = await db.row(Face, "report_face", account, report_id)
    report = await get_report(db, account, report_id)
    if face is None or report is None:
        return None
    branding = await find_branding(db, account)
    items = await list_items(db, account, report_id, report.url_count)
    return Source(report, face.account_name, branding, items, face.version)


async def find_image(db: Database, image_id: str) -> str | None:
    """Where the picture lies in the object store."""
    key: str | None = await db.value("find_image", image_id)
    return key


async def find_shared_image(db: Database, token: str, image_id: str) -> str | None:
    """The same, for a picture of the report behind a share token."""
    key: str | None = await db.value("find_shared_image", token, image_id)
    return key


async def queue_health(db: Database) -> QueueHealth:
    """How much work waits."""
    health = await db.row(QueueHealth, "queue_health")
    assert health is not None
    return health
