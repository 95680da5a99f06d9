"""A small news site on loopback: articles to capture, and pages that make trouble."""

import asyncio
import contextlib
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from tests.site import router
from tests.site.exchange import Request, read_head, send

_STOP_SECONDS = 5.0
_LEAVING_SECONDS = 0.1


class _Connection(asyncio.StreamReaderProtocol):
    """One connection, known to the site from its first moment to its last, so that stopping can cut it."""

    def __init__(self, site: "NewsSite") -> None:
        super().__init__(asyncio.StreamReader(), site.talk)
        self._open = site.transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport_kept = transport
        self._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self._transport_kept)
        super().connection_lost(error)


class NewsSite:
    """The site, served from a background thread while the `with` block lasts.

    `port` 0 takes a free one. Raises OSError when the port is taken.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self._lock = threading.Lock()
        self._requests: list[str] = []
        self._visits: Counter[str] = Counter()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.transports: set[asyncio.BaseTransport] = set()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._started.clear()
        self._failure = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="news-site", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None or self._stopping is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError("the news site did not stop")

    @property
    def port(self) -> int:
        return self._port

    @property
    def address(self) -> str:
        """Host and port, as in `127.0.0.1:41234`."""
        return f"{self._host}:{self._port}"

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"

    @property
    def requests(self) -> list[str]:
        """The paths asked for since the start or the last reset, in order, without queries."""
        with self._lock:
            return list(self._requests)

    def reset(self) -> None:
        """Forget the requests so far: flaky pages fail their next first request again."""
        with self._lock:
            self._requests.clear()
            self._visits.clear()

    async def _serve(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
        except OSError as error:
            self._failure = error
            self._started.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._loop = loop
        self._stopping = asyncio.Event()
        self._started.set()
        await self._stopping.wait()
        # A server that closes loses the connections it has accepted but not yet set up, so it stops accepting first.
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=_LEAVING_SECONDS)
        server.close()
        self._cut()

    def _cut(self) -> None:
        for transport in list(self.transports):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until either side has had enough."""
        # A client that leaves, talks nonsense or is cut off at the end is nothing to report.
        with contextlib.suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            while await self._exchange(reader, writer):
                pass
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await read_head(reader)
        if head is None:
            return False
        method, path, headers = head
        with self._lock:
            self._requests.append(path)
            self._visits[path] += 1
            visit = self._visits[path]
        request = Request(method, path, headers.get("host", self.address), visit)
        reply = await router.answer(request)
        return reply is not None and await send(writer, request, reply)
