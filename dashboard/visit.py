"""Who looks at this tab, and at which account: the state that every page builds on.

Every public method of a state can be called by anyone who is signed in, with any arguments. Who they are, the gate
has checked (`dashboard/gate.py`); what they may do, the database decides.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

import psycopg
import reflex as rx

from core import support
from core.identity import IdentityAway
from core.log import get_logger
from core.people import PATIENCE_SECONDS, Away
from core.refusal import Refused
from core.sessions import Session, SignedOut
from dashboard import routes
from dashboard.backend import backend
from dashboard.visitor import session

log = get_logger(__name__)

AWAY = "We cannot reach our database right now. Nothing was lost. Try again in a moment."


async def call(function: str, *, patience: float = PATIENCE_SECONDS, **arguments: Any) -> Any:
    """A function of the database, as the user of this tab. Raises `Refused`, `Away` and `SignedOut`."""
    return await backend().people.call(await _token(session()), function, arguments, patience=patience)


async def rows(table: str, columns: str, where: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """Rows that the user of this tab may see. Raises `Refused`, `Away` and `SignedOut`."""
    return await backend().people.rows(await _token(session()), table, columns, where, **options)


async def _token(user: Session) -> str:
    try:
        return await backend().sessions.access_token(user)
    except (IdentityAway, psycopg.OperationalError):
        raise Away from None


Handler = Callable[..., Awaitable[Any]]


def action(handler: Handler) -> Handler:
    """A handler that changes something: what the database says against it becomes a toast. `rx.event` goes outside."""

    @functools.wraps(handler)
    async def answered(self: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return await handler(self, *arguments, **named)
        except Refused as refused:
            self.say(refused.sentence, error=True)
        except (Away, psycopg.OperationalError):
            self.say(AWAY, error=True)
        except SignedOut:
            self.leave = "/sign-in"
        except Exception as error:
            log.exception("unexpected error", handler=handler.__qualname__, error=type(error).__name__)
            self.say(BROKEN, error=True)
        return None

    return answered


def loader(handler: Handler) -> Handler:
    """A background handler that fills a page whose state has `trouble` and `is_ready`.

    It holds no lock while it waits, so a slow database keeps nothing else on the page from working.
    """

    @functools.wraps(handler)
    async def loaded(self: Any, *arguments: Any, **named: Any) -> None:
        trouble = ""
        try:
            await handler(self, *arguments, **named)
        except Refused as refused:
            trouble = refused.sentence
        except (Away, psycopg.OperationalError):
            trouble = AWAY
        except SignedOut:
            async with self:
                self.leave = "/sign-in"
            return
        except Exception as error:
            # Without a word the page would wait for ever.
            log.exception("unexpected error", handler=handler.__qualname__, error=type(error).__name__)
            trouble = BROKEN
        async with self:
            self.trouble = trouble
            self.is_ready = True

    return loaded


BROKEN = "This did not work, and it is our fault. Try again; if it stays, tell support when it happened."


class Choice(TypedDict):
    """An account that the user can switch to."""

    id: str
    name: str
    role: str


class Visit(rx.State):
    """The tab: its user, its account, and what it has to tell. The gate writes it, pages read it."""

    email: str = ""
    name: str = ""
    # system, light or dark; empty until the user has chosen
    theme: str = ""
    is_staff: bool = False
    account_id: str = ""
    account_name: str = ""
    account_active: bool = True
    # owner, admin or member; viewer: staff who look at somebody's account
    role: str = ""
    balance: int = 0
    view_ends: str = ""
    accounts: list[Choice] = []

    # What the last action came to, shown as a toast; `notice_number` tells two of the same words apart.
    notice: str = ""
    notice_is_error: bool = False
    notice_number: int = 0

    # Where the browser goes next, leaving the app; and that nobody can be asked who this is.
    leave: str = ""
    is_away: bool = False

    # Whose tab this is: a digest of the cookie of its session.
    _bound: str = ""

    @rx.var
    def is_manager(self) -> bool:
        """Whether the user may manage keys, members and branding."""
        return self.role in ("owner", "admin")

    @rx.var
    def is_owner(self) -> bool:
        """Whether the user is an owner."""
        return self.role == "owner"

    @rx.var
    def is_viewer(self) -> bool:
        """Whether this is staff who may look and not touch."""
        return self.role == "viewer"

    @rx.event
    async def pulse(self, _moment: str = "") -> None:
        """Does nothing but pass the gate: a tab whose session has ended notices it within 2 s."""

    @rx.event
    @action
    async def switch_account(self, account_id: str) -> None:
        """Shows another account of the user, in this tab and in those opened from now on; if it can, the same page."""
        user = session()
        account = next((own.account_id for own in user.memberships if str(own.account_id) == account_id), None)
        if account is None or not await backend().sessions.choose_account(user, account):
            self.say("You do not belong to this account any more.", error=True)
            return
        # A new page, and a state of its own: nothing of the other account stays in the tab.
        self.leave = routes.in_another_account(f"/{self.router.url.path.strip('/')}")

    @rx.event
    @action
    async def stop_looking(self) -> None:
        """Staff have seen enough of the account."""
        user = session()
        view = next((view for view in user.views if str(view.account_id) == self.account_id), None)
        if view is not None:
            await support.end_view(backend().db, support.StaffId(user.user_id), view.id)
            self.leave = routes.support_account(self.account_id)

    @rx.event
    async def dismiss(self) -> None:
        """Takes the toast away."""
        self.notice = ""

    def say(self, sentence: str, *, error: bool = False) -> None:
        """Shows a toast."""
        self.notice, self.notice_is_error = sentence, error
        self.notice_number += 1
