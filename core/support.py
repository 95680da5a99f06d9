"""Typed calls of the SQL functions for support staff. The rules are in SQL; nothing is decided here.

Every call takes the signed-in user who asks, and raises `Refused` (403, `not_staff`) unless that user is staff. An
action needs a reason of at most 500 characters, which the audit log keeps; without one it is refused (400,
`missing`, `too_long`). What is unknown is 404; other refusals stand at the calls.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType
from uuid import UUID

from core.database import Database
from core.reports import AccountId, KeyId

StaffId = NewType("StaffId", UUID)

AccountStatus = Literal["active", "deactivated"]
ReportStatus = Literal["processing", "completed", "failed"]
CreditRequestStatus = Literal["open", "approved", "declined"]


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search. `target` is the id of what was found; a user may have no account."""

    kind: Literal["account", "member", "key", "report", "request"]
    target: str
    account_id: AccountId | None
    account_name: str | None
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its parts. One that was deleted has no name any more."""

    id: AccountId
    name: str
    status: AccountStatus
    credit_balance: int
    created_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A user in an account. `last_seen_at` is None when no session of theirs is kept."""

    user_id: UUID
    email: str
    name: str | None
    role: Literal["owner", "admin", "member"]
    joined_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key of an account. `created_by` is None when a command line made it or the user is gone."""

    id: KeyId
    name: str
    prefix: str
    created_at: datetime
    created_by: str | None
    last_used_at: datetime | None
    request_count: int
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCreditRequest:
    """What an account asks for now."""

    id: UUID
    credits: int
    message: str | None
    created_at: datetime
    requested_by: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports of an account by status, and the links of all of them."""

    processing: int
    completed: int
    failed: int
    links: int


@dataclass(frozen=True, slots=True)
class AccountPage:
    """An account with its people, its keys (active ones first), and what it asks for."""

    account: Account
    members: list[Member]
    keys: list[Key]
    open_credit_request: OpenCreditRequest | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A change of the balance. `who` is in words; the report may have been deleted since."""

    id: int
    created_at: datetime
    kind: Literal["welcome", "charge", "refund", "purchase", "adjustment"]
    delta: int
    balance_after: int
    who: str
    note: str | None
    report_id: UUID | None
    report_name: str | None


@dataclass(frozen=True, slots=True)
class SupportReport:
    """A report, and how it does while it is processing; then None is what the last six are when it has ended.

    `held_links` are with a runner now, `waiting_links` with nobody, `queued` says that a turn of the account waits to
    be read, `seconds_since_link_ended` is None while none has. `given_back` came back by `refund_report`, beside
    `credits_refunded`, which every failed report gives back.
    """

    id: UUID
    name: str
    status: ReportStatus
    url_count: int
    captured_count: int
    credits_used: int
    credits_refunded: int
    given_back: int
    created_by: str | None
    created_at: datetime
    completed_at: datetime | None
    error: str | None
    open_links: int | None
    held_links: int | None
    waiting_links: int | None
    queued: bool | None
    overdue: bool | None
    seconds_since_link_ended: int | None


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request with a valid API key, whatever the answer was. The key may have been deleted since."""

    request_id: str
    created_at: datetime
    method: str
    route: str
    status: int
    key_name: str | None
    key_prefix: str | None


@dataclass(frozen=True, slots=True)
class CreditRequest:
    """What an account asks or asked for, with its balance now. People are e-mail addresses."""

    id: UUID
    account_id: AccountId
    account_name: str
    credit_balance: int
    requested_by: str | None
    credits: int
    message: str | None
    status: CreditRequestStatus
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None


@dataclass(frozen=True, slots=True)
class View:
    """An account that a staff member looks at as its owner sees it, until `expires_at` at the latest."""

    id: UUID
    account_id: AccountId
    account_name: str
    reason: str
    started_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what. `actor` is as stored, `who` is the same in words."""

    id: int
    created_at: datetime
    actor: str
    who: str
    action: str
    account_id: AccountId | None
    account_name: str | None
    target: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


async def search(db: Database, staff: StaffId, query: str) -> list[Found]:
    """At most 50 accounts, users, keys, reports and requests: by a part of an e-mail address or of an account's name,
    the id of an account, a user or a report (with or without dashes), an API key or its prefix, a request id."""
    return await db.rows(Found, "staff_search", staff, query)


async def account_page(db: Database, staff: StaffId, account: AccountId) -> AccountPage:
    """The account with its parts."""
    page = await db.value("staff_account", staff, account)
    request = page["open_credit_request"]
    return AccountPage(
        account=Account(**_typed(page["account"])),
        members=[Member(**_typed(member)) for member in page["members"]],
        keys=[Key(**_typed(key)) for key in page["keys"]],
        open_credit_request=OpenCreditRequest(**_typed(request)) if request else None,
        counts=Counts(**page["counts"]),
    )


async def ledger(
    db: Database, staff: StaffId, account: AccountId, limit: int = 50, before: int | None = None
) -> list[LedgerEntry]:
    """Entries, newest first, at most 100; the ones before entry `before`."""
    return await db.rows(LedgerEntry, "staff_ledger", staff, account, limit, before)


async def list_reports(
    db: Database,
    staff: StaffId,
    account: AccountId,
    status: ReportStatus | None = None,
    limit: int = 50,
    starting_after: UUID | None = None,
) -> list[SupportReport]:
    """Reports, newest first, at most 100; the ones after report `starting_after`."""
    return await db.rows(SupportReport, "staff_reports", staff, account, status, limit, starting_after)


async def find_report(db: Database, staff: StaffId, account: AccountId, report_id: UUID) -> SupportReport | None:
    """One report of the account; None: it has no such report."""
    return await db.row(SupportReport, "staff_report", staff, account, report_id)


async def recent_requests(
    db: Database, staff: StaffId, account: AccountId, limit: int = 50, before: str | None = None
) -> list[ApiRequest]:
    """API requests of the last 30 days, newest first, at most 100; the ones before the request `before`."""
    return await db.rows(ApiRequest, "staff_recent_requests", staff, account, limit, before)


async def adjust_credits(
    db: Database, staff: StaffId, account: AccountId, delta: int, reason: str, idempotency_key: str
) -> int:
    """Adds or takes at most 1,000,000 credits; the customer sees the reason. The balance afterwards, also when the same
    change was made before under this key.

    409: `balance_too_low`, `balance_too_high`, `idempotency_conflict`, `account_deleted`.
    """
    return int(await db.value("staff_adjust_credits", staff, account, delta, reason, idempotency_key))


async def set_account_status(
    db: Database, staff: StaffId, account: AccountId, status: AccountStatus, reason: str
) -> None:
    """Deactivates or reactivates. Nothing happens to an account that is so already. 409: `account_deleted`."""
    await db.value("staff_set_account_status", staff, account, status, reason)


async def retry_report(db: Database, staff: StaffId, report_id: UUID, reason: str) -> int:
    """Starts a processing report again: its open links, as many as are returned, are free and have both attempts.

    409: `not_processing`, `just_retried` (less than a minute ago).
    """
    return int(await db.value("staff_retry_report", staff, report_id, reason))


async def refund_report(db: Database, staff: StaffId, report_id: UUID, reason: str) -> Literal["completed", "failed"]:
    """Ends a processing report now and gives its price back; the customer sees the reason when something of it was
    captured (completed). 409: `not_processing`, `just_retried` (less than a minute ago)."""
    status: Literal["completed", "failed"] = await db.value("staff_refund_report", staff, report_id, reason)
    return status


async def list_credit_requests(
    db: Database, staff: StaffId, status: CreditRequestStatus | None = None
) -> list[CreditRequest]:
    """At most 100: open ones first, the oldest of them first, then the others, the newest first."""
    return await db.rows(CreditRequest, "staff_credit_requests", staff, status)


async def decide_credit_request(
    db: Database, staff: StaffId, request: UUID, *, approve: bool, note: str, credits: int | None = None
) -> int:
    """Grants `credits` (None: as many as were asked for) or declines. The customer sees the note. The balance
    afterwards. 409: `not_open` (decided or withdrawn), `balance_too_high`, `account_deleted`."""
    return int(await db.value("staff_decide_credit_request", staff, request, approve, credits, note))


async def start_view(db: Database, staff: StaffId, account: AccountId, reason: str) -> UUID:
    """Lets the staff member read the account as its owner does, for 30 minutes. The view that is open already, if there
    is one. 409: `account_deleted`."""
    view: UUID = await db.value("staff_start_view", staff, account, reason)
    return view


async def end_view(db: Database, staff: StaffId, view: UUID) -> None:
    """Ends one's own view."""
    await db.value("staff_end_view", staff, view)


async def open_views(db: Database, staff: StaffId) -> list[View]:
    """What the staff member looks at now, the newest first."""
    return await db.rows(View, "staff_open_views", staff)


async def audit_log(
    db: Database,
    staff: StaffId,
    *,
    account: AccountId | None = None,
    actor: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[AuditEntry]:
    """Entries, newest first, at most 100; None is any. `actor` is one as stored or an e-mail address; `action` is whole
    ("report.retry") or its first word ("report")."""
    return await db.rows(AuditEntry, "staff_audit", staff, account, actor, action, since, until, limit, before)


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields from JSON: ids are UUIDs, times are datetimes."""
    return {name: _typed_value(name, value) for name, value in fields.items()}


def _typed_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "id" or name.endswith("_id"):
        return UUID(value)
    return datetime.fromisoformat(value) if name.endswith("_at") else value
