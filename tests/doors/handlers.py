"""Every event handler of the app, as Reflex knows them: each is a door that whoever is signed in can knock at."""

import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any, get_origin, get_type_hints

import dashboard.dashboard  # noqa: F401 (makes every state known)
from dashboard.visit import Visit


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler that an event reaches by its name."""

    state: type[Any]
    name: str

    @property
    def wire_name(self) -> str:
        """The name in an event."""
        return f"{self.state.get_full_name()}.{self.name}"

    @property
    def readable(self) -> str:
        """The name in our table."""
        return f"{self.state.__module__.removeprefix('dashboard.')}.{self.state.__qualname__}.{self.name}"

    @property
    def nothing(self) -> dict[str, Any]:
        """Arguments of the right types in which nothing stands."""
        hints = get_type_hints(inspect.unwrap(self.state.event_handlers[self.name].fn))
        empty = {str: "", int: 0, bool: False, dict: {}, Any: None}
        return {name: empty.get(get_origin(hint) or hint, "") for name, hint in hints.items() if name != "return"}


@cache
def all_handlers() -> tuple[Handler, ...]:
    """Those of our own states; `tests/integration/dashboard/test_gate.py` knocks at Reflex's."""
    states: list[type[Any]] = [Visit, *_below(Visit)]
    handlers = [
        Handler(state, name)
        for state in states
        for name in state.event_handlers
        if name != "setvar" and name in vars(state)
    ]
    return tuple(sorted(handlers, key=lambda handler: handler.readable))


def handler_named(readable: str) -> Handler:
    """The handler by its name in our table."""
    return next(handler for handler in all_handlers() if handler.readable == readable)


def _below(state: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []
    for substate in state.get_substates():
        found += [substate, *_below(substate)]
    return found
