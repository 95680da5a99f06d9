"""Mail goes out: as files into a folder that is read here, or over SMTP.

`MAIL_URL` says how: a folder (the outbox of a development machine), `smtp://…` with STARTTLS, or `smtps://…`, which
speaks TLS from the first byte; user name and password stand before the host.
"""

import os
import secrets
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread

from core.mail_address import parse_sender, valid_address
from core.private_files import write_private
from core.settings import Settings
from core.wording import plain

KEPT = 500
"""Mails an outbox holds; the oldest go."""
_SUBJECT_LENGTH = 200
_SECONDS = 10
_AT_ONCE = 4
_PORTS = {"smtp": 587, "smtps": 465}


class MailError(Exception):
    """A mail that did not go out, and why: a sentence without address, password or content."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one address, as text and as HTML."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Mailer:
    """Sends mails. `send` returns when the mail is written, or taken by the mail server."""

    def __init__(self, deliver: Callable[[EmailMessage], None] | None, sender: Address) -> None:
        self._deliver = deliver
        self._sender = sender
        self._slots = anyio.CapacityLimiter(_AT_ONCE)

    @classmethod
    def open(cls, settings: Settings) -> "Mailer":
        """The mailer that the settings describe. Raises ValueError where they make no sense together."""
        url = settings.mail_url
        sender = parse_sender(settings.sender)
        if not url:
            return cls(None, sender)
        if settings.outbox is not None:
            return cls(Outbox(settings.outbox).deliver, sender)
        return cls(SmtpServer(url, sender.domain).deliver, sender)

    @property
    def is_on(self) -> bool:
        """Whether mails go anywhere. When not, `send` raises."""
        return self._deliver is not None

    async def send(self, mail: Mail) -> None:
        """Raises `MailError` when the mail did not go out."""
        if self._deliver is None:
            raise MailError("No mail is sent: MAIL_URL is not set.")
        message = compose(mail, self._sender)
        await anyio.to_thread.run_sync(self._deliver, message, limiter=self._slots)


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """The mail as a message. A subject of several lines becomes one line, so it can add no header.

    Raises `MailError` for what is not exactly one address.
    """
    if not valid_address(mail.to):
        raise MailError("The recipient is not an e-mail address.")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = (plain(mail.subject) or "Coverage Report")[:_SUBJECT_LENGTH]
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_storable(mail.text))
    message.add_alternative(_storable(mail.html), subtype="html")
    return message


def _storable(text: str) -> str:
    """Text without what no mail can carry: halves of surrogate pairs and control characters."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(char for char in whole if char >= " " or char in "\n\t")


# -- A folder -------------------------------------------------------------------------------------------------------


class Outbox:
    """A folder with one `.eml` file a mail, readable by us alone, the oldest first by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage) -> None:
        """Writes the mail, whole or not at all, and drops what is more than the outbox keeps."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z-{secrets.token_hex(4)}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._folder / name, message.as_bytes().decode())
            self._drop_oldest()
        except OSError as error:
            raise MailError(f"The mail could not be written to the outbox: {error.strerror}.") from error

    def _drop_oldest(self) -> None:
        names = sorted(entry.name for entry in os.scandir(self._folder) if entry.name.endswith(".eml"))
        for name in names[:-KEPT]:
            (self._folder / name).unlink(missing_ok=True)


# -- A mail server --------------------------------------------------------------------------------------------------


class SmtpServer:
    """A mail server. Nothing is said in clear, except to a server on this machine that offers no STARTTLS."""

    def __init__(self, url: str, own_name: str) -> None:
        parts = urlsplit(url)
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._own_name = own_name

    def deliver(self, message: EmailMessage) -> None:
        """Hands the mail over."""
        try:
            with self._connect() as connection:
                if self._user:
                    connection.login(self._user, self._password)
                connection.send_message(message)
        except smtplib.SMTPAuthenticationError:
            raise MailError("The mail server does not accept the user name and password of MAIL_URL.") from None
        except smtplib.SMTPRecipientsRefused:
            raise MailError("The mail server refuses the recipient.") from None
        except smtplib.SMTPSenderRefused:
            raise MailError("The mail server refuses the sender, MAIL_FROM.") from None
        except smtplib.SMTPResponseException as error:
            raise MailError(f"The mail server refuses the mail with {error.smtp_code}.") from None
        except smtplib.SMTPNotSupportedError:
            raise MailError("The mail server offers no TLS, or no log-in, which MAIL_URL asks for.") from None
        except smtplib.SMTPServerDisconnected:
            raise MailError("The mail server broke off, or did not answer in time.") from None
        except smtplib.SMTPException as error:
            raise MailError(f"The mail server does not take the mail: {type(error).__name__}.") from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise MailError(f"The mail server cannot be reached: {why}.") from None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._implicit_tls:
            return smtplib.SMTP_SSL(self._host, self._port, self._own_name, timeout=_SECONDS, context=context)
        connection = smtplib.SMTP(self._host, self._port, self._own_name, timeout=_SECONDS)
        try:
            connection.ehlo()
            if connection.has_extn("starttls") or not _is_here(self._host):
                connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
        return connection


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
