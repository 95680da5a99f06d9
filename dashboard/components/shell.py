"""What surrounds every page: the ways through the product, whose account this is, and what has just happened."""

import reflex as rx

from dashboard import routes, theme
from dashboard.components.leave import leave
from dashboard.visit import Visit

_WAYS = [
    ("Overview", "layout-dashboard", routes.OVERVIEW),
    ("Reports", "file-text", routes.REPORTS),
]
_SETTINGS = [
    ("API keys", "key-round", routes.KEYS),
    ("Team", "users", routes.TEAM),
    ("Credits", "coins", routes.CREDITS),
    ("Branding", "palette", routes.BRANDING),
    ("Profile", "circle-user-round", routes.PROFILE),
]


def shell(*content: rx.Component, title: str) -> rx.Component:
    """A page: `content` beside the ways through the product."""
    return rx.fragment(
        leave(to=Visit.leave),
        rx.moment(interval=1500, on_change=Visit.pulse, display="none"),
        rx.el.a("Skip to the content", href="#content", class_name="skip-link"),
        rx.flex(
            _sidebar(),
            rx.el.main(
                _away(),
                rx.heading(title, size="7", as_="h1", margin_bottom="1rem"),
                *content,
                id="content",
                tab_index=-1,
                style={"flex": "1", "min_width": "0", "padding": "2rem", "max_width": theme.PAGE_WIDTH},
            ),
        ),
        _toast(),
    )


def _sidebar() -> rx.Component:
    return rx.el.nav(
        rx.vstack(
            rx.heading("Coverage Report", size="3"),
            *[_way(*way) for way in _WAYS],
            rx.text("Settings", size="1", color=theme.SOFT),
            *[_way(*way) for way in _SETTINGS],
            rx.text(Visit.account_name, size="2"),
            rx.text(Visit.email, size="1", color=theme.SOFT),
        ),
        aria_label="Main",
        style={"width": theme.SIDEBAR_WIDTH, "padding": "2rem 1rem", "border_right": f"1px solid {theme.LINE}"},
    )


def _way(label: str, icon: str, to: str) -> rx.Component:
    return rx.link(rx.icon(icon, size=16), label, href=to)


def _away() -> rx.Component:
    return rx.cond(
        Visit.is_away,
        rx.callout("We cannot reach our database right now.", icon="cloud-off", color_scheme="amber", role="alert"),
    )


def _toast() -> rx.Component:
    return rx.box(
        rx.cond(
            Visit.notice != "",
            rx.callout(Visit.notice, color_scheme=rx.cond(Visit.notice_is_error, "red", "green")),
        ),
        aria_live="polite",
        style={"position": "fixed", "bottom": "1rem", "right": "1rem"},
    )
