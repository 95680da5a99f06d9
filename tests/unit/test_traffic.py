"""What one user may have of the websocket: so many at once, and so many events a second."""

import asyncio
import time

import pytest
from starlette.types import Message

from dashboard.events import Odd
from dashboard.frames import Frames
from dashboard.sockets import Line
from dashboard.traffic import BURST, EVENTS_PER_SECOND, Share, TooMany, Traffic

pytestmark = pytest.mark.anyio


async def test_a_burst_passes_and_then_so_many_a_second() -> None:
    share = Share()
    began = time.monotonic()
    for _ in range(BURST):
        await share.take()
    assert time.monotonic() - began < 0.5
    for _ in range(EVENTS_PER_SECOND // 2):
        await share.take()
    assert 0.4 < time.monotonic() - began < 2


async def test_a_long_event_counts_as_several() -> None:
    share = Share()
    await share.take(10_000 * BURST)
    began = time.monotonic()
    await share.take()
    assert time.monotonic() - began > 0.8 / EVENTS_PER_SECOND


async def test_websockets_of_one_user_share() -> None:
    traffic = Traffic()
    first, second = traffic.enter("a", 2), traffic.enter("a", 2)
    assert first is second and traffic.enter("b", 2) is not first
    with pytest.raises(TooMany):
        traffic.enter("a", 2)
    traffic.leave("a")
    assert traffic.enter("a", 2) is first


async def test_who_goes_and_comes_back_has_no_more_than_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.traffic.BURST", 6)
    traffic = Traffic()
    share = traffic.enter("a", 1)
    traffic.leave("a")
    assert traffic.enter("a", 1) is share
    traffic.leave("a")
    while traffic._shares:
        await asyncio.sleep(0.01)


class Reader(Frames):
    """Takes everything but "odd"."""

    def __init__(self) -> None:
        pass

    def read(self, frame: str | None) -> str:
        if frame in (None, "odd"):
            raise Odd("odd")
        assert frame is not None
        return frame


class Wire:
    """A browser that sends `sent`, and reads once `reads` is set."""

    def __init__(self, *sent: Message) -> None:
        self.sent, self.reads, self.refused = list(sent), asyncio.Event(), list[str]()
        self.line = Line(self.receive, self.send, Share(), Reader(), self.refused.append)

    async def receive(self) -> Message:
        return self.sent.pop(0)

    async def send(self, _: Message) -> None:
        await self.reads.wait()


def text(text: str) -> Message:
    return {"type": "websocket.receive", "text": text}


async def test_what_is_odd_is_left_out() -> None:
    end = {"type": "websocket.disconnect", "code": 1000}
    wire = Wire(text("odd"), text("a"), {"type": "websocket.receive", "bytes": b"b"}, text("c"), end)
    assert [await wire.line.receive() for _ in range(3)] == [text("a"), text("c"), end]
    assert wire.refused == ["odd", "odd"]


async def test_who_does_not_read_is_not_listened_to() -> None:
    wire = Wire(text("a"), text("b"))
    assert await wire.line.receive() == text("a")
    answering = asyncio.create_task(wire.line.send({"type": "websocket.send", "text": "answer"}))
    asking = asyncio.create_task(wire.line.receive())
    done, _ = await asyncio.wait([answering, asking], timeout=0.1)
    assert not done
    wire.reads.set()
    assert await asking == text("b")
    await answering
