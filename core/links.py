"""Links as they come in, and links as a report keeps them. The parser is the one browsers follow (WHATWG)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import ada_url

MAX_LENGTH = 2048
_SHOWN_LENGTH = 200


class Rejection(StrEnum):
    """Why a value is not a link that can be opened."""

    NOT_A_STRING = "not_a_string"
    NOT_A_URL = "not_a_url"
    NOT_HTTP = "not_http"
    HAS_PASSWORD = "has_credentials"  # noqa: S105  # pragma: allowlist secret
    TOO_LONG = "too_long"


_SENTENCES = {
    Rejection.NOT_A_STRING: "This is not text.",
    Rejection.NOT_A_URL: "This is not a web address.",
    Rejection.NOT_HTTP: "Only links that begin with http:// or https:// can be opened.",
    Rejection.HAS_PASSWORD: "The link holds a user name or password. Remove it.",  # pragma: allowlist secret
    Rejection.TOO_LONG: f"The link is longer than {MAX_LENGTH:,} characters.",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A value that was dropped: its place in what was sent (from 0), its text cut to 200 characters, and why."""

    index: int
    value: str
    reason: Rejection

    @property
    def message(self) -> str:
        """The reason as a sentence."""
        return _SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class CleanedLinks:
    """Clean links, each once and in the order of their first appearance, and what became of the rest."""

    accepted: list[str]
    rejected: list[Rejected]
    duplicates: int


def clean_links(values: Sequence[object]) -> CleanedLinks:
    """Sorts what was sent into links, repetitions and the rest."""
    accepted: dict[str, None] = {}
    rejected = []
    duplicates = 0
    for index, value in enumerate(values):
        link = clean_link(value)
        if isinstance(link, Rejection):
            rejected.append(Rejected(index, _shown(value), link))
        elif link in accepted:
            duplicates += 1
        else:
            accepted[link] = None
    return CleanedLinks(list(accepted), rejected, duplicates)


def clean_link(value: object) -> str | Rejection:
    """The link as a browser would ask for it, or why it cannot be one.

    Host in lower case and IDNA, default port and fragment dropped; path and query stay as they are, apart from what the
    parser itself does (`/a/../b` is `/b`, a space is `%20`). Where a host name leads nobody asks here.
    """
    if not isinstance(value, str):
        return Rejection.NOT_A_STRING
    try:
        url = ada_url.URL(value.strip())
    except ValueError:  # UnicodeEncodeError, for half a surrogate pair, is one too.
        return Rejection.NOT_A_URL
    if url.protocol not in ("http:", "https:"):
        return Rejection.NOT_HTTP
    if url.username or url.password:
        return Rejection.HAS_PASSWORD
    # An empty fragment leaves its # behind.
    link: str = url.href.partition("#")[0]
    return link if len(link) <= MAX_LENGTH else Rejection.TOO_LONG


def _shown(value: object) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        text = "[[[…"
    return text[:_SHOWN_LENGTH].encode("utf-8", "replace").decode()
