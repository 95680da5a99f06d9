"""What the page of credits knows, and what it does."""

from collections.abc import Sequence
from typing import Any, TypedDict

import reflex as rx

from core.ledger import entry_name
from core.reports import Price, list_prices
from dashboard import routes
from dashboard.backend import backend
from dashboard.visit import Visit, action, call, loader, rows
from dashboard.words import count, day, when

PAGE = 20
MOST_LINKS = 2000
"""The most links a report of the dashboard can have."""
MOST_CREDITS = 1_000_000


class Entry(TypedDict):
    """An entry of the ledger. `link` is empty where there is no report to open."""

    id: int
    when: str
    entry: str
    report: str
    link: str
    note: str
    who: str
    delta: str
    is_gain: bool
    balance: str


class PriceRow(TypedDict):
    """What reports of so many links cost."""

    links: str
    credits: str


class Request(TypedDict):
    """A request for more credits; `status` is empty where there is none."""

    id: str
    status: str
    credits: str
    message: str
    asked: str
    decided: str
    note: str


NO_REQUEST = Request(id="", status="", credits="", message="", asked="", decided="", note="")


class CreditsState(Visit):
    """Prices, the newest request, and a page of the ledger."""

    trouble: str = ""
    is_ready: bool = False
    prices: list[PriceRow] = []
    request: Request = NO_REQUEST
    entries: list[Entry] = []
    has_older: bool = False
    has_newer: bool = False

    # The entries before which the pages begin that were turned over.
    _turned: list[int] = []

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads everything, and begins with the newest entries."""
        async with self:
            account = self.account_id
        prices = price_rows(await list_prices(backend().db, MOST_LINKS))
        request = await _newest_request(account)
        found = await _entries(account, None)
        async with self:
            self.prices, self.request = prices, request
            _show(self, found, [])

    @rx.event(background=True)
    @loader
    async def follow(self, _moment: str = "") -> None:
        """Looks whether support has answered. If so, the ledger shows what they booked."""
        async with self:
            account, known = self.account_id, self.request
        request = await _newest_request(account)
        if request == known:
            return
        found = await _entries(account, None)
        async with self:
            self.request = request
            _show(self, found, [])

    @rx.event(background=True)
    @loader
    async def older(self) -> None:
        """The entries before these."""
        async with self:
            account, turned = self.account_id, self._turned
            # Pressed twice before the entries are there, it turns one page.
            if self.has_older and self.entries[-1]["id"] not in turned:
                turned = [*turned, self.entries[-1]["id"]]
            self._turned = turned
        await _turn_to(self, account, turned)

    @rx.event(background=True)
    @loader
    async def newer(self) -> None:
        """The entries after these."""
        async with self:
            account, turned = self.account_id, self._turned[:-1]
            self._turned = turned
        await _turn_to(self, account, turned)

    @rx.event
    @action
    async def ask(self, form: dict[str, Any]) -> Any:
        """Asks support for more."""
        credits = whole_number(form.get("credits"))
        if credits is None or not 1 <= credits <= MOST_CREDITS:
            self.say(f"Ask for 1 to {MOST_CREDITS:,} credits.", error=True)
            return None
        message = form.get("message")
        await call(
            "request_credits",
            p_account=self.account_id, p_credits=credits, p_message=message if isinstance(message, str) else None,
        )  # fmt: skip
        self.say("Your request is with support. You see here what they answer.")
        return CreditsState.load

    @rx.event
    @action
    async def withdraw(self, request_id: Any) -> Any:
        """Takes an open request back."""
        await call("withdraw_credit_request", p_request=request_id)
        self.say("The request is withdrawn.")
        return CreditsState.load

    @rx.var
    def balance_words(self) -> str:
        """What the balance is enough for."""
        if self.balance == 0:
            return "No report can be made until there are more."
        return f"Enough for {count(self.balance, 'report')} of up to 100 links."


def whole_number(text: object) -> int | None:
    """The number that somebody typed, also as "1,000" or "1 000"; None for anything else."""
    if not isinstance(text, str) or len(text) > 20:
        return None
    digits = text.translate(str.maketrans("", "", " ,.\u00a0\u202f'’"))
    return int(digits) if digits.isascii() and digits.isdecimal() else None


async def _turn_to(state: CreditsState, account: str, turned: list[int]) -> None:
    found = await _entries(account, turned[-1] if turned else None)
    async with state:
        # Not if it was turned again meanwhile.
        if state._turned == turned:
            _show(state, found, turned)


def _show(state: CreditsState, found: Sequence[Entry], turned: list[int]) -> None:
    state.entries = list(found[:PAGE])
    state.has_older, state.has_newer = len(found) > PAGE, bool(turned)
    state._turned = turned


async def _entries(account: str, before: int | None) -> list[Entry]:
    """A page, and one more to see whether there is another page."""
    return [_entry(row) for row in await call("list_ledger", p_account=account, p_limit=PAGE + 1, p_before=before)]


def _entry(row: dict[str, Any]) -> Entry:
    report, name, delta = row["report_id"], row["report_name"], row["delta"]
    return Entry(
        id=row["id"],
        when=when(row["created_at"]),
        entry=entry_name(row["kind"]),
        report=name or ("a deleted report" if report else ""),
        link=routes.report(report) if report and name else "",
        note=row["note"] or "",
        who=row["who"],
        delta=f"+{delta:,}" if delta > 0 else f"\u2212{-delta:,}",
        is_gain=delta > 0,
        balance=f"{row['balance_after']:,}",
    )


async def _newest_request(account: str) -> Request:
    columns = "id,status,credits,message,created_at,decided_at,decision_note"
    found = await rows(
        "credit_requests", columns, {"account_id": account}, order="created_at", descending=True, limit=1
    )
    if not found:
        return NO_REQUEST
    (row,) = found
    return Request(
        id=row["id"],
        status=row["status"],
        credits=count(row["credits"], "credit"),
        message=row["message"] or "",
        asked=day(row["created_at"]),
        decided=day(row["decided_at"]),
        note=row["decision_note"] or "",
    )


def price_rows(prices: Sequence[Price]) -> list[PriceRow]:
    """The prices in words: those that follow one rule to the end become one row."""
    rule = len(prices) - 1
    while rule > 1 and _step(prices, rule) == _step(prices, rule - 1):
        rule -= 1
    first = [1, *(price.links + 1 for price in prices)]
    single = prices[:rule] if len(prices) - rule > 1 else prices
    told = [
        PriceRow(links=f"{begin:,} to {price.links:,} links", credits=count(price.credits, "credit"))
        for begin, price in zip(first, single, strict=False)
    ]
    if len(single) < len(prices):
        links, credits = _step(prices, rule)
        told.append(PriceRow(links=f"Each {links:,} links more", credits=f"{count(credits, 'credit')} more"))
        told.append(
            PriceRow(links=f"{prices[-1].links:,} links, the most", credits=count(prices[-1].credits, "credit"))
        )
    return told


def _step(prices: Sequence[Price], index: int) -> tuple[int, int]:
    return prices[index].links - prices[index - 1].links, prices[index].credits - prices[index - 1].credits
