"""One theme: colour, space and type. Colours are Radix scales, which know light and dark."""

from typing import Any

import reflex as rx

ACCENT = "teal"
GRAY = "sand"

THEME = rx.theme(accent_color=ACCENT, gray_color=GRAY, radius="large", scaling="100%", panel_background="solid")

FONT = '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace'

INK = rx.color("gray", 12)
SOFT = rx.color("gray", 11)
LINE = rx.color("gray", 5)
LINE_STRONG = rx.color("gray", 7)
PAPER = rx.color("gray", 1)
CARD = rx.color("gray", 2)
HOVER = rx.color("gray", 3)
ACCENT_INK = rx.color("accent", 11)
ACCENT_SOFT = rx.color("accent", 3)

PAGE_WIDTH = "72rem"
SIDEBAR_WIDTH = "15rem"

STYLES: dict[Any, Any] = {
    "font_family": FONT,
    "background": PAPER,
    "color": INK,
    "min_height": "100vh",
    "::selection": {"background": rx.color("accent", 5)},
    "*:focus-visible": {"outline": f"2px solid {rx.color('accent', 9)}", "outline_offset": "2px"},
    "@media (prefers-reduced-motion: reduce)": {"*": {"animation": "none !important", "transition": "none !important"}},
}

STYLESHEETS = ["/dashboard.css", "/reports.css", "/support.css"]
"""What the theme cannot say: the font's files, and parts that many pages share by a class."""
