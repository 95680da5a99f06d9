"""What clients send: bodies whose fields have the type they should have, and e-mail addresses."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

from starlette.requests import Request

from core.mail_address import valid_address
from embedded.auth.errors import AuthError, invalid
from embedded.body import read_body

_MAX_BODY = 2**20
_MAX_EMAIL = 255


@dataclass(frozen=True, slots=True)
class Sent:
    """A body. A field that is null counts as absent; one of another type is refused with `bad_json`."""

    fields: dict[str, Any] = field(repr=False)

    def text(self, name: str) -> str:
        """A text; empty when absent."""
        return self.optional_text(name) or ""

    def optional_text(self, name: str) -> str | None:
        """A text; None when absent."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            raise _bad_json()
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise _bad_json()
        return default if value is None else value

    def object(self, name: str) -> dict[str, Any] | None:
        """An object; None when absent."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, dict):
            raise _bad_json()
        return value

    def email(self, name: str = "email") -> str:
        """A valid address in lower case. Raises `AuthError` for anything else, nothing included."""
        text = self.text(name)
        if not text:
            raise invalid("An email address is required")
        if len(text) > _MAX_EMAIL:
            raise invalid("An email address is too long")
        if not valid_address(text):
            raise invalid("Unable to validate email address: invalid format")
        return text.lower()


async def read(request: Request, *, optional: bool = False) -> Sent:
    """The body of a request; with `optional`, none is as good as an empty object."""
    raw = await read_body(request, _MAX_BODY)
    if raw is None:
        raise AuthError(413, "request_entity_too_large", f"Request body too large (max {_MAX_BODY} bytes)")
    if optional and not raw:
        return Sent({})
    try:
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _bad_json() from None
    if not isinstance(body, dict):
        raise _bad_json()
    return Sent(body)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bad_json() -> AuthError:
    return AuthError(400, "bad_json", "Could not parse request body as JSON")
