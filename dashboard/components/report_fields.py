"""Name and links of a new report, with files of links; see `report_fields.jsx`."""

from typing import Any

import reflex as rx


def _links(text: rx.Var[str], number: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[int]]:
    return text, number


class ReportFields(rx.Component):
    """Tells `on_links` the text a moment after the last key, with a number that grows.

    `fill` and `fill_name` go into an empty form when `fill_number` changes, if the address still has the query
    `fill_for` (with its question mark). A new number in `asked` makes it tell the text again. The form around it gets
    `name`, `links`, and `key`: random, the same until the page is opened again.
    """

    library = f"$/public{rx.asset('report_fields.jsx', shared=True)}"
    tag = "ReportFields"
    fill: rx.Var[str]
    fill_name: rx.Var[str]
    fill_number: rx.Var[int]
    fill_for: rx.Var[str]
    asked: rx.Var[int]
    disabled: rx.Var[bool]
    on_links: rx.EventHandler[_links]  # type: ignore[type-arg, valid-type]


def report_fields(**properties: Any) -> rx.Component:
    """See `ReportFields`."""
    return ReportFields.create(**properties)
