"""Pages as the collector would see them, for tests of what is made of them."""

import json
from typing import Any

from jobs.page import Page

WORDS = "The council met on Tuesday evening and talked for two hours about the price of heat. "


def heading(words: str, **marks: Any) -> dict[str, Any]:
    return {
        "text": words,
        "label": "",
        "level": 1,
        "visible": True,
        "story": True,
        "masthead": False,
        "home": False,
    } | marks


def byline(words: str, **marks: Any) -> dict[str, Any]:
    known = {"text": words, "lines": words, "rel": False, "item": False, "tag": "P", "label": "byline", "aside": False}
    return known | {"names": [], "near": False} | marks


def moment(value: str = "", words: str = "", **marks: Any) -> dict[str, Any]:
    known = {"value": value, "text": words, "tag": "TIME", "label": "", "story": True, "near": False, "aside": False}
    return known | marks


def page(headline: str = "Council talks about heat", *nodes: Any, length: int = 2000, **parts: Any) -> Page:
    """An ordinary article with one h1, and linked data if nodes are given."""
    known: dict[str, Any] = {
        "url": "https://news.example/story",
        "title": headline,
        "headings": (heading(headline),),
        "paragraphs": (WORDS * 3,),
        "length": length,
        "total": length,
        "body": WORDS * 3,
        "pictures": 1,
        "json_ld": tuple(node if isinstance(node, str) else json.dumps(node) for node in nodes),
    }
    return Page(**known | parts)
