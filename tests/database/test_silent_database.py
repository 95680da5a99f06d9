"""A database that holds the connection and says nothing: a machine that sleeps, a network that drops packets."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.database import Database
from tests.database.world import Urls

pytestmark = pytest.mark.anyio
NOBODY = bytes(32)


class Relay:
    """Stands between us and Postgres. Silent, it keeps what it is given and passes nothing on."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.speaks = asyncio.Event()
        self.speaks.set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self.speaks.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()

    async def close(self) -> None:
        """Cuts what is left."""
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


@pytest.fixture
async def relay(urls: Urls, tmp_path: Path, anyio_backend: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to Postgres, and the address of the web process through it."""
    parts = conninfo_to_dict(urls.web)
    socket = f".s.PGSQL.{parts.get('port', 5432)}"
    relay = Relay(f"{parts['host']}/{socket}")
    server = await asyncio.start_unix_server(relay.serve, tmp_path / socket)
    async with server:
        yield relay, make_conninfo(urls.web, host=str(tmp_path))
        await relay.close()


async def test_a_call_ends_when_the_database_says_nothing_and_the_next_finds_it_again(
    relay: tuple[Relay, str],
) -> None:
    between, url = relay
    async with Database(url, pool_size=2, deadline=1.0) as db:
        assert await db.value("find_session", NOBODY) is None
        between.speaks.clear()
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="did not answer in time"):
            await db.value("find_session", NOBODY)
        assert time.monotonic() - began < 5
        between.speaks.set()
        assert await db.value("find_session", NOBODY) is None
