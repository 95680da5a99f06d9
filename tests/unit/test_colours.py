"""Colours of a brand: whatever colour somebody chooses, what stands on it can be read."""

import itertools

import pytest

from core.colours import BLACK, DEFAULT_ACCENT, READABLE, VISIBLE, WHITE, accent_of, contrast, ink_on, mark_on_white

MANY = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in itertools.product(range(0, 256, 17), repeat=3)]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == 21
    assert contrast("#777777", WHITE) == pytest.approx(4.478, abs=0.001)
    assert contrast("#0b6b5d", "#0b6b5d") == 1


def test_text_on_any_colour_can_be_read() -> None:
    assert all(contrast(ink_on(colour), colour) >= READABLE for colour in MANY)


def test_lines_of_any_colour_are_seen_on_white() -> None:
    assert all(contrast(mark_on_white(colour), WHITE) >= VISIBLE for colour in MANY)


def test_a_colour_that_can_be_seen_stays_as_it_is() -> None:
    assert mark_on_white("#0b6b5d") == "#0b6b5d"
    assert mark_on_white("#ffe100") not in ("#ffe100", BLACK)


@pytest.mark.parametrize(("ground", "ink"), [("#0b6b5d", WHITE), ("#ffe100", BLACK), (WHITE, BLACK), (BLACK, WHITE)])
def test_the_ink(ground: str, ink: str) -> None:
    assert ink_on(ground) == ink


@pytest.mark.parametrize(
    "text", [None, "", "red", "#12345", "#1234567", "#12345g", "#123456;}", "#12345\uff16", "#123456\n;", "x" * 9999]
)
def test_what_is_no_colour_is_ours(text: str | None) -> None:
    assert accent_of(text) == DEFAULT_ACCENT


def test_a_colour_is_read_kindly() -> None:
    assert accent_of(" #AbCdEf ") == "#abcdef"
