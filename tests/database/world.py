"""What database tests act with: accounts, reports and runners, each call as the role that makes it in the product."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb

PICTURE = {"bytes": 10, "width": 1280, "height": 800}


@dataclass(frozen=True, slots=True)
class Urls:
    """One login a role: `admin` is the migration role, `web` and `jobs` our processes."""

    admin: str
    web: str
    jobs: str


@dataclass(frozen=True, slots=True)
class Claim:
    msg_id: int
    read_ct: int
    report_id: uuid.UUID
    positions: list[int]


class World:
    """Calls functions as their role; every call is a transaction of its own."""

    def __init__(self, urls: Urls) -> None:
        self.urls = urls
        self._keys: dict[uuid.UUID, uuid.UUID] = {}
        self._connections = {role: _connect(getattr(urls, role)) for role in ("admin", "web", "jobs")}

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def value(self, role: str, query: str, *arguments: object) -> Any:
        with self._connections[role].cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(query.encode(), arguments).fetchone()

    def rows(self, role: str, query: str, *arguments: object) -> list[dict[str, Any]]:
        with self._connections[role].cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), arguments).fetchall()

    def run(self, query: str, *arguments: object) -> None:
        """As the migration role: what only a test or an operator would do."""
        self._connections["admin"].execute(query.encode(), arguments)

    # -- Accounts ---------------------------------------------------------------------------------------------------

    def user(self) -> uuid.UUID:
        user = uuid.uuid4()
        with psycopg.connect(self.urls.admin, autocommit=True) as connection:
            connection.execute(
                "insert into auth.users (id, email, email_confirmed_at) values (%s, %s, now())",
                (user, f"{user}@example.com"),
            )
        return user

    def account(self, credits: int = 3) -> uuid.UUID:
        account: uuid.UUID = self.value("admin", "select private.ensure_account_for(%s, 'Team')", self.user())
        if credits != 3:
            self.value(
                "admin", "select private.adjust_credits(%s, %s, 'test', 'cli:test', %s)", account, credits - 3,
                str(uuid.uuid4()),
            )  # fmt: skip
        return account

    def key(self, account: uuid.UUID, name: str = "key") -> uuid.UUID:
        digest = hashlib.sha256(uuid.uuid4().bytes).digest()
        key: uuid.UUID = self.value(
            "admin", "select private.create_api_key(%s, %s, 'cr_live_AAAAAAAA', %s, null, 'cli:test')",
            account, name, digest,
        )  # fmt: skip
        return key

    def creator(self, account: uuid.UUID) -> uuid.UUID:
        """The key that makes the account's reports."""
        if account not in self._keys:
            self._keys[account] = self.key(account)
        return self._keys[account]

    def balance(self, account: uuid.UUID) -> int:
        return int(self.value("web", "select private.credit_balance(%s)", account))

    def ledger(self, account: uuid.UUID) -> list[tuple[str, int]]:
        rows = self.rows(
            "admin", "select kind, delta from public.credit_entries where account_id = %s order by id", account
        )
        return [(row["kind"], row["delta"]) for row in rows]

    # -- Reports ----------------------------------------------------------------------------------------------------

    def create(
        self, account: uuid.UUID, links: int = 1, *, idempotency_key: str | None = None, body: bytes = b""
    ) -> dict[str, Any]:
        key = self.creator(account)
        urls = [f"https://example.com/{n}" for n in range(links)]
        answer: dict[str, Any] = self.value(
            "web", "select private.create_report(%s, %s, null, 'Report', %s, %s, %s)",
            account, key, urls, idempotency_key, hashlib.sha256(body).digest() if idempotency_key else None,
        )  # fmt: skip
        return answer

    def report(self, account: uuid.UUID, links: int = 1) -> uuid.UUID:
        return uuid.UUID(self.create(account, links)["report_id"])

    def state(self, report: uuid.UUID) -> dict[str, Any]:
        return self.rows("admin", "select * from public.reports where id = %s", report)[0]

    def item(self, report: uuid.UUID, position: int = 1) -> dict[str, Any]:
        return self.rows(
            "admin", "select * from public.report_items where report_id = %s and position = %s", report, position
        )[0]

    # -- Runners ----------------------------------------------------------------------------------------------------

    def claim(self, limit: int = 2) -> Claim | None:
        rows = self.rows("jobs", "select * from private.claim_turn(%s)", limit)
        if not rows:
            return None
        first = rows[0]
        return Claim(first["msg_id"], first["read_ct"], first["report_id"], [row["position"] for row in rows])

    def must_claim(self, limit: int = 2) -> Claim:
        claim = self.claim(limit)
        assert claim is not None, "there was nothing to claim"
        return claim

    def open(self, claim: Claim, position: int) -> bool:
        return bool(
            self.value(
                "jobs", "select private.open_link(%s, %s, %s, %s)",
                claim.msg_id, claim.read_ct, claim.report_id, position,
            )
        )  # fmt: skip

    def heartbeat(self, claim: Claim) -> bool:
        return bool(self.value("jobs", "select private.heartbeat(%s, %s)", claim.msg_id, claim.read_ct))

    def record(self, claim: Claim, position: int, reason: str | None = None, **facts: object) -> str:
        answer: str = self.value(
            "jobs", "select private.record_outcome(%s, %s, %s, %s, %s)",
            claim.msg_id, claim.read_ct, claim.report_id, position, Jsonb(outcome(reason, **facts)),
        )  # fmt: skip
        return answer

    def release(self, claim: Claim, position: int, *, opened: bool) -> bool:
        return bool(
            self.value(
                "jobs", "select private.release_link(%s, %s, %s, %s, %s)",
                claim.msg_id, claim.read_ct, claim.report_id, position, opened,
            )
        )  # fmt: skip

    def sweep(self) -> dict[str, int]:
        return self.rows("jobs", "select * from private.sweep()")[0]

    def expire(self, claim: Claim) -> None:
        """The holder of the claim died 30 s ago."""
        self.run("select pgmq.set_vt('turns', %s, -1)", claim.msg_id)

    def messages(self) -> int:
        return int(self.value("admin", "select count(*) from pgmq.q_turns"))

    def empty_queue(self) -> None:
        """No work of another test is left."""
        self.run("delete from public.reports where status = 'processing'")
        self.run("delete from private.account_turns")
        self.run("delete from pgmq.q_turns")

    @contextmanager
    def transaction(self, role: str) -> Iterator[Callable[..., Any]]:
        """A second connection with a transaction that stays open: two things at once."""
        with _connect(getattr(self.urls, role), autocommit=False) as connection:

            def value(query: str, *arguments: object) -> Any:
                with connection.cursor(row_factory=scalar_row) as cursor:
                    return cursor.execute(query.encode(), arguments).fetchone()

            yield value
            connection.commit()


def outcome(reason: str | None = None, **facts: object) -> dict[str, Any]:
    """What a runner records: a capture with pictures, or a failure."""
    result: dict[str, Any] = {"reason": reason, "headline": "A headline"}
    if reason is None:
        for kind in ("screenshot", "thumbnail"):
            image = uuid.uuid4().hex
            result[kind] = {"id": image, "object_key": f"reports/{image}.jpg", **PICTURE}
    return result | facts


def _connect(url: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    return psycopg.connect(url, autocommit=autocommit, prepare_threshold=None)
