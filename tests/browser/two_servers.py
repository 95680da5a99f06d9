"""Two web processes over one database, as on two machines, and a proxy that gives each request to the next of them."""

import asyncio
import re
import threading
from collections import Counter
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from tests.integration.product import Product, WebProcess, free_port

_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


class TwoServers:
    """The processes are numbered 0 and 1. `url` is the address of the proxy, which is the one that people open."""

    def __init__(self, product: Product, **settings: str) -> None:
        self._product = product
        self._ports = (free_port(), free_port())
        self.proxy = Proxy(self._ports)
        self.url = f"http://127.0.0.1:{self.proxy.port}"
        self._settings = {**settings, "PUBLIC_URL": self.url}
        self._running: dict[int, tuple[WebProcess, ExitStack]] = {}

    def __enter__(self) -> Self:
        self.proxy.start()
        for number in range(2):
            self.start(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, stack in self._running.values():
            stack.close()
        self.proxy.stop()

    def __getitem__(self, number: int) -> WebProcess:
        return self._running[number][0]

    def start(self, number: int) -> None:
        """Starts one of them, at the address that it had before."""
        stack = ExitStack()
        settings = {**self._settings, "PORT": str(self._ports[number])}
        web = stack.enter_context(self._product.web_process("dashboard", folder=None, **settings))
        self._running[number] = web, stack

    def kill(self, number: int) -> None:
        """One of them dies without a word."""
        web, stack = self._running.pop(number)
        web.process.kill()
        stack.close()


class Proxy:
    """What stands in front of web processes: pages, calls of the API and websockets each go to them by turns, whatever
    connection they come by. A websocket stays where it was opened. Who does not listen is passed over."""

    def __init__(self, ports: tuple[int, ...]) -> None:
        self.port = free_port()
        # Who was given which path.
        self.given: list[tuple[int, str]] = []
        self._ports = ports
        self._turns: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listens, in a thread of its own."""
        self._thread.start()
        starting = asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)

    def stop(self) -> None:
        """Hangs up everywhere."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def sockets(self) -> list[int]:
        """Who was given the websockets so far, in their order."""
        return [number for number, path in self.given if path.startswith("/_event")]

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Transports close one turn of the loop later.
        await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                await self._pass_on(reader, writer)
            finally:
                writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"\r\nupgrade: websocket\r\n" not in head.lower():
            # The next request comes by a connection of its own.
            head = _CONNECTION.sub(b"", head).removesuffix(b"\r\n") + b"Connection: close\r\n\r\n"
        behind, ahead = await self._next(head.split(b" ", 2)[1].decode())
        try:
            ahead.write(head)
            ways = [asyncio.create_task(_pump(reader, ahead)), asyncio.create_task(_pump(behind, writer))]
            # Who hangs up on one side is gone on the other.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        finally:
            ahead.close()

    async def _next(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind = path.split("/", 2)[1]
        for _ in self._ports:
            number = self._turns[kind] % len(self._ports)
            self._turns[kind] += 1
            with suppress(ConnectionRefusedError):
                opened = await asyncio.open_connection("127.0.0.1", self._ports[number])
                self.given.append((number, path))
                return opened
        raise ConnectionRefusedError


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
