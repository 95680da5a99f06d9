"""A report as one page of HTML: what it is made from, how that is told to a reader, and the policy it is served with.

Nothing here reads a clock, a database or a setting: the same document always gives the same page.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache

import ada_url
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from core.colours import accent_of, ink_on, mark_on_white
from core.languages import language_name
from core.reasons import Reason, describe
from core.settings import ROOT
from core.wording import Paragraph, day, direction, paragraphs, period, plain

_FOLDER = ROOT / "templates" / "report"
_CHART_ROWS = 10
_FETCHED_WITH_THE_PAGE = 12
_NAMED_LANGUAGES = 4
_CONTENTS_FROM = 13
"""A report of so many links has an index of its outlets, and links to its parts at the top."""
_COMPACT_FROM = 61
"""A report of so many links shows them smaller."""
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """One link. Facts are None when unsure. Pictures are absolute http(s) URLs, paths from the root, or data: URIs."""

    position: int
    url: str
    final_url: str | None
    captured: bool
    reason: Reason | None
    http_status: int | None
    headline: str | None
    outlet: str | None
    author: str | None
    language: str | None
    excerpt: str | None
    published_on: date | None
    access: str | None
    screenshot_src: str | None
    thumbnail_src: str | None


@dataclass(frozen=True, slots=True)
class Brand:
    """How an account shows itself. What is None or makes no sense is left out; the logo is a PNG of ours."""

    accent: str | None = None
    intro: str | None = None
    logo_src: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report, its items in the order of its links. `account_name` may be empty; times are aware."""

    title: str
    account_name: str
    created_at: datetime
    completed_at: datetime
    items: Sequence[DocumentItem]
    brand: Brand = Brand()


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The page, and the value of the Content-Security-Policy header it must be served with."""

    html: str
    csp: str


def render_document(document: Document) -> RenderedDocument:
    """One page without script that loads nothing but the pictures its items name."""
    style, style_hash = _style(accent_of(document.brand.accent))
    report = _report(document)
    html = _template().render(report=report, style=style)
    return RenderedDocument(html, _policy([*report.pictures, *filter(None, [report.logo])], style_hash))


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template("report.html")


@lru_cache(maxsize=256)
def _style(accent: str) -> tuple[Markup, str]:
    """The style block for this colour, and its digest."""
    ink, shade = ink_on(accent), mark_on_white(accent)
    brand = f":root {{ --accent: {accent}; --on-accent: {ink}; --accent-on-white: {shade}; }}"
    style = f"{brand}\n{(_FOLDER / 'report.css').read_text(encoding='utf-8')}"
    digest = hashlib.sha256(style.encode()).digest()
    return Markup(style), base64.b64encode(digest).decode()  # noqa: S704


def _policy(pictures: Iterable[str], style_hash: str) -> str:
    # Pictures have absolute addresses where the page may be embedded or saved: their origin is named beside our own.
    origins = sorted({origin for src in pictures if src.startswith("http") and (origin := _origin(src))})
    sources = " ".join(["'self'", "data:", *origins])
    # Any page may frame the report: customers embed it in dashboards of their own, and it has nothing to click that
    # acts for its reader. Said outright, it also outweighs an X-Frame-Options header that a proxy adds.
    return (
        f"default-src 'none'; img-src {sources}; style-src 'sha256-{style_hash}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors *"
    )


def _origin(address: str) -> str | None:
    try:
        origin = ada_url.URL(address).origin
    except ValueError:
        return None
    return origin if _ORIGIN.fullmatch(origin) else None


# -- What a reader is told ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """One link as the page shows it. Text is clean, not escaped; `href` and pictures are safe to link to, or None."""

    position: int
    href: str | None
    address: str
    host: str
    headline: str
    outlet: str
    outlet_key: str
    author: str | None
    published_on: date | None
    date: str | None
    language: str | None
    language_tag: str | None
    paywalled: bool
    excerpt: str | None
    direction: str
    excerpt_direction: str
    thumbnail: str | None
    picture_href: str | None
    failure: str


@dataclass(frozen=True, slots=True)
class _Outlet:
    """An outlet and the positions of its links. `width` is its bar in percent of the longest."""

    name: str
    positions: list[int]
    width: str

    @property
    def links(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class _Report:
    """What the template shows."""

    title: str
    direction: str
    account_name: str | None
    logo: str | None
    intro: list[Paragraph]
    period: str
    period_known: bool
    completed: str
    completed_on: date
    links: int
    captured: list[_Entry]
    failed: list[_Entry]
    outlets: list[_Outlet]
    languages: list[str]
    main_language: str | None

    @property
    def pictures(self) -> list[str]:
        return [entry.thumbnail for entry in self.captured if entry.thumbnail]

    @property
    def first_pictures(self) -> list[str]:
        """Those to fetch with the page; a data: URI is in it already."""
        return [picture for picture in self.pictures[:_FETCHED_WITH_THE_PAGE] if not picture.startswith("data:")]

    @property
    def chart(self) -> list[_Outlet]:
        return self.outlets[:_CHART_ROWS]

    @property
    def chart_rest(self) -> list[_Outlet]:
        return self.outlets[_CHART_ROWS:]

    @property
    def index(self) -> list[_Outlet]:
        if len(self.captured) < _CONTENTS_FROM or len(self.outlets) == 1:
            return []
        return sorted(self.outlets, key=lambda outlet: outlet.name.casefold())

    @property
    def compact(self) -> bool:
        return len(self.captured) >= _COMPACT_FROM

    @property
    def named_languages(self) -> str:
        if len(self.languages) <= _NAMED_LANGUAGES:
            return ", ".join(self.languages)
        named = self.languages[: _NAMED_LANGUAGES - 1]
        return f"{', '.join(named)} and {len(self.languages) - len(named)} more"


def _report(document: Document) -> _Report:
    entries = [_entry(item) for item in document.items]
    captured = [entry for entry, item in zip(entries, document.items, strict=True) if item.captured]
    failed = [entry for entry, item in zip(entries, document.items, strict=True) if not item.captured]
    dates = [entry.published_on for entry in captured if entry.published_on]
    languages = Counter(entry.language for entry in captured if entry.language).most_common()
    completed_on = document.completed_at.astimezone(UTC).date()
    title = plain(document.title) or "Untitled"
    return _Report(
        title=title,
        direction=direction(title),
        account_name=plain(document.account_name),
        logo=_picture(document.brand.logo_src),
        intro=paragraphs(document.brand.intro),
        period=period(min(dates), max(dates)) if dates else day(completed_on),
        period_known=bool(dates),
        completed=day(completed_on),
        completed_on=completed_on,
        links=len(entries),
        captured=captured,
        failed=failed,
        outlets=_outlets(captured),
        languages=[language for language, _ in languages],
        main_language=languages[0][0] if languages else None,
    )


def _entry(item: DocumentItem) -> _Entry:
    href = (item.captured and _web_address(item.final_url)) or _web_address(item.url)
    host, address = _host_and_address(href or item.url)
    tag = item.language if item.language and _LANGUAGE_TAG.fullmatch(item.language) else None
    code = tag.split("-")[0].lower() if tag else None
    headline = plain(item.headline) or address
    outlet, excerpt = plain(item.outlet) or host, plain(item.excerpt)
    screenshot, thumbnail = _picture(item.screenshot_src), _picture(item.thumbnail_src)
    return _Entry(
        position=item.position,
        href=href,
        address=address,
        host=host,
        headline=headline,
        outlet=outlet,
        outlet_key=outlet.casefold(),
        author=plain(item.author),
        published_on=item.published_on,
        date=day(item.published_on) if item.published_on else None,
        language=language_name(code) if code else None,
        language_tag=tag,
        paywalled=item.access == "paywalled",
        excerpt=excerpt,
        direction=direction(headline, code),
        excerpt_direction=direction(excerpt or "", code),
        thumbnail=thumbnail or screenshot,
        # Browsers refuse to open a data: URI as a page of its own.
        picture_href=screenshot if screenshot and not screenshot.startswith("data:") else href,
        failure=describe(item.reason, item.http_status) if item.reason else "This link was not captured.",
    )


def _outlets(entries: Iterable[_Entry]) -> list[_Outlet]:
    """Outlets with the most links first, equals in the order of their first link. Spelling follows the first link."""
    names: dict[str, str] = {}
    positions: dict[str, list[int]] = {}
    for entry in entries:
        names.setdefault(entry.outlet_key, entry.outlet)
        positions.setdefault(entry.outlet_key, []).append(entry.position)
    ranked = sorted(positions.items(), key=lambda outlet: -len(outlet[1]))
    longest = len(ranked[0][1]) if ranked else 1
    return [_Outlet(names[key], found, f"{100 * len(found) / longest:.4g}%") for key, found in ranked]


# -- Addresses ------------------------------------------------------------------------------------------------------


def _web_address(url: str | None) -> str | None:
    """The URL as a browser would open it, when that is a web page's; anything else is no link."""
    try:
        parsed = ada_url.URL(url or "")
    except ValueError:
        return None
    return str(parsed.href) if parsed.protocol in ("http:", "https:") else None


def _host_and_address(url: str) -> tuple[str, str]:
    """The host without `www.`, and host and path: what stands in for an outlet and a headline nobody knows."""
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return "unknown", plain(url) or "unknown"
    host = ada_url.idna.decode(parsed.host.removeprefix("www."))
    return (host, plain(host + parsed.pathname.rstrip("/")) or host) if host else ("unknown", plain(url) or "unknown")


def _picture(src: str | None) -> str | None:
    """A picture's address, if it is one a page of ours may show."""
    if src is None or src.startswith("data:image/"):
        return src
    if src.startswith("/") and not src.startswith(("//", "/\\")):
        return src
    return src if src.startswith(("http://", "https://")) and _origin(src) else None
