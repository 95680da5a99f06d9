"""What staff do to an account: each behind a button, in a dialog that asks why and says what follows."""

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.support.account.state import AccountState
from dashboard.support.dialogs import dialog_form, own_id, reason_field


def look_button() -> rx.Component:
    """Looking at the account as its owner."""
    state = AccountState
    return dialog_form(
        rx.button(rx.icon("eye", size=16, aria_hidden="true"), "Look as its owner", variant="soft"),
        reason_field(placeholder="They ask why their report of 3 May shows no pictures"),
        title="Look at this account as its owner",
        text=(
            "You see every page as its owner does, and can change nothing. It ends after 30 minutes, or when you stop. "
            "The audit log keeps that you looked, and why."
        ),
        submit="Look for 30 minutes",
        on_submit=state.look,
        is_open=state.dialog == "look",
        on_open_change=lambda is_open: state.show_dialog("look", is_open),
        problem=state.problem,
    )


def credits_button() -> rx.Component:
    """Adding and taking credits."""
    state = AccountState
    return dialog_form(
        rx.button(rx.icon("coins", size=16, aria_hidden="true"), "Adjust credits"),
        parts.field(
            "Credits to add, or to take with a minus",
            rx.input(
                name="change",
                value=state.change,
                on_change=state.preview,
                debounce_timeout=150,
                input_mode="text",
                auto_complete="off",
                placeholder="50 or -20",
                max_length=20,
                required=True,
                size="3",
                custom_attrs=own_id("change", "change-hint"),
            ),
            hint=_preview(),
            name="change",
        ),
        reason_field(hint="The customer sees it in their ledger.", placeholder="Invoice 2026-114, paid on 3 May"),
        title="Adjust credits",
        text="The change is booked at once. It stands in the ledger for good: only another change balances it.",
        submit=state.change_label,
        on_submit=state.adjust,
        is_open=state.dialog == "credits",
        on_open_change=lambda is_open: state.show_dialog("credits", is_open),
        problem=state.problem,
        is_off=state.after == "",
    )


def _preview() -> rx.Component:
    state = AccountState
    return rx.el.span(
        rx.el.span("Balance ", parts.thousands(state.account["balance"].to(int))),
        rx.cond(
            state.after != "",
            rx.fragment(
                rx.icon("arrow-right", size=15, aria_hidden="true"),
                rx.el.strong(rx.el.span("then ", class_name="unseen"), state.after),
            ),
        ),
        id="change-hint",
        role="status",
        class_name="desk-preview",
    )


def status_button() -> rx.Component:
    """Deactivating an account that is active, and the other way round."""
    state = AccountState
    return rx.cond(
        state.account["status"] == "active",
        dialog_form(
            rx.button(rx.icon("ban", size=16, aria_hidden="true"), "Deactivate", variant="soft", color_scheme="red"),
            _what_follows(
                "The API answers 403 to its keys from the next request on.",
                "Nobody of the account can make a report or invite people. They can sign in and look, and a banner "
                "tells them to write to you.",
                "Reports that run are finished. Links already shared work on.",
                "You can reactivate it at any time; nothing is lost.",
            ),
            reason_field(hint="The audit log keeps it; the customer does not see it."),
            title="Deactivate this account",
            text="What follows:",
            submit="Deactivate",
            on_submit=state.deactivate,
            is_open=state.dialog == "deactivate",
            on_open_change=lambda is_open: state.show_dialog("deactivate", is_open),
            problem=state.problem,
            danger=True,
        ),
        dialog_form(
            rx.button(rx.icon("rotate-ccw", size=16, aria_hidden="true"), "Reactivate", variant="soft"),
            reason_field(hint="The audit log keeps it; the customer does not see it."),
            title="Reactivate this account",
            text="Its keys work again from the next request on, and its people can make reports.",
            submit="Reactivate",
            on_submit=state.reactivate,
            is_open=state.dialog == "reactivate",
            on_open_change=lambda is_open: state.show_dialog("reactivate", is_open),
            problem=state.problem,
        ),
    )


def _what_follows(*sentences: str) -> rx.Component:
    return rx.el.ul(*[rx.el.li(sentence) for sentence in sentences], class_name="follows", color=theme.INK)
