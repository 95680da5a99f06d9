"""What the page of a report shows, and what can be done with the report there."""

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import reflex as rx

from core.refusal import Refused
from dashboard import routes, time_left
from dashboard.backend import backend
from dashboard.pages.report.rows import ITEM_COLUMNS, NO_REPORT, ItemRow, ReportView, item_row, report_view
from dashboard.visit import Visit, action, call, loader, rows

PAGE_SIZE = 50
_PATH = re.compile(rf"/reports/({routes.REPORT_ID.pattern})/?")
_FILTERS = ("all", "captured", "failed")
_MAX_PAGE = 2000 // PAGE_SIZE


class ReportState(Visit):
    """One report, and one page of its items. Nobody names a report to a handler: it is the one of the address."""

    trouble: str = ""
    is_ready: bool = False
    is_missing: bool = False
    # An account of the user that the report belongs to, while the tab shows another.
    elsewhere_id: str = ""
    elsewhere_name: str = ""

    report: ReportView = NO_REPORT
    items: list[ItemRow] = []
    shown: str = "all"
    page: int = 1
    pages: int = 1
    is_renaming: bool = False

    # What is on the page: the items are read again when it changes.
    _version: tuple[Any, ...] = ()
    _left: time_left.Estimate | None = None
    _is_reading: bool = False

    @rx.var
    def is_live(self) -> bool:
        """Whether the report is being made."""
        return self.report["status"] == "processing"

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Begins with the report of the address."""
        async with self:
            if _wanted(self) != self.report["id"]:
                self.is_ready, self.is_missing, self.report, self.items = False, False, NO_REPORT, []
            self._version, self._left, self._is_reading = (), None, False
            self.shown, self.page, self.is_renaming = "all", 1, False
            self.elsewhere_id = ""
        await _read(self)

    @rx.event(background=True)
    @loader
    async def tick(self, _moment: str = "") -> None:
        """Reads what has changed meanwhile."""
        async with self:
            if self._is_reading:
                return
            self._is_reading = True
        try:
            await _read(self)
        finally:
            async with self:
                self._is_reading = False

    @rx.event(background=True)
    @loader
    async def show(self, shown: str | list[str]) -> None:
        """Shows all items, or those that were captured, or those that failed."""
        async with self:
            self.shown = shown if isinstance(shown, str) and shown in _FILTERS else "all"
            self.page = 1
        await _read(self)

    @rx.event(background=True)
    @loader
    async def turn(self, page: int) -> None:
        """Turns to a page of the items."""
        async with self:
            self.page = _page(page)
        await _read(self)

    @rx.event
    @action
    async def start_renaming(self) -> None:
        """Opens the field for another name."""
        self.is_renaming = True

    @rx.event
    @action
    async def stop_renaming(self) -> Any:
        """Leaves the name as it is."""
        self.is_renaming = False
        return rx.set_focus("rename")

    @rx.event
    @action
    async def rename(self, form: dict[str, Any]) -> Any:
        """Gives the report another name."""
        name = _fields(form).get("name")
        await call("rename_report", p_report=await _own(self), p_name=name if isinstance(name, str) else "")
        self.is_renaming = False
        self.say("The report has its new name.")
        return [rx.set_focus("rename"), ReportState.tick]

    @rx.event
    @action
    async def revoke_link(self) -> Any:
        """Ends the share link."""
        await call("revoke_share_link", p_report=await _own(self))
        self.say("The link no longer works.")
        return ReportState.tick

    @rx.event
    @action
    async def renew_link(self) -> Any:
        """Makes a new share link; the one before ends."""
        await call("renew_share_link", p_report=await _own(self))
        self.say("There is a new link.")
        return ReportState.tick

    @rx.event
    @action
    async def delete(self) -> Any:
        """Deletes the report with all that belongs to it."""
        await call("delete_report", p_report=await _own(self))
        self.say("The report is deleted.")
        return rx.redirect(routes.REPORTS)


def _wanted(state: ReportState) -> str:
    """The id in the address; empty: there can be no such report."""
    match = _PATH.fullmatch(urlsplit(str(state.router.url)).path.lower())
    return match[1].replace("-", "") if match else ""


def _fields(form: object) -> dict[str, Any]:
    return form if isinstance(form, dict) else {}


async def _own(state: ReportState) -> str:
    """The report of the address, which must be the account's that the tab shows."""
    wanted = _wanted(state)
    found = await _find(wanted)
    if found is None or found["account_id"] != state.account_id:
        raise Refused(404, "not_found", "This report does not exist, or it is not yours.")
    return wanted


async def _read(state: ReportState) -> None:
    async with state:
        wanted, account, before = _wanted(state), state.account_id, state._left
        shown, page, version = state.shown, state.page, state._version
    found = await _find(wanted)
    if found is None or found["account_id"] != account:
        await _miss(state, wanted, found)
        return
    now = found["version"], found["status"], shown, page
    items = await _items(wanted, account, shown, page) if now != version else None
    left = _estimate(found, before)
    ended = found["progress"]["ended"]
    view = report_view(found, backend().settings.origin, time_left.sentence(left, ended))
    async with state:
        if (_wanted(state), state.account_id, state.shown, state.page) != (wanted, account, shown, page):
            # The reader has gone on; another reading is under way.
            return
        state._left = left
        state.is_missing = False
        state.pages = _pages(found, shown)
        if state.report != view:
            state.report = view
        if items is not None:
            state._version, state.items = now, items


async def _find(report_id: str) -> dict[str, Any] | None:
    if not report_id:
        return None
    try:
        found: dict[str, Any] = await call("report_page", p_report=report_id)
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return found


async def _miss(state: ReportState, wanted: str, found: Mapping[str, Any] | None) -> None:
    async with state:
        if _wanted(state) != wanted:
            return
        other = str(found["account_id"]) if found else ""
        state.elsewhere_id, state.elsewhere_name = "", ""
        for account in state.accounts:
            if account["id"] == other:
                state.elsewhere_id, state.elsewhere_name = other, account["name"]
        state.is_missing, state.report, state.items = True, NO_REPORT, []


async def _items(report_id: str, account: str, shown: str, page: int) -> list[ItemRow]:
    where = {"report_id": str(UUID(report_id)), "account_id": account}
    if shown != "all":
        where["status"] = shown
    found = await rows(
        "report_items", ITEM_COLUMNS, where, order="position", offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    return [item_row(row) for row in found]


def _estimate(found: Mapping[str, Any], before: time_left.Estimate | None) -> time_left.Estimate | None:
    progress = found["progress"]
    return time_left.estimate(
        before, progress["ended"], found["links"]["pending"], progress["seconds"], time.monotonic()
    )


def _page(sent: object) -> int:
    return min(max(sent, 1), _MAX_PAGE) if isinstance(sent, int) else 1


def _pages(found: Mapping[str, Any], shown: str) -> int:
    links = found["url_count"] if shown == "all" else found["links"][shown]
    return max(-(-links // PAGE_SIZE), 1)
