"""Tells a supervisor that this process is ready, in systemd's way: our own supervisor listens, and so does systemd."""

import os
import socket
from contextlib import suppress


def notify_ready() -> None:
    """Sends READY=1 to the socket that NOTIFY_SOCKET names, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect("\0" + address[1:] if address.startswith("@") else address)
        sender.send(b"READY=1")
