"""How an article states its facts to machines: one style of mark-up each, as sites do."""

import json
from datetime import datetime

from markupsafe import Markup

from tests.site.articles import Article
from tests.site.publications import PUBLICATIONS


def _published(article: Article) -> str | None:
    return None if article.facts.published is None else article.facts.published.isoformat()


def _names(article: Article) -> list[str]:
    return article.facts.author.split(", ") if article.facts.author else []


def _meta(key: str, name: str, content: str | None) -> Markup:
    return Markup('<meta {}="{}" content="{}">\n').format(Markup(key), name, content) if content else Markup("")


def _script(data: object) -> Markup:
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c")
    return Markup('<script type="application/ld+json">\n{}\n</script>\n').format(Markup(text))


def _news(article: Article, origin: str) -> dict[str, object]:
    data: dict[str, object] = {
        "@type": "NewsArticle",
        "headline": article.facts.headline,
        "description": article.facts.excerpt,
        "inLanguage": article.facts.language,
        "mainEntityOfPage": origin + article.path,
        "image": [f"{origin}/pictures/{article.picture}.svg"],
        "publisher": {"@type": "NewsMediaOrganization", "name": article.facts.outlet},
    }
    if article.facts.published is not None:
        data["datePublished"] = _published(article)
    if article.facts.access == "paywalled":
        data["isAccessibleForFree"] = False
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".behind-paywall"}
    return data


def _json_ld(article: Article, origin: str) -> Markup:
    people = [{"@type": "Person", "name": name} for name in _names(article)]
    data = {"@context": "https://schema.org", **_news(article, origin), "author": people}
    return _meta("name", "description", article.facts.excerpt) + _script(data)


def _graph(article: Article, origin: str) -> Markup:
    """Everything by reference, as large content systems write it."""
    people = [
        {"@type": "Person", "@id": f"{origin}/#person-{i}", "name": name} for i, name in enumerate(_names(article), 1)
    ]
    news = _news(article, origin) | {
        "@id": f"{origin}{article.path}#article",
        "publisher": {"@id": f"{origin}/#organization"},
        "author": [{"@id": person["@id"]} for person in people],
    }
    graph = [
        {"@type": "WebSite", "@id": f"{origin}/#website", "name": article.facts.outlet, "url": f"{origin}/"},
        {"@type": "NewsMediaOrganization", "@id": f"{origin}/#organization", "name": article.facts.outlet},
        {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": article.section}]},
        news,
        *people,
    ]
    return _script({"@context": "https://schema.org", "@graph": graph})


def _open_graph(article: Article, origin: str) -> Markup:
    parts = [
        _meta("name", "description", article.facts.excerpt),
        _meta("property", "og:type", "article"),
        _meta("property", "og:title", article.facts.headline),
        _meta("property", "og:description", article.facts.excerpt),
        _meta("property", "og:site_name", article.facts.outlet),
        _meta("property", "og:url", origin + article.path),
        _meta("property", "og:image", f"{origin}/pictures/{article.picture}.svg"),
        _meta("property", "article:published_time", _published(article)),
        *(_meta("property", "article:author", name) for name in _names(article)),
    ]
    return Markup("").join(parts)


def _named_meta(article: Article, origin: str) -> Markup:
    return (
        _meta("name", "description", article.facts.excerpt)
        + _meta("name", "author", article.facts.author)
        + _meta("name", "date", _published(article))
    )


def _site_only(article: Article, origin: str) -> Markup:
    """What names the page and the site, but neither author nor date."""
    return (
        _meta("name", "description", article.facts.excerpt)
        + _meta("property", "og:title", article.facts.headline)
        + _meta("property", "og:site_name", article.facts.outlet)
    )


_HEADS = {
    "json-ld": _json_ld,
    "graph": _graph,
    "open-graph": _open_graph,
    "named-meta": _named_meta,
    "site-only": _site_only,
}


def marks(article: Article, origin: str) -> dict[str, Markup]:
    """The mark-up of an article: `head`, and the `article`, `byline`, `time` and `outlet` elements of its body."""
    head = _HEADS[article.markup](article, origin) if article.markup in _HEADS else Markup("")
    publication = PUBLICATIONS[article.publication]
    return {
        "head": Markup("<title>{}</title>\n").format(article.title or article.facts.headline) + head,
        "article": Markup(
            ' itemscope itemtype="https://schema.org/NewsArticle"' if article.markup == "microdata" else ""
        ),
        "byline": _byline(article),
        "time": _time(article),
        "outlet": Markup(
            '<span itemprop="publisher" itemscope itemtype="https://schema.org/Organization">'
            '<meta itemprop="name" content="{}"></span>'
        ).format(publication.name)
        if article.markup == "microdata"
        else Markup(""),
    }


def headline_attributes(article: Article) -> Markup:
    return Markup(' itemprop="headline"' if article.markup == "microdata" else "")


def _byline(article: Article) -> Markup:
    if article.facts.author is None or not article.byline:
        return Markup("")
    if article.markup == "microdata":
        person = Markup(
            '<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
            '<span itemprop="name">{}</span></span>'
        )
    elif article.markup in ("plain", "scripted"):
        person = Markup('<a rel="author" href="/">{}</a>')
    else:
        person = Markup("{}")
    line = Markup("{}").format(article.byline)
    for name in _names(article):
        line = line.replace(name, person.format(name))
    return line


def _time(article: Article) -> Markup:
    if article.facts.published is None:
        return Markup("")
    if article.markup not in ("plain", "microdata", "scripted", "site-only"):
        return Markup("<span>{}</span>").format(article.dateline)
    attribute = Markup(' itemprop="datePublished"' if article.markup == "microdata" else "")
    kind = "" if isinstance(article.facts.published, datetime) else " day"
    return Markup('<time class="when{}" datetime="{}"{}>{}</time>').format(
        kind, _published(article), attribute, article.dateline
    )
