"""The session behind the event that is being handled. The gate sets it, before every event."""

from contextvars import ContextVar

from core.sessions import Session

_current: ContextVar[Session] = ContextVar("session")


def session() -> Session:
    """Who sent the event; there is always somebody behind the gate."""
    return _current.get()


def set_session(found: Session) -> None:
    """For the gate alone."""
    _current.set(found)
