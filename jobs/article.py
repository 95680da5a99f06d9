"""What an article says of itself: headline, outlet, author, date, language, excerpt, access. Pure: from a `Page`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from jobs.bylines import author_of, byline_of, is_handle, is_telling
from jobs.dates import Published, read_stamp, read_url, read_words
from jobs.languages import language_of
from jobs.linked_data import LinkedData, Node, closed, text
from jobs.page import Page
from jobs.words import clean, fold, plain, same, untagged

HEADLINE_CAP, OUTLET_CAP, EXCERPT_CAP = 300, 100, 300
Access = Literal["open", "paywalled"]

_SEPARATOR = re.compile(
    r"\s+[|\-–—:·•»«/@]{1,2}\s+|\s*\|\s*|:\s+(?=[A-Z][\w.]*$)|(?<=[\u3040-\u9fff\uff01-\uff5e])\s*_\s*(?=[\u3040-\u9fff])"
)
_SURE_SEPARATOR = re.compile(r"\||(?<=[\u3040-\u9fff\uff01-\uff5e])\s*_")
_PERMALINK = re.compile(r"\s*¶$|\s+#$")
_LEGAL_FORM = re.compile(r",? (?:Inc\.?|LLC|Ltd\.?|GmbH|plc)$")
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.@].*)?$")
_CHANGED = re.compile(
    r"\W*(?:(?:last )?(?:updated|modified)|aktualisiert|mis à jour|actualizado|atualizado|aggiornato|bijgewerkt|"
    r"uppdaterad|oppdatert|opdateret|zaktualizowano|aktualizace|обновлено|最終更新|更新)",
    re.IGNORECASE,
)
_DATE_ALONE = re.compile(r"[\d./-]{8,10}$|\d{1,2}\.? \w+ \d{4}$|\w+ \d{1,2}, \d{4}$")
_AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "byl", "byline", "dc.creator", "dcterms.creator",
    "dc:creator", "dcterm:creator", "authors", "article:author_name", "article_author", "cxenseparse:author",
    "citation_author",
)  # fmt: skip
_DATE_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "article.published", "dc.date.issued", "dcterms.issued", "dc.date.published",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "published_time", "publication-date",
    "date.published", "ptime", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "citation_publication_date",
    "citation_online_date", "originalpublicationdate", "date", "dc.date", "dcterms.date", "dc.date.created",
    "dcterms.created", "article_date_original", "displaydate", "pdate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Article:
    """The facts, each None when unsure. `published_on` is the page's own date; `published_at` UTC, if a time is."""

    headline: str | None = None
    outlet: str | None = None
    author: str | None = None
    language: str | None = None
    excerpt: str | None = None
    published_on: date | None = None
    published_at: datetime | None = None
    access: Access | None = None


def read_article(page: Page) -> Article:
    """The facts of a page. Never raises, whatever the page wrote."""
    data = LinkedData(page.json_ld)
    node = data.article(page.url, page.canonical)
    named = _named_outlet(page, data, node)
    headline = _headline(page, node, named)
    titled = None if named else _outlet_from_title(page, headline)
    if titled:
        headline = _headline(page, node, titled) or headline
    outlet = named or titled or _host_name(page.url)
    published = _published(page, node)
    return Article(
        headline=headline,
        outlet=outlet,
        author=_author(page, data, node, outlet, headline),
        language=_language(page, node),
        excerpt=_excerpt(page, node, headline),
        published_on=published.on if published else None,
        published_at=published.at if published else None,
        access="paywalled" if _paywalled(page, node) else "open",
    )


# -- Headline and outlet ----------------------------------------------------------------------------------------------


def _headline(page: Page, node: Node | None, outlet: str | None) -> str | None:
    for candidate in _headlines(page, node):
        line = _PERMALINK.sub("", plain(untagged(candidate), 4 * HEADLINE_CAP) or "")
        line = _without_outlet(line, page, outlet)
        if line and not _is_site(line, page, outlet):
            return clean(line, HEADLINE_CAP)
    return None


def _headlines(page: Page, node: Node | None) -> Iterator[str]:
    heading = _heading(page)
    told = text(node.get("headline")) if node else None
    if told and told.rstrip().endswith(("...", "…")) and heading:
        told = None
    name = text(node.get("name")) if node else None
    # A headline for machines that no reader sees anywhere may be a mere description.
    yield from sorted(filter(None, (told, page.meta("og:title"), name)), key=lambda line: not _is_shown(line, page))
    yield from page.item_headlines[:1]
    if heading:
        yield heading
    names = ("twitter:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "title", "citation_title")
    yield from filter(None, (page.meta(name) for name in names))
    if page.title:
        yield page.title


def _is_shown(line: str, page: Page) -> bool:
    """Whether a title or heading has these words, or is what they begin with."""
    words = fold(line)
    shown = [fold(shown) for shown in (page.title, *(heading["text"] for heading in page.headings))]
    return any(words in known or (len(known) > 10 and words.startswith(known)) for known in shown)


def _heading(page: Page) -> str | None:
    """The heading that is the article's, not the site's name in its masthead."""
    best: tuple[int, str] | None = None
    title = fold(page.title)
    for heading in page.headings:
        words = heading["text"]
        if not words or heading["home"] or heading["masthead"] or _ends_title(words, page):
            continue
        begins = bool(fold(words)) and title.startswith(fold(words))
        score = 4 * heading["story"] + 2 * heading["visible"] + 3 * (words in page.title or begins) + (len(words) > 15)
        score -= 6 * (heading["level"] - 1)
        if best is None or score > best[0]:
            best = (score, words)
    return best[1] if best else None


def _ends_title(words: str, page: Page) -> bool:
    """Whether a heading is what follows the headline in the title: the name of the site."""
    parts = _SEPARATOR.split(page.title)
    return len(parts) > 1 and len(words) <= 40 and same(words, parts[-1]) and not same(words, parts[0])


def _without_outlet(line: str, page: Page, outlet: str | None) -> str:
    """`Headline | Outlet` without the outlet, and without sections in between."""
    for _ in range(3):
        parts = list(_SEPARATOR.finditer(line))
        if not parts:
            return line
        last, first = parts[-1], parts[0]
        if _is_site(line[last.end() :], page, outlet) and line[: last.start()].strip():
            # `Headline_Section_Outlet`
            line = line[: (first if "_" in first[0] and "_" in last[0] else last).start()]
        elif _is_site(line[: first.start()], page, outlet) and line[first.end() :].strip():
            line = line[first.end() :]
        else:
            break
    heading = _heading(page)
    if (
        heading
        and len(heading) > 10
        and line != heading
        and line.startswith(heading)
        and _SEPARATOR.match(line, len(heading))
    ):
        return heading
    return line


def _is_site(words: str, page: Page, outlet: str | None) -> bool:
    """Whether words are no more than the site's name."""
    plainly = fold(words).removeprefix("the")
    host = _bare_host(page.url)
    labels = {fold(host), fold(host.partition(".")[0])} if not host.replace(".", "").isdigit() else set()
    mastheads = [
        line["text"] for line in page.headings if line["home"] or line["masthead"] or _ends_title(line["text"], page)
    ]
    names = {fold(name).removeprefix("the") for name in (outlet, page.meta("og:site_name"), *mastheads) if name}
    return not plainly or plainly in names or plainly in {label.removeprefix("the") for label in labels}


def _named_outlet(page: Page, data: LinkedData, node: Node | None) -> str | None:
    publisher = data.names(node.get("publisher")) if node else []
    organisation = data.names(node.get("sourceOrganization")) if node else []
    candidates = [
        *publisher[:1],
        page.meta("og:site_name"),
        *page.item_names[:1],
        data.site_name(),
        data.organisation(),
        *organisation[:1],
        page.meta(
            "application-name",
            "apple-mobile-web-app-title",
            "dc.publisher",
            "dcterms.publisher",
            "citation_journal_title",
            "cre",
        ),
    ]
    for candidate in candidates:
        name = plain(candidate, OUTLET_CAP)
        if name and not re.match(r"https?:|@", name) and any(c.isalnum() for c in name):
            # `Outlet | claim of the outlet`
            return _known_as(_LEGAL_FORM.sub("", re.split(r"\s+[|–—]\s+", name)[0]), page)
    return None


def _known_as(name: str, page: Page) -> str:
    """The name that readers know, where the title tells it and the page else names the company behind it."""
    parts = [part for part in (clean(part, OUTLET_CAP) for part in _SEPARATOR.split(page.title)[1:]) if part]
    for part in parts[-1:]:
        if same(f"{part} Company", name) or (fold(part) == _site_label(page.url) and fold(part) not in fold(name)):
            return part
    return name


def _outlet_from_title(page: Page, headline: str | None) -> str | None:
    title = clean(page.title, 1000) or ""
    parts = [part.strip() for part in _SEPARATOR.split(title) if part and part.strip()]
    if len(parts) < 2:
        return None
    if same(headline, title) and _heading(page) is None:
        # The title is all there is, the name of the site included.
        headline = None
    rest = [part for part in parts if not headline or fold(part) not in fold(headline)]
    host = fold(_bare_host(page.url).partition(".")[0])
    for part in (parts[-1], parts[0]):
        if fold(part) and (fold(part).removeprefix("the") in host or host in fold(part)) and len(host) > 2:
            return clean(part, OUTLET_CAP)
    heading = _heading(page) or headline
    known = heading is not None and fold(title).startswith(fold(heading))
    last = parts[-1]
    if (
        rest
        and last in rest
        and len(last) <= 40
        and len(last.split()) <= 5
        and (known or _SURE_SEPARATOR.search(title))
    ):
        return clean(last, OUTLET_CAP)
    return None


def _host_name(url: str) -> str | None:
    return clean(_bare_host(url), OUTLET_CAP)


def _site_label(url: str) -> str:
    """`harbour` of `www.harbour.co.uk`."""
    labels = _bare_host(url).split(".")[:-1]
    while len(labels) > 1 and len(labels[-1]) <= 3:
        labels.pop()
    return fold(labels[-1]) if labels else ""


def _bare_host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return re.sub(r"^(?:www\d?|m|mobile|amp|edition|news)\.(?=[^.]+\.)", "", host)


# -- Author and date --------------------------------------------------------------------------------------------------

_BYLINE = re.compile(r"byline|author|writer|reporter|credit|contributor")
_NO_BYLINE = re.compile(r"bio|(?:author|byline)\w*[-_]*(?:views|count|image|photo|avatar|social|follow|title|role)")


def _author(page: Page, data: LinkedData, node: Node | None, outlet: str | None, headline: str | None) -> str | None:
    told = data.names(node.get("author")) or data.names(node.get("creator")) if node else []
    shown = [line for line in page.bylines if not line["aside"] and not same(line["text"], headline)]
    shown.sort(key=lambda line: not line["near"])
    rel = [line for line in shown if line["rel"] and line["tag"] == "A"]
    rel = [line for line in rel if line["near"]] or rel
    sources = [
        told,
        *(_spoken(name, page.all_metas(name)) for name in _AUTHOR_METAS),
        list(page.item_authors),
        # Those of other articles follow further below.
        [line["text"] for line in rel[:4]],
    ]
    named = next((found for source in sources if (found := author_of(source, outlet))), None)
    if named and not is_handle(named):
        return named
    lines = [
        line for line in shown if not _NO_BYLINE.search(line["label"]) and (line["near"] or is_telling(line["text"]))
    ]
    # A mere link to an author's page: one of a menu's, when there are many.
    links = [line for line in lines if not (line["rel"] or line["item"] or _BYLINE.search(line["label"]))]
    if len(links) > 3:
        lines = [line for line in lines if line not in links]
    lines.sort(key=lambda line: (not line["near"], "byline" not in line["label"], line in links))
    return byline_of((line["lines"] or line["text"] for line in lines), outlet) or named


def _spoken(meta: str, names: list[str]) -> list[str]:
    """Libraries write `Lee, Ann`, as may who describes a page in their manner."""
    libraries = meta.startswith(("dc", "citation"))
    return [re.sub(r"^([^\s,]+), ([^,]+)$", r"\2 \1", name.strip()) if libraries else name for name in names]


def _published(page: Page, node: Node | None) -> Published | None:
    for found in _stamps(page, node):
        if found is not None:
            return found
    return None


def _stamps(page: Page, node: Node | None) -> Iterator[Published | None]:
    if node:
        yield read_stamp(text(node.get("datePublished")))
    yield read_stamp(page.meta(_DATE_METAS[0]))
    times = [time for time in page.times if not time["aside"] and not _CHANGED.match(time["text"])]
    yield from (read_stamp(time["value"] or time["text"]) for time in times if "datepublished" in time["label"])
    yield from (read_stamp(page.meta(name)) for name in _DATE_METAS[1:])
    if node:
        yield read_stamp(text(node.get("dateCreated"))) or read_stamp(text(node.get("uploadDate")))
    fresh = [time for time in times if not re.search(r"modif|updat|edit", time["label"])]
    yield from (read_stamp(time["value"]) for time in fresh if time["near"])
    yield from (read_words(time["text"]) for time in fresh if time["near"])
    elements = [time for time in fresh if time["tag"] in ("TIME", "ABBR")]
    yield from (read_stamp(time["value"]) for time in elements if time["story"])
    yield from (read_words(time["text"]) for time in elements if time["story"])
    yield read_url(page.url)
    yield from (read_stamp(time["value"]) or read_words(time["text"]) for time in elements if len(elements) <= 3)
    yield from (read_words(line["text"]) for line in page.bylines if not line["aside"])
    others = [time for time in fresh if time["tag"] not in ("TIME", "ABBR")]
    yield from (read_stamp(time["value"]) or read_words(time["text"]) for time in others if time["story"])
    yield from (read_words(part) for part in _SEPARATOR.split(page.title)[1:] if part and _DATE_ALONE.match(part))
    # Beside the story: its own date, or those of others, or today's.
    days = {found for time in others if (found := read_stamp(time["value"]) or read_words(time["text"]))}
    if len(days) == 1 and (only := days.pop()).on < datetime.now(UTC).date() - timedelta(days=1):
        yield only
    yield read_url(page.canonical)


# -- The rest ---------------------------------------------------------------------------------------------------------


def _language(page: Page, node: Node | None) -> str | None:
    told = text(node.get("inLanguage")) if node else None
    for candidate in (
        page.lang,
        page.meta("og:locale"),
        page.meta("content-language", "language", "dc.language"),
        told,
    ):
        found = _LANGUAGE.match((candidate or "").strip().partition(",")[0])
        if found and found[1].lower() not in ("und", "mul", "zxx"):
            parts = [found[1].lower(), found[2] and found[2].title(), found[3] and found[3].upper()]
            return "-".join(part for part in parts if part)
    return language_of(page.paragraphs)


def _excerpt(page: Page, node: Node | None, headline: str | None) -> str | None:
    told = text(node.get("description")) if node else None
    metas = (
        page.meta("og:description"),
        page.meta("description"),
        told,
        page.meta("twitter:description", "dc.description", "dcterms.description"),
    )
    # A heading or a byline may look like a paragraph, a short one.
    paragraphs = sorted(page.paragraphs, key=lambda words: len(words) < 60)
    for candidate in (*metas, page.standfirst, *paragraphs):
        words = plain(untagged(candidate), EXCERPT_CAP) if candidate else None
        if words and len(words) >= 20 and not same(words, headline):
            return words
    return None


def _paywalled(page: Page, node: Node | None) -> bool:
    if node and closed(node):
        return True
    if (page.meta("article:content_tier", "og:article:content_tier") or "").strip().lower() == "locked":
        return True
    free = node.get("isAccessibleForFree") if node else None
    return page.paywall and not (free is True or str(free).lower() in ("true", "yes"))
