"""What accounts ask for when they are out of credits: staff approve or decline, and read what was decided."""

from typing import Any, TypedDict
from uuid import UUID

import reflex as rx

from core import support
from core.refusal import Refused
from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.support.desk import ask, submitted
from dashboard.support.dialogs import dialog_form, meant, own_id, reason_field
from dashboard.support.inputs import dialog_of, grant_of, id_of, reason_of, text_of
from dashboard.visit import Visit, action, loader
from dashboard.words import ago, count, when

_STATUSES = {"approved": "Approved", "declined": "Declined"}
_WIDE = ["none", "none", "none", "table-cell"]


class OpenRow(TypedDict):
    """A request that waits for an answer."""

    id: str
    href: str
    account: str
    balance: str
    asked: str
    credits: str
    message: str
    by: str
    when: str


class DecidedRow(TypedDict):
    """A request that was answered."""

    id: str
    href: str
    account: str
    status: str
    asked: str
    by: str
    note: str
    decided_by: str
    when: str


class CreditRequestsState(Visit):
    """Requests, at most 100: the open ones, the oldest first, then those that were decided last."""

    trouble: str = ""
    is_ready: bool = False
    open: list[OpenRow] = []
    decided: list[DecidedRow] = []
    dialog: str = ""
    problem: str = ""

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads them all."""
        async with self:
            self.dialog, self.problem = "", ""
        await _read(self)

    @rx.event(background=True)
    @loader
    async def refresh(self, _moment: str = "") -> None:
        """Reads them once more, with an open form left as it is."""
        await _read(self)

    @rx.event
    @action
    async def show_dialog(self, name: str, is_open: bool) -> None:
        """Opens the dialog `approve:<request>` or `decline:<request>` with a new form, or closes it."""
        self.problem = ""
        self.dialog = dialog_of(name, is_open, ("approve", "decline"))

    @rx.event
    @submitted
    async def approve(self, form: dict[str, Any]) -> Any:
        """Grants credits."""
        credits, note = grant_of(text_of(form, "credits")), reason_of(form, "note")
        balance = await ask(support.decide_credit_request, _request(form), approve=True, note=note, credits=credits)
        self.dialog = ""
        self.say(f"{count(credits, 'credit')} granted. The balance is {balance:,}.")
        return CreditRequestsState.refresh

    @rx.event
    @submitted
    async def decline(self, form: dict[str, Any]) -> Any:
        """Grants nothing."""
        note = reason_of(form, "note")
        await ask(support.decide_credit_request, _request(form), approve=False, note=note)
        self.dialog = ""
        self.say("The request is declined.")
        return CreditRequestsState.refresh


def _request(form: object) -> UUID:
    found = id_of(text_of(form, "request"))
    if found is None:
        raise Refused(404, "no_such_request", "There is no such request.")
    return found


async def _read(state: CreditRequestsState) -> None:
    found = await ask(support.list_credit_requests)
    async with state:
        state.open = [_open_row(request) for request in found if request.status == "open"]
        state.decided = [_decided_row(request) for request in found if request.status != "open"]


def _open_row(request: support.CreditRequest) -> OpenRow:
    return OpenRow(
        id=str(request.id),
        href=routes.support_account(str(request.account_id)),
        account=request.account_name,
        balance=count(request.credit_balance, "credit"),
        asked=count(request.credits, "credit"),
        credits=str(request.credits),
        message=request.message or "",
        by=request.requested_by or "somebody who is gone",
        when=ago(request.created_at),
    )


def _decided_row(request: support.CreditRequest) -> DecidedRow:
    return DecidedRow(
        id=str(request.id),
        href=routes.support_account(str(request.account_id)),
        account=request.account_name,
        status=_STATUSES.get(request.status, request.status),
        asked=count(request.credits, "credit"),
        by=request.requested_by or "somebody who is gone",
        note=request.decision_note or "",
        decided_by=request.decided_by or "somebody who is gone",
        when=when(request.decided_at),
    )


def credit_requests() -> rx.Component:
    """The page."""
    state = CreditRequestsState
    return shell(
        rx.moment(interval=15_000, on_change=state.refresh, display="none"),
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_ready,
            rx.flex(
                rx.cond(
                    state.open.length() > 0,
                    rx.flex(rx.foreach(state.open, _card), direction="column", gap="0.75rem"),
                    rx.cond(
                        state.trouble == "",
                        parts.empty("inbox", "Nobody is waiting", "When an account asks for credits, it stands here."),
                    ),
                ),
                rx.cond(state.decided.length() > 0, _decided()),
                direction="column",
                gap="2rem",
            ),
            rx.cond(state.trouble == "", parts.skeleton_rows(4)),
        ),
        title="Credit requests",
        text="The customer sees your answer and its note on their Credits page.",
    )


def _card(request: rx.Var[Any]) -> rx.Component:
    return rx.card(
        rx.flex(
            rx.box(
                rx.heading(request["asked"], as_="h2", size="4"),
                rx.text(
                    "for ",
                    rx.link(rx.el.bdi(request["account"]), href=request["href"], underline="always"),
                    ", which has ", request["balance"], " now",
                    size="2",
                ),
                rx.cond(
                    request["message"] != "",
                    rx.el.blockquote(request["message"], dir="auto", class_name="asked"),
                ),
                rx.text(request["by"], ", ", request["when"], size="1", color=theme.SOFT, class_name="desk-break"),
                min_width="0",
                flex="1 1 16rem",
            ),
            rx.flex(_approve(request), _decline(request), gap="0.5rem", wrap="wrap"),
            justify="between",
            align="start",
            gap="1rem",
            wrap="wrap",
        ),
        size="3",
        key=request["id"],
    )  # fmt: skip


def _approve(request: rx.Var[Any]) -> rx.Component:
    state = CreditRequestsState
    return dialog_form(
        rx.button(rx.icon("check", size=16, aria_hidden="true"), "Approve"),
        meant("request", request["id"]),
        parts.field(
            "Credits to grant",
            rx.input(
                name="credits", default_value=request["credits"], input_mode="numeric", auto_complete="off",
                max_length=12, required=True, size="3", custom_attrs=own_id("credits", "credits-hint"),
            ),
            hint=rx.el.span(
                "They ask for ", request["asked"], " and have ", request["balance"], " now.", id="credits-hint",
            ),
            name="credits",
        ),
        reason_field("Note", "The customer sees it.", "note", "Invoice 2026-114. Thank you for staying with us."),
        title="Grant credits",
        text="They are booked at once, and stand in the ledger with your note.",
        submit="Grant credits",
        on_submit=state.approve,
        is_open=state.dialog == "approve:" + request["id"],
        on_open_change=lambda is_open: state.show_dialog("approve:" + request["id"], is_open),
        problem=state.problem,
    )  # fmt: skip


def _decline(request: rx.Var[Any]) -> rx.Component:
    state = CreditRequestsState
    return dialog_form(
        rx.button("Decline", variant="soft", color_scheme="gray"),
        meant("request", request["id"]),
        reason_field("Note", "The customer sees it: say what they can do instead.", "note"),
        title="Decline this request",
        text="Nothing is booked. The account can ask again.",
        submit="Decline",
        on_submit=state.decline,
        is_open=state.dialog == "decline:" + request["id"],
        on_open_change=lambda is_open: state.show_dialog("decline:" + request["id"], is_open),
        problem=state.problem,
        danger=True,
    )


def _decided() -> rx.Component:
    return rx.box(
        rx.heading("Decided", as_="h2", size="4", margin_bottom="0.5rem"),
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("Account"),
                    rx.table.column_header_cell("Answer"),
                    rx.table.column_header_cell("By", display=_WIDE),
                    rx.table.column_header_cell("When", display=_WIDE),
                )
            ),
            rx.table.body(rx.foreach(CreditRequestsState.decided, _decided_row_view)),
            width="100%",
            class_name="desk-table",
        ),
    )


def _decided_row_view(request: rx.Var[Any]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.link(rx.el.bdi(request["account"]), href=request["href"], underline="always", class_name="desk-strong"),
            rx.el.span("Asked for ", request["asked"], " (", request["by"], ")", class_name="desk-soft desk-break"),
            rx.cond(
                request["note"] != "",
                rx.el.span("\u201c", rx.el.bdi(request["note"]), "\u201d", class_name="desk-soft desk-break"),
            ),
            rx.el.span(request["when"], " · ", request["decided_by"], class_name="desk-soft only-narrow"),
        ),
        rx.table.cell(
            rx.cond(
                request["status"] == "Approved",
                rx.badge(rx.icon("check", size=12, aria_hidden="true"), "Approved", color_scheme="green"),
                rx.badge(rx.icon("x", size=12, aria_hidden="true"), "Declined", color_scheme="gray"),
            )
        ),
        rx.table.cell(request["decided_by"], display=_WIDE, class_name="desk-break"),
        rx.table.cell(request["when"], display=_WIDE, white_space="nowrap"),
        key=request["id"],
    )
