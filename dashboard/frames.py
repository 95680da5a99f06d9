"""What the websocket of a page carries. All else ends here, before a library has read, kept or logged it."""

import json
import re
from typing import Any, NoReturn

from dashboard.events import Events, Odd

# The protocol of socket.io, of which pages use this much: https://socket.io/docs/v4/socket-io-protocol/
_CONNECT, _EVENT = "40/_event,", "42/_event,"
# Goodbyes, and the answer to a ping.
_SIGNS = {"1", "3", "41/_event,"}
# How a page tells that it could not take an update.
_COMPLAINT = ("message", "error_type", "substate")
_MAX_COMPLAINT = 300
# What is longer holds pasted links.
_LONG = 64 * 1024
_MAX_STRINGS, _MAX_BETWEEN = 300, 3000
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')


class Frames:
    """Reads what a browser sends."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def read(self, frame: str | None) -> str:
        """The frame as the libraries may have it; None stands for one that is no text. Raises `Odd`."""
        if frame is None:
            raise Odd("no text")
        if frame in _SIGNS:
            return frame
        if frame.startswith(_CONNECT):
            return _CONNECT + self._greeting(frame.removeprefix(_CONNECT))
        if frame.startswith(_EVENT):
            return _EVENT + self._message(frame.removeprefix(_EVENT))
        raise Odd("other protocol")

    def _greeting(self, text: str) -> str:
        if not text:
            return ""
        sent = _loads(text)
        if not isinstance(sent, dict):
            raise Odd("other greeting")
        schema = sent.get("state_schema")
        greeting: dict[str, Any] = {"state_schema": schema[:64]} if isinstance(schema, str) else {}
        if "event" in sent:
            greeting["event"] = self._events.read(sent["event"], len(text))
        return _dumps(greeting) if greeting else ""

    def _message(self, text: str) -> str:
        match _loads(text):
            case ["event", sent]:
                return _dumps(["event", self._events.read(sent, len(text))])
            case ["client_error", dict(sent)]:
                told = {name: sent[name][:_MAX_COMPLAINT] for name in _COMPLAINT if isinstance(sent.get(name), str)}
                return _dumps(["client_error", told])
        raise Odd("other message")


def _loads(text: str) -> Any:
    if len(text) > _LONG and not _is_mostly_text(text):
        raise Odd("much more than text")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Odd("no JSON") from None


def _is_mostly_text(text: str) -> bool:
    """Whether it is a few strings and little else. To read millions of values would keep everybody waiting."""
    at = between = 0
    for _ in range(_MAX_STRINGS):
        begin = text.find('"', at)
        if begin < 0:
            return between + len(text) - at <= _MAX_BETWEEN
        between += begin - at
        string = _STRING.match(text, begin)
        if string is None or between > _MAX_BETWEEN:
            return False
        at = string.end()
    return False


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _dumps(sent: Any) -> str:
    # As long as it was: where every letter beyond ASCII became six characters, it would be too long.
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":"))
