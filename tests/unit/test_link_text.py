"""Links found in pasted text, as people and their programs write it."""

import time

import pytest

from core.link_text import links_in, values_in


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://a.example/one", ["https://a.example/one"]),
        ("HTTP://A.example/One", ["HTTP://A.example/One"]),
        ("Seen in the Post: https://a.example/one.", ["https://a.example/one"]),
        ("(https://a.example/one), and", ["https://a.example/one"]),
        ("https://en.example/wiki/Lido_(London)", ["https://en.example/wiki/Lido_(London)"]),
        ("see https://en.example/wiki/Lido_(London)).", ["https://en.example/wiki/Lido_(London)"]),
        ("[Post](https://a.example/one)", ["https://a.example/one"]),
        ("**https://a.example/one**", ["https://a.example/one"]),
        ('<a href="https://a.example/one">Post</a>', ["https://a.example/one"]),
        ("<https://a.example/one>", ["https://a.example/one"]),
        ("https://a.example/1,https://b.example/2;http://c.example",
         ["https://a.example/1", "https://b.example/2", "http://c.example"]),
        ("https://a.example/one,two", ["https://a.example/one,two"]),
        ("https://web.example/2020/https://a.example/", ["https://web.example/2020/https://a.example/"]),
        ("https://a.example/?u=https://b.example/", ["https://a.example/?u=https://b.example/"]),
        ("https://a.example/?u=www.b.example", ["https://a.example/?u=www.b.example"]),
        ("www.a.example/one and www.b.example", ["https://www.a.example/one", "https://www.b.example"]),
        ("press@www.a.example", []),
        ("https://a.example/ä?q=ü#x", ["https://a.example/ä?q=ü#x"]),
        ("https://a.example/1\thttps://b.example/2\u00a0https://c.example/3",
         ["https://a.example/1", "https://b.example/2", "https://c.example/3"]),
        ("", []),
        ("nothing here", []),
    ],
)  # fmt: skip
def test_links_are_found(text: str, links: list[str]) -> None:
    assert list(links_in(text)) == links


def test_a_line_without_a_link_is_a_value_of_its_own() -> None:
    text = (
        "\ufeffOur coverage\r\n\r\n https://a.example/1 (front page)\nhtp://b.example\na.example/two\nftp://c.example/"
    )
    assert list(values_in(text.lstrip("\ufeff"))) == [
        "Our coverage",
        "https://a.example/1",
        "htp://b.example",
        "https://a.example/two",
        "ftp://c.example/",
    ]


@pytest.mark.parametrize(
    "text", ["https://" + "(" * 200_000 + ")" * 200_000, "www." * 300_000, "https://a" * 100_000, ")" * 1_000_000,
             "https://a" + ")" * 2_000_000]
)  # fmt: skip
def test_hostile_text_takes_no_time(text: str) -> None:
    started = time.process_time()
    list(values_in(text))
    assert time.process_time() - started < 2
