"""Links in what people paste and in the cells of their files: text with links somewhere in it."""

import re
from collections.abc import Iterator

# Two links with nothing but a separator between them are two; a link within another's path or query is part of it.
_LINK = re.compile(r"(?i)https?://(?:(?![,;|](?:https?://|www\.))[^\s<>\"])+|(?<![\w@./=-])www\.[^\s<>\",;|]+")
_WITHOUT_SCHEME = re.compile(r"(?i)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}(:[0-9]+)?/\S*")
# From its first character that is no space. One by one: of a million lines nobody reads the rest.
_LINE = re.compile(r"\S[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
# What follows a link in a sentence, a list or in Markdown.
_AFTER = ".,;:!?'’”»*|"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
# Longer than any link that can be opened: what it ends with is of no interest.
_TOO_LONG = 4096


def links_in(text: str) -> Iterator[str]:
    """Every link in the text, as it is written; where the scheme is left out (`www.…`) with https."""
    for match in _LINK.finditer(text):
        link = _trimmed(match.group())
        yield link if link[:4].lower() == "http" else f"https://{link}"


def values_in(text: str) -> Iterator[str]:
    """The links of each line; a line without one as it is, so that its author learns why it is refused."""
    for line in (match.group().rstrip() for match in _LINE.finditer(text)):
        found = False
        for link in links_in(line):
            found = True
            yield link
        if not found:
            yield f"https://{line}" if _WITHOUT_SCHEME.fullmatch(line) else line


def _trimmed(link: str) -> str:
    end = len(link)
    while 0 < end <= _TOO_LONG:
        last = link[end - 1]
        if last in _BRACKETS:
            # A bracket that was opened within the link belongs to it.
            if link.count(_BRACKETS[last], 0, end) >= link.count(last, 0, end):
                break
        elif last not in _AFTER:
            break
        end -= 1
    return link[:end]
