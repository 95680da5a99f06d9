"""Colours of a brand, and what can be read on them. A colour is `#rrggbb`."""

import re

DEFAULT_ACCENT = "#0b6b5d"
BLACK, WHITE = "#000000", "#ffffff"
# WCAG 2.2: text needs 4.5 : 1, lines and bars 3 : 1.
READABLE = 4.5
VISIBLE = 3.0
_SHAPE = re.compile("#[0-9a-f]{6}")
_STEPS = 50


def accent_of(text: str | None) -> str:
    """The colour that the text names; our own where it names none."""
    colour = (text or "").strip().lower()
    return colour if _SHAPE.fullmatch(colour) else DEFAULT_ACCENT


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """White or black, whichever can be read on the ground: one of them always can. White where both can."""
    return WHITE if contrast(WHITE, ground) >= READABLE else BLACK


def mark_on_white(colour: str) -> str:
    """The colour, or the first darker shade of it that is seen on white paper."""
    shades = (_darker(colour, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, WHITE) >= VISIBLE)


def _darker(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(channel * (1 - share)):02x}" for channel in _channels(colour))


def _luminance(colour: str) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
