"""Which addresses a page may be read from: public ones, and the few the operator has opened.

A name is looked up once and every answer is judged; the caller connects to what was judged and to nothing else.
"""

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address, IPv6Address
from itertools import chain, zip_longest
from typing import TypeVar

T = TypeVar("T")
Address = IPv4Address | IPv6Address

# The whole list is ours: `is_global` of Python 3.11 lets multicast, 192.0.0.0/24 and 6to4 through.
_PRIVATE_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # looks public, but is what Azure answers its own machines on
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_PRIVATE_V6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address inside
        "3ffe::/16",
        "3fff::/20",
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_MAX_LOOKUPS = 64
_MAX_TRIES = 4


class NotPublic(Exception):
    """The address, the name or the port is not one a stranger's page may be read from."""


class NotFound(Exception):
    """The name has no address, or its servers did not answer in time."""


def is_public(address: Address) -> bool:
    """Globally routable unicast. An IPv4 address inside an IPv6 one is judged as itself."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _PRIVATE_V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _UNICAST_V6 and not any(address in network for network in _PRIVATE_V6)


def is_public_port(port: int) -> bool:
    """80, 443 and 1024 to 65535: the other low ports are services that no page lives on."""
    return port in (80, 443) or 1024 <= port <= 65535


def is_own(address: Address) -> bool:
    """Is it an address of this machine, as a server's public one? What listens here is not for a stranger's page.

    The kernel would use the address itself as the source; asking it sends nothing.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((str(address), 9))
        return bool(probe.getsockname()[0] == str(address))
    return False


def normalise_host(host: str) -> str:
    """Lower case, without brackets and the dot at the end: the one spelling a host is known by."""
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")


def parse_literal(host: str) -> Address | None:
    """The address a normalised host spells out in the one strict way, else None."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def look_up(name: str, port: int) -> list[Address]:
    """Asks the system, blocking. Raises `OSError`. The shorthand of old (`127.1`) ends here, judged by its result."""
    answers = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(answer[4][0]) for answer in answers]


def _is_local_name(name: str) -> bool:
    return any(name == local or name.endswith("." + local) for local in _LOCAL_NAMES)


def _alternate(addresses: list[Address]) -> list[Address]:
    """Both families in turn, the system's first choice first; each address once."""
    distinct = list(dict.fromkeys(addresses))
    first = [address for address in distinct if address.version == distinct[0].version]
    second = [address for address in distinct if address.version != distinct[0].version]
    pairs = chain.from_iterable(zip_longest(first, second))
    return [address for address in pairs if address is not None][:_MAX_TRIES]


def _in_thread(work: Callable[[], T]) -> "asyncio.Future[T]":
    """Runs `work` in a daemon thread of its own: unlike an executor's, nobody waits for it at exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: Exception | None = OSError("the look-up broke off")
        try:
            result, error = work(), None
        except (OSError, ValueError) as caught:
            error = caught
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody is waiting any more
                loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="name-lookup", daemon=True).start()
    return future


class AddressPolicy:
    """From a host and a port to the addresses that may be connected to.

    `allow` holds (host, port) exactly as a URL spells them in lower case; those skip the judgement.
    """

    def __init__(self, allow: frozenset[tuple[str, int]], lookup_timeout: float = 10.0) -> None:
        self._allow = allow
        self._lookup_timeout = lookup_timeout
        self._slots = asyncio.Semaphore(_MAX_LOOKUPS)

    async def addresses(self, host: str, port: int, share: asyncio.Semaphore) -> list[Address]:
        """At most four, both families in turn. Raises `NotPublic` when a single one is not public, and `NotFound`.

        `share` bounds the look-ups of one lane, so that its stuck ones cost nobody else.
        """
        if (host.lower().removeprefix("[").removesuffix("]"), port) in self._allow:
            return _alternate(await self._resolve(normalise_host(host), port, share))
        name = normalise_host(host)
        if not is_public_port(port) or _is_local_name(name):
            raise NotPublic(host)
        found = await self._resolve(name, port, share)
        # One private answer among public ones is how DNS rebinding looks.
        if not all(is_public(address) and not is_own(address) for address in found):
            raise NotPublic(host)
        return _alternate(found)

    async def _resolve(self, name: str, port: int, share: asyncio.Semaphore) -> list[Address]:
        literal = parse_literal(name)
        if literal is not None:
            return [literal]
        if not _NAME.fullmatch(name):
            raise NotFound(name)
        try:
            async with asyncio.timeout(self._lookup_timeout):
                return await self._look_up(name, port, share)
        except (OSError, ValueError, RuntimeError) as error:  # too late, not a name for the system, no thread left
            raise NotFound(name) from error

    async def _look_up(self, name: str, port: int, share: asyncio.Semaphore) -> list[Address]:
        with ExitStack() as slots:
            for semaphore in (share, self._slots):
                await semaphore.acquire()
                slots.callback(semaphore.release)
            answer = _in_thread(lambda: look_up(name, port))
            # A look-up cannot be stopped: its slots stay taken until it has ended by itself.
            held = slots.pop_all()

            def ended(done: "asyncio.Future[list[Address]]") -> None:
                held.close()
                # Who asked may have gone: a failure that nobody hears of is none.
                done.exception()

            answer.add_done_callback(ended)
        return await asyncio.shield(answer)
