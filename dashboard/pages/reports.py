"""The list of reports: what it shows stands in the address, so that it can be reloaded, shared and gone back to."""

from typing import Any, TypedDict
from urllib.parse import urlsplit

import reflex as rx

from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.report_table import report_head, report_table
from dashboard.components.shell import shell
from dashboard.report_rows import ReportRow, report_row
from dashboard.report_search import PAGE_SIZE, ReportSearch
from dashboard.visit import Visit, action, call, loader
from dashboard.words import zone

_STATUSES = [("all", "All"), ("processing", "Running"), ("completed", "Ready"), ("failed", "Failed")]
_NARROW = ["block", "block", "none"]


class Column(TypedDict):
    """A heading that sorts: where it leads, and `aria-sort`."""

    href: str
    order: str


class ReportsState(Visit):
    """What the page shows: one page of rows and the address they came from."""

    trouble: str = ""
    is_ready: bool = False
    rows: list[ReportRow] = []
    is_live: bool = False

    text: str = ""
    status: str = "all"
    first: str = ""
    last: str = ""
    is_narrowed: bool = False

    by_name: Column = Column(href="", order="none")
    by_status: Column = Column(href="", order="none")
    by_links: Column = Column(href="", order="none")
    by_date: Column = Column(href="", order="none")

    range: str = ""
    page: int = 1
    newer: str = ""
    older: str = ""

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads what the address asks for."""
        await _read(self)

    @rx.event(background=True)
    @loader
    async def refresh(self, _moment: str = "") -> None:
        """The same once more, for reports that run."""
        await _read(self)

    @rx.event
    @action
    async def find(self, text: str) -> Any:
        """Searches; what is typed letter by letter is one step of the browser's history."""
        search = ReportSearch.of({"q": text})
        self.text = search.text
        return rx.redirect(_search(self).with_fields(text=search.text).href, replace=True)

    @rx.event
    @action
    async def show_status(self, status: str | list[str]) -> Any:
        """Shows reports of one status, or all."""
        return rx.redirect(_search(self).with_fields(status=ReportSearch.of({"status": status}).status).href)

    @rx.event
    @action
    async def show_from(self, day: str) -> Any:
        """Shows reports from this day on."""
        return rx.redirect(_search(self).with_fields(first=ReportSearch.of({"from": day}).first).href)

    @rx.event
    @action
    async def show_to(self, day: str) -> Any:
        """Shows reports up to this day."""
        return rx.redirect(_search(self).with_fields(last=ReportSearch.of({"to": day}).last).href)


def _search(state: ReportsState) -> ReportSearch:
    return ReportSearch.read(urlsplit(str(state.router.url)).query)


async def _read(state: ReportsState) -> None:
    async with state:
        account, search = state.account_id, _search(state)
    found = await call("search_reports", p_account=account, **search.arguments(zone()))
    async with state:
        if search != _search(state):
            # Another address was gone to meanwhile; its own reading is under way.
            return
        total = found[0]["total"] if found else 0
        shown: dict[str, Any] = {
            "rows": [report_row(row) for row in found],
            "is_live": any(row["status"] == "processing" for row in found),
            "text": search.text,
            "status": search.status or "all",
            "first": search.first.isoformat() if search.first else "",
            "last": search.last.isoformat() if search.last else "",
            "is_narrowed": search.is_narrowed,
            "page": search.page,
            **_sorting(search),
            **_paging(search, len(found), total),
        }
        for name, value in shown.items():
            if getattr(state, name) != value:
                setattr(state, name, value)


def _sorting(search: ReportSearch) -> dict[str, Column]:
    def column(sort: str) -> Column:
        order = "descending" if search.descending else "ascending"
        return Column(href=search.sorted_by(sort).href, order=order if sort == search.sort else "none")

    return {
        "by_name": column("name"),
        "by_status": column("status"),
        "by_links": column("url_count"),
        "by_date": column("created_at"),
    }


def _paging(search: ReportSearch, shown: int, total: int) -> dict[str, str]:
    before = (search.page - 1) * PAGE_SIZE
    more = before + shown < total
    return {
        "range": f"{before + 1:,}–{before + shown:,} of {total:,}" if shown else "",
        "newer": search.with_fields(page=search.page - 1).href if search.page > 1 else "",
        "older": search.with_fields(page=search.page + 1).href if more else "",
    }


def reports() -> rx.Component:
    """The page."""
    state = ReportsState
    return shell(
        parts.trouble(state.trouble, state.load),
        rx.cond(state.is_live, rx.moment(interval=2000, on_change=state.refresh, display="none")),
        _filters(),
        rx.cond(
            state.is_ready,
            rx.cond(state.rows.length() > 0, _list(), _nothing()),
            rx.cond(state.trouble == "", parts.skeleton_rows(8)),
        ),
        title="Reports",
        actions=[
            rx.cond(
                state.is_viewer, rx.fragment(), parts.link_button("New report", routes.NEW_REPORT, "plus", size="3")
            )
        ],
    )


def _filters() -> rx.Component:
    state = ReportsState
    return rx.flex(
        rx.input(
            rx.input.slot(rx.icon("search", size=16, aria_hidden="true")),
            value=state.text,
            on_change=state.find,
            placeholder="Search by name",
            aria_label="Search reports by name",
            type="search",
            max_length=200,
            size="2",
            flex="1 1 11rem",
        ),
        rx.segmented_control.root(
            *[rx.segmented_control.item(label, value=value) for value, label in _STATUSES],
            value=state.status,
            on_change=state.show_status,
            size="2",
            custom_attrs={"aria-label": "Status"},
        ),
        rx.box(
            _date("From", "reports-from", state.first, state.show_from),
            _date("To", "reports-to", state.last, state.show_to),
            class_name="days",
        ),
        rx.cond(
            state.is_narrowed,
            parts.link_button("Clear", routes.REPORTS, "x", variant="ghost", color_scheme="gray", margin="0"),
        ),
        gap="0.75rem",
        wrap="wrap",
        align="center",
        margin_bottom="1rem",
        role="search",
    )


def _date(label: str, name: str, value: Any, on_change: Any) -> rx.Component:
    return rx.box(
        rx.el.label(label, html_for=name), rx.input(id=name, type="date", value=value, on_change=on_change, size="2")
    )


def _list() -> rx.Component:
    state = ReportsState
    head = report_head(
        name=rx.flex(
            _sorts("Report", state.by_name),
            # Of these columns a phone shows no more than a line below the name.
            rx.box(_sorts("Links", state.by_links, says_order=True), display=_NARROW),
            rx.box(_sorts("Made", state.by_date, says_order=True), display=_NARROW),
            gap="1rem",
        ),
        status=_sorts("Status", state.by_status),
        links=_sorts("Links", state.by_links),
        made=_sorts("Made", state.by_date),
        orders={
            "name": state.by_name["order"],
            "status": state.by_status["order"],
            "links": state.by_links["order"],
            "made": state.by_date["order"],
        },
    )
    return rx.box(
        report_table(state.rows, head),
        rx.flex(
            rx.text(state.range, size="2", color=theme.SOFT, role="status"),
            rx.spacer(),
            _turn("Previous", state.newer, "chevron-left"),
            _turn("Next", state.older, "chevron-right"),
            align="center",
            gap="0.5rem",
            margin_top="1rem",
        ),
    )


def _sorts(label: str, column: Any, *, says_order: bool = False) -> rx.Component:
    """A heading that sorts. Its cell has the order for those who do not see the arrow, unless it says so itself."""

    def arrow(icon: str, order: str) -> rx.Component:
        return rx.icon(icon, size=13, **({"aria_label": order} if says_order else {"aria_hidden": "true"}))

    return rx.link(
        label,
        rx.match(
            column["order"],
            ("ascending", arrow("arrow-up", "ascending")),
            ("descending", arrow("arrow-down", "descending")),
            rx.icon("chevrons-up-down", size=13, aria_hidden="true", color=theme.LINE_STRONG),
        ),
        href=column["href"],
        underline="none",
        class_name="sorts",
    )


def _turn(label: str, to: Any, icon: str) -> rx.Component:
    return rx.cond(
        to != "",
        parts.link_button(label, to, icon, variant="soft", color_scheme="gray"),
        rx.button(
            rx.icon(icon, size=16, aria_hidden="true"), label, variant="soft", color_scheme="gray", disabled=True
        ),
    )


def _nothing() -> rx.Component:
    state = ReportsState
    return rx.cond(
        state.is_narrowed,
        parts.empty(
            "search-x",
            "No report matches",
            "Try another word, another status or other days.",
            parts.link_button("Show all reports", routes.REPORTS, variant="soft"),
        ),
        rx.cond(
            state.page > 1,
            parts.empty(
                "file-question",
                "There is nothing on this page",
                "The list is shorter than that.",
                parts.link_button("To the first page", routes.REPORTS, variant="soft"),
            ),
            parts.empty(
                "newspaper",
                "No reports yet",
                "Paste the links of your coverage: you see the price first, then watch the report grow.",
                rx.cond(
                    state.is_viewer,
                    rx.fragment(),
                    rx.fragment(
                        parts.link_button("New report", routes.NEW_REPORT, "plus"),
                        parts.link_button("Try it with sample links", f"{routes.NEW_REPORT}?sample=1", variant="soft"),
                    ),
                ),
            ),
        ),
    )
