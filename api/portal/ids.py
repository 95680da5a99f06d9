"""Ids in paths of the portal."""

from uuid import UUID

from api.errors import ApiError


def id_of(text: str, what: str) -> UUID:
    """The id; what is none gets the answer of one that is unknown."""
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(404, "not_found", f"This {what} does not exist, or it is not yours.") from None
