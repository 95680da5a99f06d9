"""Pages that make trouble, each with what a capture of it must come to by the rules."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.reasons import Reason
from tests.site import hostile, slow
from tests.site.articles import BY_PATH, TARGET
from tests.site.exchange import Reply, Request, as_json, html, redirect
from tests.site.layout import article_page, plain_page, trouble_article, wall_page

FOREVER = "/trouble/dribble-picture.png"
PRIVATE = "http://127.0.0.1:1/"
METADATA = "http://169.254.169.254/latest/meta-data/"


@dataclass(frozen=True, slots=True)
class Expected:
    """How a capture of a path ends. `also_reasons` and `also_statuses` are as right as the first ones."""

    reason: Reason | None
    http_status: int | None
    also_reasons: frozenset[Reason | None] = frozenset()
    also_statuses: frozenset[int | None] = frozenset()

    @property
    def reasons(self) -> frozenset[Reason | None]:
        return self.also_reasons | {self.reason}

    @property
    def statuses(self) -> frozenset[int | None]:
        return self.also_statuses | {self.http_status}

    def allows(self, reason: Reason | None, http_status: int | None) -> bool:
        return reason in self.reasons and http_status in self.statuses


Answer = Callable[[Request], Awaitable[Reply | None]]
_FINE = Expected(None, 200)
_WALL = Expected(Reason.BLOCKED, 200)
# A download ends the navigation before a page exists, so its status may be unknown.
_NO_PAGE = Expected(Reason.NOT_A_PAGE, 200, also_statuses=frozenset({None}))
# A server that hangs after its headers: the status was seen, whether it is kept is a matter of taste.
_HUNG = Expected(Reason.TIMEOUT, 200, also_statuses=frozenset({None}))
_PRIVATE = Expected(Reason.REFUSED, None, also_statuses=frozenset({200, 302}))


def not_found() -> Reply:
    return html(plain_page("Page not found", "Sorry, there is nothing at this address. It may have moved."), 404)


def _page(text: str, status: int = 200) -> Answer:
    async def answer(request: Request) -> Reply:
        return html(text, status)

    return answer


def _file(body: bytes, content_type: str, **headers: str) -> Answer:
    async def answer(request: Request) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(body, content_type=content_type, headers=named)

    return answer


def _to(location: str) -> Answer:
    async def answer(request: Request) -> Reply:
        return redirect(location)

    return answer


async def _loop(request: Request) -> Reply:
    other = "/trouble/redirect-loop" if request.path.endswith("-back") else "/trouble/redirect-loop-back"
    return redirect(other)


async def _no_answer(request: Request) -> None:
    return None


async def _no_content(request: Request) -> Reply:
    return Reply(status=204)


async def _flaky(request: Request) -> Reply:
    if request.visit == 1:
        return html(plain_page("Internal error", "Something went wrong on our side."), 500)
    return html(article_page(BY_PATH[TARGET], request.origin))


async def _not_an_article(request: Request) -> Reply:
    return as_json({"articles": [{"headline": "Not an article", "text": "x" * 400}]})


def _refresh(target: str) -> Answer:
    page = f'<!doctype html><title>One moment</title><meta http-equiv="refresh" content="0;url={target}"><p>Moving on.'
    return _page(page)


_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)

_TROUBLES: dict[str, tuple[Answer, Expected]] = {
    # Slow and endless.
    "/trouble/slow": (slow.after(60.0), Expected(Reason.TIMEOUT, None)),
    "/trouble/slow-headers-then-dribble": (slow.dribble, _HUNG),
    "/trouble/slow-but-fine": (slow.after(3.0), _FINE),
    "/trouble/endless": (slow.endless, Expected(Reason.TOO_LARGE, 200, frozenset({Reason.TIMEOUT}), frozenset({None}))),
    "/trouble/huge": (slow.huge, Expected(Reason.TOO_LARGE, 200, also_statuses=frozenset({None}))),
    "/trouble/hung-images": (_page(trouble_article("hung-images", extra=f'<img src="{FOREVER}" alt="">' * 3)), _FINE),
    # Errors.
    "/trouble/404": (_page(plain_page("Page not found", "Nothing here."), 404), Expected(Reason.HTTP_ERROR, 404)),
    "/trouble/410": (_page(plain_page("Gone", "This article was withdrawn."), 410), Expected(Reason.HTTP_ERROR, 410)),
    "/trouble/403": (_page(plain_page("Forbidden", "Not for you."), 403), Expected(Reason.HTTP_ERROR, 403)),
    "/trouble/500": (_page(plain_page("Internal error", "It broke."), 500), Expected(Reason.HTTP_ERROR, 500)),
    # An error page that looks just like an article is still an error.
    "/trouble/500-with-article": (_page(trouble_article("error"), 500), Expected(Reason.HTTP_ERROR, 500)),
    # One attempt fails, the next is fine: two attempts end as captured.
    "/trouble/flaky/once": (_flaky, Expected(Reason.HTTP_ERROR, 500, frozenset({None}), frozenset({200}))),
    # No reason of the rules names a loop. The nearest: there is no page. Its last answer was a 302.
    "/trouble/redirect-loop": (
        _loop,
        Expected(
            Reason.NOT_A_PAGE, None, frozenset({Reason.HTTP_ERROR, Reason.BLOCKED, Reason.CONNECT}), frozenset({302})
        ),
    ),
    "/trouble/no-answer": (_no_answer, Expected(Reason.CONNECT, None)),
    # Not a page.
    "/trouble/download": (
        _file(b"PK\x05\x06" + bytes(18), "application/zip", Content_Disposition='attachment; filename="kit.zip"'),
        _NO_PAGE,
    ),
    "/trouble/html-download": (
        _file(trouble_article("download").encode(), "text/html", Content_Disposition="attachment"),
        _NO_PAGE,
    ),
    "/trouble/pdf": (_file(_PDF, "application/pdf"), _NO_PAGE),
    "/trouble/image": (_file(slow.PIXEL, "image/png"), _NO_PAGE),
    "/trouble/json": (_not_an_article, _NO_PAGE),
    "/trouble/empty": (_page(""), _NO_PAGE),
    "/trouble/204": (_no_content, Expected(Reason.NOT_A_PAGE, 204, also_statuses=frozenset({None}))),
    # Hostile words in the facts: captured, and harmless wherever they are shown.
    **{f"/trouble/hostile/{name}": (_page(page), _FINE) for name, page in hostile.PAGES.items()},
    # Hostile scripts.
    "/trouble/script-never-ends": (_page(trouble_article("busy", script="while(true){}")), _HUNG),
    "/trouble/crash": (
        _page(trouble_article("crash", script=hostile.CRASH)),
        Expected(Reason.CRASHED, 200, frozenset({Reason.TIMEOUT}), frozenset({None})),
    ),
    "/trouble/dialogs": (_page(trouble_article("dialogs", script=hostile.DIALOGS)), _FINE),
    "/trouble/popups": (_page(trouble_article("popups", script=hostile.POPUPS)), _FINE),
    # Walls instead of the article.
    "/trouble/bot-wall": (_page(wall_page("checking")), _WALL),
    "/trouble/bot-wall/moment": (_page(wall_page("moment")), _WALL),
    "/trouble/bot-wall/human": (_page(wall_page("human")), _WALL),
    "/trouble/bot-wall/captcha": (_page(wall_page("captcha")), _WALL),
    "/trouble/bot-wall/403": (
        _page(wall_page("checking"), 403),
        Expected(Reason.BLOCKED, 403, frozenset({Reason.HTTP_ERROR})),
    ),
    "/trouble/log-in-wall": (_page(wall_page("login")), _WALL),
    "/trouble/consent-wall": (_page(wall_page("consent")), _WALL),
    "/trouble/no-headline": (_page(hostile.NO_HEADLINE), _WALL),
    "/trouble/short": (_page(plain_page("Council meets on Monday", "More soon.")), _WALL),
    "/trouble/soft-404": (
        _page(plain_page("Page not found", "Sorry, we cannot find the page that you asked for.")),
        Expected(Reason.BLOCKED, 200, frozenset({Reason.HTTP_ERROR, Reason.NOT_A_PAGE})),
    ),
    # Leading elsewhere.
    "/trouble/redirect": (_to(TARGET), _FINE),
    "/trouble/meta-refresh": (_refresh(TARGET), _FINE),
    "/trouble/private/redirect": (_to(PRIVATE), _PRIVATE),
    "/trouble/private/refresh": (_refresh(PRIVATE), _PRIVATE),
    "/trouble/private/metadata": (_to(METADATA), _PRIVATE),
    "/trouble/private/metadata-refresh": (_refresh(METADATA), _PRIVATE),
}

TROUBLES: dict[str, Expected] = {path: expected for path, (_, expected) in _TROUBLES.items()}


async def answer(request: Request) -> Reply | None:
    if request.path == FOREVER:
        return await slow.dribble_picture(request)
    if request.path.startswith("/trouble/flaky/"):
        return await _flaky(request)
    if request.path == "/trouble/redirect-loop-back":
        return await _loop(request)
    known = _TROUBLES.get(request.path)
    return not_found() if known is None else await known[0](request)
