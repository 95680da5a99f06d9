"""The addresses of the dashboard's pages, and how those with an id are made."""

import re
from urllib.parse import quote, urlsplit

OVERVIEW = "/"
REPORTS = "/reports"
NEW_REPORT = "/reports/new"
REPORT = "/reports/[report_id]"
KEYS = "/settings/keys"
TEAM = "/settings/team"
CREDITS = "/settings/credits"
BRANDING = "/settings/branding"
PROFILE = "/settings/profile"

SUPPORT = "/support"
SUPPORT_ACCOUNT = "/support/accounts/[customer_id]"
SUPPORT_REQUESTS = "/support/requests"
SUPPORT_AUDIT = "/support/audit"

SIGN_IN = "/sign-in"
WELCOME = "/welcome"


REPORT_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
"""An id as it stands in an address."""


def report(report_id: str) -> str:
    """The page of a report."""
    return REPORT.replace("[report_id]", report_id)


def support_account(account_id: str) -> str:
    """The page of an account, for staff."""
    return SUPPORT_ACCOUNT.replace("[customer_id]", account_id)


def look_ended(account_id: str) -> str:
    """The page of an account, for staff who looked at it as its owner until now."""
    return f"{support_account(account_id)}?ended=view"


def in_another_account(path: str) -> str:
    """The same page of another account; for one that only this account has, what stands before it."""
    if path in (REPORTS, NEW_REPORT, KEYS, TEAM, CREDITS, BRANDING, PROFILE):
        return path
    return REPORTS if path.startswith(f"{REPORTS}/") else OVERVIEW


def is_support(path: str) -> bool:
    """Whether the page is for staff alone."""
    return path == SUPPORT or path.startswith(f"{SUPPORT}/")


def wanted(address: str) -> str:
    """Path and query of an address: where its tab comes back to."""
    url = urlsplit(address)
    path = "/" + url.path.lstrip("/")
    return f"{path}?{url.query}" if url.query else path


def sign_in(address: str) -> str:
    """The page to sign in on, which leads back to the address."""
    return f"{SIGN_IN}?next={quote(wanted(address), safe='/')}"
