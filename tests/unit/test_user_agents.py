"""Browsers in words, from headers that browsers really send."""

import pytest

from dashboard.user_agents import in_words, is_handheld

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MACOS = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_SAMSUNG = f"Mozilla/5.0 (Linux; Android 15; SM-S931B) {_WEBKIT}"
_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (f"{_WINDOWS} {_WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{_WINDOWS} {_WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge on Windows"),
        (f"{_WINDOWS} {_WEBKIT} Chrome/138.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{_MACOS} Version/18.5 Safari/605.1.15", "Safari on macOS"),
        (f"{_IOS} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{_IOS} CriOS/138.0.7204.33 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{_IOS} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (f"{_IOS} Mobile/15E148", "A WebKit browser on iPhone"),
        (f"{_SAMSUNG} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", "An unknown browser"),
        ("Mozilla/5.0", "An unknown browser"),
        ("Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "A browser on Windows"),
        ("<script>alert(1)</script>", "An unknown browser"),
        ("x" * 300, "An unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(header: str, words: str) -> None:
    assert in_words(header) == words


def test_phones_and_tablets_are_told_apart() -> None:
    assert is_handheld(_IOS) and is_handheld("Mozilla/5.0 (Linux; Android 15)")
    assert not is_handheld(_WINDOWS) and not is_handheld("curl/8.5.0")
