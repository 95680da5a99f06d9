"""What the dashboard works with, held once a process: set when the web app starts, gone when it stops."""

from dataclasses import dataclass

from core.database import Database
from core.people import People
from core.sessions import Sessions
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Backend:
    """Our own door to the database, sessions, and the door of signed-in people."""

    settings: Settings
    db: Database
    sessions: Sessions
    people: People


_held: list[Backend] = []


def hold(backend: Backend | None) -> None:
    """Sets what `backend` answers; None takes it back."""
    _held.clear()
    if backend is not None:
        _held.append(backend)


def backend() -> Backend:
    """The backend of this process, which runs."""
    return _held[0]
