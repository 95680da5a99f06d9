"""What staff type, and what anybody may send in its place: read, or refused in a sentence."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from core.refusal import Refused
from dashboard.words import count

MAX_CREDITS = 1_000_000
MAX_REASON = 500
# More digits than any number of credits; int() takes its time over thousands of them.
_MAX_DIGITS = 12
_NO_NUMBER = Refused(400, "invalid_change", "Enter a whole number of credits, as 50 or -20.")


def text_of(form: object, name: str) -> str:
    """A field of a form; empty when it is missing or no text."""
    value = form.get(name) if isinstance(form, Mapping) else None
    # Half of a surrogate pair, which JSON can hold, could not be sent back either.
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def reason_of(form: object, name: str = "reason") -> str:
    """A reason in one line. Raises `Refused` for a missing or a long one."""
    reason = " ".join(text_of(form, name).split())
    if not reason:
        raise Refused(400, "missing", "Say why: the audit log keeps it.")
    if len(reason) > MAX_REASON:
        raise Refused(400, "too_long", f"The reason is too long: at most {MAX_REASON} characters.")
    return reason


def change_of(text: object) -> int:
    """Credits to add or to take: "50", "+50", "-20", "1,000". Raises `Refused`."""
    change = _whole(text)
    if change == 0:
        raise Refused(400, "invalid_change", "A change of 0 credits changes nothing.")
    if abs(change) > MAX_CREDITS:
        raise Refused(400, "invalid_change", "Change at most 1,000,000 credits at once.")
    return change


def grant_of(text: object) -> int:
    """Credits to grant. Raises `Refused`."""
    credits = _whole(text)
    if not 1 <= credits <= MAX_CREDITS:
        raise Refused(400, "invalid_credits", "Grant 1 to 1,000,000 credits.")
    return credits


def balance_after(balance: int, change: int) -> int:
    """What an account has after a change. Raises `Refused` where that is below 0."""
    if balance + change < 0:
        raise Refused(
            409, "balance_too_low", f"The account has {count(balance, 'credit')}: no more than that can be taken."
        )
    return balance + change


def id_of(text: object) -> UUID | None:
    """An id with or without dashes; None for anything else."""
    if not isinstance(text, str) or len(text) not in (32, 36):
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def dialog_of(name: object, is_open: object, kinds: Collection[str]) -> str:
    """The dialog that is to be open, as "retry:<id>"; empty for none."""
    kind, _, meant = name.partition(":") if isinstance(name, str) else ("", "", "")
    return f"{kind}:{meant}" if is_open is True and kind in kinds and id_of(meant) else ""


def _whole(value: Any) -> int:
    # A minus sign as people paste it, and separators of thousands.
    text = str(value if isinstance(value, str | int) else "").strip().replace("\u2212", "-").replace(",", "")
    if not text.isascii() or not text.lstrip("+-").isdecimal() or len(text) > _MAX_DIGITS:
        raise _NO_NUMBER
    try:
        return int(text)
    except ValueError:
        raise _NO_NUMBER from None
