"""Invitations: who opens a link into an account. The token is in the link alone; the database has its hash."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from core.database import Database
from core.reports import AccountId
from core.sessions import Role

DAYS = 7
"""How long a link is good, as the database has it."""

State = Literal["open", "accepted", "cancelled", "expired"]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: 256 random bits, and the hash that is kept, in hex."""

    token: str = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What whoever has the link may know. `invited_by` is a name or an address; None when that user is gone."""

    invitation_id: UUID
    account_name: str
    invited_by: str | None
    email: str
    role: Role
    state: State

    @property
    def inviter(self) -> str:
        """Who invites, in words."""
        return self.invited_by or self.account_name


def new_token() -> NewToken:
    """Makes a token."""
    token = secrets.token_urlsafe(32)
    return NewToken(token, _digest(token).hex())


async def find_invitation(db: Database, token: str) -> Invitation | None:
    """The invitation that the token belongs to; None for one that nobody was given, or that was replaced."""
    return await db.row(Invitation, "find_invitation", _digest(token))


async def invitations_to(db: Database, user: UUID) -> list[Invitation]:
    """Open invitations to the address that the user has confirmed, the one sent last first."""
    return await db.rows(Invitation, "list_invitations_to", user)


async def accept_invitation_to(db: Database, user: UUID, invitation: UUID) -> AccountId:
    """Makes the user a member without the link, by their confirmed address. The account. Raises `Refused`."""
    return AccountId(await db.value("accept_invitation_to", user, invitation))


async def decline_invitation_to(db: Database, user: UUID, invitation: UUID) -> None:
    """Ends an invitation to the user's confirmed address. Raises `Refused`."""
    await db.value("decline_invitation_to", user, invitation)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
