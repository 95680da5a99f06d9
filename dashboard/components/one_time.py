"""Buttons that open a dialog with something told once, see `assets/one_time.jsx`: it comes from `/api/portal/…`."""

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex_base.utils.imports import ImportDict


class _OneTime(rx.Component):
    library = "$/public/one_time.jsx"
    # Called when the dialog closes after something was made.
    on_done: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> ImportDict:
        # So that the packages are there, whatever else the page uses.
        return {"@radix-ui/themes": [], "lucide-react": []}


class CreateKey(_OneTime):
    """Makes an API key for `account`; while `off` says why not, the button cannot be pressed."""

    tag = "CreateKey"
    account: rx.Var[str]
    origin: rx.Var[str]
    off: rx.Var[str]


class InviteMember(_OneTime):
    """Invites somebody to `account`; while `off` says why not, the button cannot be pressed."""

    tag = "InviteMember"
    account: rx.Var[str]
    off: rx.Var[str]


class ResendInvitation(_OneTime):
    """Sends the invitation with this id a second time."""

    tag = "ResendInvitation"
    invitation: rx.Var[str]
    email: rx.Var[str]


def create_key(**properties: Any) -> rx.Component:
    """See `CreateKey`."""
    return CreateKey.create(**properties)


def invite_member(**properties: Any) -> rx.Component:
    """See `InviteMember`."""
    return InviteMember.create(**properties)


def resend_invitation(**properties: Any) -> rx.Component:
    """See `ResendInvitation`."""
    return ResendInvitation.create(**properties)
