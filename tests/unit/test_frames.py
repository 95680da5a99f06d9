"""What of a websocket's frames goes further: that of pages as it is, and nothing else."""

import json
import time
from typing import Any

import pytest

import dashboard.dashboard  # noqa: F401 (makes every event known)
from dashboard.events import Events, Odd
from dashboard.frames import Frames
from dashboard.pages.new_report import NewReportState
from dashboard.pages.team.state import TeamState
from dashboard.visit import Visit
from tests.doors.handlers import all_handlers

PULSE = f"{Visit.get_full_name()}.pulse"
PREVIEW = f"{NewReportState.get_full_name()}.preview"
SET_ROLE = f"{TeamState.get_full_name()}.set_role"
PLACE = {"pathname": "/reports", "asPath": "/reports?q=1", "query": {"q": "1"}}


@pytest.fixture(scope="module")
def frames() -> Frames:
    return Frames(Events(long=[PREVIEW]))


def event(name: object = PULSE, payload: Any = None, place: Any = PLACE, **more: Any) -> dict[str, Any]:
    return {"name": name, "payload": {} if payload is None else payload, "router_data": place, **more}


def message(*arguments: Any, **named: Any) -> str:
    return "42/_event," + json.dumps(["event", event(*arguments, **named)])


@pytest.mark.parametrize("handler", all_handlers(), ids=lambda handler: handler.readable)
def test_every_handler_of_ours_can_be_asked(frames: Frames, handler: Any) -> None:
    sent = event(handler.wire_name, handler.nothing)
    assert json.loads(frames.read(message(handler.wire_name, handler.nothing)).removeprefix("42/_event,"))[1] == sent


@pytest.mark.parametrize("frame", ["3", "1", "41/_event,", "40/_event,"])
def test_signs_of_the_protocol_pass(frames: Frames, frame: str) -> None:
    assert frames.read(frame) == frame


def test_of_a_greeting_the_event_and_the_version_pass(frames: Frames) -> None:
    greeting = {"event": event(), "state_schema": "abc", "more": "x" * 100}
    read = json.loads(frames.read("40/_event," + json.dumps(greeting)).removeprefix("40/_event,"))
    assert read == {"event": event(), "state_schema": "abc"}


def test_halves_of_letters_pass_as_they_were_typed(frames: Frames) -> None:
    typed = "5\ud800 \U0001f600 é"
    sent = message(PREVIEW, {"text": typed, "number": 1})
    assert json.loads(frames.read(sent).removeprefix("42/_event,"))[1]["payload"]["text"] == typed


@pytest.mark.parametrize(
    ("reason", "frame"),
    [
        ("no text", None), ("other protocol", "42"), ("other protocol", "451-/_event,[]"), ("no JSON", "42/_event,{"),
        ("no JSON", "42/_event," + "[" * 10_000), ("no JSON", '42/_event,["event",NaN]'),
        ("no JSON", '42/_event,["event",' + "9" * 5000 + "]"),
        ("other message", '42/_event,["connect",{}]'), ("other message", '42/_event,["event",{},{}]'),
        ("other greeting", "40/_event,[]"), ("no event", '40/_event,{"event":[]}'), ("no event", message(7)),
        ("unknown event", message("nope")), ("unknown event", message(f"{Visit.get_full_name()}.setvar")),
        ("unknown event", message(f"{PULSE}.nope")), ("unknown event", message(f"{Visit.get_full_name()}.__init__")),
        ("long event", message(PULSE, {"_moment": "x" * 70_000})), ("other arguments", message(PULSE, [1])),
        ("other arguments", message(PULSE, {"self": 1})), ("other arguments", message(SET_ROLE, {"user_id": "x"})),
        ("other types", message(SET_ROLE, {"user_id": 7, "role": "owner"})),
        ("other types", message(SET_ROLE, {"user_id": "x", "role": None})),
        ("other types", message(PREVIEW, {"text": "x", "number": "7"})),
        ("much more than text", message(PREVIEW, {"text": "x", "number": 1, **dict.fromkeys(map(str, range(20_000)))})),
    ],
)  # fmt: skip
def test_what_no_page_sends_is_refused_in_words_of_our_own(frames: Frames, reason: str, frame: str | None) -> None:
    with pytest.raises(Odd) as odd:
        frames.read(frame)
    assert str(odd.value) == reason


@pytest.mark.parametrize("form", [{"a": [[[[[[[[[1]]]]]]]]]}, {"a": [0] * 6000}, {str(n): [] for n in range(6000)}])
def test_a_form_is_flat_and_has_an_end(frames: Frames, form: dict[str, Any]) -> None:
    create = f"{NewReportState.get_full_name()}.create"
    assert frames.read(message(create, {"form": {"a": [["b", "c"]]}}))
    with pytest.raises(Odd):
        frames.read(message(create, {"form": form}))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (7, "/"), ({"pathname": ["x"], "asPath": 7, "query": 7}, "/"), ({"pathname": "x"}, "/x"),
        ({"pathname": "//evil.example"}, "/evil.example"), ({"asPath": "//["}, "/["),
        ({"pathname": "/x", "headers": {"cookie": "a"}}, "/x"), ({"asPath": "/" + "x" * 9000}, "/" + "x" * 4095),
    ],
)  # fmt: skip
def test_a_page_is_where_an_address_can_be(frames: Frames, sent: Any, read: str) -> None:
    place = json.loads(frames.read(message(place=sent)).removeprefix("42/_event,"))[1]["router_data"]
    assert place["asPath"] == read
    assert set(place) == {"pathname", "asPath", "query"}


def test_parameters_have_an_end(frames: Frames) -> None:
    query = {"n" * 1000 + str(number): "v" * 1000 for number in range(30)} | {"other": 7}
    place = json.loads(frames.read(message(place={"query": query})).removeprefix("42/_event,"))[1]["router_data"]
    assert len(json.dumps(place["query"])) < 21_000


@pytest.mark.parametrize(
    "frame",
    [
        "42/_event," + "[]," * 2_600_000,
        '42/_event,["event",{"name":"' + PREVIEW + '",' + ",".join(f'"{n}":{n}' for n in range(500_000)) + "}]",
        '42/_event,"' + '\\"' * 4_000_000,
    ],
    ids=["brackets", "keys", "quotes"],
)
def test_what_would_take_long_to_read_is_not_read(frames: Frames, frame: str) -> None:
    began = time.process_time()
    with pytest.raises(Odd, match="much more than text"):
        frames.read(frame)
    assert time.process_time() - began < 0.25
