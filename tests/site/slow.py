"""Answers that take their time, or never end."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from struct import pack

from tests.site.exchange import Handler, Reply, Request, html
from tests.site.layout import trouble_article

HUGE_BYTES = 80 * 2**20
_DRIBBLE_SECONDS = 0.5
_CHUNK = b"<p>" + b"The committee met again and adjourned again. " * 1456 + b"</p>\n"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))


_HEADER = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXEL = _HEADER + _chunk(b"IDAT", zlib.compress(b"\0\x80")) + _chunk(b"IEND", b"")


def after(seconds: float) -> Handler:
    """An ordinary article that is answered after `seconds`."""

    async def answer(request: Request) -> Reply:
        await asyncio.sleep(seconds)
        return html(trouble_article("slow"))

    return answer


async def dribble(request: Request) -> Reply:
    """Headers at once, then a page that says nothing, a few bytes at a time, for ever."""

    async def body() -> AsyncIterator[bytes]:
        yield b"<!doctype html><html><head><title>Loading"
        while True:
            await asyncio.sleep(_DRIBBLE_SECONDS)
            yield b"."

    return Reply(body())


async def dribble_picture(request: Request) -> Reply:
    """A picture whose data never comes to an end, so that the load event never fires."""

    async def body() -> AsyncIterator[bytes]:
        yield _HEADER
        while True:
            await asyncio.sleep(_DRIBBLE_SECONDS)
            yield _chunk(b"tEXt", b"Comment\0more to come")

    return Reply(body(), content_type="image/png")


async def endless(request: Request) -> Reply:
    """HTML without end, as fast as the client takes it."""

    async def body() -> AsyncIterator[bytes]:
        yield b"<!doctype html><title>The endless article</title><h1>The endless article</h1>"
        while True:
            yield _CHUNK

    return Reply(body())


async def huge(request: Request) -> Reply:
    """More than 64 MiB of HTML. Most of it is one comment, which is cheap to parse."""

    async def body() -> AsyncIterator[bytes]:
        yield b"<!doctype html><title>A huge page</title><h1>A huge page</h1><!--"
        filler = b"x" * 2**16
        for _ in range(HUGE_BYTES // len(filler)):
            yield filler
        yield b"--><p>The end.</p>"

    return Reply(body())
