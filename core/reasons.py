"""Why a link failed: the reasons of the rules, and each in plain words."""

from enum import StrEnum


class Reason(StrEnum):
    """How a link can end without a capture. Which of them earn a second attempt, SQL decides."""

    DNS = "dns"
    REFUSED = "refused"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_ERROR = "http_error"
    BLOCKED = "blocked"
    NOT_A_PAGE = "not_a_page"
    TOO_LARGE = "too_large"
    CRASHED = "crashed"


_WORDS = {
    Reason.DNS: "The site's name could not be found. Check the link for a typing error.",
    Reason.REFUSED: "The link leads to an address or port that is not public, so we did not open it.",
    Reason.CONNECT: "The site did not accept a connection.",
    Reason.TLS: "The site's security certificate is not valid, so we did not open the page.",
    Reason.TIMEOUT: "The page did not finish loading in time.",
    Reason.BLOCKED: "The site showed a wall (a robot check or a log-in) instead of the article.",
    Reason.NOT_A_PAGE: "The link leads to a download or an empty answer, not to a web page.",
    Reason.TOO_LARGE: "The page is too large to capture.",
    Reason.CRASHED: "The page made the browser crash twice.",
}


def describe(reason: Reason, http_status: int | None = None) -> str:
    """One sentence for a person: what went wrong with the link, and what to do where something can be done."""
    if reason is Reason.HTTP_ERROR:
        if http_status in (404, 410):
            return f"The site says this page does not exist (error {http_status}). Check the link."
        if http_status in (401, 403, 407, 451):
            return f"The site refused to show us this page (error {http_status})."
        return (
            f"The site answered with an error ({http_status})." if http_status else "The site answered with an error."
        )
    return _WORDS[reason]
