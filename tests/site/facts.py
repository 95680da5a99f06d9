"""The truth about an article, which a capture of it is compared with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Facts:
    """What a careful reader would note down.

    author: names joined by ", ", None when the page names nobody. published: a date when the page tells no time, an
    aware datetime when it does, None when it tells neither. language: BCP 47 primary tag. excerpt: the page's own
    description, or its standfirst where it has no description.
    """

    headline: str
    outlet: str
    author: str | None
    published: date | datetime | None
    language: str
    excerpt: str
    access: Literal["open", "paywalled"] = "open"
