"""Signing in: who may send the form, how often, what the browser gets, and that nobody learns who is a user."""

import re
import secrets
from urllib.parse import quote

import httpx
import pytest

from core.sessions import COOKIE
from tests.integration.product import Product
from tests.people import People, Person, an_address

FORMS = [
    "/api/portal/session", "/api/portal/session/end", "/api/portal/users", "/api/portal/users/confirmation",
    "/api/portal/accounts", "/api/portal/password", "/api/portal/recovery", "/api/portal/email",
    "/api/portal/confirm", "/invitations/x",
    "/api/portal/invitations/x/acceptance", "/api/portal/invitations/x/refusal",
]  # fmt: skip


@pytest.fixture
def person(people: People) -> Person:
    return people.owner()


def send(product: Product, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    sent = {"X-Forwarded-For": an_address(), **({"Sec-Fetch-Site": "same-origin"} if headers is None else headers)}
    return httpx.post(product.url + path, data=form, headers=sent)


def try_it(product: Product, email: str, password: str, **headers: str) -> httpx.Response:
    return send(product, "/api/portal/session", headers or None, email=email, password=password)


def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(product: Product, person: Person) -> None:
    answer = try_it(product, person.email, person.password)
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(f"{COOKIE}=[0-9A-Za-z_-]{{43}}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax", cookie), (
        cookie
    )
    assert answer.cookies[COOKIE] != person.cookie
    assert answer.headers["cache-control"] == "no-store"


def test_over_https_the_cookie_stays_there(product: Product, person: Person) -> None:
    settings = {"PUBLIC_URL": "https://coverage.example", **addresses_of(product)}
    with product.web_process("api", folder=None, **settings) as web:
        headers = {"Origin": "https://coverage.example", "X-Forwarded-For": an_address()}
        form = {"email": person.email, "password": person.password}
        answer = httpx.post(f"{web.url}/api/portal/session", data=form, headers=headers)
    assert "; Secure" in answer.headers["set-cookie"]


def addresses_of(product: Product) -> dict[str, str]:
    running = product.running
    return {
        "SUPABASE_URL": running.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": running.publishable_key,
        "SECRET_KEY": running.session_key,
    }


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "nonsense"}, {},
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "none", "Origin": "null"},
        {"Referer": "{url}/sign-in"},
    ],
)  # fmt: skip
def test_a_form_of_another_site_is_refused(product: Product, path: str, headers: dict[str, str]) -> None:
    sent = {name: value.format(url=product.url) for name, value in headers.items()}
    answer = send(product, path, sent, email="a@example.com", password="a" * 10)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert "set-cookie" not in answer.headers


def test_without_metadata_our_own_origin_is_enough(product: Product, person: Person) -> None:
    # Browsers leave Sec-Fetch-Site out where a page came over plain http.
    assert try_it(product, person.email, person.password, Origin=product.url).status_code == 303


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_only_a_form_is_read(product: Product, kind: str) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = httpx.post(f"{product.url}/api/portal/session", content=b"email=a&password=b", headers=headers)
    assert answer.status_code == 415


def test_a_wrong_password_and_an_unknown_address_are_told_in_the_same_words(product: Product, person: Person) -> None:
    wrong = try_it(product, person.email, "not the password")
    unknown = try_it(product, "nobody-here@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(person.email.partition("@")[0], "nobody-here") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_who_forgot_the_password_need_not_type_the_address_again(product: Product, person: Person) -> None:
    page = try_it(product, person.email, "not the password")
    assert f'href="/forgot-password?email={quote(person.email)}"' in page.text
    assert f'value="{person.email}"' in httpx.get(f"{product.url}/forgot-password?email={quote(person.email)}").text


def test_a_mail_that_did_not_come_can_be_sent_again_from_where_it_is_waited_for(product: Product) -> None:
    email = f"{secrets.token_hex(6)}@walkers.example"
    headers = {"X-Forwarded-For": an_address(), "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=product.url, headers=headers, follow_redirects=True) as client:
        page = client.post("/api/portal/users", data={"email": email, "password": "four words of mine"})
        assert "Check your mail" in page.text
        assert f'<input type="hidden" name="email" value="{email}">' in page.text
        assert "Send the mail again" in page.text
        page = client.post("/api/portal/users/confirmation", data={"email": email})
        # Not a minute has passed.
        assert "We have just sent you a mail." in page.text
    assert "Send the mail again" not in httpx.get(f"{product.url}/check-mail?for=sign-up").text


def test_a_forgotten_password_is_answered_in_the_same_words_for_everybody(product: Product, person: Person) -> None:
    pages = []
    for email in (person.email, "nobody-there@example.com", "no address"):
        answer = send(product, "/api/portal/recovery", email=email)
        assert (answer.status_code, answer.headers["location"]) == (303, "/check-mail?for=password"), email
        pages.append(httpx.get(product.url + answer.headers["location"], cookies=answer.cookies).text)
    assert pages[0].replace(person.email, "") == pages[1].replace("nobody-there@example.com", "")


def test_a_client_that_tries_too_often_waits(product: Product, person: Person) -> None:
    stranger = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": an_address()}
    tries = [send(product, "/api/portal/session", stranger, email=person.email, password="x") for _ in range(20)]
    assert [answer.status_code for answer in tries] == [401] * 20
    # Also with another name, and with the right password.
    form = {"email": person.email, "password": person.password}
    for refused in (form, {"email": "nobody@example.com", "password": "x"}, *([form] * 90)):
        answer = send(product, "/api/portal/session", stranger, **refused)
        assert answer.status_code == 429 and "Too many tries. Wait " in answer.text
    # It keeps nobody else out: not the user, who comes from elsewhere.
    assert try_it(product, person.email, person.password).status_code == 303


def test_an_address_that_many_clients_try_waits(product: Product, person: Person) -> None:
    # They have signed in already. Without a password nothing is asked of Supabase Auth, which takes its time.
    tries = [try_it(product, person.email.upper() if n % 2 else person.email, "") for n in range(100)]
    assert [answer.status_code for answer in tries] == [400] * 99 + [429]
    # The right password does not help either, until the minute is over.
    assert try_it(product, person.email, person.password).status_code == 429
    # Who is signed in already stays so.
    with person.client() as client:
        assert client.get("/").status_code == 200


def test_what_somebody_typed_comes_back_as_text(product: Product) -> None:
    answer = try_it(product, '"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text
    assert "<script>" not in httpx.get(f"{product.url}/sign-in", params={"next": '/"><script>'}).text
