"""The gate: no event passes, not even the first of a page, unless its browser is signed in."""

from urllib.parse import quote, urlsplit
from uuid import UUID

import psycopg
import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, FrontendEventExceptionState, OnLoadInternalState, State, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event

from core.log import get_logger
from core.reports import AccountId
from core.sessions import Session, session_cookie
from dashboard import routes
from dashboard.backend import backend
from dashboard.sockets import admitted
from dashboard.visit import Choice, Visit
from dashboard.visitor import set_session
from dashboard.words import when

log = get_logger(__name__)

_ROOT = State.get_full_name()
# What a page sends first, when the browser has opened it or comes back after the server was away.
_OPENING = f"{_ROOT}.hydrate_and_load"
# What Reflex itself sends from a page. Not among them: writing vars that a browser would keep, of which we have none.
_BUILT_IN = {
    _OPENING,
    f"{_ROOT}.hydrate",
    f"{_ROOT}.set_is_hydrated",
    f"{OnLoadInternalState.get_full_name()}.on_load_internal",
    f"{OnLoadInternalState.get_full_name()}.set_is_hydrated",
    f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception",
}
# In the full name of every handler of the support area, whatever page it is sent from.
_SUPPORT = ".dashboard___support___"


class SessionGate(Middleware):
    """Looks the session up for every event. Reflex keeps what a tab looks at by a number in the tab: whoever brings
    that number with another cookie, or with none, gets nothing of it."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """An update that ends the event here, or None."""
        root = state._get_root_state()
        visit = await root.get_state(Visit)
        try:
            refusal = await _refusal(visit, event)
        except psycopg.OperationalError:
            # Kept as well as sent: what is not known to be shown would never be taken away.
            visit.is_away = True
            return _update(is_away=True)
        if refusal is None:
            admitted.add(visit.router.session.session_id)
        elif refusal.delta:
            admitted.discard(visit.router.session.session_id)
        return refusal


async def _refusal(visit: Visit, event: Event) -> StateUpdate | None:
    # Of the cookie itself only a digest comes here: see `without_secrets`.
    bound = session_cookie(visit.router.headers.cookie) or ""
    # A new page begins with the account that was chosen last, perhaps a moment ago at another process.
    as_of_now = event.name == _OPENING or event.name.endswith(".pulse")
    found = await backend().sessions.find_digest(bytes.fromhex(bound), now=as_of_now)
    if found is None:
        return _update(leave=f"{routes.SIGN_IN}?next={quote(_wanted(visit), safe='/')}")
    if visit._bound not in ("", bound):
        # What this tab holds is somebody else's: it begins anew.
        return _update(leave=_wanted(visit))
    path = visit.router.url.path or "/"
    if not found.is_staff and (routes.is_support(path) or _SUPPORT in event.name):
        return _update(leave="/")
    if not _is_ours(event.name):
        return StateUpdate()
    if found.home is None and not visit.account_id and not routes.is_support(path):
        # The front door leads on whoever belongs to no account.
        return _update(leave="/")
    visit._bound = bound
    set_session(found)
    if event.name == _OPENING and visit.notice:
        # What an action came to was told on the page before.
        visit.notice = ""
    return None if _place(visit, found) else _update(leave=_instead(visit, found))


def _is_ours(name: str) -> bool:
    """Whether a page of ours could have sent the event. `setvar` is on every state, and calls what begins with set."""
    of_a_page = name.startswith(f"{Visit.get_full_name()}.") and not name.endswith(".setvar")
    return of_a_page or name in _BUILT_IN


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
        return _wanted(visit)
    return routes.look_ended(visit.account_id) if visit.role == "viewer" else routes.OVERVIEW


def _write(visit: Visit, **values: object) -> None:
    # A var that is written is sent, changed or not.
    for name, value in values.items():
        if getattr(visit, name) != value:
            setattr(visit, name, value)


def _wanted(visit: Visit) -> str:
    """Path and query that the tab shows: where it comes back to."""
    url = urlsplit(str(visit.router.url))
    path = "/" + url.path.lstrip("/")
    return f"{path}?{url.query}" if url.query else path


def _update(**fields: object) -> StateUpdate:
    return StateUpdate(delta={Visit.get_full_name(): {name + FIELD_MARKER: value for name, value in fields.items()}})
