"""A small mail server on loopback: it takes mails, in clear or under TLS, and refuses what it is told to refuse."""

import base64
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class MailServer:
    """`refuse` maps the beginning of a command to the answer it gets. `said` holds commands, `mails` what was taken."""

    context: ssl.SSLContext | None = None
    tls_at_once: bool = False
    silent: bool = False
    refuse: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, bool]] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            with suppress(OSError), connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self.silent:
            connection.recv(1)
            return
        with self._secured(connection) if self.tls_at_once else connection as first:
            first.sendall(b"220 mail.example.com\r\n")
            if self._wants_tls(first):
                with self._secured(first) as second:
                    self._wants_tls(second)

    def _secured(self, connection: socket.socket) -> ssl.SSLSocket:
        assert self.context is not None
        return self.context.wrap_socket(connection, server_side=True)

    def _wants_tls(self, connection: socket.socket) -> bool:
        """Answers commands until the client leaves, or asks for TLS."""
        secured = isinstance(connection, ssl.SSLSocket)
        with connection.makefile("rb") as reader:
            while line := reader.readline():
                command = line.decode().strip()
                self.said.append((command, secured))
                verb = command.split(" ")[0].upper()
                answer = next((text for begin, text in self.refuse.items() if command.startswith(begin)), None)
                answer = answer or self._answer(verb, secured)
                connection.sendall(answer.encode() + b"\r\n")
                if answer.startswith("354"):
                    self.mails.append(_message(reader))
                    connection.sendall(b"250 taken\r\n")
                if verb == "STARTTLS" and answer.startswith("220"):
                    return True
                if verb == "QUIT":
                    return False
        return False

    def _answer(self, verb: str, secured: bool) -> str:
        match verb:
            case "EHLO" | "HELO":
                offers = ["mail.example.com"]
                offers += ["STARTTLS"] if self.context is not None and not secured else ["AUTH PLAIN"]
                return "\r\n".join(f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers)
            case "STARTTLS":
                return "220 go on" if self.context is not None else "502 not here"
            case "AUTH":
                return "235 welcome"
            case "DATA":
                return "354 go on"
            case "QUIT":
                return "221 bye"
            case _:
                return "250 fine"

    def password_of(self, command: str) -> list[str]:
        """User name and password of an AUTH PLAIN command."""
        return base64.b64decode(command.split(" ")[2]).decode().split("\0")[1:]


def _message(reader: BinaryIO) -> bytes:
    lines = []
    while (line := reader.readline()) != b".\r\n":
        assert line, "the mail was cut off"
        lines.append(line)
    return b"".join(lines)


@contextmanager
def mail_server(**options: object) -> Iterator[MailServer]:
    """A mail server that listens; its options are the fields of `MailServer`."""
    server = MailServer(**options)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for a host name or address that signs itself: its file, and what a server uses it with."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.crt", folder / f"{name}.key"
    public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
