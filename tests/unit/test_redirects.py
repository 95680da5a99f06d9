"""Where links of mails may lead: the site, this machine, and nowhere else."""

import httpx
import pytest
from starlette.requests import Request

from embedded.auth.errors import AuthError
from embedded.auth.redirects import target_of, with_code, with_error, with_message, with_session, with_token_hash

SITE = "https://reports.example.com"


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": raw})


def asked(url: str, site: str = SITE) -> str:
    return target_of(request(str(httpx.QueryParams({"redirect_to": url}))), site)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://reports.example.com", "https://reports.example.com/"),
        (
            "https://reports.example.com/api/portal/confirm?a=b#c",
            "https://reports.example.com/api/portal/confirm?a=b#c",
        ),
        ("HTTPS://Reports.Example.com:443/x", "https://reports.example.com/x"),
        ("https://reports.example.com/a\r\nSet-Cookie: a=b", "https://reports.example.com/aSet-Cookie:%20a=b"),
        ("http://127.0.0.1:5173/x", "http://127.0.0.1:5173/x"),
        ("http://[::1]:9/x", "http://[::1]:9/x"),
    ],
)
def test_the_site_and_this_machine_are_allowed(url: str, target: str) -> None:
    assert asked(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://reports.example.com/x",
        "https://reports.example.com:8443/x",
        "https://reports.example.com.evil.example/x",
        "https://reports.example.com@evil.example/x",
        "https://user:word@reports.example.com/x",  # pragma: allowlist secret
        "https://evil.example\\@reports.example.com/x",
        "//evil.example/x",
        "/\\evil.example",
        "/relative",
        "javascript:alert(1)",
        "javascript://reports.example.com/%0aalert(1)",
        "data:text/html,x",
        "ftp://127.0.0.1/x",
        "http://localhost/x",
        "http://10.0.0.1/x",
        "http://0.0.0.0/x",
        "https://\0",
        "",
    ],
)
def test_everything_else_ends_at_the_site(url: str) -> None:
    assert asked(url) == SITE


def test_on_localhost_any_port_will_do() -> None:
    assert asked("http://localhost:5173/x", "http://localhost:8000") == "http://localhost:5173/x"
    assert asked("https://localhost:5173/x", "http://localhost:8000") == "http://localhost:8000"


def test_who_asks_for_no_page_comes_back_to_the_one_they_came_from() -> None:
    here = "https://reports.example.com/sign-up"
    assert target_of(request(referer=here), SITE) == here
    assert target_of(request(referer="https://evil.example/"), SITE) == SITE
    assert target_of(request(redirect_to=here), SITE) == here
    assert target_of(request("redirect_to=https://evil.example", referer=here), SITE) == here
    assert target_of(request("redirect_to=http://127.0.0.1:1/"), SITE, here) == here


def test_what_comes_back_is_added_to_what_is_there() -> None:
    target = f"{SITE}/confirm?next=%2Freports&code=forged#part"
    assert with_code(target, "a code") == f"{SITE}/confirm?next=%2Freports&code=a+code"
    assert with_token_hash(target, "abc", "signup").endswith("&token_hash=abc&type=signup")
    session = {"access_token": "a", "expires_at": 1, "expires_in": 2, "refresh_token": "r", "token_type": "bearer"}
    url = httpx.URL(with_session(target, session | {"user": {}}, "recovery"))
    expected = {name: str(value) for name, value in session.items()} | {"sb": "", "type": "recovery"}
    assert dict(httpx.QueryParams(url.fragment)) == expected
    assert url.params["code"] == "forged"


@pytest.mark.parametrize("pkce", [False, True])
def test_errors_stand_behind_the_hash_and_for_a_server_in_the_query_too(pkce: bool) -> None:
    error = AuthError(403, "otp_expired", "Email link is invalid or has expired")
    for url, names in (
        (with_error(SITE, error, pkce=pkce), {"error", "error_code", "error_description"}),
        (with_message(SITE, "Half done", pkce=pkce), {"message"}),
    ):
        parsed = httpx.URL(url)
        assert set(httpx.QueryParams(parsed.fragment)) == names | {"sb"}
        assert set(parsed.params) == (names if pkce else set())
