"""What the collector saw on a page, as values that can be trusted to have these types."""

from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Page:
    """A document's raw words and marks. All strings are the page's, capped, otherwise as they were."""

    url: str = ""
    type: str = "text/html"
    status: int = 200
    received: bool = True
    title: str = ""
    lang: str = ""
    canonical: str = ""
    json_ld: tuple[str, ...] = ()
    metas: tuple[tuple[str, str], ...] = ()
    headings: tuple[dict[str, Any], ...] = ()
    times: tuple[dict[str, Any], ...] = ()
    bylines: tuple[dict[str, Any], ...] = ()
    item_headlines: tuple[str, ...] = ()
    item_names: tuple[str, ...] = ()
    item_authors: tuple[str, ...] = ()
    standfirst: str = ""
    paragraphs: tuple[str, ...] = ()
    length: int = 0
    """Characters of the article's text, as far as it can be told from what surrounds it."""
    total: int = 0
    body: str = ""
    pictures: int = 0
    scripts: int = 0
    passwords: int = 0
    refresh: float | None = None
    challenge: bool = False
    captcha: bool = False
    paywall: bool = False

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Self:
        """From the collector's JSON."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = raw[field.name]
            values[field.name] = tuple(map(_frozen, value)) if isinstance(value, list) else value
        return cls(**values)

    def meta(self, *names: str) -> str | None:
        """The first meta element of the first of these names that says anything."""
        for name in names:
            for key, content in self.metas:
                if key == name and content.strip():
                    return content
        return None

    def all_metas(self, name: str) -> list[str]:
        """Every meta element of a name."""
        return [content for key, content in self.metas if key == name and content.strip()]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
