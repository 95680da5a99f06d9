"""How an account shows itself on its reports: colour, introduction and logo."""

from dataclasses import dataclass
from uuid import UUID

from core.database import Database


@dataclass(frozen=True, slots=True)
class Branding:
    """What is None was never said. `logo_id` is 32 hex digits: the logo's address, and the name of its file."""

    accent: str | None
    intro: str | None
    logo_id: str | None


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG in the object store."""

    id: str
    object_key: str
    width: int
    height: int


async def find_branding(db: Database, account: UUID) -> Branding:
    """The branding of the account; nothing of it where there is no such account."""
    return await db.row(Branding, "branding", account) or Branding(None, None, None)


async def set_logo(db: Database, user: UUID, account: UUID, logo: Logo | None) -> None:
    """Shows this logo, whose file is there already, or none. A runner removes the file of the one before.

    The database checks what the user may do: raises `Refused`.
    """
    fields = (logo.id, logo.object_key, logo.width, logo.height) if logo else (None, None, None, None)
    await db.value("set_logo", user, account, *fields)


async def find_logo(db: Database, logo_id: str) -> str | None:
    """Where the logo lies in the object store."""
    key: str | None = await db.value("find_logo", logo_id)
    return key


def logo_path(logo_id: str) -> str:
    """The address of a logo, below our own origin."""
    return f"/api/portal/logos/{logo_id}.png"


def logo_key(account: UUID, logo_id: str) -> str:
    """Where the file of a logo lies."""
    return f"logos/{account}/{logo_id}.png"
