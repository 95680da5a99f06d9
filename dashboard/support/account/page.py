"""The page of an account for staff, part by part."""

from typing import Any

import reflex as rx

from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.support.account.actions import credits_button, look_button, status_button
from dashboard.support.account.api_requests import api_requests
from dashboard.support.account.ledger import ledger
from dashboard.support.account.report_views import reports
from dashboard.support.account.state import AccountState
from dashboard.support.dialogs import mono

_WIDE = ["none", "none", "none", "table-cell"]


def account() -> rx.Component:
    """The page."""
    state = AccountState
    is_there = state.account["id"] != ""
    return shell(
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_missing,
            parts.empty(
                "search-x",
                "There is no such account",
                "The address may be cut off. Look for the account by a name or an e-mail address.",
                parts.link_button("Find an account", routes.SUPPORT, "search", variant="soft"),
            ),
            rx.cond(
                is_there,
                rx.flex(_notes(), _numbers(), _tabs(), direction="column", gap="1.25rem"),
                rx.cond(state.trouble == "", parts.skeleton_rows(7)),
            ),
        ),
        title=rx.cond(
            is_there,
            rx.el.bdi(state.account["name"]),
            rx.cond(state.is_missing, "Account not found", "Account"),
        ),
        text=rx.cond(is_there, _facts(), rx.fragment()),
        actions=[
            rx.cond(
                is_there & (state.account["status"] != "deleted"),
                rx.fragment(look_button(), credits_button(), status_button()),
            )
        ],
    )


def _facts() -> rx.Component:
    account = AccountState.account
    return rx.el.span(
        rx.match(
            account["status"],
            ("active", rx.badge(rx.icon("check", size=12, aria_hidden="true"), "Active", color_scheme="green")),
            ("deactivated", rx.badge(rx.icon("ban", size=12, aria_hidden="true"), "Deactivated", color_scheme="red")),
            rx.badge("Deleted", color_scheme="gray"),
        ),
        rx.el.span("Since ", account["created"]),
        mono(account["id"]),
        rx.link(
            "Audit log", href=f"{routes.SUPPORT_AUDIT}?account={account['id']}", underline="always",
        ),
        class_name="desk-facts",
    )  # fmt: skip


def _notes() -> rx.Component:
    """What staff must know before anything else."""
    state, account = AccountState, AccountState.account
    return rx.fragment(
        rx.cond(
            account["status"] == "deleted",
            rx.callout(
                f"This account was deleted on {account['deleted']}. Its ledger and its audit log stay, without names.",
                icon="trash-2",
                color_scheme="gray",
            ),
        ),
        rx.cond(
            state.look_ends != "",
            rx.callout.root(
                rx.callout.icon(rx.icon("eye", size=18, aria_hidden="true")),
                rx.callout.text("You look at this account as its owner sees it, until ", state.look_ends, "."),
                rx.flex(
                    rx.button("Show it", variant="soft", color_scheme="purple", on_click=state.go_on_looking),
                    rx.button("End it", variant="soft", color_scheme="gray", on_click=state.end_look),
                    gap="0.5rem",
                ),
                color_scheme="purple",
            ),
            rx.cond(
                state.look_has_ended,
                rx.callout(
                    "You no longer look at this account as its owner: 30 minutes have passed, or it was ended.",
                    icon="eye-off",
                    color_scheme="purple",
                    role="status",
                ),
            ),
        ),
        rx.cond(
            state.asked["id"] != "",
            rx.callout.root(
                rx.callout.icon(rx.icon("inbox", size=18, aria_hidden="true")),
                rx.callout.text(
                    rx.el.strong("Asks for ", state.asked["credits"]),
                    rx.cond(
                        state.asked["message"] != "",
                        rx.fragment(": \u201c", rx.el.bdi(state.asked["message"]), "\u201d"),
                    ),
                    " (", state.asked["by"], ", ", state.asked["when"], ")",
                ),
                parts.link_button(
                    "Decide", routes.SUPPORT_REQUESTS, variant="soft", color_scheme="amber", width="fit-content"
                ),
                color_scheme="amber",
                class_name="with-action",
            ),
        ),
    )  # fmt: skip


def _numbers() -> rx.Component:
    account = AccountState.account
    return rx.grid(
        parts.stat("Credits", parts.thousands(account["balance"].to(int)), "the balance now", icon="coins"),
        parts.stat("Running", account["running"], "reports", icon="loader"),
        parts.stat("Ready", account["completed"], "reports", icon="check"),
        parts.stat("Failed", account["failed"], f"reports; {account['links']} in all", icon="x"),
        columns=rx.breakpoints(initial="2", md="4"),
        gap="0.75rem",
    )


def _tabs() -> rx.Component:
    state = AccountState
    return rx.tabs.root(
        rx.tabs.list(
            rx.tabs.trigger("Reports", value="reports"),
            rx.tabs.trigger("Ledger", value="ledger"),
            rx.tabs.trigger("People", value="people"),
            rx.tabs.trigger("API keys", value="keys"),
            rx.tabs.trigger("API requests", value="requests"),
            custom_attrs={"aria-label": "Parts of the account"},
        ),
        rx.tabs.content(reports(), value="reports", class_name="desk-tab"),
        rx.tabs.content(ledger(), value="ledger", class_name="desk-tab"),
        rx.tabs.content(_people(), value="people", class_name="desk-tab"),
        rx.tabs.content(_keys(), value="keys", class_name="desk-tab"),
        rx.tabs.content(api_requests(), value="requests", class_name="desk-tab"),
        value=state.tab,
        on_change=state.show_tab,
    )


def _people() -> rx.Component:
    members = AccountState.members
    return rx.cond(
        members.length() > 0,
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("Person"),
                    rx.table.column_header_cell("Role"),
                    rx.table.column_header_cell("Joined", display=_WIDE),
                    rx.table.column_header_cell("Seen", display=_WIDE),
                )
            ),
            rx.table.body(rx.foreach(members, _member)),
            width="100%",
            class_name="desk-table",
        ),
        parts.empty("users", "Nobody", "This account has no people any more."),
    )


def _member(member: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.cond(member["name"] != "", rx.el.span(member["name"], class_name="desk-strong", dir="auto")),
            rx.el.span(member["email"], class_name="desk-break"),
            rx.el.span("Joined ", member["joined"], " · seen ", member["seen"], class_name="desk-soft only-narrow"),
        ),
        rx.table.cell(rx.badge(member["role"], color_scheme=rx.cond(member["role"] == "Owner", theme.ACCENT, "gray"))),
        rx.table.cell(member["joined"], display=_WIDE, white_space="nowrap"),
        rx.table.cell(member["seen"], display=_WIDE, white_space="nowrap"),
        key=member["id"],
    )


def _keys() -> rx.Component:
    keys = AccountState.keys
    return rx.cond(
        keys.length() > 0,
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("Key"),
                    rx.table.column_header_cell("Status"),
                    rx.table.column_header_cell("Last used", display=_WIDE),
                    rx.table.column_header_cell("Requests", justify="end", display=_WIDE),
                    rx.table.column_header_cell("Made", display=_WIDE),
                )
            ),
            rx.table.body(rx.foreach(keys, _key)),
            width="100%",
            class_name="desk-table",
        ),
        parts.empty("key-round", "No API keys", "Nobody has made one, so this account works in the browser alone."),
    )


def _key(key: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.el.span(key["name"], class_name="desk-strong", dir="auto"),
            mono(key["prefix"]),
            rx.el.span(
                "Used ",
                key["used"],
                " · made ",
                key["created"],
                " · ",
                key["requests"],
                " requests",
                class_name="desk-soft only-narrow",
            ),
        ),
        rx.table.cell(
            rx.cond(
                key["revoked"] != "",
                rx.badge("Revoked ", key["revoked"], color_scheme="gray"),
                rx.badge("Active", color_scheme="green"),
            )
        ),
        rx.table.cell(key["used"], display=_WIDE, white_space="nowrap"),
        rx.table.cell(key["requests"], justify="end", display=_WIDE, class_name="desk-number"),
        rx.table.cell(
            rx.el.span(key["created"], white_space="nowrap"),
            rx.el.span(key["created_by"], class_name="desk-soft desk-break"),
            display=_WIDE,
        ),
        key=key["id"],
    )
