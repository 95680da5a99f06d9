"""The links in a file that somebody sent: CSV, XLSX or text.

What is in it may be meant to hurt: it is read by a process of its own, which has little memory and time and knows
nothing of ours (`core/link_file_process.py`).
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field

from core.settings import ROOT

MAX_FILE_BYTES = 10 * 2**20
MAX_LINKS = 2000
_SECONDS = 20.0


@dataclass(slots=True)
class FoundLinks:
    """Links of a file, each once and in their order, at most 2,000; how many there were; rows and lines without one."""

    links: list[str] = field(default_factory=list)
    found: int = 0
    without_link: int = 0


class Unreadable(Exception):
    """The file gives no links: `code` is `not_a_list`, `old_excel`, `damaged` or `too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def read_link_file(data: bytes) -> FoundLinks:
    """What the file holds, whatever its name says. Raises `Unreadable`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "core.link_file_process",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT, env={"PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate(data)
    except TimeoutError:
        raise Unreadable("too_large") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != 0:
        # Ended by one of its limits.
        raise Unreadable("too_large")
    answer = json.loads(output)
    if "error" in answer:
        raise Unreadable(answer["error"])
    return FoundLinks(**answer)
