"""Which addresses are public, and what names and spellings come to."""

import asyncio
import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import addresses
from jobs.addresses import Address, AddressPolicy, NotFound, NotPublic, is_own, is_public, is_public_port

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "2001:200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:808:808::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3ffe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_open(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_all_others_are_not(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_public_that_python_knows_to_be_special(address: Address) -> None:
    carriers = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::ffff:0:0/96")]
    if is_public(address) and not any(address in carrier for carrier in carriers):
        assert address.is_global and not address.is_multicast and not address.is_reserved


@pytest.mark.parametrize("port", [80, 443, 1024, 8080, 65535])
def test_public_ports(port: int) -> None:
    assert is_public_port(port)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 79, 81, 442, 444, 1023, 65536])
def test_other_ports(port: int) -> None:
    assert not is_public_port(port)


def test_own_addresses_are_known() -> None:
    assert is_own(ipaddress.ip_address("127.0.0.1"))
    assert not is_own(ipaddress.ip_address("192.0.2.1"))


async def resolve(host: str, port: int = 443, allow: frozenset[tuple[str, int]] = frozenset()) -> list[str]:
    found = await AddressPolicy(allow, 2.0).addresses(host, port, asyncio.Semaphore(8))
    return [str(address) for address in found]


def answers(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[str]:
    """Makes every look-up answer this; returns the names that were looked up."""
    asked: list[str] = []

    def look_up(name: str, port: int) -> list[Address]:
        asked.append(name)
        return [ipaddress.ip_address(text) for text in texts]

    monkeypatch.setattr(addresses, "look_up", look_up)
    return asked


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.0",
        "[fe80::1%1]",
    ],
)
async def test_literals_are_judged(host: str) -> None:
    with pytest.raises(NotPublic):
        await resolve(host)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host", ["127.1", "127.0.0.01", "0177.0.0.1", "0x7f.1", "0x7F000001", "2130706433", "0", "0.0.0.0.", "017700000001"]
)
async def test_old_spellings_are_judged_by_their_result(host: str) -> None:
    with pytest.raises(NotPublic):
        await resolve(host)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
        "nas.home.arpa",
    ],
)
async def test_local_names_are_refused_without_a_look_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "8.8.8.8")
    with pytest.raises(NotPublic):
        await resolve(host)
    assert not asked


@pytest.mark.anyio
async def test_a_name_that_only_ends_like_a_local_one_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "8.8.8.8")
    assert await resolve("notlocal") == ["8.8.8.8"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host", ["a b", "a%2eb", "a..b", "", ".", "a" * 64, "a." * 127 + "aa", "ä.example", "a\0b", "a_b!"]
)
async def test_what_is_no_name_is_not_looked_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "8.8.8.8")
    with pytest.raises(NotFound):
        await resolve(host)
    assert not asked


@pytest.mark.anyio
async def test_a_name_is_looked_up_once_in_its_normal_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "8.8.8.8")
    assert await resolve("News.Example.") == ["8.8.8.8"]
    assert asked == ["news.example"]


@pytest.mark.anyio
@pytest.mark.parametrize("private", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1"])
async def test_one_private_answer_among_public_ones_refuses_all(private: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "8.8.8.8", private)
    with pytest.raises(NotPublic):
        await resolve("rebind.example")


@pytest.mark.anyio
async def test_a_public_address_of_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "8.8.8.8")
    monkeypatch.setattr(addresses, "is_own", lambda address: True)
    with pytest.raises(NotPublic):
        await resolve("ourselves.example")


@pytest.mark.anyio
async def test_families_take_turns_and_four_addresses_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "2606:4700::1", "2606:4700::2", "2606:4700::3", "2606:4700::1", "8.8.8.8", "8.8.4.4")
    assert await resolve("many.example") == ["2606:4700::1", "8.8.8.8", "2606:4700::2", "8.8.4.4"]


@pytest.mark.anyio
@pytest.mark.parametrize("port", [22, 25, 81, 1023])
async def test_a_low_port_is_refused_before_the_look_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, "8.8.8.8")
    with pytest.raises(NotPublic):
        await resolve("news.example", port)
    assert not asked


@pytest.mark.anyio
async def test_the_allow_list_opens_exactly_its_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    allow = frozenset({("127.0.0.1", 81), ("::1", 9000), ("site.internal", 9000)})
    answers(monkeypatch, "127.0.0.1")
    assert await resolve("127.0.0.1", 81, allow) == ["127.0.0.1"]
    assert await resolve("[::1]", 9000, allow) == ["::1"]
    assert await resolve("Site.Internal", 9000, allow) == ["127.0.0.1"]
    for host, port in [("127.0.0.1", 9000), ("localhost", 81), ("127.1", 81), ("::1", 81), ("other.example", 9000)]:
        with pytest.raises(NotPublic):
            await resolve(host, port, allow)


@pytest.mark.anyio
@pytest.mark.parametrize("error", [socket.gaierror(socket.EAI_NONAME, "unknown"), UnicodeError("label too long")])
async def test_a_name_without_an_address_is_not_found(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, port: int) -> list[Address]:
        raise error

    monkeypatch.setattr(addresses, "look_up", look_up)
    with pytest.raises(NotFound):
        await resolve("missing.example")


@pytest.mark.anyio
async def test_a_stuck_look_up_ends_in_time_and_keeps_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    release, started = threading.Event(), []

    def look_up(name: str, port: int) -> list[Address]:
        started.append(name)
        release.wait(10)
        raise OSError("late")

    monkeypatch.setattr(addresses, "look_up", look_up)
    policy, share = AddressPolicy(frozenset(), 0.05), asyncio.Semaphore(2)
    results = await asyncio.gather(
        *(policy.addresses(f"{i}.example", 443, share) for i in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, NotFound) for result in results)
    assert len(started) == 2, "the third had no slot: two threads are stuck"
    assert share.locked()
    release.set()
    async with asyncio.timeout(5):
        await share.acquire()
        await share.acquire()
