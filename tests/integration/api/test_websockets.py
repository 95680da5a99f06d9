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
