"""Who wrote it: names out of the lines in which pages name their authors."""

import re
from collections.abc import Iterable

from jobs.words import clean, fold, plain, untagged

AUTHOR_CAP = 200
_MAX_NAMES = 8
_BEFORE = re.compile(
    r"^(?:(?:written|words|text|story|reported|reporting|posted|published|analysis|article|photographs?|author|review|"
    r"opinion|report)s?\s*(?:and \w+\s*)?(?:by\b|:)|by\b|von\b|par\b|por\b|de\b(?=\s+[A-ZÀ-Þ])|da\b(?=\s+[A-ZÀ-Þ])|"
    r"di\b(?=\s+[A-ZÀ-Þ])|door\b|av\b|af\b|autor(?:es|a|en|in)?\s*:|auteure?s?\s*:|autore?\s*:|texto?\s*:|text\s*:|"
    r"przez\b|автор\s*:|текст\s*:|文[:：/／]|作者[:：]|記者[:：]|بقلم\s*:?|كتبت?\s*:?|כתב\s*:?)\s*:?\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[;|¶•·/]|,? (?:and|und|et|y|e|och|og|en|i|with|&)(?= )|\s&\s| – | — )\s*", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:correspondent|editors?|reporter|writer|journalist|columnist|staff|contributor|contributing|producer|"
    r"photographer|analyst|bureau|desk|redakteur(?:in)?|redaktion|korrespondent(?:in)?|journaliste|periodista|"
    r"redactor|giornalista|associated press writer|special to|guest|senior|chief|freelance)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:\((?![^()]{1,12}\)\s+[^\W\d_][^\W\d_]).*|\b(?:for|in|at|on|im|für|pour|para)\b(?: the)? [A-Z].*|[@|].*|"
    r"\b(?:updated|published|posted|last modified|follow|email|share)\b.*|\d{1,2}[:.]\d\d.*|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b.*|"
    r"\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d.*|\d{1,2} [a-z]{3,9} \d{4}.*|\d{4}[-/.年].*)$",
    re.IGNORECASE,
)
# `Organisation for …` is a name; `Ana for the Times` is one and more.
_BODY = re.compile(
    r"(?:organi[sz]ation|association|cent(?:er|re)|council|institute|foundation|committee|society|union|school|ministry|"
    r"office|department|campaign|people|citizens|reporters|doctors) (?:for|in|at|on)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"^(?:https?:|www\.|/)|^\S+\.(?:com|org|net|co\.uk|de|fr|es)(?:/\S*)?$", re.IGNORECASE)
_PICTURE = re.compile(
    r"\s*(?:photo|image|picture|illustration|foto|bild|imagen|credit)\w*(?: by)?\s*[:/©]", re.IGNORECASE
)
_MAIL = re.compile(r"\S+@\S+\.\S+")
_NOBODY = {
    "admin", "administrator", "author", "byline", "editor", "staff", "unknown", "anonymous", "none", "null",
    "webmaster", "guest", "user", "redaction", "redaktion", "redacción", "by", "about", "authors", "undefined",
    "follow", "share", "default",
}  # fmt: skip


def author_of(entries: Iterable[str], outlet: str | None) -> str | None:
    """The names in author fields, joined by ", ". Not a URL, not the outlet itself, each name once."""
    names: list[str] = []
    for entry in entries:
        for name in split_names(entry) if not _is_outlet(entry, outlet) else []:
            if fold(name) not in {fold(known) for known in names} and not _is_outlet(name, outlet):
                names.append(name)
    return clean(", ".join(names[:_MAX_NAMES]), AUTHOR_CAP)


def split_names(entry: str) -> list[str]:
    """The names in one line: introductions, roles, dates and places dropped."""
    if _URL.match(entry.strip()):
        return []
    line = plain(untagged(entry), 6 * AUTHOR_CAP) or ""
    line = _MAIL.sub(" ", line.replace("\u00a0", " "))
    for _ in range(2):
        line = _BEFORE.sub("", line.strip(" ,:;|·-–—"))
    names = []
    for part in _BETWEEN.split(line):
        pieces = [piece for piece in part.split(",") if piece.strip()]
        for number, piece in enumerate(pieces):
            name = _name(piece)
            # What follows a name after a comma is another name, unless it reads like a role or a place.
            if name is None or (number and not _looks_like_name(name)):
                continue
            names.append(name)
    return names


def is_telling(line: str) -> bool:
    """Whether a line shows by itself that it holds a name: by capitals, or by the words that introduce one."""
    return any(character.isupper() for character in line) or _BEFORE.match(line.strip()) is not None


def is_handle(name: str) -> bool:
    """Whether a name is one that somebody has signed up with, rather than theirs."""
    return re.fullmatch(r"[^\s,]*[\d_][^\s,]*|[a-z][^\s,A-Z]*", name) is not None


def byline_of(lines: Iterable[str], outlet: str | None) -> str | None:
    """The names in lines that a reader sees: the first that holds what looks like a name."""
    for line in lines:
        if _PICTURE.match(line):
            continue
        introduced = _BEFORE.match(line.strip()) is not None
        names = [name for name in split_names(line.partition("¶")[0] or line) if _looks_like_name(name, introduced)]
        if found := author_of(names, outlet):
            return found
    return None


def _name(piece: str) -> str | None:
    whole = _BEFORE.sub("", piece.strip())
    name = _TAIL.sub("", whole).strip(" ,.:;|·-–—\"'*")
    if name and _BODY.match(whole):
        name = whole
    if not name or fold(name) in _NOBODY or _URL.match(name) or not any(c.isalpha() for c in name):
        return None
    return name if len(name) <= AUTHOR_CAP * 6 else None


def _looks_like_name(name: str, introduced: bool = False) -> bool:
    words = name.split()
    if _ROLE.search(name) or len(name) > 60 or any(c.isdigit() for c in name):
        return False
    if not any(c.islower() or c.isupper() for c in name):
        return 1 < len(name) <= 20
    capital = sum(1 for word in words if word[0].isupper())
    return (1 if introduced else 2) <= len(words) <= 6 and words[0][0].isupper() and capital >= (len(words) + 1) // 2


def _is_outlet(name: str, outlet: str | None) -> bool:
    if not outlet:
        return False
    one, other = fold(name).removeprefix("the"), fold(outlet).removeprefix("the")
    return one in (other, f"{other}staff", f"{other}editors", f"{other}com")
