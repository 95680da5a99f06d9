"""Reports of an account: how those that run do, and the list of all; staff start one again, or give its price back."""

from typing import Any
from uuid import UUID

import reflex as rx

from core import support
from core.refusal import Refused
from core.support import ReportStatus
from dashboard.support.account.health import ReportRow, report_row
from dashboard.support.account.ledger import AccountLedgerState
from dashboard.support.account.state import AccountState
from dashboard.support.desk import account_in_address, ask, query_of, submitted
from dashboard.support.inputs import dialog_of, id_of, reason_of, text_of
from dashboard.visit import Visit, action, loader
from dashboard.words import count

PAGE_SIZE = 20
# Of those that run at once; an account with more has them in the list below.
RUNNING = 20
_STATUSES: dict[str, ReportStatus | None] = {
    "all": None, "processing": "processing", "completed": "completed", "failed": "failed",
}  # fmt: skip


class AccountReportsState(Visit):
    """Reports of the account in the address. Those that run are read again while any does."""

    trouble: str = ""
    is_ready: bool = False
    # The report that the address names, whatever page of the list it would be on.
    wanted: list[ReportRow] = []
    running: list[ReportRow] = []
    reports: list[ReportRow] = []
    shown: str = "all"
    has_newer: bool = False
    has_older: bool = False
    dialog: str = ""
    problem: str = ""
    # The first page has no mark, each later one the report that it comes after.
    _marks: list[str] = []
    _is_reading: bool = False

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads what runs and the first page."""
        async with self:
            self._marks, self.shown, self.dialog, self.problem = [], "all", "", ""
            self._is_reading = False
        await _read(self)

    @rx.event(background=True)
    @loader
    async def tick(self, _moment: str = "") -> Any:
        """Reads how those that run do now; the whole page when one of them has ended or begun."""
        async with self:
            if self._is_reading:
                return
            self._is_reading = True
            account, before = account_in_address(self), [report["id"] for report in self.running]
        try:
            found = await ask(support.list_reports, account, "processing", RUNNING) if account else []
            async with self:
                if account_in_address(self) == account:
                    self.running = [report_row(report) for report in found]
            if [report.id.hex for report in found] != before:
                await _read(self)
        finally:
            async with self:
                self._is_reading = False

    @rx.event(background=True)
    @loader
    async def show(self, shown: str | list[str]) -> None:
        """Shows reports of one status, or all."""
        async with self:
            self.shown = shown if isinstance(shown, str) and shown in _STATUSES else "all"
            self._marks = []
        await _read(self)

    @rx.event(background=True)
    @loader
    async def turn(self, step: str) -> None:
        """Turns to older or newer reports."""
        async with self:
            if step == "older" and self.has_older:
                self._marks = [*self._marks, self.reports[-1]["id"]]
            elif step == "newer":
                self._marks = self._marks[:-1]
        await _read(self)

    @rx.event
    @action
    async def show_dialog(self, name: str, is_open: bool) -> None:
        """Opens the dialog `retry:<report>` or `refund:<report>` with an empty form, or closes it."""
        self.problem = ""
        self.dialog = dialog_of(name, is_open, ("retry", "refund"))

    @rx.event
    @submitted
    async def retry(self, form: dict[str, Any]) -> Any:
        """Starts a report again."""
        links = await ask(support.retry_report, _report(form), reason_of(form))
        self.dialog = ""
        self.say(f"Started again: {count(links, 'link')} wait for a runner.")
        return AccountReportsState.load

    @rx.event
    @submitted
    async def refund(self, form: dict[str, Any]) -> Any:
        """Ends a report and gives its price back."""
        status = await ask(support.refund_report, _report(form), reason_of(form))
        self.dialog = ""
        outcome = "ready, with what was captured" if status == "completed" else "failed"
        self.say(f"The report has ended: it is {outcome}. Its price was given back.")
        return [AccountReportsState.load, AccountLedgerState.load, AccountState.refresh]


def _report(form: object) -> UUID:
    found = id_of(text_of(form, "report"))
    if found is None:
        raise Refused(404, "no_such_report", "There is no such report.")
    return found


async def _read(state: AccountReportsState) -> None:
    async with state:
        account, shown, marks = account_in_address(state), state.shown, state._marks
        wanted = id_of(query_of(state).get("report"))
    if account is None:
        return
    running = await ask(support.list_reports, account, "processing", RUNNING)
    after = id_of(marks[-1]) if marks else None
    found = await ask(support.list_reports, account, _STATUSES[shown], PAGE_SIZE + 1, after)
    asked = await ask(support.find_report, account, wanted) if wanted else None
    async with state:
        if (account_in_address(state), state.shown, state._marks) != (account, shown, marks):
            # The reader has gone on.
            return
        state.wanted = [report_row(asked)] if asked else []
        state.running = [report_row(report) for report in running]
        state.reports = [report_row(report) for report in found[:PAGE_SIZE]]
        state.has_newer, state.has_older = bool(marks), len(found) > PAGE_SIZE
