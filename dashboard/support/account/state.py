"""The page of an account for staff: what stands at its head, its people and keys, and what staff do to it."""

import uuid
from typing import Any

import reflex as rx

from core import support
from core.refusal import Refused
from core.reports import AccountId
from dashboard import routes
from dashboard.backend import backend
from dashboard.support.account.ledger import AccountLedgerState
from dashboard.support.account.rows import (
    NO_ACCOUNT,
    NOT_ASKED,
    AccountView,
    AskedRow,
    KeyRow,
    MemberRow,
    account_view,
    asked_row,
    key_row,
    member_row,
    signed,
)
from dashboard.support.desk import account_in_address, ask, query_of, reached, submitted
from dashboard.support.inputs import balance_after, change_of, id_of, reason_of, text_of
from dashboard.visit import Visit, action, loader
from dashboard.visitor import session
from dashboard.words import count, when

TABS = ("reports", "ledger", "people", "keys", "requests")
_DIALOGS = ("credits", "deactivate", "reactivate", "look")


class AccountState(Visit):
    """The account in the address. What is done, is done to the account that the page shows."""

    trouble: str = ""
    is_ready: bool = False
    is_missing: bool = False

    account: AccountView = NO_ACCOUNT
    members: list[MemberRow] = []
    keys: list[KeyRow] = []
    asked: AskedRow = NOT_ASKED
    tab: str = "reports"
    # What the page was opened by.
    _address: str = ""
    # Until when the reader looks at the account as its owner; empty: they do not.
    look_ends: str = ""
    # They did, and were sent here when it ended.
    look_has_ended: bool = False

    # The dialog that is open, and what was said against its form.
    dialog: str = ""
    problem: str = ""
    # The change of credits as it is typed; what it would come to, in words.
    change: str = ""
    after: str = ""
    change_label: str = "Change the balance"
    # The change that `after` speaks of; None: none that can be made.
    _previewed: int | None = None
    # One for each time the dialog was opened: sent twice, the change is made once.
    _form_key: str = ""

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Begins with the account of the address."""
        async with self:
            query = query_of(self)
            if str(account_in_address(self) or "") != self.account["id"]:
                self.is_ready, self.account = False, NO_ACCOUNT
            if self._address != (address := str(self.router.url)):
                # Opened, and not only begun anew after a lost connection.
                self._address, self.tab = address, query.get("tab", "") if query.get("tab") in TABS else TABS[0]
            self.dialog, self.problem, self.is_missing = "", "", False
            self.look_has_ended = query.get("ended") == "view"
        await _read(self)

    @rx.event(background=True)
    @loader
    async def refresh(self) -> None:
        """Reads it once more, with whatever is open left as it is."""
        await _read(self)

    @rx.event
    @action
    async def show_tab(self, tab: str) -> None:
        """Shows another part of the page."""
        self.tab = tab if tab in TABS else TABS[0]

    @rx.event
    @action
    async def show_dialog(self, name: str, is_open: bool) -> None:
        """Opens a dialog with an empty form, or closes it."""
        self.problem, self.change, self.after, self._previewed = "", "", "", None
        self.dialog = name if is_open is True and name in _DIALOGS else ""
        if self.dialog:
            self._form_key = uuid.uuid4().hex

    @rx.event
    @submitted
    async def preview(self, change: str) -> None:
        """Says what the balance would be after a change, of the balance as it is now."""
        self.change = text_of({"change": change}, "change")[:20]
        self.after, self._previewed = "", None
        if not self.change.strip(" +-\u2212"):
            return
        page = await ask(support.account_page, _shown(self))
        self.account, balance = account_view(page), page.account.credit_balance
        wanted = change_of(self.change)
        left = balance_after(balance, wanted)
        self._previewed = wanted
        self.after = f"{left:,}"
        self.change_label = f"{'Add' if wanted > 0 else 'Take'} {count(abs(wanted), 'credit')}"

    @rx.event
    @submitted
    async def adjust(self, form: dict[str, Any]) -> Any:
        """Changes the balance as it was previewed."""
        change, reason = change_of(text_of(form, "change")), reason_of(form)
        if change != self._previewed:
            raise Refused(409, "not_previewed", "Look at the balance afterwards first, then send it.")
        balance = await ask(support.adjust_credits, _shown(self), change, reason, self._form_key)
        self.dialog = ""
        self.say(f"{signed(change)} credits. The balance is {balance:,}.")
        return [AccountState.refresh, AccountLedgerState.load]

    @rx.event
    @submitted
    async def deactivate(self, form: dict[str, Any]) -> Any:
        """Keeps the account from making reports."""
        await ask(support.set_account_status, _shown(self), "deactivated", reason_of(form))
        self.dialog = ""
        self.say("The account is deactivated.")
        return AccountState.refresh

    @rx.event
    @submitted
    async def reactivate(self, form: dict[str, Any]) -> Any:
        """Lets the account make reports again."""
        await ask(support.set_account_status, _shown(self), "active", reason_of(form))
        self.dialog = ""
        self.say("The account is active again.")
        return AccountState.refresh

    @rx.event
    @submitted
    async def look(self, form: dict[str, Any]) -> None:
        """Looks at the account as its owner sees it, from its first page on."""
        await ask(support.start_view, _shown(self), reason_of(form))
        await _enter(self)

    @rx.event
    @action
    async def go_on_looking(self) -> None:
        """Shows the account once more as its owner sees it, while the view lasts."""
        await _enter(self)

    @rx.event
    @action
    async def end_look(self) -> Any:
        """Ends the view of this account."""
        account = _shown(self)
        for view in await ask(support.open_views):
            if view.account_id == account:
                await ask(support.end_view, view.id)
        self.say("You no longer look at the account.")
        return AccountState.refresh


def _shown(state: AccountState) -> AccountId:
    account = id_of(state.account["id"])
    if account is None:
        raise Refused(404, "no_such_account", "There is no such account.")
    return AccountId(account)


async def _enter(state: AccountState) -> None:
    if not await reached(backend().sessions.choose_account(session(), _shown(state))):
        raise Refused(409, "no_view", "You do not look at this account any more. Begin again, with a reason.")
    # A page of its own, with a state of its own: this tab is the account's from now on.
    state.leave = routes.OVERVIEW


async def _read(state: AccountState) -> None:
    async with state:
        account = account_in_address(state)
    page, views = await _find(account)
    async with state:
        if account_in_address(state) != account:
            # The reader has gone on to another account; its own reading is under way.
            return
        state.is_missing = page is None
        if page is None:
            state.account, state.members, state.keys, state.asked = NO_ACCOUNT, [], [], NOT_ASKED
            return
        state.account = account_view(page)
        state.members = [member_row(member) for member in page.members]
        state.keys = [key_row(key) for key in page.keys]
        state.asked = asked_row(page.open_credit_request)
        state.look_ends = next((when(view.expires_at) for view in views if view.account_id == account), "")


async def _find(account: AccountId | None) -> tuple[support.AccountPage | None, list[support.View]]:
    views = await ask(support.open_views)
    if account is None:
        return None, views
    try:
        return await ask(support.account_page, account), views
    except Refused as refused:
        if refused.status == 404:
            return None, views
        raise
