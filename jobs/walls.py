"""Walls instead of articles: robot checks, log-ins, consent pages, pages that say there is no page.

A wall is short. Words alone never make one of a page with an article's worth of text: it may be an article about walls.
"""

import re
from urllib.parse import urlsplit

from jobs.article import Article
from jobs.page import Page

MIN_TEXT = 200
"""Characters of text below which there is no article."""
_LONG = 1200
"""Characters of text from which only the page's machinery, not its words, can make it a wall."""

_CHALLENGE_TITLE = re.compile(
    r"^\W*(?:just a moment|one moment,? please|please wait|attention required|"
    r"access (?:to this page has been )?denied|ddos-guard|(?:security|robot|human|bot) (?:check|verification)|"
    r"checking your browser|verifying you are human|are you (?:a robot|human|not a robot)|"
    r"(?:please )?verify (?:that )?you(?:'|’)?(?: a)?re (?:a )?human|you have been blocked|pardon our interruption|"
    r"request (?:rejected|blocked|unsuccessful)|captcha|bot detected|un momento|einen moment|un instant|"
    r"nur einen moment|momentje|um momento|chwileczkę|один момент|подождите|請稍候|请稍候|しばらくお待ち|잠시만|"
    r"zugriff verweigert|accès (?:refusé|temporairement)|acceso denegado|accesso negato|acesso negado|perimeterx|"
    r"datadome|incapsula|validation request|unusual traffic|human verification|blocked)\b",
    re.IGNORECASE,
)
_CHALLENGE_WORDS = re.compile(
    r"verify(?:ing)? (?:that )?you are (?:a )?(?:human|not a (?:ro)?bot)|"
    r"(?:confirm|prove|proves?) (?:that )?you(?:'|’| a)re (?:a )?(?:human|not a (?:ro)?bot)|"
    r"checking (?:your browser|if the site connection is secure)|enable javascript and cookies to continue|"
    r"unusual (?:traffic|activity)|automated (?:traffic|requests|access|queries)|press (?:and|&) hold|"
    r"complete (?:the|a) (?:captcha|security check)|i am not a robot|i'm not a robot|security of your connection|"
    r"review(?:s|ing) the security|access to this page has been denied|you don't have permission to access|"
    r"you have been blocked|sorry, you have been blocked|performance (?:&|and) security by cloudflare|ray id|"
    r"incident id|reference #\d|turn(?:ing)? (?:javascript|cookies) on|"
    r"please (?:enable|turn on) (?:javascript|js|cookies)|not a robot|kein roboter|"
    r"ungewöhnlichen? (?:datenverkehr|aktivität)|überprüf\w+,? (?:ob|dass) sie ein mensch|"
    r"vérifi\w+ que vous êtes (?:un )?humain|n'êtes pas un robot|no eres un robot|no soy un robot|"
    r"verifi\w+ que (?:eres|es|você é) (?:un |um )?human|tráfico inusual|não (?:é|sou) um robô|non sei un robot|"
    r"geen robot|nie jesteś robotem|вы не робот|ロボットではありません|로봇이 아닙니다|人机验证|安全检查",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^\W*(?:(?:please )?(?:log ?in|sign ?in|log ?on)\b|(?:member |subscriber )?login\b|anmelden|einloggen|"
    r"bitte (?:melden|loggen)|connexion\b|se connecter|connectez-vous|iniciar sesión|inicia sesión|identifícate|"
    r"accedi\b|entrar\b|inloggen|zaloguj|logga in|logg inn|войти|вход\b|ログイン|登录|로그인|"
    r"create (?:a free |an )?account|register to (?:continue|read)|subscribe to (?:continue|read)|subscribers only)",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:login|log-in|signin|sign-in|sso|auth|oauth2?|anmelden|connexion|accounts?/login)(?:[/.]|$)", re.IGNORECASE
)
_CONSENT_TITLE = re.compile(
    r"^\W*(?:before you continue|we (?:value|care about) your privacy|your privacy|"
    r"privacy (?:settings|preferences|choices)|cookie (?:consent|settings|preferences)|consent\b|"
    r"bevor (?:sie|du) (?:fortfahren|weiter)|(?:wir|uns) .{0,20}privatsphäre|datenschutzeinstellungen|"
    r"avant de continuer|antes de continuar|prima di continuare)",
    re.IGNORECASE,
)
_CONSENT_WORDS = re.compile(
    r"accept all|reject all|manage (?:choices|options|preferences)|alle akzeptieren|tout accepter|aceptar todo|"
    r"accetta tutt|cookies?",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(
    r"^\W*(?:(?:error )?404\b|"
    r"(?:the |this )?(?:page|article|content|story|requested page|url)(?: you requested)? (?:was |is |could |can)?"
    r"(?:not|n't|no longer|cannot)? ?(?:be )?(?:not )?(?:found|available|exist)|"
    r"(?:page|article|content) (?:not found|unavailable|missing|removed)|not found\b|"
    r"(?:sorry|oops|uh[- ]oh)\W|nothing (?:was )?found|we can(?:'|’)?t find|seite (?:wurde )?nicht gefunden|"
    r"page (?:introuvable|non trouvée)|página no encontrada|página não encontrada|"
    r"pagina (?:non trovata|niet gevonden)|sidan (?:hittades inte|kunde inte hittas)|nie znaleziono|"
    r"страница не найдена|ページが見つかりません|页面不存在|페이지를 찾을 수)",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"(?:this |the )?domain(?: name)? (?:\S+ )?(?:is|may be|has been|was) (?:for sale|parked|expired|registered)|"
    r"buy this domain|domain parking|parked (?:free|domain)|inquire about this domain|is for sale!?\s|"
    r"diese domain (?:steht|ist) |ce (?:nom de )?domaine est|dieser domainname|este dominio está",
    re.IGNORECASE,
)


def is_challenge(page: Page) -> bool:
    """A robot check, or a refusal made to look like one."""
    if page.length >= _LONG:
        return False
    title = any(_CHALLENGE_TITLE.match(words) for words in _titles(page))
    words = len({found.lower() for found in _CHALLENGE_WORDS.findall(page.body)})
    return (
        page.challenge
        or (title and (words > 0 or page.length < MIN_TEXT))
        or words >= 2
        or bool(words and page.captcha)
    )


def is_wall(page: Page, article: Article) -> bool:
    """Whether the page shows something else than an article."""
    if article.headline is None:
        return True
    if page.length < MIN_TEXT and not _paywalled(page, article):
        return True
    if page.length >= _LONG:
        return False
    return is_challenge(page) or _is_login(page) or _is_consent(page) or _is_missing(page) or _is_parked(page)


def _titles(page: Page) -> list[str]:
    return [page.title, *(h1["text"] for h1 in page.headings if h1["visible"] and h1["level"] == 1)]


def _paywalled(page: Page, article: Article) -> bool:
    """A headline readable in front of a paywall is worth a capture, if it is an article's headline."""
    told = bool(page.json_ld) or page.meta("og:title") is not None or bool(page.headings)
    return article.access == "paywalled" and told and not page.challenge and not _is_login(page)


def _is_login(page: Page) -> bool:
    titled = any(_LOGIN_TITLE.match(words) for words in _titles(page))
    try:
        led = _LOGIN_PATH.search(urlsplit(page.url).path) is not None
    except ValueError:
        led = False
    return (
        (page.passwords > 0 and (titled or led or page.length < 500))
        or (titled and led)
        or (titled and page.length < 500)
    )


def _is_consent(page: Page) -> bool:
    titled = any(_CONSENT_TITLE.match(words) for words in _titles(page))
    return titled and _CONSENT_WORDS.search(page.body) is not None


def _is_missing(page: Page) -> bool:
    """Only a page of few words: an article may well be called `Not found`."""
    return page.length < 600 and any(_MISSING_TITLE.match(words) for words in _titles(page))


def _is_parked(page: Page) -> bool:
    """A domain that nobody uses: a few words on how to buy it, and advertisements."""
    said = any(_PARKED.search(words) for words in _titles(page)) + len(set(_PARKED.findall(page.body.lower())))
    return page.length < 600 and said >= 2
