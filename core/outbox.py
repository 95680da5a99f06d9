"""Reads an outbox back: the newest mails of a folder, with the links in them. What the files hold is not trusted."""

import os
import re
import stat
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from heapq import nlargest
from pathlib import Path

_MAX_BYTES = 2**20
_MAX_LINKS = 20
_LINK = re.compile(r"https?://[^\s<>\"']{1,4000}")
# A sentence may go on after a link.
_NOT_THE_LINKS = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of the outbox; `name` is its file's. What it does not say, or says unreadably, is empty or None."""

    name: str
    sender: str
    to: str
    subject: str
    date: datetime | None
    text: str = field(repr=False)
    links: list[str] = field(repr=False)


def newest_mails(folder: Path, limit: int = 50) -> list[SentMail]:
    """The mails that were written last, the newest first. Files that are no mail are passed over."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(".eml")]
    except OSError:
        return []
    mails = (_read(folder / name) for name in nlargest(limit, names))
    return [mail for mail in mails if mail is not None]


def _read(path: Path) -> SentMail | None:
    raw = _content(path)
    if raw is None:
        return None
    try:
        return _parse(path.name, raw)
    # The parser of the standard library gives up on hostile files in many ways, too deep ones among them.
    except Exception:
        return None


def _content(path: Path) -> bytes | None:
    """The file's bytes; None for what is no plain file (a link, a pipe), or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            return None
        return os.read(handle, _MAX_BYTES)
    finally:
        os.close(handle)


def _parse(name: str, raw: bytes) -> SentMail:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    content = body.get_content() if body is not None else ""
    text = content.replace("\r\n", "\n") if isinstance(content, str) else ""
    date = message["Date"]
    return SentMail(
        name=name,
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=date.datetime if date is not None else None,
        text=text,
        links=links_of(text),
    )


def links_of(text: str) -> list[str]:
    """The web addresses in a text, in their order."""
    found = (match.group().rstrip(_NOT_THE_LINKS) for match in _LINK.finditer(text))
    return list(dict.fromkeys(found))[:_MAX_LINKS]
