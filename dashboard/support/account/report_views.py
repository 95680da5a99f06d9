"""Reports on the page of an account: cards of those that run, and the list of all."""

from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.support.account.reports import AccountReportsState
from dashboard.support.dialogs import dialog_form, meant, mono, reason_field, turns

_WIDE = ["none", "none", "none", "table-cell"]
_SHOWN = [("all", "All"), ("processing", "Running"), ("completed", "Ready"), ("failed", "Failed")]


def reports() -> rx.Component:
    """Those that run, and all of them."""
    state = AccountReportsState
    return rx.box(
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_ready,
            rx.flex(
                rx.cond(state.wanted.length() > 0, _wanted()),
                rx.cond(state.running.length() > 0, _running()),
                _list(),
                direction="column",
                gap="1.5rem",
            ),
            rx.cond(state.trouble == "", parts.skeleton_rows()),
        ),
    )


def _wanted() -> rx.Component:
    return rx.box(
        rx.heading("The report you looked up", as_="h2", size="3", margin_bottom="0.5rem"),
        _table(AccountReportsState.wanted),
    )


def _running() -> rx.Component:
    state = AccountReportsState
    return rx.box(
        rx.moment(interval=2000, on_change=state.tick, display="none"),
        rx.heading("Running now", as_="h2", size="3", margin_bottom="0.5rem"),
        rx.flex(rx.foreach(state.running, _card), direction="column", gap="0.75rem"),
    )


def _card(report: rx.Var[Any]) -> rx.Component:
    return rx.card(
        rx.flex(
            rx.box(
                rx.heading(rx.el.bdi(report["name"]), as_="h3", size="3", style={"overflow_wrap": "anywhere"}),
                rx.text(report["made"], " · ", report["made_by"], " · ", report["credits"], size="1", color=theme.SOFT),
                mono(report["id"], color="var(--gray-11)"),
                min_width="0",
            ),
            rx.badge(report["verdict"], color_scheme=report["tone"], size="2"),
            justify="between",
            align="start",
            gap="0.75rem",
        ),
        rx.progress(
            value=report["percent"].to(int),
            aria_label="Links that are done",
            color_scheme=rx.cond(report["tone"] == "red", "red", theme.ACCENT),
            margin_y="0.75rem",
        ),
        rx.el.dl(
            _fact("Done", report["done"]),
            _fact("With a runner", report["held"]),
            _fact("Waiting", report["waiting"]),
            _fact("Turn queued", report["queued"]),
            _fact("Last link ended", report["last"]),
            class_name="vitals",
        ),
        rx.flex(
            rx.text(report["advice"], size="2", color=theme.SOFT, flex="1 1 18rem"),
            rx.flex(_retry(report), _refund(report), gap="0.5rem", wrap="wrap"),
            gap="0.75rem",
            wrap="wrap",
            align="end",
            margin_top="0.75rem",
        ),
        size="2",
        key=report["id"],
    )


def _fact(name: str, value: rx.Var[Any]) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _retry(report: rx.Var[Any]) -> rx.Component:
    state = AccountReportsState
    return dialog_form(
        rx.button(rx.icon("rotate-ccw", size=14, aria_hidden="true"), "Start again", variant="soft"),
        meant("report", report["id"]),
        reason_field(),
        title="Start this report again",
        text=(
            "Its open links are taken from whoever holds them, and each has its two attempts once more. What was "
            "captured stays. It costs the customer nothing."
        ),
        submit="Start again",
        on_submit=state.retry,
        is_open=state.dialog == "retry:" + report["id"],
        on_open_change=lambda is_open: state.show_dialog("retry:" + report["id"], is_open),
        problem=state.problem,
    )


def _refund(report: rx.Var[Any]) -> rx.Component:
    state = AccountReportsState
    return dialog_form(
        rx.button(rx.icon("undo-2", size=14, aria_hidden="true"), "End and refund", variant="soft", color_scheme="red"),
        meant("report", report["id"]),
        reason_field(hint="The audit log keeps it. The customer sees it where something was captured."),
        title="End this report and give its price back",
        text=(
            "Its open links fail as timed out. With at least one capture it is ready, else it has failed; either way "
            "its price comes back. This cannot be undone."
        ),
        submit="End and refund",
        on_submit=state.refund,
        is_open=state.dialog == "refund:" + report["id"],
        on_open_change=lambda is_open: state.show_dialog("refund:" + report["id"], is_open),
        problem=state.problem,
        danger=True,
    )


def _list() -> rx.Component:
    state = AccountReportsState
    return rx.box(
        rx.flex(
            rx.heading("Reports", as_="h2", size="3"),
            rx.segmented_control.root(
                *[rx.segmented_control.item(label, value=value) for value, label in _SHOWN],
                value=state.shown,
                on_change=state.show,
                size="1",
                custom_attrs={"aria-label": "Status"},
            ),
            justify="between",
            align="center",
            gap="0.75rem",
            wrap="wrap",
            margin_bottom="0.5rem",
        ),
        rx.cond(
            state.reports.length() > 0,
            rx.fragment(_table(state.reports), turns(state.turn, state.has_newer, state.has_older)),
            rx.cond(
                state.shown == "all",
                parts.empty("newspaper", "No reports", "This account has not made any yet."),
                rx.text("None of its reports is so.", size="2", color=theme.SOFT, padding="1.5rem 0"),
            ),
        ),
    )


def _table(rows: rx.Var[Any]) -> rx.Component:
    return rx.table.root(
        rx.table.header(
            rx.table.row(
                rx.table.column_header_cell("Report"),
                rx.table.column_header_cell("Status"),
                rx.table.column_header_cell("Credits", display=_WIDE),
                rx.table.column_header_cell("Made", display=_WIDE),
            )
        ),
        rx.table.body(rx.foreach(rows, _row)),
        width="100%",
        class_name="desk-table",
    )


def _row(report: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.el.span(report["name"], class_name="desk-strong desk-break", dir="auto"),
            mono(report["id"], color="var(--gray-11)"),
            rx.el.span(report["links"], class_name="desk-soft"),
            rx.cond(report["error"] != "", rx.el.span(report["error"], class_name="desk-soft desk-error")),
            rx.el.span(report["made"], " · ", report["made_by"], class_name="desk-soft only-narrow"),
            rx.el.span(report["credits"], class_name="desk-soft only-narrow"),
        ),
        rx.table.cell(parts.status_badge(report["status"])),
        rx.table.cell(report["credits"], display=_WIDE),
        rx.table.cell(
            rx.el.span(report["made"], white_space="nowrap"),
            rx.el.span(report["made_by"], class_name="desk-soft desk-break"),
            display=_WIDE,
        ),
        key=report["id"],
    )
