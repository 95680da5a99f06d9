"""Whose request it is, as an address that limits can count."""

import ipaddress
from collections.abc import Sequence

from starlette.requests import HTTPConnection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(request: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The client's address: an IPv4 address, or the /64 network of an IPv6 one.

    X-Forwarded-For is read right to left, and only as far as each hop is a trusted proxy: what stands further left
    anybody can write.
    """
    address = request.client.host if request.client else ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while hops and _is_trusted(address, trusted):
        hop = hops.pop().strip()
        if _parse(hop) is None:
            break
        address = hop
    return _group(address)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    # Some proxies write a port: 192.0.2.1:1234, [2001:db8::1]:1234.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_trusted(text: str, trusted: Sequence[Network]) -> bool:
    address = _parse(text)
    return address is not None and any(address in network for network in trusted if network.version == address.version)


def _group(text: str) -> str:
    address = _parse(text)
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
