"""Where a link in a mail leads in the end: back to the site, and nowhere else."""

from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode

import ada_url
from starlette.requests import Request

from embedded.auth.errors import AuthError

_HTTP = ("http:", "https:")
_KINDS = {400: "invalid_request", 401: "unauthorized_client", 403: "access_denied", 500: "server_error"}


def target_of(request: Request, site_url: str, wanted: str = "") -> str:
    """What was asked for (`wanted`, else `redirect_to`, else the page the request came from) if it is allowed, else
    the site."""
    asked = (wanted, request.headers.get("redirect_to"), request.query_params.get("redirect_to"))
    for url in (next(filter(None, asked), ""), request.headers.get("referer", "")):
        allowed = _allowed(url, site_url)
        if allowed is not None:
            return allowed
    return site_url


def _allowed(url: str, site_url: str) -> str | None:
    """The URL as browsers understand it, if it is one of the site (on loopback at any port) or of this machine."""
    try:
        parsed, site = ada_url.URL(url), ada_url.URL(site_url)
    except ValueError:
        return None
    if parsed.protocol not in _HTTP or parsed.username or parsed.password:
        return None
    same_host = (parsed.protocol, parsed.hostname) == (site.protocol, site.hostname)
    here = _is_loopback(parsed.hostname)
    if here or (same_host and (parsed.port == site.port or parsed.hostname == "localhost")):
        return str(parsed.href)
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# -- What they come back with ---------------------------------------------------------------------------------------


def with_code(target: str, code: str) -> str:
    """For who began with a PKCE challenge."""
    return _with(target, query={"code": code})


def with_token_hash(target: str, token_hash: str, kind: str) -> str:
    """For a site that hands the token to us itself."""
    return _with(target, query={"token_hash": token_hash, "type": kind})


def with_session(target: str, session: dict[str, object], kind: str) -> str:
    """For everybody else: the tokens behind a `#`, which no server gets to see."""
    names = ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    return _with(target, fragment={name: str(session[name]) for name in names} | {"sb": "", "type": kind})


def with_message(target: str, message: str, *, pkce: bool) -> str:
    """Something is done, but nobody is signed in yet."""
    return _with(target, query={"message": message} if pkce else {}, fragment={"message": message, "sb": ""})


def with_error(target: str, error: AuthError, *, pkce: bool) -> str:
    """It did not work."""
    said = {"error_code": error.code, "error_description": error.message}
    if error.status in _KINDS:
        said = {"error": _KINDS[error.status]} | said
    return _with(target, query=said if pkce else {}, fragment=said | {"sb": ""})


def _with(target: str, *, query: dict[str, str] | None = None, fragment: dict[str, str] | None = None) -> str:
    url = ada_url.URL(target)
    if query:
        kept = [(name, value) for name, value in parse_qsl(url.search[1:], True) if name not in query]
        url.search = urlencode(kept + list(query.items()))
    url.hash = urlencode(fragment) if fragment else ""
    return str(url.href)
