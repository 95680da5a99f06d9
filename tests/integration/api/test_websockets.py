"""The wire below the dashboard: a websocket is not a connection between two requests."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from api.server import Server, config
from core.settings import Settings
from tests.integration.product import free_port

pytestmark = pytest.mark.anyio

KEEP_ALIVE_SECONDS = 1


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    """Says what it hears."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": message["text"]})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    number = free_port()
    server = Server(
        config(Settings(), echo, port=number, lifespan="off", timeout_keep_alive=KEEP_ALIVE_SECONDS, loop="asyncio")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield number
    server.should_exit = True
    await serving


async def test_a_quiet_websocket_outlives_connections_between_requests(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/_event/", proxy=None) as websocket:
        with pytest.raises(TimeoutError):
            # It says nothing, and would end if the server hung up.
            await asyncio.wait_for(websocket.recv(), 2.5 * KEEP_ALIVE_SECONDS)
        await websocket.send("still here")
        assert await websocket.recv() == "still here"


async def test_what_other_programs_of_the_host_have_left_in_the_browser_does_no_harm(port: int) -> None:
    headers = [("Cookie", f"theirs={'x' * 9000}"), *((f"X-Proxy-{number}", "x" * 100) for number in range(200))]
    async with connect(f"ws://127.0.0.1:{port}/_event/", proxy=None, additional_headers=headers) as websocket:
        await websocket.send("here")
        assert await websocket.recv() == "here"


@pytest.mark.parametrize(
    "head",
    [b"GET /_event/?token=" + b"x" * length + b" HTTP/1.1\r\nHost: x\r\n" for length in (8_000, 9_000, 65_530, 70_000)]
    + [b"GET /_event/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + b"x" * 9_000 + b"\r\n"]
    + [b"GET /_event/ HTTP/1.1\r\nHost: x\r\nOrigin: \x80\x7f\r\n"],
    ids=len,
)
async def test_a_handshake_that_cannot_be_read_is_refused(port: int, head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
    writer.write(b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
    # Either it opens, or the client learns at once that it does not.
    answer = await asyncio.wait_for(reader.read(200), 5)
    assert answer.split(b" ")[1] == (b"101" if len(head) < 8_100 and b"\x7f" not in head else b"400")
    writer.close()
