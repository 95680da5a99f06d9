import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.words import clean, fold, plain, same, shorten, untagged


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Pool opens", "Pool opens"),
        ("  Pool\n\t opens \r\n", "Pool opens"),
        ("Pool\u202egnp.exe\u202c \u2066opens\u2069\u200f", "Poolgnp.exe opens"),
        ("Po\u200bol\ufeff o\u00adpens\u2060", "Pool opens"),
        ("Pool\u0000\u0007\u009b opens\u007f", "Pool opens"),
        ("Pool\ue000\U000f0000\ufffe opens\ud800", "Pool opens"),
        ("Pool\u2028opens\u2029", "Pool opens"),
        ("Cafe\u0301", "Café"),
        ("1\u00a0000 loaves", "1\u00a0000 loaves"),
        ("\u00a0 Pool \u00a0\u00a0 opens\u00a0", "Pool opens"),
        ("नहीं क\u200c्ष", "नहीं क\u200c्ष"),
        ("👩\u200d🚒 saved", "👩\u200d🚒 saved"),
        ("\u200d\u200c \u200d", None),
        ("\u202e\u2066", None),
        ("", None),
        (" \u3000 ", None),
        (None, None),
        (7, None),
        (["Pool"], None),
    ],
)
def test_words_become_one_harmless_line(sent: object, kept: str | None) -> None:
    assert clean(sent, 100) == kept


@given(st.text(max_size=300), st.integers(min_value=2, max_value=40))
def test_whatever_comes_is_short_printable_and_stays_as_it_is(text: str, cap: int) -> None:
    line = clean(text, cap)
    if line is not None:
        assert 0 < len(line) <= cap
        assert all(character.isprintable() or character in "\u200c\u200d\u00a0\u202f" for character in line)
        assert clean(line, cap) == line


def test_huge_strings_are_cut() -> None:
    assert clean("word " * 2_000_000, 30) == "word word word word word…"
    assert clean("x" * 10_000_000, 30) == "x" * 29 + "…"
    assert len(plain("&amp;" * 2_000_000, 30) or "") <= 30


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        ("short", "short"),
        ("one two three", "one two…"),
        ("one two, three", "one two…"),
        ("abcdefghijklmn", "abcdefghi…"),
    ],
)
def test_cutting_on_a_word(line: str, cut: str) -> None:
    assert shorten(line, 10) == cut


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Flour &amp; fire", "Flour & fire"),
        ("Flour &amp;amp; fire", "Flour & fire"),
        ("It&#8217;s &quot;hot&quot;", 'It’s "hot"'),
        ("a &lt;b&gt; c", "a <b> c"),
        ("&#x202e;evil", "evil"),
        ("&#0;&#xd800;x", "\ufffd\ufffdx"),
        ("Q&A", "Q&A"),
    ],
)
def test_entities_where_there_should_be_none(sent: str, kept: str) -> None:
    assert plain(sent, 100) == kept


def test_formatting_goes_and_other_tags_are_words() -> None:
    assert untagged("The <em>second</em> <a href='x'>sun</a>") == "The second sun"
    assert untagged("One<br/>two") == "One two"
    assert untagged("Why <script> and <title> matter") == "Why <script> and <title> matter"
    assert untagged("2 < 3 and 5 > 4") == "2 < 3 and 5 > 4"


def test_names_are_compared_without_accents_case_and_marks() -> None:
    assert same("The Café-Times", "the cafe times")
    assert not same("The Café-Times", None)
    assert not same("", "")
    assert fold("Straße 1!") == "strasse1"
