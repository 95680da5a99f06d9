"""A server on loopback whose pages each test writes itself, down to the bytes, and a place that nobody may reach."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.integration.egress_world import serving

Play = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request, whose head it gets. The connection closes when it returns."""

WORDS = (
    "The council met on Tuesday evening and talked for two hours about the price of heat and who should pay for it. "
)
PROSE = "".join(f"<p>{WORDS * 3}</p>" for _ in range(4))
HTML = "text/html; charset=utf-8"


def page(headline: str = "Council talks about heat", *, head: str = "", body: str = "", prose: str = PROSE) -> str:
    """An ordinary article. `head` goes into its head, `body` below its text."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline}</title>{head}</head>'
        f"<body><main><article><h1>{headline}</h1>{prose}</article></main>{body}</body></html>"
    )


def answer(
    body: str | bytes, *headers: str, status: str = "200 OK", kind: str | None = HTML, version: str = "1.1"
) -> bytes:
    """A whole response; `kind` None leaves the type unsaid."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/{version} {status}", f"Content-Length: {len(data)}", "Connection: close", *headers]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


def redirect(location: str, status: str = "302 Found") -> bytes:
    """A response that leads elsewhere."""
    return answer("", f"Location: {location}", status=status)


def squeezed(body: str) -> bytes:
    """A response packed with gzip."""
    return answer(gzip.compress(body.encode()), "Content-Encoding: gzip")


@dataclass
class Stage:
    """What is played is remembered: `asked` holds the paths of all requests, with their queries."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    _plays: dict[str, bytes | Play] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def play(self, what: str | bytes | Play, *, at: str = "") -> str:
        """The URL at which a page (text), a whole response (bytes) or a handler is found."""
        path = at or f"/play/{next(self._numbers)}"
        self._plays[path] = answer(what) if isinstance(what, str) else what
        return self.url(path)

    def url(self, path: str) -> str:
        """The URL of a path."""
        return f"http://{self.address}{path}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = head.split(" ")[1]
        self.asked.append(target)
        self.heads.append(head)
        what = self._plays.get(target.partition("?")[0], answer("<h1>Nothing here</h1>", status="404 Not Found"))
        if isinstance(what, bytes):
            writer.write(what)
            await writer.drain()
        else:
            await what(head, reader, writer)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """A stage that is open."""
    stage = Stage()
    async with serving(stage.talk) as server:
        stage.address = f"127.0.0.1:{server.port}"
        yield stage
