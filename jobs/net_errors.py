"""Chromium's network errors in the reasons of a report."""

from core.reasons import Reason

_REASONS = {
    "NAME_NOT_RESOLVED": Reason.DNS,
    "NAME_RESOLUTION_FAILED": Reason.DNS,
    "ICANN_NAME_COLLISION": Reason.DNS,
    "TIMED_OUT": Reason.TIMEOUT,
    "CONNECTION_TIMED_OUT": Reason.TIMEOUT,
    "UNSAFE_PORT": Reason.REFUSED,
    "DISALLOWED_URL_SCHEME": Reason.REFUSED,
    "ACCESS_DENIED": Reason.REFUSED,
    "BLOCKED_BY_CLIENT": Reason.REFUSED,
    "BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS": Reason.REFUSED,
    "HTTP_RESPONSE_CODE_FAILURE": Reason.HTTP_ERROR,
    # An answer without a page, a download, or a redirect that leads nowhere.
    "ABORTED": Reason.NOT_A_PAGE,
    "TOO_MANY_REDIRECTS": Reason.NOT_A_PAGE,
    "INVALID_REDIRECT": Reason.NOT_A_PAGE,
    "UNSAFE_REDIRECT": Reason.NOT_A_PAGE,
    "INVALID_URL": Reason.NOT_A_PAGE,
    "UNKNOWN_URL_SCHEME": Reason.NOT_A_PAGE,
    "BLOCKED_BY_RESPONSE": Reason.NOT_A_PAGE,
    "INSUFFICIENT_RESOURCES": Reason.CRASHED,
    "OUT_OF_MEMORY": Reason.CRASHED,
}
_TLS = ("CERT_", "SSL_", "BAD_SSL", "CERTIFICATE_")


def reason_of(error: str, guarded: Reason | None) -> Reason:
    """The reason behind `net::ERR_…`. `guarded` is what the guard says of the host, behind a failed tunnel."""
    name = error.removeprefix("net::ERR_")
    if name in _REASONS:
        return _REASONS[name]
    if name.startswith(_TLS):
        return Reason.TLS
    return guarded or Reason.CONNECT
