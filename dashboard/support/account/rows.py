"""An account and its parts as its page shows them: texts, made on the server."""

from typing import TypedDict

from core import support
from core.ledger import entry_name
from dashboard.words import ago, count, day, when

_ROLES = {"owner": "Owner", "admin": "Admin", "member": "Member"}


class AccountView(TypedDict):
    """The head of the page. `id` is empty before it is read."""

    id: str
    name: str
    status: str
    balance: int
    created: str
    deleted: str
    running: int
    completed: str
    failed: str
    links: str


class MemberRow(TypedDict):
    """A person of the account."""

    id: str
    email: str
    name: str
    role: str
    joined: str
    seen: str


class KeyRow(TypedDict):
    """An API key."""

    id: str
    name: str
    prefix: str
    created: str
    created_by: str
    used: str
    requests: str
    revoked: str


class AskedRow(TypedDict):
    """What the account asks for; `id` is empty when it asks for nothing."""

    id: str
    credits: str
    message: str
    by: str
    when: str


class EntryRow(TypedDict):
    """A change of the balance."""

    id: str
    when: str
    kind: str
    delta: str
    is_gain: bool
    balance: str
    who: str
    note: str
    report: str


class RequestRow(TypedDict):
    """A request to the API."""

    id: str
    when: str
    what: str
    status: str
    tone: str
    key: str


NO_ACCOUNT = AccountView(
    id="", name="", status="", balance=0, created="", deleted="", running=0, completed="", failed="", links=""
)
NOT_ASKED = AskedRow(id="", credits="", message="", by="", when="")


def account_view(page: support.AccountPage) -> AccountView:
    """The head."""
    account, counts = page.account, page.counts
    return AccountView(
        id=str(account.id),
        name=account.name,
        status="deleted" if account.deleted_at else account.status,
        balance=account.credit_balance,
        created=day(account.created_at),
        deleted=when(account.deleted_at),
        running=counts.processing,
        completed=f"{counts.completed:,}",
        failed=f"{counts.failed:,}",
        links=count(counts.links, "link"),
    )


def member_row(member: support.Member) -> MemberRow:
    """A person."""
    return MemberRow(
        id=str(member.user_id),
        email=member.email,
        name=member.name or "",
        role=_ROLES.get(member.role, member.role),
        joined=day(member.joined_at),
        # Sessions are kept for 30 days.
        seen=ago(member.last_seen_at, "not lately"),
    )


def key_row(key: support.Key) -> KeyRow:
    """A key."""
    return KeyRow(
        id=str(key.id),
        name=key.name,
        prefix=key.prefix,
        created=day(key.created_at),
        created_by=key.created_by or "the command line, or somebody who is gone",
        used=ago(key.last_used_at),
        requests=f"{key.request_count:,}",
        revoked=day(key.revoked_at),
    )


def asked_row(asked: support.OpenCreditRequest | None) -> AskedRow:
    """What it asks for."""
    if asked is None:
        return NOT_ASKED
    return AskedRow(
        id=str(asked.id),
        credits=count(asked.credits, "credit"),
        message=asked.message or "",
        by=asked.requested_by or "somebody who is gone",
        when=ago(asked.created_at),
    )


def entry_row(entry: support.LedgerEntry) -> EntryRow:
    """An entry of the ledger."""
    return EntryRow(
        id=str(entry.id),
        when=when(entry.created_at),
        kind=entry_name(entry.kind),
        delta=signed(entry.delta),
        is_gain=entry.delta > 0,
        balance=f"{entry.balance_after:,}",
        who=entry.who,
        note=entry.note or "",
        report=entry.report_name or ("Deleted report" if entry.report_id else ""),
    )


def request_row(request: support.ApiRequest) -> RequestRow:
    """A request."""
    return RequestRow(
        id=request.request_id,
        when=when(request.created_at),
        what=f"{request.method} {request.route}",
        status=str(request.status),
        tone="red" if request.status >= 500 else "amber" if request.status >= 400 else "green",
        key=f"{request.key_name} ({request.key_prefix})" if request.key_name else "a key that is gone",
    )


def signed(change: int) -> str:
    """With its sign, as "+50" or "\u221220"."""
    return f"+{change:,}" if change > 0 else f"\u2212{-change:,}"
