"""The gate: no event passes, not even the first of a page, unless its browser is signed in."""

import hashlib
from urllib.parse import quote, urlsplit
from uuid import UUID

import psycopg
import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event

from core.log import get_logger
from core.reports import AccountId
from core.sessions import Session, session_cookie
from dashboard import routes
from dashboard.backend import backend
from dashboard.visit import Choice, Visit
from dashboard.visitor import set_session
from dashboard.words import when

log = get_logger(__name__)


class SessionGate(Middleware):
    """Looks the session up for every event. Reflex keeps what a tab looks at by a number in the tab: whoever brings
    that number with another cookie, or with none, gets nothing of it."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """An update that ends the event here, or None."""
        root = state._get_root_state()
        visit = await root.get_state(Visit)
        cookie = session_cookie(visit.router.headers.cookie)
        path = visit.router.url.path or "/"
        try:
            found = await backend().sessions.find(cookie, now=event.name.endswith(".pulse"))
        except psycopg.OperationalError:
            return _update(is_away=True)
        if found is None or cookie is None:
            return _update(leave=f"{routes.SIGN_IN}?next={quote(_wanted(visit), safe='/')}")
        bound = hashlib.sha256(cookie.encode()).hexdigest()
        if visit._bound not in ("", bound):
            # What this tab holds is somebody else's: it begins anew.
            return _update(leave=_wanted(visit))
        if routes.is_support(path) and not found.is_staff:
            return _update(leave="/")
        visit._bound = bound
        set_session(found)
        return None if _place(visit, found) else _update(leave="/")


def _place(visit: Visit, found: Session) -> bool:
    """Writes who this is and where they are. False: the tab's account is no longer theirs to see."""
    account = AccountId(UUID(visit.account_id)) if visit.account_id else found.home
    membership, view = found.membership(account), found.view(account)
    here = membership or view
    lost = bool(visit.account_id) and here is None
    role = membership.role if membership else "viewer" if view else ""
    _write(
        visit,
        email=found.email,
        name=found.name,
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
    return not lost


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
