"""What surrounds every page: the ways through the product, whose account this is, and what has just happened."""

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors
from reflex_components_core.el.elements.inline import A

from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.browser import keep_focus, take_theme, toasts
from dashboard.components.leave import leave
from dashboard.components.native_form import native_form
from dashboard.visit import Visit

_WORK = [
    ("Overview", "layout-dashboard", routes.OVERVIEW),
    ("Reports", "newspaper", routes.REPORTS),
]
_SETTINGS = [
    ("API keys", "key-round", routes.KEYS),
    ("Team", "users", routes.TEAM),
    ("Credits", "coins", routes.CREDITS),
    ("Branding", "palette", routes.BRANDING),
    ("Profile", "circle-user-round", routes.PROFILE),
]
_SUPPORT = [
    ("Find an account", "search", routes.SUPPORT),
    ("Credit requests", "inbox", routes.SUPPORT_REQUESTS),
    ("Audit log", "scroll-text", routes.SUPPORT_AUDIT),
]


def shell(
    *content: rx.Component, title: Any, text: Any = "", actions: list[rx.Component] | None = None
) -> rx.Component:
    """A page: its `title` and what it is for, `actions` beside them, and `content` below."""
    return rx.box(
        leave(to=Visit.leave),
        take_theme(theme=Visit.theme),
        keep_focus(),
        rx.moment(interval=1500, on_change=Visit.pulse, display="none"),
        A.create("Skip to the content", href="#content", class_name="skip-link"),
        _top(),
        rx.flex(
            rx.el.nav(*_ways(), class_name="side side-fixed", aria_label="Main"),
            rx.el.main(
                rx.box(
                    _standing(),
                    _header(title, text, actions or []),
                    *content,
                    class_name="page-inner",
                ),
                id="content",
                tab_index=-1,
                class_name="page",
            ),
        ),
        _toast(),
    )


def _header(title: Any, text: Any, actions: list[rx.Component]) -> rx.Component:
    return rx.flex(
        rx.box(
            rx.heading(title, as_="h1", size="7", style={"overflow_wrap": "anywhere"}),
            *(
                [rx.text(text, color=theme.SOFT, size="3", margin_top="0.25rem")]
                if isinstance(text, rx.Var) or text
                else []
            ),
            min_width="0",
        ),
        *([rx.flex(*actions, gap="0.5rem", wrap="wrap")] if actions else []),
        justify="between",
        align="start",
        gap="1rem",
        wrap="wrap",
        margin_bottom="1.5rem",
    )


def _top() -> rx.Component:
    """The bar of narrow screens, with the ways behind a button."""
    return rx.el.header(
        rx.drawer.root(
            rx.drawer.trigger(
                rx.icon_button(rx.icon("menu"), variant="ghost", color_scheme="gray", size="3", aria_label="Menu")
            ),
            rx.drawer.overlay(z_index="30"),
            rx.drawer.portal(
                rx.drawer.content(
                    rx.drawer.title("Menu", class_name="unseen"),
                    rx.el.nav(*_ways(in_drawer=True), class_name="side", aria_label="Main"),
                    height="100%",
                    width="16rem",
                    background=theme.CARD,
                )
            ),
            direction="left",
        ),
        rx.el.a(
            rx.el.span(class_name="brand-mark", aria_hidden="true"), "Coverage Report", href="/", class_name="brand"
        ),
        rx.spacer(),
        _balance(),
        class_name="top",
    )


def _ways(*, in_drawer: bool = False) -> list[rx.Component]:
    return [
        rx.el.a(
            rx.el.span(class_name="brand-mark", aria_hidden="true"),
            "Coverage Report",
            href="/",
            class_name="brand",
            style={"padding": "0.4rem 0.7rem 0.9rem"},
        ),
        rx.cond(
            _is_desk(),
            rx.fragment(),
            rx.fragment(
                _account(),
                *[_way(*way, in_drawer=in_drawer) for way in _WORK],
                rx.el.p("Settings", class_name="side-label"),
                *[_way(*way, in_drawer=in_drawer) for way in _SETTINGS],
            ),
        ),
        rx.cond(
            Visit.is_staff,
            rx.fragment(
                rx.el.p("Support", class_name="side-label"),
                *[_way(*way, in_drawer=in_drawer) for way in _SUPPORT],
            ),
        ),
        rx.spacer(),
        rx.box(_balance(), padding="0.5rem 0.7rem"),
        _user(),
    ]


def _is_desk() -> Any:
    """Whether these are staff who belong to no account: there is nothing of their own to show."""
    return Visit.is_staff & (Visit.account_id == "")


def _way(label: str, icon: str, to: str, *, in_drawer: bool) -> rx.Component:
    path = Visit.router.url.path
    here: Any = path == to if to in (routes.OVERVIEW, routes.SUPPORT) else path.startswith(to)
    if to == routes.SUPPORT:
        here = here | path.startswith(f"{routes.SUPPORT}/accounts/")
    way = rx.link(
        rx.icon(icon, size=17, aria_hidden="true"),
        label,
        href=to,
        underline="none",
        class_name="way",
        custom_attrs={"aria-current": rx.cond(here, "page", "false")},
    )
    return rx.drawer.close(way, as_child=True) if in_drawer else way


def _account() -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.button(
                rx.avatar(fallback=Visit.account_name.upper()[0:1], size="1", radius="medium", aria_hidden="true"),
                rx.text(
                    Visit.account_name, size="2", class_name="cut", title=Visit.account_name, flex="1", align="left"
                ),
                rx.el.span("Switch between accounts", class_name="unseen"),
                rx.icon("chevrons-up-down", size=14, aria_hidden="true", flex_shrink="0"),
                variant="surface",
                color_scheme="gray",
                width="100%",
                size="3",
                padding="0 0.6rem",
                gap="0.5rem",
                margin_bottom="0.75rem",
            )
        ),
        rx.dropdown_menu.content(
            rx.foreach(
                Visit.accounts,
                lambda account: rx.dropdown_menu.item(
                    account["name"],
                    rx.cond(account["id"] == Visit.account_id, rx.icon("check", size=14, aria_label="this one")),
                    on_select=Visit.switch_account(account["id"]),
                ),
            ),
        ),
    )


def _balance() -> rx.Component:
    """Of the account; of none there is nothing to tell, nor before the server has said whose page this is."""
    balance = rx.link(
        rx.badge(
            rx.icon("coins", size=13, aria_hidden="true"),
            rx.cond(Visit.balance == 1, "1 credit", f"{parts.thousands(Visit.balance)} credits"),
            color_scheme=rx.cond(Visit.balance == 0, "amber", "gray"),
            variant="surface",
            size="2",
        ),
        href=routes.CREDITS,
        underline="none",
    )
    return rx.cond(Visit.account_id != "", balance)


def _user() -> rx.Component:
    return rx.box(
        rx.flex(
            rx.box(
                rx.cond(Visit.name != "", rx.text(Visit.name, size="2", weight="medium")),
                rx.text(Visit.email, size="1", color=theme.SOFT, class_name="cut", title=Visit.email),
                min_width="0",
            ),
            rx.spacer(),
            rx.color_mode.button(size="2", variant="ghost", custom_attrs={"aria-label": "Light or dark"}),
            align="center",
            gap="0.5rem",
        ),
        native_form(
            rx.button("Sign out", type="submit", variant="soft", color_scheme="gray", size="2", width="100%"),
            action="/api/portal/session/end",
        ),
        padding="0.7rem 0.7rem 0.2rem",
        border_top=f"1px solid {theme.LINE}",
        style={"display": "grid", "gap": "0.6rem", "grid_template_columns": "minmax(0, 1fr)"},
    )


def _standing() -> rx.Component:
    """What somebody must know on whatever page they are."""
    return rx.fragment(
        rx.cond(
            Visit.is_viewer,
            rx.callout.root(
                rx.callout.icon(rx.icon("eye", size=18)),
                rx.callout.text(
                    "You are looking at ",
                    rx.el.strong(Visit.account_name),
                    " as its owner sees it. You can change nothing. This ends on ",
                    Visit.view_ends,
                    ".",
                ),
                rx.button("Stop looking", on_click=Visit.stop_looking, variant="soft", color_scheme="purple"),
                color_scheme="purple",
                role="status",
                class_name="with-action",
                margin_bottom="1rem",
            ),
        ),
        rx.cond(
            has_too_many_connection_errors,
            _banner(
                "unplug",
                "amber",
                "The connection to our server is lost. This page goes on by itself when it is back.",
            ),
        ),
        rx.cond(
            Visit.is_away,
            _banner(
                "cloud-off",
                "amber",
                "We cannot reach our database right now. Nothing was lost; this page tries again by itself.",
            ),
        ),
        rx.cond(
            ~Visit.account_active,
            _banner(
                "ban",
                "red",
                "This account is deactivated: no reports can be made. Links already shared work on. Contact support.",
            ),
        ),
    )


def _banner(icon: str, color: str, sentence: str) -> rx.Component:
    return rx.callout(sentence, icon=icon, color_scheme=color, role="alert", margin_bottom="1rem")


def _toast() -> rx.Component:
    return toasts(
        rx.cond(
            Visit.notice != "",
            rx.callout.root(
                rx.callout.icon(
                    rx.cond(Visit.notice_is_error, rx.icon("circle-alert", size=18), rx.icon("circle-check", size=18))
                ),
                rx.callout.text(Visit.notice),
                rx.icon_button(
                    rx.icon("x", size=14),
                    variant="ghost",
                    color_scheme="gray",
                    aria_label="Close",
                    on_click=Visit.dismiss,
                ),
                color_scheme=rx.cond(Visit.notice_is_error, "red", "green"),
                variant="surface",
                class_name=rx.cond(Visit.notice_is_error, "toast-in", "toast-in toast-passes"),
                key=Visit.notice_number.to_string(),
            ),
        ),
    )
