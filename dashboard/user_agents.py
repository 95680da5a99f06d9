"""Browsers in words, as far as they tell themselves: "Firefox on Windows"."""

import re

# The first that is found: browsers also name those that they want to be taken for.
_BROWSERS = [
    (r"\bEdg(e|A|iOS)?/", "Edge"),
    (r"\bOPR/|\bOpera\b", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bVivaldi/", "Vivaldi"),
    (r"\bYaBrowser/", "Yandex Browser"),
    (r"\b(Firefox|FxiOS)/", "Firefox"),
    (r"\b(Chrome|CriOS|HeadlessChrome)/", "Chrome"),
    (r"\bChromium/", "Chromium"),
    (r"\bVersion/[\d.]+ .*\bSafari/", "Safari"),
    (r"\bAppleWebKit/", "A WebKit browser"),
]
_SYSTEMS = [
    (r"\bWindows\b", "Windows"),
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMac OS X\b|\bMacintosh\b", "macOS"),
    (r"\bLinux\b|\bX11\b", "Linux"),
]
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{0,30}(?=/)")


def in_words(user_agent: str) -> str:
    """Browser and system, or the name of a program, of a `User-Agent` header."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser:
        return f"{browser} on {system}" if system else browser
    program = _PROGRAM.match(user_agent)
    if program and program[0] != "Mozilla":
        return program[0]
    return f"A browser on {system}" if system else "An unknown browser"


def is_handheld(user_agent: str) -> bool:
    """Whether it is a phone or a tablet."""
    return _first(_SYSTEMS, user_agent) in ("iPhone", "iPad", "Android")


def _first(patterns: list[tuple[str, str]], text: str) -> str:
    return next((name for pattern, name in patterns if re.search(pattern, text)), "")
