"""Which answer belongs to which path."""

from tests.site import bench, troubles
from tests.site.articles import BY_PATH, DEMO_PATHS
from tests.site.exchange import Reply, Request, html
from tests.site.layout import article_page, fragment, front_page, stylesheet
from tests.site.pictures import picture


async def answer(request: Request) -> Reply | None:
    """The answer to any request: unknown paths are 404, None closes the connection."""
    path = request.path
    if path == "/":
        return html(front_page())
    if path == "/links.txt":
        # What `coveragereport report -f` takes: the links of the demo's report.
        return Reply("".join(f"{request.origin}{demo}\n" for demo in DEMO_PATHS).encode(), content_type="text/plain")
    if path in BY_PATH:
        return html(article_page(BY_PATH[path], request.origin))
    prefix, _, rest = path.removeprefix("/").partition("/")
    if prefix == "fragments" and f"/{rest}" in BY_PATH:
        return html(fragment(BY_PATH[f"/{rest}"], request.origin))
    if prefix == "pictures":
        return Reply(picture(rest.removesuffix(".svg")), content_type="image/svg+xml")
    if prefix == "styles" and (style := stylesheet(rest)) is not None:
        return Reply(style, content_type="text/css; charset=utf-8")
    if prefix == "bench":
        return await bench.answer(rest)
    if prefix == "trouble":
        return await troubles.answer(request)
    return troubles.not_found()
