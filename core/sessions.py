"""Sessions of browsers: a random id in a cookie, its hash in a row, Supabase Auth's tokens encrypted beside it."""

import asyncio
import hashlib
import json
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg

from core.database import Database
from core.encryption import Cipher, Undecipherable
from core.identity import Identity, IdentityAway, IdentityError, Tokens
from core.log import get_logger
from core.patience import within
from core.reports import AccountId

log = get_logger(__name__)

COOKIE = "coveragereport_session"
COOKIE_SECONDS = 30 * 86400
_SHAPE = re.compile("[0-9A-Za-z_-]{43}")
# A burst of events asks the database once. Short, because an ended session must be noticed within 2 s.
_CACHE_SECONDS = 0.5
_CACHE_SIZE = 10_000
_PATIENCE_SECONDS = 1.2
_PAUSE_SECONDS = 1.0
# Tokens that end this soon are refreshed before they are used.
_REFRESH_BEFORE = timedelta(seconds=90)
_LEASE_SECONDS = 10.0
_LOOK_SECONDS = 0.1

Role = Literal["owner", "admin", "member"]


@dataclass(frozen=True, slots=True)
class Membership:
    """An account the user belongs to. `active` is false when the account is deactivated; `balance` is in credits."""

    account_id: AccountId
    name: str
    role: Role
    active: bool
    balance: int


@dataclass(frozen=True, slots=True)
class View:
    """An account that staff look at as its owner sees it, reading alone, until `expires_at`."""

    id: UUID
    account_id: AccountId
    name: str
    active: bool
    balance: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser: who, what they may be, and the tokens they have at Supabase Auth."""

    id: UUID
    user_id: UUID
    email: str
    name: str
    time_zone: str | None
    theme: str
    is_staff: bool
    account_id: AccountId | None
    tokens: bytes = field(repr=False)
    tokens_expire_at: datetime
    memberships: tuple[Membership, ...]
    views: tuple[View, ...]

    def membership(self, account: AccountId | None) -> Membership | None:
        """What the user is in the account; None: nothing."""
        return next((own for own in self.memberships if own.account_id == account), None)

    def view(self, account: AccountId | None) -> View | None:
        """How staff look at the account; None: they do not."""
        return next((view for view in self.views if view.account_id == account), None)

    @property
    def home(self) -> AccountId | None:
        """The account that a new tab begins with: the one chosen last, or the first."""
        if self.membership(self.account_id) or self.view(self.account_id):
            return self.account_id
        return self.memberships[0].account_id if self.memberships else None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    user_id: UUID
    email: str
    name: str
    time_zone: str | None
    theme: str
    is_staff: bool
    account_id: UUID | None
    tokens: bytes
    tokens_expire_at: datetime
    memberships: list[dict[str, Any]]
    views: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A session in the list of its user."""

    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime


class SignedOut(Exception):
    """The session has ended, here or at Supabase Auth."""


class Sessions:
    """Opens, finds, refreshes and ends sessions. What touches the database raises `psycopg.OperationalError`."""

    def __init__(self, db: Database, identity: Identity, cipher: Cipher) -> None:
        self._db, self._identity, self._cipher = db, identity, cipher
        self._away_until = 0.0
        self._found: OrderedDict[bytes, tuple[float, Session | None]] = OrderedDict()

    async def open(self, tokens: Tokens, user_agent: str, address: str) -> str:
        """A session for a user whom Supabase Auth has let in. What the cookie holds."""
        cookie = secrets.token_urlsafe(32)
        await self._db.value(
            "open_session", cookie_digest(cookie), tokens.user_id, self._encrypted(tokens), tokens.expires_at,
            _printable(user_agent), address,
        )  # fmt: skip
        return cookie

    async def find(self, cookie: str | None, *, now: bool = False) -> Session | None:
        """Who is behind the cookie, as of at most half a second ago, or `now`. None: nobody, or no more."""
        if cookie is None or not _SHAPE.fullmatch(cookie):
            return None
        return await self.find_digest(cookie_digest(cookie), now=now)

    async def find_digest(self, digest: bytes, *, now: bool = False) -> Session | None:
        """The same for the digest of a cookie, which is nothing that a browser could send."""
        at, session = self._found.get(digest, (0.0, None))
        if now or time.monotonic() - at > _CACHE_SECONDS:
            asked = time.monotonic()
            session = _session(await self._ask(digest))
            self._keep(digest, asked, session)
        return session

    async def _ask(self, digest: bytes) -> _Row | None:
        # Every page and every event waits for this: who waited for the database in vain does not wait again at once.
        if time.monotonic() < self._away_until:
            raise psycopg.OperationalError("the database was away a moment ago")
        try:
            return await within(_PATIENCE_SECONDS, self._db.row(_Row, "find_session", digest))
        except (TimeoutError, psycopg.OperationalError) as error:
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            raise psycopg.OperationalError(str(error) or "the database did not answer in time") from None

    async def access_token(self, session: Session) -> str:
        """A token of the user for Supabase, good for a minute at least. Raises `SignedOut` and `IdentityAway`."""
        return (await self.tokens(session)).access

    async def tokens(self, session: Session) -> Tokens:
        """The tokens of the session, refreshed when they are about to end. Raises `SignedOut` and `IdentityAway`."""
        deadline = time.monotonic() + _LEASE_SECONDS
        while session.tokens_expire_at - datetime.now(UTC) < _REFRESH_BEFORE:
            if await self._db.value("lease_session", session.id):
                return await self._refresh(session)
            # Another request, perhaps of another process, refreshes them.
            if time.monotonic() > deadline:
                raise IdentityAway
            await asyncio.sleep(_LOOK_SECONDS)
            row = await self._db.row(_Row, "find_session_by_id", session.id)
            renewed = _session(row)
            if renewed is None:
                raise SignedOut
            session = renewed
        return self._decrypted(session)

    async def renew(self, session: Session, tokens: Tokens) -> None:
        """Keeps other tokens for the session, after a change of the password."""
        await self._db.value("renew_session", session.id, self._encrypted(tokens), tokens.expires_at)
        self._found.clear()

    async def choose_account(self, session: Session, account: AccountId) -> bool:
        """Whether new tabs now begin with this account, which the user must belong to or look at."""
        chosen = bool(await self._db.value("choose_account", session.id, account))
        self._found.clear()
        return chosen

    async def list(self, user: UUID) -> list[Seen]:
        """The sessions of a user, the one seen last first."""
        return await self._db.rows(Seen, "list_sessions", user)

    async def end(self, session: Session) -> None:
        """Ends this session, and the one at Supabase Auth behind it if that can be reached."""
        await self._db.value("end_session", session.user_id, session.id)
        self._found.clear()
        await self._sign_out(session, "local")

    async def end_one(self, session: Session, other: UUID) -> bool:
        """Ends another session of the same user, here and at Supabase Auth. False: there is none."""
        ended = _session(await self._db.row(_Row, "find_session_by_id", other))
        if ended is None or not await self._db.value("end_session", session.user_id, other):
            return False
        self._found.clear()
        await self._sign_out(ended, "local")
        return True

    async def end_all(self, session: Session, *, keep_this: bool) -> int:
        """Ends every session of the user, or every other. How many ended."""
        ended = int(await self._db.value("end_sessions", session.user_id, session.id if keep_this else None))
        self._found.clear()
        await self._sign_out(session, "others" if keep_this else "global")
        return ended

    async def _refresh(self, session: Session) -> Tokens:
        row = _session(await self._db.row(_Row, "find_session_by_id", session.id))
        if row is None:
            raise SignedOut
        if row.tokens_expire_at - datetime.now(UTC) >= _REFRESH_BEFORE:
            # Another request has refreshed them while this one asked for the lease.
            await self._db.value("release_session", session.id)
            return self._decrypted(row)
        try:
            tokens = await self._identity.refresh(self._decrypted(row).refresh)
        except IdentityAway:
            await self._db.value("release_session", session.id)
            raise
        except IdentityError as error:
            if error.code == "over_request_rate_limit":
                await self._db.value("release_session", session.id)
                raise IdentityAway from None
            log.info("session refused by Supabase Auth", code=error.code)
            await self._db.value("end_session", session.user_id, session.id)
            raise SignedOut from None
        if not await self._db.value("renew_session", session.id, self._encrypted(tokens), tokens.expires_at):
            raise SignedOut
        self._found.clear()
        return tokens

    async def _sign_out(self, session: Session, scope: Literal["global", "local", "others"]) -> None:
        try:
            await self._identity.sign_out(self._decrypted(session), scope)
        except (IdentityError, IdentityAway, SignedOut):
            log.warning("Supabase Auth did not end a session", scope=scope)

    def _encrypted(self, tokens: Tokens) -> bytes:
        return self._cipher.encrypt(json.dumps({"access": tokens.access, "refresh": tokens.refresh}))

    def _decrypted(self, session: Session) -> Tokens:
        try:
            tokens = json.loads(self._cipher.decrypt(session.tokens))
        except Undecipherable:
            # SECRET_KEY was replaced: who was signed in before signs in again.
            raise SignedOut from None
        return Tokens(session.user_id, session.email, **tokens, expires_at=session.tokens_expire_at)

    def _keep(self, digest: bytes, at: float, session: Session | None) -> None:
        self._found[digest] = (at, session)
        self._found.move_to_end(digest)
        while len(self._found) > _CACHE_SIZE:
            self._found.popitem(last=False)


def _session(row: _Row | None) -> Session | None:
    if row is None:
        return None
    return Session(
        row.id, row.user_id, row.email, row.name, row.time_zone, row.theme, row.is_staff,
        AccountId(row.account_id) if row.account_id else None, row.tokens, row.tokens_expire_at,
        tuple(
            Membership(AccountId(UUID(own["account_id"])), own["name"], own["role"], own["active"], own["balance"])
            for own in row.memberships
        ),
        tuple(
            View(
                UUID(view["id"]), AccountId(UUID(view["account_id"])), view["name"], view["active"], view["balance"],
                datetime.fromisoformat(view["expires_at"]),
            )
            for view in row.views
        ),
    )  # fmt: skip


def cookie_digest(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:300]


def session_cookie(header: str) -> str | None:
    """The id of the session in a `Cookie` header.

    Read as starlette reads it, and not by `http.cookies`, which finds nothing at all beside a cookie that it does not
    like: other programs on the same host set such cookies.
    """
    value = None
    for pair in header.split(";"):
        name, _, text = pair.partition("=")
        if name.strip() == COOKIE:
            value = text.strip().strip('"')
    return value
