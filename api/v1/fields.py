"""Reading what callers send: each function returns the value, or raises 400 with a sentence that names the field."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from api.errors import ApiError

MAX_URLS = 500
MAX_NAME_LENGTH = 200
MAX_IDEMPOTENCY_KEY_LENGTH = 255
_ID = re.compile("[0-9a-f]{32}")
_INTEGER = re.compile("-?[0-9]+")
# A number of so many digits is only large; Python would refuse to read one of thousands.
_MANY_DIGITS = 18


def report_id_of(text: str) -> UUID:
    """The id of a report. Raises the same 404 that an unknown id gets."""
    if not _ID.fullmatch(text):
        raise report_not_found()
    return UUID(text)


def report_not_found() -> ApiError:
    """Unknown, malformed, or somebody else's."""
    return ApiError(404, "report_not_found", "Report not found.")


def urls_of(body: dict[str, Any]) -> list[Any]:
    """The array `urls`: 1 to 500 values of any type."""
    if "urls" not in body:
        raise _invalid_urls("urls is required: an array of 1 to 500 links.")
    urls = body["urls"]
    if not isinstance(urls, list):
        raise _invalid_urls("urls must be an array of links.")
    if not urls:
        raise _invalid_urls("urls is empty. Send 1 to 500 links.")
    if len(urls) > MAX_URLS:
        raise _invalid_urls(f"urls holds {len(urls):,} items. The maximum is {MAX_URLS}.")
    return urls


def name_of(body: dict[str, Any]) -> str:
    """The report's name; `Untitled` when there is none."""
    name = body.get("reportName")
    if name is None:
        return "Untitled"
    if not isinstance(name, str):
        raise ApiError(400, "invalid_report_name", "reportName must be a string.")
    # Control characters, and halves of surrogate pairs, which no text can hold.
    name = "".join(character for character in name if unicodedata.category(character) not in ("Cc", "Cs")).strip()
    if len(name) > MAX_NAME_LENGTH:
        raise ApiError(400, "invalid_report_name", f"reportName is longer than {MAX_NAME_LENGTH} characters.")
    return name or "Untitled"


def limit_of(text: str | None, *, default: int, maximum: int) -> int:
    """The query parameter `limit`; more than the maximum is the maximum."""
    if text is None:
        return default
    if not _INTEGER.fullmatch(text) or text.startswith("-") or not text.strip("0"):
        raise ApiError(400, "invalid_limit", f"limit must be a whole number from 1 to {maximum}.")
    return min(int(text.lstrip("0")[:_MANY_DIGITS]), maximum)


def position_of(text: str | None) -> int:
    """The query parameter `starting_after` of items: the position of the last one seen."""
    if text is None:
        return 0
    if not _INTEGER.fullmatch(text) or text.startswith("-"):
        raise _invalid_cursor("starting_after must be the position of an item.")
    return min(int(text.lstrip("0")[:_MANY_DIGITS] or "0"), 10**9)


def cursor_of(text: str) -> UUID:
    """The query parameter `starting_after` of reports: the id of the last one seen."""
    if not _ID.fullmatch(text):
        raise unknown_cursor()
    return UUID(text)


def unknown_cursor() -> ApiError:
    """`starting_after` names no report of the account."""
    return _invalid_cursor("starting_after must be the id of one of your reports.")


def idempotency_key_of(values: list[str]) -> str | None:
    """The header `Idempotency-Key`, bare or as a quoted string of RFC 8941."""
    if not values:
        return None
    key = values[0].strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = re.sub(r"\\([\"\\])", r"\1", key[1:-1])
    if len(values) > 1 or not 1 <= len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise ApiError(
            400, "invalid_idempotency_key", "Idempotency-Key must be one value of 1 to 255 printable characters."
        )
    return key


def _invalid_urls(sentence: str) -> ApiError:
    return ApiError(400, "invalid_urls", sentence)


def _invalid_cursor(sentence: str) -> ApiError:
    return ApiError(400, "invalid_starting_after", sentence)
