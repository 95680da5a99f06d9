"""The ledger of an account, page by page."""

from typing import Any

import reflex as rx

from core import support
from dashboard.components import parts
from dashboard.support.account.rows import EntryRow, entry_row
from dashboard.support.desk import account_in_address, ask
from dashboard.support.dialogs import turns
from dashboard.visit import Visit, loader

PAGE_SIZE = 20
_WIDE = ["none", "none", "none", "table-cell"]


class AccountLedgerState(Visit):
    """One page of the ledger of the account in the address."""

    trouble: str = ""
    is_ready: bool = False
    entries: list[EntryRow] = []
    has_newer: bool = False
    has_older: bool = False
    # The first page has no mark, each later one the entry that it comes before.
    _marks: list[int] = []
    _last: int = 0

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the first page."""
        async with self:
            self._marks = []
        await _read(self)

    @rx.event(background=True)
    @loader
    async def turn(self, step: str) -> None:
        """Turns to older or newer entries."""
        async with self:
            if step == "older" and self.has_older:
                self._marks = [*self._marks, self._last]
            elif step == "newer":
                self._marks = self._marks[:-1]
        await _read(self)


async def _read(state: AccountLedgerState) -> None:
    async with state:
        account, marks = account_in_address(state), state._marks
    if account is None:
        return
    found = await ask(support.ledger, account, PAGE_SIZE + 1, marks[-1] if marks else None)
    shown = found[:PAGE_SIZE]
    async with state:
        if (account_in_address(state), state._marks) != (account, marks):
            # The reader has gone on.
            return
        state.entries = [entry_row(entry) for entry in shown]
        state.has_newer, state.has_older = bool(marks), len(found) > PAGE_SIZE
        state._last = shown[-1].id if shown else 0


def ledger() -> rx.Component:
    """The ledger."""
    state = AccountLedgerState
    return rx.box(
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_ready,
            rx.cond(
                state.entries.length() > 0,
                rx.fragment(
                    rx.table.root(
                        rx.table.header(
                            rx.table.row(
                                rx.table.column_header_cell("Entry"),
                                rx.table.column_header_cell("By", display=_WIDE),
                                rx.table.column_header_cell("When", display=_WIDE),
                                rx.table.column_header_cell("Credits", justify="end"),
                                rx.table.column_header_cell("Balance", justify="end"),
                            )
                        ),
                        rx.table.body(rx.foreach(state.entries, _row)),
                        width="100%",
                        class_name="desk-table",
                    ),
                    turns(state.turn, state.has_newer, state.has_older),
                ),
                parts.empty("receipt-text", "No entries", "Nothing was ever given to this account or spent by it."),
            ),
            rx.cond(state.trouble == "", parts.skeleton_rows()),
        ),
    )


def _row(entry: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.el.span(
                entry["kind"],
                rx.cond(entry["report"] != "", rx.fragment(": ", rx.el.bdi(entry["report"]))),
                class_name="desk-strong",
            ),
            rx.cond(entry["note"] != "", rx.el.span(entry["note"], class_name="desk-soft", dir="auto")),
            rx.el.span(entry["when"], " · ", entry["who"], class_name="desk-soft only-narrow"),
        ),
        rx.table.cell(entry["who"], display=_WIDE, class_name="desk-break"),
        rx.table.cell(entry["when"], display=_WIDE, white_space="nowrap"),
        rx.table.cell(
            entry["delta"],
            justify="end",
            class_name=rx.cond(entry["is_gain"], "desk-number desk-gain", "desk-number"),
        ),
        rx.table.cell(entry["balance"], justify="end", class_name="desk-number"),
        key=entry["id"],
    )
