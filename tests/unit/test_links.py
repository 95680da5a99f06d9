import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.links import MAX_LENGTH, CleanedLinks, Rejection, clean_link, clean_links


@pytest.mark.parametrize(
    ("sent", "clean"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("\u00a0https://example.com/a\u3000", "https://example.com/a"),
        ("HTTPS://WWW.Example.COM/A", "https://www.example.com/A"),
        ("https://example.com", "https://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://example.com/a#", "https://example.com/a"),
        ("https://example.com/?", "https://example.com/?"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        (
            "https://example.com/%7Ea/%c3%a4/?b=%20&utm_source=x&a=1&a=2",
            "https://example.com/%7Ea/%c3%a4/?b=%20&utm_source=x&a=1&a=2",
        ),
        ("https://example.com//a//b/", "https://example.com//a//b/"),
        ("https://example.com/a b?c d", "https://example.com/a%20b?c%20d"),
        ("https://example.com/a/../b", "https://example.com/b"),
        ("https://@example.com/", "https://example.com/"),
        # Where a link leads is not asked here.
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data"),
        ("http://localhost/", "http://localhost/"),
    ],
)
def test_a_link_is_cleaned(sent: str, clean: str) -> None:
    assert clean_link(sent) == clean


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (None, Rejection.NOT_A_STRING),
        (7, Rejection.NOT_A_STRING),
        (["https://example.com"], Rejection.NOT_A_STRING),
        ({"url": "https://example.com"}, Rejection.NOT_A_STRING),
        ("", Rejection.NOT_A_URL),
        ("example.com", Rejection.NOT_A_URL),
        ("/relative", Rejection.NOT_A_URL),
        ("https://", Rejection.NOT_A_URL),
        ("https://exa mple.com/", Rejection.NOT_A_URL),
        ("https://example.com:99999/", Rejection.NOT_A_URL),
        ("https://example.com\x00/", Rejection.NOT_A_URL),
        ("https://example.com/\ud800", Rejection.NOT_A_URL),
        ("ftp://example.com/", Rejection.NOT_HTTP),
        ("javascript:alert(1)", Rejection.NOT_HTTP),
        ("file:///etc/passwd", Rejection.NOT_HTTP),
        ("data:text/html,hi", Rejection.NOT_HTTP),
        ("mailto:press@example.com", Rejection.NOT_HTTP),
        ("https://user@example.com/", Rejection.HAS_PASSWORD),
        ("https://user:secret@example.com/", Rejection.HAS_PASSWORD),  # pragma: allowlist secret
        ("https://:secret@example.com/", Rejection.HAS_PASSWORD),
    ],
)
def test_what_is_no_link_is_refused(sent: object, reason: Rejection) -> None:
    assert clean_link(sent) is reason


def test_the_length_counts_after_cleaning() -> None:
    longest = "https://example.com/".ljust(MAX_LENGTH, "a")
    assert clean_link(longest) == longest
    assert clean_link(longest + "a") is Rejection.TOO_LONG
    assert clean_link(longest + "#" + "a" * 5000) == longest
    # 700 letters that become six characters each.
    assert clean_link("https://example.com/" + "ä" * 700) is Rejection.TOO_LONG


def test_the_first_of_equals_keeps_its_place() -> None:
    links = clean_links(
        ["https://b.example", "https://A.example/", "https://b.example/#top", "https://a.example", "https://c.example"]
    )
    assert links.accepted == ["https://b.example/", "https://a.example/", "https://c.example/"]
    assert links.duplicates == 2


def test_equal_means_equal_after_cleaning_and_nothing_more() -> None:
    links = clean_links(
        ["http://a.example/", "https://a.example/", "https://a.example/?", "https://a.example/x", "https://a.example/X"]
    )
    assert len(links.accepted) == 5


def test_what_was_refused_says_where_it_stood_and_why() -> None:
    links = clean_links(["https://a.example/", "no" * 300, None, 12.5, "ftp://a.example/"])
    assert links.accepted == ["https://a.example/"]
    assert [(one.index, one.value, one.reason) for one in links.rejected] == [
        (1, ("no" * 300)[:200], Rejection.NOT_A_URL),
        (2, "null", Rejection.NOT_A_STRING),
        (3, "12.5", Rejection.NOT_A_STRING),
        (4, "ftp://a.example/", Rejection.NOT_HTTP),
    ]
    assert all(one.message.endswith(".") for one in links.rejected)


def test_what_was_refused_can_be_written_down() -> None:
    (refused,) = clean_links(["\ud800"]).rejected
    refused.value.encode()


def test_nothing_is_no_link() -> None:
    assert clean_links([]) == CleanedLinks([], [], 0)


@given(st.text(max_size=100) | st.from_regex(r"https?://[^/]{1,20}/.{0,30}"))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    link = clean_link(text)
    if not isinstance(link, Rejection):
        assert clean_link(link) == link
        assert link.isascii() and "#" not in link
