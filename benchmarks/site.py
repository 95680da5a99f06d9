"""The test site in a process of its own, so that it takes nothing from either side but its share of the machine."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.settings import ROOT


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    """Its address, as host:port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.site", cwd=ROOT, stdout=PIPE, start_new_session=True
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        yield line.rpartition("//")[2].strip().rstrip("/")
    finally:
        process.terminate()
        await process.wait()
