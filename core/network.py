"""Which addresses are this machine's own."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def asks_proxy(url: str) -> bool:
    """Whether a proxy of the environment may be asked for this address: not for one on this machine."""
    return not is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_other_name(host: str, origin: str) -> bool:
    """Whether a Host header names this machine as `origin` does not: to a browser localhost is another site than
    127.0.0.1, with cookies of its own."""
    try:
        own, asked = urlsplit(origin).hostname or "", urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return asked != own and is_loopback(asked) and is_loopback(own)
