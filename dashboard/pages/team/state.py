"""What the page of the team shows: who is in the account and as what, and who is invited."""

from collections.abc import Mapping
from typing import Any, TypedDict

import reflex as rx

from dashboard.visit import Visit, action, call, loader
from dashboard.visitor import session
from dashboard.words import ago, day

ROLES = {"owner": "Owner", "admin": "Admin", "member": "Member"}


class MemberRow(TypedDict):
    """A member in words. `is_mine`: who looks may change and remove them. `name` is empty for who told none, `seen` for
    who is signed in nowhere."""

    id: str
    name: str
    email: str
    role: str
    joined: str
    seen: str
    is_me: bool
    is_mine: bool


class InvitationRow(TypedDict):
    """An invitation that waits for an answer, or has run out."""

    id: str
    email: str
    role: str
    sent: str
    until: str
    expired: bool


class TeamState(Visit):
    """The people of the account."""

    trouble: str = ""
    is_ready: bool = False
    members: list[MemberRow] = []
    invitations: list[InvitationRow] = []
    # The member who is to become the owner.
    heir: str = ""

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads members and invitations."""
        async with self:
            account = self.account_id
        found = await call("list_members", p_account=account)
        invited = await call("list_invitations", p_account=account)
        async with self:
            self.members = _members(found, str(session().user_id))
            self.invitations = [_invitation(row) for row in invited]
            self.heir = ""

    @rx.event
    @action
    async def set_role(self, user_id: str, role: str) -> Any:
        """Gives a member another role."""
        await call("set_member_role", p_account=self.account_id, p_user=user_id, p_role=role)
        self.say("The role is changed. It counts from now on, in open tabs too.")
        return TeamState.load

    @rx.event
    @action
    async def remove(self, user_id: str) -> Any:
        """Takes a member out of the account."""
        await call("remove_member", p_account=self.account_id, p_user=user_id)
        self.say("They are out of the account.")
        return TeamState.load

    @rx.event
    @action
    async def cancel(self, invitation_id: str) -> Any:
        """Takes an invitation back: its link stops working."""
        await call("cancel_invitation", p_invitation=invitation_id)
        self.say("The invitation is taken back. Its link works no more.")
        return TeamState.load

    @rx.event
    async def choose_heir(self, user_id: str) -> None:
        """Chooses who is to become the owner; only somebody of the list."""
        self.heir = user_id if any(member["id"] == user_id for member in self.members) else ""

    @rx.event
    @action
    async def transfer(self, user_id: str) -> Any:
        """Makes a member the owner, and the user an admin."""
        await call("transfer_ownership", p_account=self.account_id, p_user=user_id)
        self.say("The account has a new owner. You are an admin now.")
        return TeamState.load

    @rx.event
    @action
    async def quit(self) -> None:
        """Takes the user out of the account."""
        await call("leave_account", p_account=self.account_id)
        # Another account of theirs, or the page that offers to make one.
        self.leave = "/"

    @rx.var
    def others(self) -> list[MemberRow]:
        """Who could become the owner."""
        return [member for member in self.members if not member["is_me"]]

    @rx.var
    def heir_name(self) -> str:
        """What the chosen one is called."""
        return next((member["name"] or member["email"] for member in self.members if member["id"] == self.heir), "")

    @rx.var
    def is_last_owner(self) -> bool:
        """Whether the account would have no owner without the user."""
        owners = [member for member in self.members if member["role"] == "owner"]
        return len(owners) == 1 and owners[0]["is_me"]


def _members(found: list[Mapping[str, Any]], me: str) -> list[MemberRow]:
    # The role as of this moment, which the gate's may be half a second behind.
    mine = next((row["role"] for row in found if row["user_id"] == me), "")
    return [
        MemberRow(
            id=row["user_id"],
            name=row["name"] or "",
            email=row["email"] or "",
            role=row["role"],
            joined=day(row["joined_at"]),
            seen=ago(row["last_seen_at"], ""),
            is_me=row["user_id"] == me,
            is_mine=row["user_id"] != me and (mine == "owner" or (mine == "admin" and row["role"] != "owner")),
        )
        for row in found
    ]


def _invitation(row: Mapping[str, Any]) -> InvitationRow:
    by = f" by {row['invited_by']}" if row["invited_by"] else ""
    return InvitationRow(
        id=row["id"],
        email=row["email"],
        role=ROLES[row["role"]],
        sent=f"Sent {ago(row['sent_at'])}{by}",
        until=day(row["expires_at"]),
        expired=row["expired"],
    )
