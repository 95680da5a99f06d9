"""The page of credits."""

from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.pages.credits.state import MOST_CREDITS, CreditsState

_NUMBERS = {"font_variant_numeric": "tabular-nums"}
_WRAP = {"overflow_wrap": "anywhere"}
_FROM_MEDIUM = ["none", "none", "table-cell"]
_BELOW_MEDIUM = ["block", "block", "none"]


def credits() -> rx.Component:
    """Balance, prices, more credits, and the ledger."""
    return shell(
        parts.trouble(CreditsState.trouble, CreditsState.load),
        rx.cond(
            CreditsState.request["status"] == "open",
            rx.moment(interval=3000, on_change=CreditsState.follow, display="none"),
        ),
        rx.cond(
            CreditsState.is_ready,
            rx.cond(CreditsState.trouble == "", _content()),
            parts.skeleton_rows(6),
        ),
        title="Credits",
        text="Reports cost credits. Here is what you have, and where every one of them went.",
    )


def _content() -> rx.Component:
    return rx.vstack(
        rx.grid(
            rx.vstack(_balance(), _more(), spacing="4", align="stretch"),
            _prices(),
            columns=rx.breakpoints(initial="1", md="2"),
            gap="1rem",
            width="100%",
        ),
        _ledger(),
        spacing="5",
        width="100%",
        align="stretch",
    )


# -- Balance and prices ---------------------------------------------------------------------------------------------


def _balance() -> rx.Component:
    return parts.card(
        rx.text("Balance", size="2", color=theme.SOFT),
        rx.flex(
            rx.text(parts.thousands(CreditsState.balance), size="9", weight="bold", style=_NUMBERS, id="balance"),
            rx.text(rx.cond(CreditsState.balance == 1, "credit", "credits"), size="4", color=theme.SOFT),
            align="baseline",
            gap="0.5rem",
            # The comma of thousands hangs below its line.
            margin_bottom="0.35rem",
        ),
        rx.text(
            CreditsState.balance_words,
            size="2",
            color=rx.cond(CreditsState.balance == 0, rx.color("amber", 11), theme.SOFT),
        ),
    )


def _prices() -> rx.Component:
    return parts.card(
        rx.el.dl(
            rx.foreach(
                CreditsState.prices,
                lambda price: rx.flex(
                    rx.el.dt(price["links"]),
                    rx.el.dd(price["credits"], style={"margin": "0", "font_weight": "500", **_NUMBERS}),
                    justify="between",
                    gap="1rem",
                    padding="0.55rem 0",
                    border_top=f"1px solid {theme.LINE}",
                    font_size="0.93rem",
                ),
            ),
            style={"margin": "0"},
        ),
        rx.text(
            "Duplicates and links we refuse are not counted. A report of which nothing could be captured gives its "
            "credits back.",
            size="1",
            color=theme.SOFT,
            margin_top="0.75rem",
        ),
        title="What a report costs",
        text="You pay by the number of links, when the report is made.",
    )


# -- More credits ---------------------------------------------------------------------------------------------------


def _more() -> rx.Component:
    return parts.card(
        _answer(),
        rx.cond(
            CreditsState.is_manager,
            rx.cond(CreditsState.request["status"] == "open", _open_request(), _form()),
            rx.text(
                rx.cond(
                    CreditsState.is_viewer,
                    "You are looking at this account: its own people ask for credits.",
                    "Ask an owner or admin of this account for more credits.",
                ),
                size="2",
            ),
        ),
        title="Get more credits",
    )


def _answer() -> rx.Component:
    """What support said to the newest request."""
    request: Any = CreditsState.request
    return rx.match(
        request["status"],
        ("approved", _callout("circle-check", "green", f"Approved on {request['decided']}: {request['credits']}.")),
        ("declined", _callout("circle-x", "red", f"Declined on {request['decided']}: {request['credits']}.")),
        rx.fragment(),
    )


def _callout(icon: str, color: str, sentence: Any) -> rx.Component:
    return rx.callout.root(
        rx.callout.icon(rx.icon(icon, size=18, aria_hidden="true")),
        rx.callout.text(
            sentence,
            rx.cond(
                CreditsState.request["note"] != "",
                rx.el.span("“", CreditsState.request["note"], "”", style={"display": "block", "margin_top": "0.25rem"}),
            ),
        ),
        color_scheme=color,
        size="1",
        margin_bottom="1rem",
    )


def _open_request() -> rx.Component:
    request: Any = CreditsState.request
    return rx.box(
        rx.flex(
            rx.badge(rx.icon("clock", size=12, aria_hidden="true"), "Waiting for support", color_scheme="amber"),
            rx.text(f"Asked on {request['asked']}", size="2", color=theme.SOFT),
            gap="0.6rem",
            align="center",
            wrap="wrap",
        ),
        rx.text(request["credits"], size="5", weight="medium", margin_top="0.6rem"),
        rx.cond(
            request["message"] != "",
            rx.text(request["message"], size="2", color=theme.SOFT, style={"white_space": "pre-line", **_WRAP}),
        ),
        parts.confirm(
            rx.button("Withdraw", variant="soft", color_scheme="gray", margin_top="0.9rem"),
            title="Withdraw the request?",
            text="Support does not see it any more. You can ask again at any time.",
            action="Withdraw",
            on_confirm=CreditsState.withdraw(request["id"]),
        ),
    )


def _form() -> rx.Component:
    return rx.form(
        rx.vstack(
            parts.field(
                "How many credits",
                rx.input(
                    id="credits", name="credits", type="number", min="1", max=str(MOST_CREDITS), step="1",
                    required=True, placeholder="100", size="3", input_mode="numeric",
                ),
                name="credits",
            ),
            parts.field(
                "Message to support (optional)",
                rx.text_area(
                    id="message", name="message", max_length=500, rows="3", size="3",
                    placeholder="What you need them for, and where to send the invoice.",
                ),
                name="message",
            ),
            rx.button(rx.icon("send", size=16, aria_hidden="true"), "Ask for credits", type="submit", size="3"),
            spacing="3",
            align="start",
        ),
        on_submit=CreditsState.ask,
        reset_on_submit=True,
    )  # fmt: skip


# -- Ledger ---------------------------------------------------------------------------------------------------------


def _ledger() -> rx.Component:
    return parts.card(
        rx.flex(
            rx.box(
                rx.heading("Ledger", as_="h2", size="4"),
                rx.text("Every change of the balance, the newest first.", size="2", color=theme.SOFT),
            ),
            parts.download_button("Download CSV", f"/api/portal/ledger.csv?account={CreditsState.account_id}"),
            justify="between",
            align="start",
            gap="1rem",
            wrap="wrap",
            margin_bottom="0.75rem",
        ),
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("Date", display=_FROM_MEDIUM),
                    rx.table.column_header_cell("What"),
                    rx.table.column_header_cell("Who", display=_FROM_MEDIUM),
                    rx.table.column_header_cell("Credits", text_align="right"),
                    rx.table.column_header_cell("Balance", text_align="right"),
                )
            ),
            rx.table.body(rx.foreach(CreditsState.entries, _row)),
            width="100%",
            size="2",
        ),
        rx.cond(CreditsState.has_newer | CreditsState.has_older, _paging()),
    )


def _row(entry: Any) -> rx.Component:
    return rx.table.row(
        rx.table.cell(entry["when"], display=_FROM_MEDIUM, color=theme.SOFT, style={"white_space": "nowrap"}),
        rx.table.row_header_cell(
            rx.text(
                entry["entry"],
                rx.cond(entry["report"] != "", ": ", ""),
                rx.cond(entry["link"] != "", rx.link(entry["report"], href=entry["link"]), entry["report"]),
                weight="medium",
                style=_WRAP,
            ),
            rx.cond(
                (entry["note"] != "") & (entry["note"] != "Welcome"),
                rx.text(entry["note"], size="1", color=theme.SOFT, style={"white_space": "pre-line", **_WRAP}),
            ),
            rx.text(
                entry["when"], " · ", entry["who"],
                size="1", color=theme.SOFT, display=_BELOW_MEDIUM, weight="regular", style=_WRAP,
            ),
        ),
        rx.table.cell(entry["who"], display=_FROM_MEDIUM, style=_WRAP),
        rx.table.cell(
            entry["delta"],
            text_align="right",
            color=rx.cond(entry["is_gain"], rx.color("green", 11), theme.INK),
            style=_NUMBERS,
        ),
        rx.table.cell(entry["balance"], text_align="right", style=_NUMBERS),
        align="center",
    )  # fmt: skip


def _paging() -> rx.Component:
    return rx.el.nav(
        rx.button(
            rx.icon("chevron-left", size=16, aria_hidden="true"), "Newer",
            on_click=CreditsState.newer, disabled=~CreditsState.has_newer, variant="soft", color_scheme="gray",
        ),
        rx.button(
            "Older", rx.icon("chevron-right", size=16, aria_hidden="true"),
            on_click=CreditsState.older, disabled=~CreditsState.has_older, variant="soft", color_scheme="gray",
        ),
        aria_label="Pages of the ledger",
        style={"display": "flex", "justify_content": "space-between", "margin_top": "1rem"},
    )  # fmt: skip
