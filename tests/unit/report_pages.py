"""Reports to render, and their pages as a browser reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

from core.document import Document, DocumentItem, render_document
from core.reasons import Reason

MADE = datetime(2025, 10, 24, 9, 12, tzinfo=UTC)
_VOID = {"br", "hr", "img", "link", "meta"}


@dataclass
class Element:
    """One element of a page: its attributes as a browser reads them, and the text inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is inside, without the style sheet."""
        if self.tag == "style":
            return ""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def __iter__(self) -> "Iterator[Element]":
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    def all(self, tag: str, class_: str | None = None) -> "list[Element]":
        return [
            one
            for one in self
            if one.tag == tag and (class_ is None or class_ in one.attributes.get("class", "").split())
        ]

    def one(self, tag: str, class_: str | None = None) -> "Element":
        (found,) = self.all(tag, class_)
        return found

    def by_id(self, name: str) -> "Element":
        (found,) = (one for one in self if one.attributes.get("id") == name)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def captured(position: int = 1, **facts: object) -> DocumentItem:
    item = DocumentItem(
        position=position,
        url=f"https://www.news.example/story-{position}",
        final_url=None,
        captured=True,
        reason=None,
        http_status=200,
        headline=f"Headline {position}",
        outlet="The Wexcombe Ledger",
        author="Harriet Vale",
        language="en",
        excerpt="The baths are open again.",
        published_on=date(2025, 10, 14),
        access="open",
        screenshot_src=f"/pictures/{position}.jpg",
        thumbnail_src=f"/pictures/{position}-small.jpg",
    )
    return replace(item, **facts)  # type: ignore[arg-type]


def failed(position: int, reason: Reason | None = Reason.TIMEOUT, status: int | None = None) -> DocumentItem:
    return DocumentItem(
        position=position,
        url=f"https://www.news.example/story-{position}",
        final_url=None,
        captured=False,
        reason=reason,
        http_status=status,
        headline=None,
        outlet=None,
        author=None,
        language=None,
        excerpt=None,
        published_on=None,
        access=None,
        screenshot_src=None,
        thumbnail_src=None,
    )


def document(*items: DocumentItem, **said: object) -> Document:
    whole = Document("Autumn launch", "Alder & Finch", MADE - timedelta(minutes=3), MADE, items)
    return replace(whole, **said)  # type: ignore[arg-type]


def page(*items: DocumentItem, **said: object) -> Element:
    builder = _Builder()
    builder.feed(render_document(document(*items, **said)).html)
    builder.close()
    assert len(builder.open) == 1, f"never closed: {builder.open[-1].tag}"
    return builder.open[0]


def big(links: int = 500) -> list[DocumentItem]:
    return [failed(n) if n % 50 == 0 else captured(n, outlet=f"Outlet {n % 83}") for n in range(1, links + 1)]
