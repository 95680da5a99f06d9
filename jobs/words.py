"""Words from pages, made safe to show: one line, composed, without controls, of bounded length."""

import html
import re
import unicodedata

# Controls, direction marks and overrides, invisible joiners, private and unassigned code points.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Some scripts and emoji need the two joiners inside a word.
_JOINERS = "\u200c\u200d"
# A space that holds a number or a mark together is typography, and stays, when it stands alone.
_FIXED = "\u00a0\u202f"
_SPACES = re.compile(r"\s{2,}|\s")
# Formatting that leaks into titles and names. Other tags are taken for words: a headline may be about one.
_TAG = re.compile(r"</?(?:em|i|b|strong|span|sub|sup|a|u|mark|wbr|cite|small|font)\b[^<>]{0,200}>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|p|div|h\d|li)\b[^<>]{0,200}>", re.IGNORECASE)


def clean(text: object, cap: int) -> str | None:
    """At most `cap` characters of a page's text; None when nothing is left of it, or it is no text."""
    if not isinstance(text, str):
        return None
    text = unicodedata.normalize("NFC", text[: cap * 8])
    kept = "".join(_kept(character) for character in text)
    line = _SPACES.sub(_space, kept).strip(_JOINERS + " " + _FIXED)
    if len(line) > cap:
        line = shorten(line, cap)
    return line or None


def shorten(line: str, cap: int) -> str:
    """Cuts on a word boundary where there is one, and says so by an ellipsis."""
    if len(line) <= cap:
        return line
    cut = line[: cap - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > cap // 2 else cut).rstrip(" ,;:–—-") + "…"


def plain(text: object, cap: int) -> str | None:
    """Like `clean`, of a string that may hold entities and tags though it should not, as in linked data."""
    if not isinstance(text, str):
        return None
    text = text[: cap * 16]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return clean(text, cap)


def untagged(text: str) -> str:
    """Without the formatting tags that some sites leave in names."""
    return _BREAK.sub(" ", _TAG.sub("", text))


def _kept(character: str) -> str:
    if character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if character.isspace():
        return character if character in _FIXED else " "
    return "" if category in _HIDDEN else character


def _space(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) == 1 else " "


def same(one: str | None, other: str | None) -> bool:
    """Whether two names are the same but for case, accents and punctuation."""
    return bool(one and other) and fold(one or "") == fold(other or "")


def fold(text: str) -> str:
    """Letters and digits alone, without accents and case: to compare names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if character.isalnum())
