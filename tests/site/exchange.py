"""One request and one answer of the news site, and how they cross the wire (HTTP/1.1)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

HTML = "text/html; charset=utf-8"
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for. `visit` counts the requests for this path since the last reset, from 1."""

    method: str
    path: str
    host: str
    visit: int

    @property
    def origin(self) -> str:
        return f"http://{self.host}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. A streamed body has no length and ends with the connection."""

    body: bytes | AsyncIterator[bytes] = b""
    status: int = 200
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)


# None closes the connection without an answer.
Handler = Callable[[Request], Awaitable[Reply | None]]


def html(text: str, status: int = 200, **headers: str) -> Reply:
    return Reply(text.encode(), status, HTML, {name.replace("_", "-"): value for name, value in headers.items()})


def as_json(data: object) -> Reply:
    return Reply(json.dumps(data).encode(), content_type="application/json")


def redirect(location: str) -> Reply:
    return Reply(status=302, headers={"Location": location})


async def read_head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    """Method, path (decoded, without the query) and headers of the next request; None when the client sends none."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3:
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return parts[0], unquote(urlsplit(parts[1]).path) or "/", headers


async def send(writer: asyncio.StreamWriter, request: Request, reply: Reply) -> bool:
    """Write the answer. True when the connection can be used again."""
    whole = isinstance(reply.body, bytes)
    headers = {"Content-Type": reply.content_type, "Cache-Control": "no-store", **reply.headers}
    if reply.status in _BODILESS:
        del headers["Content-Type"]
    elif isinstance(reply.body, bytes):
        headers["Content-Length"] = str(len(reply.body))
    headers["Connection"] = "keep-alive" if whole else "close"
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if request.method != "HEAD":
        if isinstance(reply.body, bytes):
            writer.write(reply.body)
        else:
            async for chunk in reply.body:
                writer.write(chunk)
                await writer.drain()
    await writer.drain()
    return whole
