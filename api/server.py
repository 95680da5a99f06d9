"""One web process: uvicorn with our limits and without its own log of requests."""

import asyncio
import socket
from typing import Any
from uuid import uuid4

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app
from core.log import configure
from core.notify import notify_ready
from core.sessions import COOKIE, session_cookie
from core.settings import Settings

# Request line and headers; uvicorn's parser knows no limit of its own.
MAX_HEAD_BYTES = 64 * 1024
# Where the dashboard's pages talk to their server side.
EVENT_PATHS = (b"/_event", b"/_event/")
_EVENT_HEADERS = (b"host", b"origin", b"upgrade", b"connection", b"x-forwarded-for")
# Two thousand links of a report, pasted at once, and some.
MAX_EVENT_BYTES = 8 * 2**20
# How long a refused client may go on sending: one that is cut off while it sends never reads the answer.
_LINGER_SECONDS = 2.0


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with a bounded head, and our shape for what is no HTTP at all.

    A connection has as long to send a whole head as one between requests may rest. An offer to upgrade is left alone,
    as HTTP allows: curl and Java make one with every request. What follows a body (trailers) is not a header.
    """

    # Of the head, or since the last bytes of a body: what only the parser has seen so far.
    _unseen_bytes = 0
    _in_head = False
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unseen_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        except httptools.HttpParserUpgrade as upgrade:
            if self._is_event_socket():
                self._open_event_socket()
            else:
                self._decline_upgrade(data[upgrade.args[0] :])
        if self._unseen_bytes > MAX_HEAD_BYTES and not self._refused:
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        # What came with the beginning of the head may belong to the request before it, so it is not counted.
        self._in_head, self._unseen_bytes = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._unseen_bytes = False, 0
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode()
            return
        if self.parser.get_http_version() == "1.1" and [name for name, _ in self.headers].count(b"host") != 1:
            raise ValueError("HTTP/1.1 asks for one Host")
        self._unset_keepalive_if_required()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unseen_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _is_event_socket(self) -> bool:
        """Whether this asks for the one websocket that there is, the dashboard's."""
        if self.ws_protocol_class is None or not self._should_upgrade() or self.parser.get_method() != b"GET":
            return False
        return self.url.partition(b"?")[0] in EVENT_PATHS

    def _open_event_socket(self) -> None:
        """Hands the connection over. It stays open for as long as its page; that its browser is there, pings tell."""
        self._unset_keepalive_if_required()
        # Long cookies of other programs on this host, or many headers of a proxy, would be too much for `websockets`.
        kept = [(name, value) for name, value in self.headers if name in _EVENT_HEADERS or name.startswith(b"sec-")]
        cookie = session_cookie(
            b"; ".join(value for name, value in self.headers if name == b"cookie").decode("latin-1")
        )
        if cookie is not None:
            kept.append((b"cookie", f"{COOKIE}={cookie}".encode("latin-1")))
        self.scope["headers"] = kept
        self.handle_websocket_upgrade()
        if not self.transport.get_protocol().handshake_initiated:  # type: ignore[attr-defined]
            # It could not be read, of which `websockets` says nothing, and waits for ever.
            self.send_400_response("Invalid HTTP request received.")

    def _decline_upgrade(self, rest: bytes) -> None:
        """Reads the request again without the offer; the parser would take `rest` for another protocol."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self.send_400_response("Invalid HTTP request received.")
            return
        lines = [b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version, b"".join(lines)) + rest)

    def send_400_response(self, msg: str) -> None:
        request_id = f"req_{uuid4().hex}"
        body = f'{{"error":"{msg}","code":"invalid_http","requestId":"{request_id}"}}'
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Request-Id: {request_id}\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-store\r\n"
            "Connection: close\r\n\r\n"
        )
        if self.cycle is not None:
            # Nobody may answer after this.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.pipeline.clear()
        self.transport.write((head + body).encode())
        self._refused = True
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)


def config(settings: Settings, app: ASGIApp | None = None, **overrides: Any) -> uvicorn.Config:
    """How uvicorn is run, with the API alone unless `app` is given; `overrides` are for tests."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": Protocol,
        "ws": "none" if app is None else "websockets-sansio",
        "ws_max_size": MAX_EVENT_BYTES,
        "ws_per_message_deflate": True,
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Whose X-Forwarded-For is believed, TRUSTED_PROXIES says.
        "proxy_headers": False,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": 10,
    }
    return uvicorn.Config(app or create_app(settings), **options | overrides)


class Server(uvicorn.Server):
    """Says that it is ready once its port is open."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify_ready()


def run(settings: Settings, app: ASGIApp | None = None) -> None:
    """Serves until SIGTERM or SIGINT; requests under way have 10 s to end."""
    configure(settings.log_level)
    Server(config(settings, app)).run()
