"""The gate: no event passes, not even the first of a page, unless its browser is signed in."""

from uuid import UUID

import psycopg
import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, State, StateUpdate
from reflex_base.event import Event

from core.reports import AccountId
from core.sessions import Session, session_cookie
from dashboard import routes
from dashboard.backend import backend
from dashboard.events import OPENING
from dashboard.tabs import Tabs, refusal
from dashboard.visit import Choice, Visit
from dashboard.visitor import set_session
from dashboard.words import when

# In the full name of every handler of the support area, whatever page it is sent from.
_SUPPORT = ".dashboard___support___"


class SessionGate(Middleware):
    """Looks the session up for every event. Reflex keeps what a tab looks at by a number in the tab: whoever brings
    that number with another cookie, or with none, gets nothing of it."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """An update that ends the event here, or None."""
        root = state._get_root_state()
        assert isinstance(root, State)
        visit = await root.get_state(Visit)
        tabs = app.event_namespace
        assert isinstance(tabs, Tabs)
        was_away = visit.is_away
        try:
            refused = await _refused(visit, event)
        except psycopg.OperationalError:
            # Kept as well as sent: what is not known to be shown would never be taken away.
            visit.is_away = True
            return refusal(is_away=True)
        if refused is None:
            tabs.admit(visit.router.session.session_id)
            if was_away and not root.is_hydrated and event.name != OPENING:
                # It went away while the page opened, which would wait for ever.
                opening = Event(name=OPENING, router_data=event.router_data)
                await app.event_processor.enqueue(visit.router.session.client_token, opening)
        else:
            tabs.shut_out(visit.router.session.session_id)
        return refused


async def _refused(visit: Visit, event: Event) -> StateUpdate | None:
    # Of the cookie itself only a digest comes here: see `dashboard/sockets.py`.
    bound = session_cookie(visit.router.headers.cookie) or ""
    # A new page begins with the account that was chosen last, perhaps a moment ago at another process.
    as_of_now = event.name == OPENING or event.name.endswith(".pulse")
    found = await backend().sessions.find_digest(bytes.fromhex(bound), now=as_of_now)
    if found is None:
        return refusal(leave=routes.sign_in(str(visit.router.url)))
    if visit._bound not in ("", bound):
        # What this tab holds is somebody else's: it begins anew.
        return refusal(leave=routes.wanted(str(visit.router.url)))
    path = visit.router.url.path or "/"
    if not found.is_staff and (routes.is_support(path) or _SUPPORT in event.name):
        return refusal(leave="/")
    if found.home is None and not visit.account_id and not routes.is_support(path):
        # The front door leads on whoever belongs to no account.
        return refusal(leave="/")
    visit._bound = bound
    set_session(found)
    if event.name == OPENING and visit.notice:
        # What an action came to was told on the page before.
        visit.notice = ""
    return None if _place(visit, found) else refusal(leave=_instead(visit, found))


def _place(visit: Visit, found: Session) -> bool:
    """Writes who this is and where they are. False: the tab's account is no longer theirs to see."""
    account = AccountId(UUID(visit.account_id)) if visit.account_id else found.home
    membership, view = found.membership(account), found.view(account)
    here = membership or view
    if (visit.account_id and here is None) or (visit.is_staff and not found.is_staff):
        # Nothing is written: who does not leave, stays outside. What staff had on their pages goes with the tab.
        return False
    role = membership.role if membership else "viewer" if view else ""
    _write(
        visit,
        email=found.email,
        name=found.name,
        theme=found.theme,
        is_staff=found.is_staff,
        accounts=[Choice(id=str(own.account_id), name=own.name, role=own.role) for own in found.memberships],
        account_id=str(here.account_id) if here else "",
        account_name=here.name if here else "",
        account_active=here.active if here else True,
        role=role,
        view_ends=when(view.expires_at) if view and role == "viewer" else "",
        balance=here.balance if here else 0,
        is_away=False,
    )
    return True


def _instead(visit: Visit, found: Session) -> str:
    """Where a tab goes on whose account is no longer theirs to see."""
    if not found.is_staff:
        return routes.OVERVIEW
    if routes.is_support(visit.router.url.path):
        # Their work there goes on.
        return routes.wanted(str(visit.router.url))
    return routes.look_ended(visit.account_id) if visit.role == "viewer" else routes.OVERVIEW


def _write(visit: Visit, **values: object) -> None:
    # A var that is written is sent, changed or not.
    for name, value in values.items():
        if getattr(visit, name) != value:
            setattr(visit, name, value)
