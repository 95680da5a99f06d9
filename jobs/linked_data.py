"""Linked data (JSON-LD, schema.org) as publishers write it: nested, by reference, in lists, often not quite JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

_MAX_NODES = 3000
_MAX_DEPTH = 12
_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_ARTICLE = re.compile(
    r"(article|blogposting|newsposting|liveblogposting|socialmediaposting|discussionforumposting|review|report|recipe|interview)$",
    re.IGNORECASE,
)
_WEAK = ("webpage", "videoobject", "podcastepisode", "creativework", "newsvideo", "itempage", "qapage", "faqpage")


class LinkedData:
    """The nodes of all blocks of a page."""

    def __init__(self, blocks: tuple[str, ...]) -> None:
        self._nodes: list[Node] = []
        self._by_id: dict[str, Node] = {}
        for block in blocks:
            self._gather(_parse(block), 0)

    def article(self, url: str = "", canonical: str = "") -> Node | None:
        """The node that is about this page: an article rather than a web page, the one that names the page's URL."""
        best: tuple[int, Node] | None = None
        for node in self._nodes:
            score = _article_score(node)
            if score and _names_url(node, url, canonical):
                score += 3
            if score and (best is None or score > best[0]):
                best = (score, node)
        return best[1] if best else None

    def follow(self, value: Any) -> Any:
        """The node that a reference `{"@id": …}` means, or the value itself."""
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self._by_id.get(value["@id"], value)
        return value

    def names(self, value: Any, depth: int = 0) -> list[str]:
        """The names in an author, publisher or the like: string, object, reference, or list of these."""
        value = self.follow(value)
        if isinstance(value, str):
            return [value]
        if depth > 4:
            return []
        if isinstance(value, list):
            return [name for entry in value[:20] for name in self.names(entry, depth + 1)]
        if isinstance(value, dict):
            if "@list" in value:
                return self.names(value["@list"], depth + 1)
            name = value.get("name")
            if name is None and ("givenName" in value or "familyName" in value):
                return [" ".join(str(value[part]) for part in ("givenName", "familyName") if value.get(part))]
            return self.names(name, depth + 1) if name is not None else []
        return []

    def site_name(self) -> str | None:
        """The name of the `WebSite` node."""
        for node in self._nodes:
            if "website" in types(node) and (names := self.names(node.get("name"))):
                return names[0]
        return None

    def organisation(self) -> str | None:
        """The name of the news organisation, where the page describes one on its own."""
        for node in self._nodes:
            if "newsmediaorganization" in types(node) and (names := self.names(node.get("name"))):
                return names[0]
        return None

    def _gather(self, value: Any, depth: int) -> None:
        if depth > _MAX_DEPTH or len(self._nodes) >= _MAX_NODES:
            return
        if isinstance(value, list):
            for entry in value:
                self._gather(entry, depth + 1)
        elif isinstance(value, dict):
            if len(value) > 1 or "@graph" in value:
                self._nodes.append(value)
                if isinstance(value.get("@id"), str) and set(value) - {"@id", "@type"}:
                    self._by_id.setdefault(value["@id"], value)
            for key, entry in value.items():
                if isinstance(entry, dict | list) and key not in ("comment", "itemListElement", "hasPart", "review"):
                    self._gather(entry, depth + 1)


def types(node: Node) -> list[str]:
    """The node's types in lower case, without their vocabulary."""
    value = node.get("@type")
    found = value if isinstance(value, list) else [value]
    return [re.split(r"[/:#]", entry)[-1].lower() for entry in found if isinstance(entry, str)]


def text(value: Any) -> str | None:
    """A string value; the first of a list, the `@value` of an object."""
    if isinstance(value, list):
        return next((found for entry in value[:5] if (found := text(entry))), None)
    if isinstance(value, dict):
        return text(value.get("@value") or value.get("name"))
    return value if isinstance(value, str) and value.strip() else None


def closed(node: Node, depth: int = 0) -> bool:
    """Whether the article, or a part of it, is said not to be free."""
    free = node.get("isAccessibleForFree")
    if free is False or (isinstance(free, str) and free.strip().rpartition("/")[2].lower() in ("false", "no", "0")):
        return True
    parts = node.get("hasPart")
    listed = parts if isinstance(parts, list) else [parts]
    return depth < 2 and any(isinstance(part, dict) and closed(part, depth + 1) for part in listed[:20])


def _article_score(node: Node) -> int:
    kinds = types(node)
    if any(_ARTICLE.search(kind) for kind in kinds):
        score = 6
    elif any(kind in _WEAK for kind in kinds):
        score = 1
    else:
        return 0
    return score + sum(1 for key in ("headline", "datePublished", "author", "articleBody") if node.get(key))


def _names_url(node: Node, url: str, canonical: str) -> bool:
    wanted = {_bare(link) for link in (url, canonical) if link}
    main = node.get("mainEntityOfPage")
    main = main.get("@id") or main.get("url") if isinstance(main, dict) else main
    return any(isinstance(link, str) and _bare(link) in wanted for link in (node.get("url"), main, node.get("@id")))


def _bare(link: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", link).partition("#")[0].partition("?")[0].rstrip("/")


def _parse(block: str) -> Any:
    for candidate in _candidates(block):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _candidates(block: str) -> Iterator[str]:
    block = block.lstrip("\ufeff")
    yield block
    bare = _COMMENT.sub("", _COMMENT.sub("", block)).strip().rstrip(";")
    yield bare
    yield _TRAILING_COMMA.sub(r"\1", bare)
    # Two objects one after the other.
    yield "[" + re.sub(r"}\s*{", "},{", _TRAILING_COMMA.sub(r"\1", bare)) + "]"
