"""Ordinary pages in any number, for the benchmark: styles, a script and six pictures each, answered with some delay."""

import asyncio
import struct
import zlib
from functools import lru_cache

from tests.site.exchange import Reply, html
from tests.site.layout import environment

_SUBJECTS = ("Harbour board", "Town library", "Night bus", "Orchard growers", "River crossing", "Old mill", "Choir")
_VERBS = ("wins", "weighs up", "opens", "postpones", "rebuilds", "celebrates")
_OBJECTS = ("a second season", "its longest winter", "the new timetable", "a quiet revival", "the north bank")
_SENTENCES = (
    "The decision had been expected since the spring, but few had thought that it would come with so little noise.",
    "Those who were there describe an evening of long speeches, weak tea and one very short vote.",
    "Work is to start before the first frost, and the committee has promised to publish what it spends each month.",
    "Not everybody is pleased, and a petition with nine hundred names lies on the clerk's desk.",
    (
        "For the people who live nearby the matter is simple: they want the lights to stay on and the noise to stop"
        " at ten."
    ),
)


def bench_headline(n: int) -> str:
    """The headline of `/bench/{n}`."""
    return f"{_SUBJECTS[n % 7]} {_VERBS[n % 6]} {_OBJECTS[n % 5]} (no. {n})"


def latency(n: int, part: int = 0) -> float:
    """Seconds before an answer: 0.030 to 0.120, the same every time for the same page and part."""
    return (30 + (n * 37 + part * 53) % 91) / 1000


async def answer(rest: str) -> Reply:
    """`{n}`, `{n}/style.css`, `{n}/page.js` or `{n}/{1..6}.png`; anything else is 404."""
    number, _, part = rest.partition("/")
    if not number.isascii() or not number.isdecimal():
        return html("<h1>Not found</h1>", 404)
    n = int(number)
    name = part.removesuffix(".png")
    await asyncio.sleep(latency(n, int(name) if name.isdecimal() else len(part)))
    if not part:
        return html(_page(n))
    if part == "style.css":
        return Reply(_STYLE.encode(), content_type="text/css; charset=utf-8")
    if part == "page.js":
        return Reply(_SCRIPT.encode(), content_type="text/javascript; charset=utf-8")
    if name in {"1", "2", "3", "4", "5", "6"}:
        return Reply(gradient((n * 5 + int(name)) % 24), content_type="image/png")
    return html("<h1>Not found</h1>", 404)


def _page(n: int) -> str:
    paragraphs = [" ".join(_SENTENCES[(n + i + k) % 5] for k in range(4)) for i in range(8)]
    return environment().get_template("bench.html").render(n=n, headline=bench_headline(n), paragraphs=paragraphs)


@lru_cache(maxsize=24)
def gradient(variant: int, width: int = 800, height: int = 480) -> bytes:
    """A PNG gradient with some grain, so that it has the weight of a small photograph."""
    hue = variant * 0.9
    rows = bytearray()
    for y in range(height):
        shade = y / height
        pixel = bytes(int(127 + 100 * _wave(hue + shade * 2 + turn)) for turn in (0.0, 2.1, 4.2))
        lighter = bytes(min(255, channel + (y * 7 + variant) % 9) for channel in pixel)
        rows += b"\0" + (pixel + lighter) * (width // 2)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _wave(x: float) -> float:
    """A triangle wave from -1 to 1 with the period 2."""
    return 1 - 2 * abs((x % 2) - 1)


_STYLE = """
body { margin: 0; font: 18px/1.6 Georgia, serif; color: #222; background: #fafafa }
header { background: #1d3557; color: #fff; padding: 20px 6% } header b { font-size: 30px }
main { display: grid; grid-template-columns: 2fr 1fr; gap: 40px; padding: 30px 6% }
h1 { font-size: 42px; line-height: 1.15; margin: 0 0 12px } img { width: 100%; height: auto; display: block }
aside img { margin-bottom: 18px; border-radius: 4px } .meta { color: #666; font: 14px/1.4 sans-serif }
"""
_SCRIPT = """
document.addEventListener("DOMContentLoaded", () => {
  const words = document.querySelector("article").innerText.split(/\\s+/).length;
  document.querySelector(".meta").append(` · ${Math.ceil(words / 220)} min`);
});
"""
