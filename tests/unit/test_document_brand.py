"""The report as a page: whose it is."""

import base64
import hashlib
import re

import pytest

from core.document import Brand, render_document
from tests.unit.report_pages import Element, captured, document, page

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
LOGO = "/api/portal/logos/0123456789abcdef0123456789abcdef.png"


def style_of(shown: Element) -> str:
    return "".join(child for child in shown.one("style").children if isinstance(child, str))


def variables(shown: Element) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): ([^;]+);", style_of(shown).partition("\n")[0]))


def test_the_colour_is_that_of_the_brand_with_an_ink_that_can_be_read() -> None:
    assert variables(page(captured(), brand=Brand(accent="#FFE100"))) == {
        "accent": "#ffe100",
        "on-accent": "#000000",
        "accent-on-white": "#a89400",
    }
    assert variables(page(captured()))["accent"] == "#0b6b5d"


def test_each_colour_is_declared_once() -> None:
    # A second one, further down, would win.
    style = style_of(page(captured(), brand=Brand(accent="#ffe100")))
    assert len(re.findall(r"--(?:accent|on-accent|accent-on-white):", style)) == 3


@pytest.mark.parametrize("accent", ["red", "#000;} * { display: none", "#00000g", "</style>" + HOSTILE])
def test_what_is_no_colour_does_not_get_into_the_style(accent: str) -> None:
    assert style_of(page(captured(), brand=Brand(accent=accent))) == style_of(page(captured()))


def test_the_policy_allows_the_style_of_the_brand() -> None:
    rendered = render_document(document(captured(), brand=Brand(accent="#ffe100")))
    (style,) = re.findall(r"<style>(.*?)</style>", rendered.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in rendered.csp
    assert rendered.csp != render_document(document(captured())).csp
    assert "style=" not in rendered.html


def test_the_logo_says_whose_it_is() -> None:
    logo = page(captured(), brand=Brand(logo_src=LOGO)).one("p", "logo").one("img")
    assert logo.attributes == {"src": LOGO, "alt": "Logo of Alder & Finch"}
    assert not page(captured()).all("p", "logo")


def test_a_logo_at_another_origin_may_be_shown() -> None:
    rendered = render_document(document(captured(), brand=Brand(logo_src=f"https://coverage.example{LOGO}")))
    assert "img-src 'self' data: https://coverage.example;" in rendered.csp


@pytest.mark.parametrize("src", ["javascript:alert(1)", "//x.example/a.png", "logo.png", "data:text/html,x", ""])
def test_no_logo_but_a_picture_of_ours(src: str) -> None:
    assert not page(captured(), brand=Brand(logo_src=src)).all("p", "logo")


def test_the_introduction_keeps_its_paragraphs_and_lines() -> None:
    text = "\n Dear Ms Vale,\r\nhere it is.\n\n \n\nAlder & Finch\n"
    intro = page(captured(), brand=Brand(intro=text)).one("div", "intro")
    first, second = intro.all("p")
    assert [child for child in first.children if isinstance(child, str)] == ["Dear Ms Vale,", "here it is."]
    assert len(first.all("br")) == 1
    assert second.words == "Alder & Finch"


def test_each_paragraph_runs_its_own_way() -> None:
    intro = page(captured(), brand=Brand(intro="Dear all,\n\nطوب يخزن حرارة الريح")).one("div", "intro")
    assert [one.attributes["dir"] for one in intro.all("p")] == ["ltr", "rtl"]


@pytest.mark.parametrize("intro", [None, "", " \n \n", "\x00\n\u202e"])
def test_no_introduction_takes_no_room(intro: str | None) -> None:
    assert not page(captured(), brand=Brand(intro=intro)).all("div", "intro")


def test_hostile_branding_stays_text() -> None:
    shown = page(captured(), brand=Brand(HOSTILE, HOSTILE, f"/{HOSTILE}"), account_name=HOSTILE)
    assert not shown.all("script")
    assert all(not name.startswith("on") for one in shown for name in one.attributes)
    assert shown.one("div", "intro").words == HOSTILE
    assert shown.one("p", "logo").one("img").attributes["alt"] == f"Logo of {HOSTILE}"
