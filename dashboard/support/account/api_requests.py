"""Recent requests of an account to the API, page by page."""

from typing import Any

import reflex as rx

from core import support
from dashboard.components import parts
from dashboard.support.account.rows import RequestRow, request_row
from dashboard.support.desk import account_in_address, ask
from dashboard.support.dialogs import mono, turns
from dashboard.visit import Visit, loader

PAGE_SIZE = 20
_WIDE = ["none", "none", "none", "table-cell"]


class AccountRequestsState(Visit):
    """One page of requests of the account in the address."""

    trouble: str = ""
    is_ready: bool = False
    requests: list[RequestRow] = []
    has_newer: bool = False
    has_older: bool = False
    # The first page has no mark, each later one the request that it comes before.
    _marks: list[str] = []

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the newest."""
        async with self:
            self._marks = []
        await _read(self)

    @rx.event(background=True)
    @loader
    async def turn(self, step: str) -> None:
        """Turns to older or newer requests."""
        async with self:
            if step == "older" and self.has_older:
                self._marks = [*self._marks, self.requests[-1]["id"]]
            elif step == "newer":
                self._marks = self._marks[:-1]
        await _read(self)


async def _read(state: AccountRequestsState) -> None:
    async with state:
        account, marks = account_in_address(state), state._marks
    if account is None:
        return
    found = await ask(support.recent_requests, account, PAGE_SIZE + 1, marks[-1] if marks else None)
    async with state:
        if (account_in_address(state), state._marks) != (account, marks):
            # The reader has gone on.
            return
        state.requests = [request_row(request) for request in found[:PAGE_SIZE]]
        state.has_newer, state.has_older = bool(marks), len(found) > PAGE_SIZE


def api_requests() -> rx.Component:
    """The requests."""
    state = AccountRequestsState
    return rx.box(
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_ready,
            rx.cond(
                state.requests.length() > 0,
                rx.fragment(
                    rx.table.root(
                        rx.table.header(
                            rx.table.row(
                                rx.table.column_header_cell("Request"),
                                rx.table.column_header_cell("Answer"),
                                rx.table.column_header_cell("Key", display=_WIDE),
                                rx.table.column_header_cell("When", display=_WIDE),
                            )
                        ),
                        rx.table.body(rx.foreach(state.requests, _row)),
                        width="100%",
                        class_name="desk-table",
                    ),
                    turns(state.turn, state.has_newer, state.has_older),
                ),
                parts.empty(
                    "arrow-left-right",
                    "No requests in the last 30 days",
                    "Requests that came with a valid API key of this account stand here, whatever the answer was.",
                ),
            ),
            rx.cond(state.trouble == "", parts.skeleton_rows()),
        ),
    )


def _row(request: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.el.span(request["what"], class_name="desk-strong desk-break"),
            mono(request["id"], color="var(--gray-11)"),
            rx.el.span(request["when"], " · ", request["key"], class_name="desk-soft only-narrow"),
        ),
        rx.table.cell(rx.badge(request["status"], color_scheme=request["tone"])),
        rx.table.cell(request["key"], display=_WIDE, class_name="desk-break"),
        rx.table.cell(request["when"], display=_WIDE, white_space="nowrap"),
        key=request["id"],
    )
