"""The pages of the site as HTML: articles in the looks of their publications, walls, plain pages."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tests.site.articles import ARTICLE_LIST, Article
from tests.site.markup import headline_attributes, marks
from tests.site.publications import PUBLICATIONS

_PAGES = Path(__file__).parent / "pages"


@lru_cache(maxsize=1)
def environment() -> Environment:
    loader = FileSystemLoader(_PAGES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _body(article: Article) -> Markup:
    """The text file of an article as HTML: blank lines part paragraphs, `## ` and `> ` mark subheads and quotes."""
    text = (_PAGES / "articles" / f"{article.path.removeprefix('/')}.txt").read_text(encoding="utf-8")
    parts = []
    for block in text.strip().split("\n\n"):
        line = " ".join(block.split("\n"))
        if line.startswith("## "):
            parts.append(Markup("<h2>{}</h2>").format(line[3:]))
        elif line.startswith("> "):
            parts.append(Markup("<blockquote><p>{}</p></blockquote>").format(line[2:]))
        else:
            parts.append(Markup("<p>{}</p>").format(line))
    return Markup("\n").join(parts)


def _context(article: Article, origin: str) -> dict[str, object]:
    publication = PUBLICATIONS[article.publication]
    return {
        "article": article,
        "facts": article.facts,
        "publication": publication,
        "marks": marks(article, origin),
        "headline_attributes": headline_attributes(article),
        "body": _body(article),
        "teasers": publication.teasers,
    }


@lru_cache(maxsize=64)
def article_page(article: Article, origin: str) -> str:
    """The whole page of an article; of a scripted one, the shell that fetches it."""
    return environment().get_template(f"{article.publication}.html").render(_context(article, origin))


@lru_cache(maxsize=8)
def fragment(article: Article, origin: str) -> str:
    """The article alone, for the page that loads it by script."""
    return environment().get_template("story.html").render(_context(article, origin))


@lru_cache(maxsize=1)
def front_page() -> str:
    groups = [(p, [a for a in ARTICLE_LIST if a.publication == slug]) for slug, p in PUBLICATIONS.items()]
    return environment().get_template("front.html").render(groups=groups)


def stylesheet(name: str) -> bytes | None:
    path = _PAGES / "styles" / name
    return path.read_bytes() if path.parent == _PAGES / "styles" and path.is_file() else None


def plain_page(heading: str, text: str) -> str:
    return environment().get_template("plain.html").render(heading=heading, text=text)


def wall_page(kind: str) -> str:
    """A wall instead of an article: checking, moment, human, captcha, login or consent."""
    return environment().get_template("wall.html").render(kind=kind)


def trouble_article(
    name: str,
    *,
    headline: str = "Lido swimmers keep their winter season",
    author: str = "Ana Pereira",
    script: str = "",
    extra: str = "",
) -> str:
    """An ordinary article with something wrong: `script` runs after the text, `extra` is HTML below it."""
    context = {"name": name, "headline": headline, "author": author, "script": Markup(script), "extra": Markup(extra)}
    return environment().get_template("trouble.html").render(context)
