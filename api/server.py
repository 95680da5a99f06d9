"""One web process: uvicorn with our limits and without its own log of requests."""

import socket
from typing import Any
from uuid import uuid4

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app
from core.log import configure
from core.notify import notify_ready
from core.settings import Settings

# Request line and headers; uvicorn's parser knows no limit of its own.
MAX_HEAD_BYTES = 64 * 1024
# How long a refused client may go on sending: one that is cut off while it sends never reads the answer.
_LINGER_SECONDS = 2.0


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with a bounded head, and our shape for what is no HTTP at all."""

    _head_bytes = 0
    _in_head = False
    _refused = False

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        head_goes_on = self._in_head
        super().data_received(data)
        # What came with the beginning of the head may belong to the request before it, so it is not counted.
        if head_goes_on and self._in_head:
            self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self._refused:
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        request_id = f"req_{uuid4().hex}"
        body = f'{{"error":"{msg}","code":"invalid_http","requestId":"{request_id}"}}'
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Request-Id: {request_id}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write((head + body).encode())
        self._refused = True
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)


def config(settings: Settings, **overrides: Any) -> uvicorn.Config:
    """How uvicorn is run; `overrides` are for tests."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Whose X-Forwarded-For is believed, TRUSTED_PROXIES says.
        "proxy_headers": False,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": 10,
    }
    return uvicorn.Config(create_app(settings), **options | overrides)


class Server(uvicorn.Server):
    """Says that it is ready once its port is open."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify_ready()


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests under way have 10 s to end."""
    configure(settings.log_level)
    Server(config(settings)).run()
