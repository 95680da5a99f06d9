"""What would become of pasted links: how many are good, which are refused and why. Nothing is charged by asking."""

from dataclasses import dataclass
from itertools import islice
from typing import TypedDict

from core.link_text import values_in
from core.links import CleanedLinks, clean_links
from core.wording import plain

MAX_LINKS = 2000
_MAX_TEXT = 6 * 2**20
# More lines than that are not told one by one, nor counted.
_MAX_VALUES = 20_000
_SHOWN = 50
_SHOWN_LENGTH = 120


class Refusal(TypedDict):
    """A line that is no link, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`links` are what a report would be made of; `refused` shows the first of `refused_count`."""

    links: list[str]
    duplicates: int
    refused: list[Refusal]
    refused_count: int
    is_cut: bool

    @property
    def surplus(self) -> int:
        """Links beyond what a report takes."""
        return max(len(self.links) - MAX_LINKS, 0)


def preview_links(text: object) -> Preview:
    """Of what somebody pasted; anything but text is nothing."""
    pasted = text if isinstance(text, str) else ""
    values = list(islice(values_in(pasted[:_MAX_TEXT]), _MAX_VALUES + 1))
    cleaned: CleanedLinks = clean_links(values[:_MAX_VALUES])
    refused = [
        Refusal(text=(plain(one.value) or "…")[:_SHOWN_LENGTH], why=one.message) for one in cleaned.rejected[:_SHOWN]
    ]
    is_cut = len(pasted) > _MAX_TEXT or len(values) > _MAX_VALUES
    return Preview(cleaned.accepted, cleaned.duplicates, refused, len(cleaned.rejected), is_cut)
