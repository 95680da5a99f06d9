"""The events that pages of ours send: by name, and what each may hold. No other reaches Reflex."""

import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State
from reflex_base.event import EventHandler
from reflex_base.registry import RegistrationContext

from dashboard.visit import Visit

_ROOT = State.get_full_name()
OPENING = f"{_ROOT}.hydrate_and_load"
"""What a page sends first, when the browser has opened it or comes back after the server was away."""

# What Reflex itself sends from a page. Not among them: writing vars that a browser would keep, of which we have none.
_BUILT_IN = {
    OPENING,
    f"{_ROOT}.hydrate",
    f"{_ROOT}.set_is_hydrated",
    f"{OnLoadInternalState.get_full_name()}.on_load_internal",
    f"{OnLoadInternalState.get_full_name()}.set_is_hydrated",
    f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception",
}
# A form with all of its fields. Only links of a report, pasted at once, are more.
_MAX_LENGTH = 64 * 1024
# What pages send is flat: a form, and in it pairs of a name and a value.
_MAX_DEPTH = 8
_MAX_VALUES = 5_000
# Of an address. Reflex keeps them for as long as the tab is open.
_MAX_PATH = 4096
_MAX_PARAMETERS = 20
_MAX_PARAMETER = 512


class Odd(Exception):
    """No page of ours has sent this. Its text is ours, and holds nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class _Handler:
    hints: Mapping[str, Any]
    required: frozenset[str]
    max_length: int | None


class Events:
    """Knows every handler that is there when it is made. Those named in `long` take as much as a websocket carries."""

    def __init__(self, long: Collection[str]) -> None:
        self._handlers = {
            name: _handler(found.handler, None if name in long else _MAX_LENGTH)
            for name, found in RegistrationContext.get().event_handlers.items()
            if _is_ours(name)
        }

    def read(self, sent: object, length: int) -> dict[str, Any]:
        """The event as Reflex may have it, of which `length` characters were sent. Raises `Odd`."""
        if not isinstance(sent, dict) or not isinstance(sent.get("name"), str):
            raise Odd("no event")
        handler = self._handlers.get(sent["name"])
        if handler is None:
            raise Odd("unknown event")
        if handler.max_length is not None and length > handler.max_length:
            raise Odd("long event")
        payload = sent.get("payload") or {}
        if not isinstance(payload, dict) or not handler.required <= payload.keys() <= handler.hints.keys():
            raise Odd("other arguments")
        if not all(_fits(value, handler.hints[name]) for name, value in payload.items()) or not _is_flat(payload):
            raise Odd("other types")
        return {"name": sent["name"], "payload": payload, "router_data": _place(sent.get("router_data"))}


def _is_ours(name: str) -> bool:
    """Whether a page of ours could send it. `setvar` is on every state, and calls what begins with set."""
    return name in _BUILT_IN or (name.startswith(f"{Visit.get_full_name()}.") and not name.endswith(".setvar"))


def _handler(handler: EventHandler, max_length: int | None) -> _Handler:
    hints = handler._type_hints or {}
    parameters = [parameter for name, parameter in handler._parameters.items() if name != "self"]
    return _Handler(
        {parameter.name: hints.get(parameter.name, Any) for parameter in parameters},
        frozenset(parameter.name for parameter in parameters if parameter.default is parameter.empty),
        max_length,
    )


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint) or hint
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if origin is list:
        return isinstance(value, list) and all(_fits(one, (*get_args(hint), Any)[0]) for one in value)
    return value is None if origin is types.NoneType else origin is Any or isinstance(value, origin)


def _is_flat(payload: dict[str, Any]) -> bool:
    level: list[Any] = [payload]
    values = 0
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            values += len(one)
            if values > _MAX_VALUES:
                return False
            inner = one.values() if isinstance(one, dict) else one
            below += [value for value in inner if isinstance(value, dict | list)]
        if not below:
            return True
        level = below
    return False


def _place(sent: object) -> dict[str, Any]:
    """Where the page is: what a page sends as `router_data`, no longer than an address may be."""
    place = sent if isinstance(sent, dict) else {}
    path, query = _path(place.get("pathname")), place.get("query")
    named = (
        [(name, value) for name, value in query.items() if isinstance(value, str)] if isinstance(query, dict) else []
    )
    return {
        "pathname": path,
        "asPath": _path(place.get("asPath", path)),
        "query": {name[:_MAX_PARAMETER]: value[:_MAX_PARAMETER] for name, value in named[:_MAX_PARAMETERS]},
    }


def _path(sent: object) -> str:
    # Behind our origin: with two slashes it would name another host, or none that can be.
    return "/" + sent[:_MAX_PATH].lstrip("/") if isinstance(sent, str) else "/"
