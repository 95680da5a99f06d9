"""What the forms of sign-in and account share: whose they are, what they hold, and where they lead."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.client_address import client_address
from api.errors import ApiError
from api.pages import page
from api.services import Services, services_of
from core.encryption import Undecipherable
from core.sessions import COOKIE, COOKIE_SECONDS, Session

_MAX_FIELDS = 20
_MAX_TEXT = 4096


def require_same_origin(request: Request) -> None:
    """Refuses what another site made a browser send: every request that a cookie speaks for passes here."""
    site = request.headers.get("sec-fetch-site")
    if site is None and request.headers.get("origin") == services_of(request).settings.origin:
        return
    if site not in ("same-origin", "none") or _is_foreign(request):
        raise ApiError(403, "foreign_origin", "This was not sent from our own pages. Open the page again and retry.")


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once. Raises `ApiError` for what no form of ours sends."""
    require_same_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise ApiError(415, "unsupported_media_type", "Send the form as application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise ApiError(400, "malformed_form", "The form cannot be read.") from None
    return {name: value[:_MAX_TEXT] for name, value in pairs}


def safe_next(path: str | None) -> str:
    """A path of ours to go on to; the front page for anything else."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\", "/api/")) or not path.isprintable():
        return "/"
    return path


def form_page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of ours with forms in it, which nobody keeps."""
    html, csp = page(template, forms=True, **values)
    headers = {"Content-Security-Policy": csp, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, status, headers)


def go(path: str) -> RedirectResponse:
    """On to another page, which is asked for anew."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


async def session_of(request: Request) -> Session | None:
    """Who is signed in in this browser, as of now."""
    return await services_of(request).sessions.find(request.cookies.get(COOKIE), now=True)


async def take_try(request: Request, email: str = "") -> int:
    """Counts a try at signing in or at a mail. Seconds to wait; 0: go on.

    A client that has none left is not counted for the address: alone it would keep out whose address it is.
    """
    services = services_of(request)
    rate = await services.limits.try_identity(client_address(request, services.trusted_proxies))
    if rate.allowed and email:
        rate = await services.limits.try_email(email)
    return 0 if rate.allowed else rate.seconds


def set_session_cookie(response: Response, services: Services, value: str) -> None:
    """The browser is signed in."""
    _set(response, services, COOKIE, value, COOKIE_SECONDS)


def clear_session_cookie(response: Response, services: Services) -> None:
    """The browser is signed out."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_is_secure(services))


def set_note(response: Response, services: Services, name: str, note: Mapping[str, str], seconds: int) -> None:
    """Something this browser keeps for us for a while, which only we can read or write."""
    _set(response, services, name, services.cipher.encrypt(json.dumps(dict(note))).decode(), seconds)


def note_of(request: Request, name: str, seconds: int) -> dict[str, str]:
    """The note that this browser keeps, if it is ours and not older than that."""
    try:
        note: dict[str, str] = json.loads(
            services_of(request).cipher.decrypt(request.cookies.get(name, "").encode(), seconds)
        )
    except (Undecipherable, UnicodeEncodeError):
        return {}
    return note


def _set(response: Response, services: Services, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=_is_secure(services)
    )


def _is_secure(services: Services) -> bool:
    return services.settings.origin.startswith("https://")


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and origin != services_of(request).settings.origin
