"""The database goes away below open tabs: each says so, and is whole again when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.browser.socket_client import ROOT_STATE, VISIT, Tab
from tests.integration.product import Product
from tests.people import People

pytestmark = pytest.mark.anyio

OVERVIEW = f"{VISIT}.dashboard___pages___overview____overview_state"


@dataclass
class Relay:
    """Stands before Postgres, and can be cut."""

    conninfo: str
    port: int = 0
    is_cut: bool = False
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """What to set in place of Postgres' own."""
        to = conninfo_to_dict(self.conninfo)
        return f"postgresql://{to['user']}:{to['password']}@127.0.0.1:{self.port}/{to['dbname']}"

    def cut(self) -> None:
        """Nobody is answered any more, and who was is dropped."""
        self.is_cut = True
        for writer in self._open:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self.is_cut:
            writer.close()
            return
        to = conninfo_to_dict(self.conninfo)
        host, port = str(to["host"]), int(to.get("port") or 5432)
        opened = (
            asyncio.open_unix_connection(Path(host) / f".s.PGSQL.{port}")
            if host.startswith("/")
            else asyncio.open_connection(host, port)
        )
        behind, ahead = await opened
        self._open |= {writer, ahead}
        await asyncio.gather(self._pass(reader, ahead), self._pass(behind, writer))
        self._open -= {writer, ahead}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(2**16):
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relaying(conninfo: str) -> AsyncIterator[Relay]:
    relay = Relay(conninfo)
    server = await asyncio.start_server(relay.talk, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
        relay.cut()


@dataclass(frozen=True)
class Elsewhere:
    """A process of the product, for `Tab`."""

    url: str


@pytest.mark.parametrize("opened", ["before", "just then", "meanwhile"])
async def test_a_tab_says_that_it_is_away_and_goes_on(product: Product, people: People, opened: str) -> None:
    owner = people.owner(credits=77)
    running = product.running
    async with relaying(running.web_database_url) as relay:
        settings = {
            "SUPABASE_URL": running.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": running.publishable_key,
            "SECRET_KEY": running.session_key,
            "WEB_DATABASE_URL": relay.url,
        }
        starting = product.web_process("dashboard", folder=None, **settings)
        web = await asyncio.to_thread(starting.__enter__)
        try:
            tab = Tab(Elsewhere(web.url), owner.cookie)
            if opened != "meanwhile":
                await tab.__aenter__()
                await tab.until(lambda: tab.visit("balance") == 77)
                await tab.until(lambda: opened == "just then" or tab.var(OVERVIEW, "is_ready"))
            relay.cut()
            if opened == "meanwhile":
                await tab.__aenter__()
            await pulse_until(tab, "is_away", True)
            assert not tab.leave
            relay.is_cut = False
            await pulse_until(tab, "is_away", False)
            # With all that belongs to it, without a new page.
            await tab.until(lambda: tab.visit("balance") == 77 and tab.var(OVERVIEW, "is_ready"))
            await tab.until(lambda: tab.var(ROOT_STATE, "is_hydrated"))
            await tab.__aexit__(None, None, None)
        finally:
            await asyncio.to_thread(starting.__exit__, None, None, None)


async def pulse_until(tab: Tab, name: str, value: object) -> None:
    """As a page does, every now and then."""
    async with asyncio.timeout(10):
        while tab.visit(name) is not value:
            await tab.send(f"{VISIT}.pulse")
            await asyncio.sleep(0.2)
