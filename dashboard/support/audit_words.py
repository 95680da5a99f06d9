"""The audit log as people read it: what was done, and what it changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from dashboard.words import when

ACTIONS = {
    "account.create": "Account made",
    "account.rename": "Account renamed",
    "account.transfer": "Ownership handed over",
    "account.deactivate": "Account deactivated",
    "account.reactivate": "Account reactivated",
    "account.delete": "Account deleted",
    "api_key.create": "API key made",
    "api_key.revoke": "API key revoked",
    "credit_request.create": "Credits asked for",
    "credit_request.withdraw": "Credit request withdrawn",
    "credit_request.approve": "Credit request approved",
    "credit_request.decline": "Credit request declined",
    "credits.adjust": "Credits adjusted",
    "invitation.create": "Person invited",
    "invitation.renew": "Invitation sent again",
    "invitation.cancel": "Invitation cancelled",
    "invitation.accept": "Invitation accepted",
    "invitation.decline": "Invitation declined",
    "member.set_role": "Role changed",
    "member.remove": "Person removed",
    "member.leave": "Person left",
    "report.delete": "Report deleted",
    "report.retry": "Report started again",
    "report.refund": "Report ended and refunded",
    "share_link.revoke": "Share link revoked",
    "share_link.renew": "Share link renewed",
    "staff.add": "Support agent added",
    "staff.remove": "Support agent removed",
    "view.start": "Support began to look at the account",
    "view.end": "Support stopped looking at the account",
}
"""Every action, in words. The first word of it is a group."""

GROUPS = {
    "account": "Accounts",
    "api_key": "API keys",  # pragma: allowlist secret
    "credit_request": "Credit requests",
    "credits": "Credits",
    "invitation": "Invitations",
    "member": "People",
    "report": "Reports",
    "share_link": "Share links",
    "staff": "Staff",
    "view": "Looking at accounts",
}

_LABELS = {
    "email": "E-mail",
    "url_count": "Links",
    "open": "Open links",
    "claimed": "Links with a runner",
    "captured": "Links captured",
    "attempts": "Attempts of the open links",
    "expires_at": "Ends",
    "ended_at": "Ended",
    "credits_used": "Price",
    "credits_refunded": "Given back",
}


class Difference(TypedDict):
    """A value that an entry has changed; `before` and `after` are empty where there was or is none."""

    label: str
    before: str
    after: str


def action_words(action: str) -> str:
    """What was done."""
    return ACTIONS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """What an entry changed, value by value; of one side only, all that it tells."""
    old, new = before or {}, after or {}
    return [
        Difference(label=_label(name), before=_value(name, old.get(name)), after=_value(name, new.get(name)))
        for name in _names(old, new)
        if old.get(name) != new.get(name)
    ]


def _names(*sides: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for side in sides for name in side))


def _label(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def _value(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    if name.endswith("_at"):
        return _moment(str(value))
    return str(value)


def _moment(text: str) -> str:
    try:
        return when(datetime.fromisoformat(text))
    except ValueError:
        return text
