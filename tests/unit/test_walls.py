import pytest

from jobs.article import Article, read_article
from jobs.page import Page
from jobs.walls import is_challenge, is_wall
from tests.unit.pages import WORDS, heading, page

# What those walls say in public, shortened.
CHALLENGES = {
    "Cloudflare": page("Just a moment...", headings=(), length=60, body="Enable JavaScript and cookies to continue"),
    "Cloudflare, worded": page(
        "Just a moment...",
        headings=(heading("www.news.example"),),
        length=180,
        body="Verifying you are human. This may take a few seconds. news.example needs to review the security of your"
        " connection before proceeding. Ray ID: 8a1 Performance & security by Cloudflare",
    ),
    "Cloudflare, blocked": page(
        "Attention Required! | Cloudflare",
        headings=(heading("Sorry, you have been blocked"),),
        length=700,
        body="Sorry, you have been blocked."
        " You are unable to access news.example. Why have I been blocked? This website is"
        " using a security service to protect itself from online attacks. Cloudflare Ray ID: 8a1",
    ),
    "DataDome": page(
        "news.example", headings=(), length=0, body="Please enable JS and disable any ad blocker", challenge=True
    ),
    "DataDome, worded": page(
        "You have been blocked",
        length=220,
        body="You have been blocked. We have detected unusual activity.",
        captcha=True,
    ),
    "PerimeterX": page(
        "Access to this page has been denied",
        headings=(heading("Press & Hold to confirm you are a human (and not a bot)."),),
        length=240,
        body="Access to this page has been denied"
        " because we believe you are using automation tools. Press & Hold to confirm"
        " you are a human (and not a bot). Reference ID #a1",
    ),
    "Akamai": page(
        "Access Denied",
        length=230,
        body='Access Denied. You don\'t have permission to access "http://news.example/" on this server. Reference'
        " #18.2d351ab8.1557333295.a4e16ab",
    ),
    "Imperva": page(
        "news.example",
        headings=(),
        length=210,
        body="Request unsuccessful. Incapsula incident ID: 443000",
        challenge=True,
    ),
    "Imperva, worded": page(
        "Pardon Our Interruption",
        length=900,
        body="As you were browsing something about your browser made us think you were a bot. Please make sure that"
        " cookies and JavaScript are enabled. Complete the CAPTCHA below.",
    ),
    "Kasada": page("", headings=(), length=0, body="", pictures=1),
    "AWS WAF": page("Human Verification", headings=(), length=90, body="JavaScript is disabled.", challenge=True),
    "AWS WAF, worded": page(
        "Human Verification",
        length=300,
        body="Let's confirm you are human. Complete the security check before continuing.",
    ),
    "hCaptcha": page(
        "One more step", length=260, body="Please complete the security check to access news.example", captcha=True
    ),
    "reCAPTCHA": page(
        "Unusual traffic",
        length=400,
        body="Our systems have detected unusual traffic from your network. I'm not a robot",
    ),
    "DDoS-Guard": page("DDoS-Guard", length=210, body="Checking your browser before accessing news.example"),
    "in German": page("Einen Moment, bitte", length=230, body="Wir überprüfen, ob Sie ein Mensch sind. Kein Roboter"),
    "in French": page("Un instant…", length=240, body="Nous vérifions que vous êtes humain. Je n'êtes pas un robot"),
}

OTHERS = {
    "log-in": page("Log in", passwords=1, length=260, body="E-mail Password Forgot your password?"),
    "log-in by its path": page(
        "Harbour Times", url="https://news.example/login?next=/story", passwords=1, length=300, body="E-mail Password"
    ),
    "log-in elsewhere": page("Sign in - Harbour Times", url="https://id.example/oauth2/authorize", length=600),
    "subscribers only": page("Subscribe to continue reading", length=400),
    "log-in in German": page("Anmelden", passwords=1, length=250),
    "consent": page("Before you continue", length=1100, body="We use cookies. Accept all Reject all More options"),
    "consent in German": page("Bevor Sie fortfahren", length=700, body="Alle akzeptieren Alle ablehnen"),
    "not found": page("Page not found", length=400, body="Sorry, there is nothing here. Try our search."),
    "404": page("404", length=300, body="Oops"),
    "gone": page("This article is no longer available", length=250),
    "not found in French": page("Page introuvable", length=320),
    "sorry": page("Oops! Something went wrong", length=320),
    "parked": page(
        "news.example domain is for sale",
        length=330,
        body="This domain is for sale. Buy this domain. Related searches: heat, bricks",
    ),
    "parked, worded": page(
        "This domain is for sale", length=400, body="Inquire about this domain. Domain parking by x"
    ),
    "no headline": page("", headings=(), length=3000),
    "few words": page(length=150),
    "a wall of a paywalled page": page(
        "Log in", {"@type": "NewsArticle", "headline": "Heat", "isAccessibleForFree": False}, passwords=1, length=120
    ),
}

ARTICLES = {
    "about a wall": page("Access denied: how paywalls changed the local press"),
    "about captchas": page(
        "Are you a robot? The CAPTCHA turns 25", body=WORDS + "verify you are human. I'm not a robot."
    ),
    "about logging in": page("Log in, drop out: a decade of passwords", passwords=1),
    "called not found": page("Not found: the lost mill of Tarnwick", length=900),
    "about cookies": page("Before you continue eating: cookies of the north", body=WORDS + "Accept all cookies"),
    "about a domain": page("This domain is for sale: the trade in names", body=WORDS + "Buy this domain"),
    "just a moment": page("Just a moment of calm: the lido in winter", length=900),
    "with a log-in in its header": page(passwords=1, length=700),
    "with a captcha under its comments": page(captcha=True, length=700),
    "short, but whole": page(length=210),
    "sorry": page("Sorry, says the mayor, and means it", length=800),
}


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_robot_check_is_a_wall(name: str) -> None:
    wall = CHALLENGES[name]
    assert is_wall(wall, read_article(wall))


@pytest.mark.parametrize("name", sorted(set(CHALLENGES) - {"Kasada"}))
def test_a_robot_check_is_told_from_an_error(name: str) -> None:
    assert is_challenge(CHALLENGES[name])


@pytest.mark.parametrize("name", OTHERS)
def test_other_walls(name: str) -> None:
    wall = OTHERS[name]
    assert is_wall(wall, read_article(wall))


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_is_no_wall_whatever_it_is_about(name: str) -> None:
    article = ARTICLES[name]
    assert not is_challenge(article)
    assert not is_wall(article, read_article(article))


def test_an_ordinary_error_page_is_no_robot_check() -> None:
    for title in ("404 Not Found", "Forbidden", "Internal error"):
        assert not is_challenge(page(title, length=100, body="Nothing here."))


def test_a_headline_in_front_of_a_paywall_is_no_wall() -> None:
    locked = page("Heat", {"@type": "NewsArticle", "headline": "Heat", "isAccessibleForFree": False}, length=90)
    assert not is_wall(locked, read_article(locked))
    assert is_wall(page(length=90), Article(headline="Heat"))


def test_nothing_raises() -> None:
    for broken in (Page(), Page(url="http://[", title="\x00" * 5000), page("x" * 1000, url="::", body="(" * 3000)):
        is_wall(broken, read_article(broken))
