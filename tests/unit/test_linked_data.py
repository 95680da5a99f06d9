import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.linked_data import LinkedData, closed, text, types

NEWS = {"@type": "NewsArticle", "headline": "Heat"}


def headline(*blocks: Any, url: str = "") -> object:
    written = tuple(block if isinstance(block, str) else json.dumps(block) for block in blocks)
    node = LinkedData(written).article(url)
    return node and node.get("headline")


@pytest.mark.parametrize(
    "block",
    [
        NEWS,
        [NEWS],
        [[NEWS]],
        {"@graph": [NEWS]},
        {"@context": "https://schema.org", "@graph": [{"@type": "WebPage", "mainEntity": NEWS}]},
        {"@type": ["Thing", "NewsArticle"], "headline": "Heat"},
        {"@type": "http://schema.org/ReportageNewsArticle", "headline": "Heat"},
        {"@type": "schema:Article", "headline": "Heat"},
        {"@type": "WebPage", "mainEntity": {"@type": "BlogPosting", "headline": "Heat"}},
        {"@type": "SocialMediaPosting", "headline": "Heat"},
        f"<!-- {json.dumps(NEWS)} -->",
        f"//<![CDATA[\n{json.dumps(NEWS)}\n//]]>",
        f"{json.dumps(NEWS)};",
        '{"@type": "NewsArticle", "headline": "Heat",}',
        '{"@type": "NewsArticle", "headline": "Heat", "description": "two\nlines\tand a tab"}',
        f"{json.dumps({'@type': 'WebSite', 'name': 'x'})}\n{json.dumps(NEWS)}",
        f"\ufeff{json.dumps(NEWS)}",
    ],
)
def test_the_article_is_found_however_it_is_written(block: Any) -> None:
    assert headline(block) == "Heat"


@pytest.mark.parametrize(
    "block",
    [
        "",
        "{",
        "null",
        "NaN",
        "[" * 100_000,
        '{"a":' * 50_000,
        {"@type": None, "headline": "Heat"},
        {"@type": 5, "headline": "Heat"},
        {"headline": "Heat"},
        {"@type": "Organization", "headline": "Heat"},
        {"itemListElement": [NEWS]},
        {"@type": "WebPage", "comment": [NEWS]} | {"@type": "Thing"},
    ],
)
def test_what_is_no_article(block: Any) -> None:
    assert headline(block) is None


def test_a_broken_block_does_not_hide_the_next() -> None:
    assert headline("{broken", NEWS) == "Heat"


def test_the_article_of_this_page_is_taken_and_not_a_teaser() -> None:
    teaser = NEWS | {
        "headline": "Teaser",
        "url": "https://a.example/other",
        "datePublished": "2025-03-04",
        "author": "x",
    }
    own = NEWS | {"mainEntityOfPage": {"@id": "https://www.a.example/heat/"}}
    assert headline(teaser, own, url="http://a.example/heat?x=1#y") == "Heat"
    assert headline({"@type": "WebPage", "headline": "Page"}, NEWS) == "Heat"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Lee", ["Ann Lee"]),
        (["Ann Lee", "Bo Berg"], ["Ann Lee", "Bo Berg"]),
        ({"name": "Ann Lee"}, ["Ann Lee"]),
        ([{"name": "Ann Lee"}, {"name": ["Bo Berg", "Cy Young"]}], ["Ann Lee", "Bo Berg", "Cy Young"]),
        ({"@list": [{"name": "Ann Lee"}]}, ["Ann Lee"]),
        ({"givenName": "Ann", "familyName": "Lee"}, ["Ann Lee"]),
        ({"@id": "#ann"}, ["Ann of the graph"]),
        ([{"@id": "#ann"}, {"@id": "#nobody"}], ["Ann of the graph"]),
        ({"@id": "#loop"}, []),
        ({"name": {"name": {"name": {"name": {"name": {"name": "deep"}}}}}}, []),
        (None, []),
        (5, []),
        ([None, 5, True], []),
        ({"url": "https://a.example/ann"}, []),
    ],
)
def test_names(author: Any, names: list[str]) -> None:
    graph = [{"@id": "#ann", "name": "Ann of the graph"}, {"@id": "#loop", "name": {"@id": "#loop"}}]
    assert LinkedData((json.dumps(graph),)).names(author) == names


@pytest.mark.parametrize("value", [False, "false", "False", "no", "0", "http://schema.org/False", " False "])
def test_closed(value: Any) -> None:
    assert closed({"isAccessibleForFree": value})
    assert closed({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": value}})
    assert closed({"hasPart": [None, "x", {"isAccessibleForFree": value}]})


@pytest.mark.parametrize("value", [True, "true", "True", None, [], {}, 1, "https://schema.org/True"])
def test_open(value: Any) -> None:
    assert not closed({"isAccessibleForFree": value})
    assert not closed({})


def test_values() -> None:
    assert text([None, " ", {"@value": "Heat", "@language": "en"}]) == "Heat"
    assert text({"name": "Heat"}) == "Heat"
    assert text(5) is None
    assert types({"@type": ["https://schema.org/NewsArticle", 5, "x:Thing"]}) == ["newsarticle", "thing"]


def test_many_nodes_are_not_all_kept() -> None:
    data = LinkedData((json.dumps([{"@type": "Thing", "name": "x"}] * 50_000),))
    assert len(data._nodes) <= 3000


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["@type", "@id", "@graph", "@list", "@value", "name", "author", "url", "mainEntityOfPage", "hasPart"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_no_json_makes_it_raise(value: Any) -> None:
    data = LinkedData((json.dumps([value, NEWS | {"author": value, "isAccessibleForFree": value}]),))
    node = data.article("https://a.example/")
    assert node is not None
    data.names(node.get("author"))
    data.site_name()
    data.organisation()
    closed(node)
