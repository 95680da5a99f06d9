"""What the web process answers to a browser beside the API: pages, files, headers, and nothing of Reflex's own."""

import re
from urllib.parse import quote

import httpx
import pytest

from core.sessions import COOKIE
from dashboard.build import CLIENT
from tests.integration.product import Product
from tests.people import People, Person, an_address


@pytest.fixture(scope="module")
def owner(people: People) -> Person:
    return people.owner()


@pytest.fixture(scope="module")
def other(people: People) -> Person:
    """So that nobody signs in too often."""
    return people.owner()


def post_session(product: Product, **form: str) -> httpx.Response:
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": an_address()}
    return httpx.post(f"{product.url}/api/portal/session", data=form, headers=headers)


# -- Pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/settings/keys", "/settings/keys?page=2&sort=name", "/settings/team/"])
def test_a_page_leads_to_sign_in_and_back(product: Product, owner: Person, path: str) -> None:
    answer = httpx.get(product.url + path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={quote(path, safe='/')}")
    assert answer.content == b""
    form = httpx.get(product.url + answer.headers["location"]).text
    assert f'name="next" value="{path.replace("&", "&amp;")}"' in form
    back = post_session(product, email=owner.email, password=owner.password, next=path)
    assert (back.status_code, back.headers["location"]) == (303, path)
    with owner.client() as client:
        assert client.get(path).status_code == 200
        # Who is signed in already is not asked again.
        assert client.get("/sign-in", params={"next": path}).headers["location"] == path


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "evil.example", " //evil.example",
        "/api/v1/docs", "/api/portal/session/end", "\u202e/", "",
    ],
)  # fmt: skip
def test_nobody_is_led_away_after_signing_in(product: Product, owner: Person, wanted: str) -> None:
    answer = post_session(product, email=owner.email, password=owner.password, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with owner.client() as client:
        assert client.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["/.//evil.example", "/..//evil.example", "/%2f/evil.example", "/%5cevil.example"])
def test_what_looks_like_a_way_out_stays_inside(product: Product, other: Person, wanted: str) -> None:
    answer = post_session(product, email=other.email, password=other.password, next=wanted)
    assert httpx.URL(product.url).join(answer.headers["location"]).netloc == httpx.URL(product.url).netloc


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "../../etc", "\u00e9".encode().decode("latin-1")])
def test_a_cookie_that_is_no_session_is_nobody(product: Product, cookie: str) -> None:
    answer = httpx.get(product.url, headers=[(b"Cookie", f"{COOKIE}={cookie}".encode("latin-1"))])
    assert answer.headers["location"] == "/sign-in?next=/"


def test_other_cookies_of_the_host_do_no_harm(product: Product, owner: Person) -> None:
    cookies = f'theme={{"dark": [1, 2]}}; x y=1; {COOKIE}={owner.cookie}; @@'
    assert httpx.get(product.url, headers={"Cookie": cookies}).status_code == 200
    assert httpx.get(f"{product.url}/sign-in", headers={"Cookie": cookies}).status_code == 303


def test_the_support_area_is_not_there_for_others(product: Product, people: People, owner: Person) -> None:
    with owner.client() as client, people.staff().client() as staff:
        unknown = client.get("/no/such/page")
        assert unknown.status_code == 404
        for path in ("/support", "/support/", "/support/audit", "/support/accounts/0"):
            answer = client.get(path)
            assert (answer.status_code, answer.content) == (404, unknown.content)
        assert staff.get("/support/no/such/page").status_code == 404


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.2", "[::1]"])
@pytest.mark.parametrize("path", ["/", "/sign-in?next=/settings/keys", "/invitations/x", "/nowhere"])
def test_another_name_of_this_machine_leads_to_its_own(product: Product, host: str, path: str) -> None:
    answer = httpx.get(product.url + path, headers={"Host": f"{host}:{product.port}"})
    assert (answer.status_code, answer.headers["location"]) == (307, product.url + path)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "x:y:z", "["])
def test_a_host_header_leads_nowhere(product: Product, host: str) -> None:
    answer = httpx.get(product.url, headers={"Host": host})
    assert answer.headers.get("location", "") in ("", "/sign-in?next=/")
    assert host not in answer.text


def test_programs_use_whatever_name(product: Product) -> None:
    for path in ("/api/v1/openapi.json", "/healthz"):
        assert httpx.get(product.url + path, headers={"Host": f"localhost:{product.port}"}).status_code == 200


# -- What is not served ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/_upload", "/ping", "/_health", "/_all_routes", "/auth-codespace", "/_event", "/_event/",
             "/_event/?EIO=4&transport=polling", "/_event/?EIO=4&transport=websocket"],
)  # fmt: skip
def test_of_reflex_nothing_is_served_but_the_websocket(product: Product, owner: Person, method: str, path: str) -> None:
    with owner.client() as client:
        answer = client.request(method, path)
    assert answer.status_code == (404 if method == "GET" else 405)
    assert "access-control-allow-origin" not in answer.headers
    assert not answer.text.startswith("0{")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nope", "/api/v1/nope", "/api/portal/nope"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_what_is_not_below_api_is_json(product: Product, path: str, accept: str) -> None:
    answer = httpx.get(httpx.URL(product.url, raw_path=path.encode()), headers={"Accept": accept})
    assert answer.status_code == 404
    assert (answer.headers["content-type"], answer.json()["code"]) == ("application/json", "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2frxconfig.txt",
        "/assets/..%5c..%5cfingerprint.txt", "/../fingerprint.txt", "/assets//etc/passwd.txt", "/index.html",
        "/__spa-fallback.html", "/assets/", "/assets", "/%00.txt", "/assets/" + "a" * 5000,
    ],
)  # fmt: skip
def test_no_file_is_served_but_those_of_the_build(product: Product, owner: Person, path: str) -> None:
    with owner.client() as client:
        answer = client.get(httpx.URL(product.url, raw_path=path.encode()))
    assert answer.status_code == 404
    assert "root:" not in answer.text and "Traceback" not in answer.text


# -- Headers --------------------------------------------------------------------------------------------------------


def test_a_page_tells_no_balance_before_it_knows_one(product: Product, owner: Person) -> None:
    with owner.client() as client:
        for path in ("/", "/reports/new"):
            page = client.get(path).text
            assert "New report" in page and "0 credits" not in page


def test_pages_have_headers_that_keep_them_safe(product: Product, owner: Person) -> None:
    with owner.client() as client:
        for path, kept in (("/", "no-cache"), ("/nowhere", "no-cache"), ("/invitations/x", "no-store")):
            headers = client.get(path).headers
            policy: dict[str, str] = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
            assert "unsafe" not in policy.get("script-src", "'none'")
            assert "*" not in headers["content-security-policy"]
            assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
            assert policy["form-action"] == "'self'"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == kept
            assert headers["referrer-policy"] == "same-origin"
            assert "server" not in headers and "access-control-allow-origin" not in headers
        socket = f"connect-src 'self' ws{product.url.removeprefix('http')};"
        assert socket in client.get("/").headers["content-security-policy"]


def test_files_are_kept_as_long_as_they_are_the_same(product: Product, owner: Person) -> None:
    with owner.client() as client:
        page = client.get("/").text
    scripts = re.findall(r'(/assets/[\w./-]+\.js)"', page)
    assert len(scripts) > 3
    for script in scripts:
        # They are nobody's: no cookie is needed.
        answer = httpx.get(product.url + script, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] in ("public, max-age=31536000, immutable", "no-cache")
        assert answer.headers["x-content-type-options"] == "nosniff"
    missing = httpx.get(f"{product.url}/assets/entry.client-AAAA.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


def test_the_address_in_the_build_is_ours(product: Product) -> None:
    naming = [path.name for path in (CLIENT / "assets").glob("*.js") if b"localhost:49999" in path.read_bytes()]
    assert naming
    for name in naming:
        served = httpx.get(f"{product.url}/assets/{name}").text
        assert "49999" not in served and f"127.0.0.1:{product.port}" in served


def test_who_has_just_left_or_joined_is_led_as_of_now(people: People) -> None:
    team = people.team()
    with team.member.client() as client:
        assert client.get("/").status_code == 200
        people.remove(team.account, team.member.user)
        assert client.get("/").headers["location"] == "/welcome"
        people.add(team.account, team.member.user, "member")
        assert client.get("/").status_code == 200
