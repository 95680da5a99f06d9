"""Reports in a table, which on a phone is a list."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts

_WIDE = ["none", "none", "none", "table-cell"]
_MIDDLE = ["none", "none", "table-cell"]


def report_table(rows: rx.Var[Any], head: rx.Component) -> rx.Component:
    """`rows` are ReportRows; `head` is the row of headings."""
    return rx.table.root(
        rx.table.header(head), rx.table.body(rx.foreach(rows, _row)), width="100%", class_name="reports"
    )


def short_report_table(rows: rx.Var[Any]) -> rx.Component:
    """The same with name and status alone, and the rest below the name."""
    return rx.table.root(
        rx.table.header(
            rx.table.row(rx.table.column_header_cell("Report"), rx.table.column_header_cell("Status", justify="end"))
        ),
        rx.table.body(rx.foreach(rows, _short_row)),
        width="100%",
        class_name="reports",
    )


def report_head(
    *, name: rx.Component, status: rx.Component, links: rx.Component, made: rx.Component, orders: Mapping[str, Any]
) -> rx.Component:
    """The row of headings. `orders` holds `aria-sort` of the columns by their names."""

    def cell(label: rx.Component | str, column: str, **properties: Any) -> rx.Component:
        attributes = {"aria-sort": orders[column]} if column in orders else {}
        return rx.table.column_header_cell(label, custom_attrs=attributes, **properties)

    return rx.table.row(
        cell(name, "name"),
        cell(status, "status"),
        cell(links, "links", display=_MIDDLE),
        cell("Credits", "credits", display=_WIDE, justify="end"),
        cell("Made by", "made_by", display=_WIDE),
        cell(made, "made", display=_MIDDLE),
    )


def _row(row: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.link(row["name"], href=row["href"], class_name="report-name", dir=row["way"]),
            rx.text(f"{row['links']} · {row['day']}", size="1", color=theme.SOFT, display=["block", "block", "none"]),
        ),
        rx.table.cell(parts.status_badge(row["status"])),
        rx.table.cell(row["links"], display=_MIDDLE, white_space="nowrap"),
        rx.table.cell(row["credits"], display=_WIDE, justify="end"),
        rx.table.cell(_maker(row["made_by"], row["by_key"]), display=_WIDE),
        rx.table.cell(row["made"], display=_MIDDLE, white_space="nowrap"),
        align="center",
    )


def _short_row(row: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.link(row["name"], href=row["href"], class_name="report-name", dir=row["way"]),
            rx.text(f"{row['links']} · {row['made']} · ", row["made_by"], size="1", color=theme.SOFT),
        ),
        rx.table.cell(parts.status_badge(row["status"]), justify="end"),
        align="center",
    )


def _maker(name: rx.Var[str], by_key: rx.Var[bool]) -> rx.Component:
    return rx.flex(
        rx.cond(
            by_key,
            rx.icon("key-round", size=14, color=theme.SOFT, aria_hidden="true"),
            rx.icon("user-round", size=14, color=theme.SOFT, aria_hidden="true"),
        ),
        rx.el.span(name, class_name="maker"),
        align="center",
        gap="0.4rem",
    )
