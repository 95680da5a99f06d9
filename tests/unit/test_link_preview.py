"""What a new report's form says of pasted links before anything is charged."""

import time

import pytest

from dashboard.link_preview import MAX_LINKS, preview_links


def test_good_links_repetitions_and_the_rest_are_told_apart() -> None:
    found = preview_links(
        "Coverage of May\nhttps://A.example/1\nhttps://a.example/1#top\nhttps://b.example/2 and www.c.example\n"
        "https://user@d.example/\nftp://e.example/\n"
    )
    assert found.links == ["https://a.example/1", "https://b.example/2", "https://www.c.example/"]
    assert (found.duplicates, found.refused_count, found.surplus, found.is_cut) == (1, 3, 0, False)
    assert [(one["text"], one["why"]) for one in found.refused] == [
        ("Coverage of May", "This is not a web address."),
        ("https://user@d.example/", "The link holds a user name or password. Remove it."),
        ("ftp://e.example/", "Only links that begin with http:// or https:// can be opened."),
    ]


@pytest.mark.parametrize("text", ["", " \n\t\n", None, 7, ["https://a.example"], {"text": "x"}, True])
def test_nothing_is_nothing(text: object) -> None:
    found = preview_links(text)
    assert (found.links, found.refused_count, found.is_cut) == ([], 0, False)


def test_more_links_than_a_report_takes_are_counted() -> None:
    found = preview_links("\n".join(f"https://a.example/{number}" for number in range(MAX_LINKS + 3)))
    assert (len(found.links), found.surplus) == (MAX_LINKS + 3, 3)


def test_a_flood_is_bounded_and_said_to_be() -> None:
    started = time.process_time()
    found = preview_links("x\n" * 4_000_000)
    assert found.is_cut and found.refused_count == 20_000 and len(found.refused) == 50
    assert time.process_time() - started < 3


def test_what_is_shown_is_short_and_plain() -> None:
    (one,) = preview_links("\u202e" + "x" * 5000 + "\0").refused
    assert one["text"] == "x" * 120
