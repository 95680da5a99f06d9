"""The port of the web process: whether it can be had, and how it is reached from here."""

import errno
import socket
from contextlib import suppress

from cli.environment import Failure
from core.settings import Settings


def check_port(settings: Settings) -> None:
    """Raises `Failure` when the web process could not listen."""
    try:
        with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
            return
    except OSError as error:
        # A name that nobody knows comes as a negative number.
        if error.errno is not None and (error.errno < 0 or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)):
            raise Failure(f"HOST={settings.host} is no address of this machine.", 2) from None
        if error.errno == errno.EACCES:
            raise Failure(f"PORT={settings.port} needs root. Choose one above 1023.", 2) from None
        raise Failure(
            f"Port {settings.port} is in use by another program. Stop that program, or choose another port:"
            f" PORT={settings.port + 1} script/server"
        ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with suppress(OSError), socket.create_server((host, port)):
        return True
    return False


def own_address(settings: Settings) -> str:
    """Where this machine reaches the web process, as host:port."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 (compared, not bound)
    return f"[{host}]:{settings.port}" if ":" in host and not host.startswith("[") else f"{host}:{settings.port}"
