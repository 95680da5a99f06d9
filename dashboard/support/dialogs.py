"""The dialog in which staff say why, before anything is done. It takes data, and knows no state."""

from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.support.inputs import MAX_REASON


def dialog_form(
    opener: rx.Component,
    *fields: rx.Component,
    title: Any,
    text: Any,
    submit: Any,
    on_submit: Any,
    is_open: Any,
    on_open_change: Any,
    problem: Any,
    is_off: Any = False,
    danger: bool = False,
) -> rx.Component:
    """Opened by `opener`, it stays open until `on_submit` closes it; `problem` is what was said against the form."""
    return rx.dialog.root(
        rx.dialog.trigger(opener),
        rx.dialog.content(
            rx.dialog.title(title),
            rx.dialog.description(text, size="2", color=theme.SOFT, margin_bottom="1rem"),
            rx.form(
                rx.flex(*fields, direction="column", gap="1rem"),
                rx.box(
                    rx.cond(
                        problem != "",
                        rx.callout(problem, icon="circle-alert", color_scheme="red", size="1", margin_top="1rem"),
                    ),
                    role="alert",
                ),
                rx.flex(
                    rx.dialog.close(rx.button("Cancel", type="button", size="3", variant="soft", color_scheme="gray")),
                    rx.button(
                        submit, type="submit", size="3", disabled=is_off, color_scheme="red" if danger else theme.ACCENT
                    ),
                    gap="0.75rem",
                    justify="end",
                    margin_top="1.25rem",
                ),
                on_submit=on_submit,
                reset_on_submit=False,
            ),
            max_width="32rem",
        ),
        open=is_open,
        on_open_change=on_open_change,
    )


def reason_field(
    label: str = "Reason", hint: Any = "The audit log keeps it.", name: str = "reason", placeholder: str = ""
) -> rx.Component:
    """Why it is done."""
    return parts.field(
        label,
        rx.text_area(
            name=name, required=True, max_length=MAX_REASON, rows="3", placeholder=placeholder,
            custom_attrs=own_id(name, f"{name}-hint"),
        ),
        hint=rx.el.span(hint, id=f"{name}-hint"),
        name=name,
    )  # fmt: skip


def meant(name: str, value: Any) -> rx.Component:
    """Which of several the form is about. A form in `rx.foreach` cannot give it to its handler in another way."""
    return rx.el.input(type="hidden", name=name, value=value)


def own_id(name: str, hint: str = "") -> dict[str, str]:
    """The id of a field in a dialog. By its own `id`, Reflex would read it through a reference that all fields of this
    id on a page share, those of closed dialogs too."""
    return {"id": name} | ({"aria-describedby": hint} if hint else {})


def mono(text: Any, **properties: Any) -> rx.Component:
    """An id or a prefix."""
    return rx.el.span(text, class_name="mono", style={"overflow_wrap": "anywhere"}, **properties)


def turns(on_turn: Any, has_newer: Any, has_older: Any) -> rx.Component:
    """Two buttons that turn the pages of a list, newest first; nothing when it is one page."""

    def turn(label: str, icon: str, step: str, is_on: Any) -> rx.Component:
        return rx.button(
            rx.icon(icon, size=16, aria_hidden="true"), label, variant="soft", color_scheme="gray",
            disabled=~is_on, on_click=on_turn(step),
        )  # fmt: skip

    return rx.cond(
        has_newer | has_older,
        rx.flex(
            turn("Newer", "chevron-left", "newer", has_newer),
            turn("Older", "chevron-right", "older", has_older),
            justify="end",
            gap="0.5rem",
            margin_top="1rem",
        ),
    )
