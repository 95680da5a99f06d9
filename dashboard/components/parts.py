"""The small parts that pages are made of. They take data, and know no state."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

from dashboard import theme


def trouble(sentence: rx.Var[str] | str, on_retry: Any = None) -> rx.Component:
    """Why the page cannot be shown, and a way out; nothing for an empty sentence."""
    retry = rx.button("Try again", on_click=on_retry, variant="soft", color_scheme="amber") if on_retry else None
    return rx.cond(
        sentence != "",
        rx.callout.root(
            rx.callout.icon(rx.icon("cloud-off", size=18)),
            rx.callout.text(sentence),
            *([retry] if retry is not None else []),
            color_scheme="amber",
            role="alert",
            class_name="with-action",
            margin_bottom="1rem",
        ),
    )


def card(*children: rx.Component, title: str = "", text: Any = "", **properties: Any) -> rx.Component:
    """A part of a page with its own heading."""
    heading = [rx.heading(title, as_="h2", size="4", margin_bottom="0.25rem")] if title else []
    lead = (
        [rx.text(text, color=theme.SOFT, size="2", margin_bottom="0.75rem")] if isinstance(text, rx.Var) or text else []
    )
    return rx.card(*heading, *lead, *children, size="3", width="100%", **properties)


def stat(label: str, value: Any, note: Any = "", icon: str = "") -> rx.Component:
    """One number with what it counts."""
    return rx.card(
        rx.flex(
            rx.text(label, size="2", color=theme.SOFT),
            *([rx.icon(icon, size=16, color=theme.SOFT, aria_hidden="true")] if icon else []),
            justify="between",
            align="center",
        ),
        rx.text(value, size="7", weight="bold", style={"font_variant_numeric": "tabular-nums"}),
        rx.text(note, size="1", color=theme.SOFT),
        size="2",
    )


def thousands(number: Any) -> rx.Var[str]:
    """The number as sentences have it: 2,000."""
    return rx.Var(f"{number!s}.toLocaleString('en')", _var_data=number._get_all_var_data()).to(str)


def empty(icon: str, title: Any, text: Any, *actions: rx.Component) -> rx.Component:
    """What to do first, where there is nothing yet."""
    return rx.center(
        rx.vstack(
            rx.center(
                rx.icon(icon, size=22, color=theme.ACCENT_INK, aria_hidden="true"),
                background=theme.ACCENT_SOFT, border_radius="50%", width="3rem", height="3rem",
            ),
            rx.heading(title, as_="h2", size="4", text_align="center"),
            rx.text(text, color=theme.SOFT, size="2", text_align="center", max_width="26rem"),
            rx.flex(*actions, gap="0.5rem", wrap="wrap", justify="center", margin_top="0.5rem"),
            align="center",
            spacing="2",
        ),
        padding="3rem 1rem",
        border=f"1px dashed {theme.LINE_STRONG}",
        border_radius="var(--radius-4)",
        width="100%",
    )  # fmt: skip


def link_button(label: str, to: Any, icon: str = "", **properties: Any) -> rx.Component:
    """A link within the app that looks like a button."""
    children = [rx.icon(icon, size=16, aria_hidden="true"), label] if icon else [label]
    return rx.button(ReactRouterLink.create(*children, to=to), as_child=True, **properties)


def download_button(label: str, href: Any, **properties: Any) -> rx.Component:
    """Saves a file that the server sends. `rx.el.a` would look for it among the pages of the app."""
    return rx.button(
        A.create(rx.icon("download", size=16, aria_hidden="true"), label, href=href, download=True),
        as_child=True,
        variant="soft",
        **properties,
    )


def confirm(
    opener: rx.Component, *, title: Any, text: Any, action: str, on_confirm: Any, danger: bool = True
) -> rx.Component:
    """Asks before something that cannot be undone; Cancel has the focus."""
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(opener),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title),
            rx.alert_dialog.description(text, size="2"),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", size="3", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(
                    rx.button(action, size="3", color_scheme="red" if danger else theme.ACCENT, on_click=on_confirm)
                ),
                gap="0.75rem",
                justify="end",
                margin_top="1.25rem",
            ),
            max_width="28rem",
        ),
    )


def field(label: str, control: rx.Component, *, hint: Any = "", name: str) -> rx.Component:
    """A labelled control; `control` has the id `name`."""
    return rx.vstack(
        rx.el.label(label, html_for=name, style={"font_weight": "500", "font_size": "0.9rem"}),
        control,
        *([rx.text(hint, size="1", color=theme.SOFT)] if isinstance(hint, rx.Var) or hint else []),
        spacing="1",
        width="100%",
        align="stretch",
    )


def status_badge(status: rx.Var[str]) -> rx.Component:
    """A report's or link's status, by colour and by word."""
    return rx.match(
        status,
        ("processing", rx.badge(rx.spinner(size="1"), "Running", color_scheme="blue")),
        ("pending", rx.badge("Waiting", color_scheme="gray")),
        ("completed", rx.badge(rx.icon("check", size=12, aria_hidden="true"), "Ready", color_scheme="green")),
        ("captured", rx.badge(rx.icon("check", size=12, aria_hidden="true"), "Captured", color_scheme="green")),
        ("failed", rx.badge(rx.icon("x", size=12, aria_hidden="true"), "Failed", color_scheme="red")),
        rx.badge(status, color_scheme="gray"),
    )


def skeleton_rows(rows: int = 5) -> rx.Component:
    """Stands where a table will be."""
    return rx.vstack(
        *[rx.skeleton(height="2.6rem", width="100%") for _ in range(rows)],
        width="100%",
        aria_busy="true",
        aria_label="Loading",
    )
