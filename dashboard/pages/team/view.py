"""The page of the team: its members, its invitations, and the ways out."""

from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.components.one_time import invite_member, resend_invitation
from dashboard.components.shell import shell
from dashboard.pages.team.state import InvitationRow, MemberRow, TeamState


def team() -> rx.Component:
    """The page."""
    return shell(
        parts.trouble(TeamState.trouble, TeamState.load),
        rx.cond(TeamState.is_ready, rx.cond(TeamState.trouble == "", _team()), parts.skeleton_rows(4)),
        title="Team",
        text="Everyone in this account, and what they may do.",
        actions=[
            rx.cond(
                TeamState.is_ready & TeamState.is_manager,
                invite_member(
                    account=TeamState.account_id,
                    off=rx.cond(TeamState.account_active, "", "deactivated"),
                    on_done=TeamState.load,
                ),
            )
        ],
    )


def _team() -> rx.Component:
    return rx.vstack(
        _members_card(),
        rx.cond(TeamState.is_manager | (TeamState.invitations.length() > 0), _invitations_card()),
        _roles(),
        rx.cond(TeamState.is_viewer, rx.fragment(), _ways_out()),
        spacing="5",
        width="100%",
        align="stretch",
    )


# -- Members ----------------------------------------------------------------------------------------------------------

_WIDE = ["none", "none", "table-cell"]
_NARROW = ["block", "block", "none"]
_NARROW_FLEX = ["flex", "flex", "none"]


def _members_card() -> rx.Component:
    return rx.table.root(
        rx.table.header(
            rx.table.row(
                rx.table.column_header_cell("Person"),
                rx.table.column_header_cell("Joined", display=_WIDE),
                rx.table.column_header_cell("Last seen", display=_WIDE),
                rx.table.column_header_cell("Role", display=_WIDE),
                rx.table.column_header_cell(rx.el.span("Remove", class_name="unseen"), display=_WIDE),
            )
        ),
        rx.table.body(rx.foreach(TeamState.members, _member)),
        variant="surface",
        size="2",
        width="100%",
    )


def _member(member: rx.Var[MemberRow]) -> rx.Component:
    called = _called(member)
    return rx.table.row(
        rx.table.row_header_cell(
            rx.flex(
                rx.avatar(
                    fallback=called.upper()[0:1], size="2", radius="full", variant="soft",
                    aria_hidden="true",
                ),
                rx.box(
                    rx.flex(
                        rx.text(called, weight="medium", style={"overflow_wrap": "anywhere"}),
                        rx.cond(member["is_me"], rx.badge("You", variant="surface", size="1")),
                        gap="0.25rem 0.5rem", align="center", wrap="wrap",
                    ),
                    rx.cond(
                        member["name"] != "",
                        rx.text(member["email"], size="1", color=theme.SOFT, style={"overflow_wrap": "anywhere"}),
                    ),
                    rx.text("Last seen: ", _seen(member), size="1", color=theme.SOFT, display=_NARROW),
                    rx.flex(
                        _role(member), _removal(member),
                        gap="1rem", align="center", margin_top="0.4rem", display=_NARROW_FLEX,
                    ),
                    min_width="0",
                ),
                gap="0.75rem", align="center",
            ),
        ),
        rx.table.cell(member["joined"], display=_WIDE),
        rx.table.cell(_seen(member), display=_WIDE, class_name="begins"),
        rx.table.cell(_role(member), display=_WIDE),
        rx.table.cell(_removal(member), justify="end", display=_WIDE),
        align="center",
    )  # fmt: skip


def _called(member: rx.Var[MemberRow]) -> Any:
    return rx.cond(member["name"] != "", member["name"], member["email"])


def _seen(member: rx.Var[MemberRow]) -> Any:
    return rx.cond(member["seen"] != "", member["seen"], "signed out")


def _role(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.cond(member["is_mine"] & TeamState.is_manager, _role_choice(member), _role_word(member))


def _removal(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.cond(member["is_mine"] & TeamState.is_manager, _remove(member))


def _role_word(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.match(
        member["role"],
        ("owner", rx.badge("Owner", variant="soft")),
        ("admin", rx.badge("Admin", variant="soft", color_scheme="gray")),
        rx.badge("Member", variant="soft", color_scheme="gray"),
    )


def _role_choice(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.select.root(
        rx.select.trigger(aria_label="Role of " + _called(member), variant="surface"),
        rx.select.content(
            rx.cond(TeamState.is_owner, rx.select.item("Owner", value="owner")),
            rx.select.item("Admin", value="admin"),
            rx.select.item("Member", value="member"),
        ),
        value=member["role"],
        on_change=lambda role: TeamState.set_role(member["id"], role),
    )


def _remove(member: rx.Var[MemberRow]) -> rx.Component:
    return parts.confirm(
        rx.icon_button(
            rx.icon("user-minus", size=16, aria_hidden="true"),
            variant="ghost", color_scheme="red", size="2", aria_label="Remove " + _called(member),
            title="Remove from the account",
        ),
        title="Remove " + _called(member) + "?",
        text="They lose access at once, in open tabs too. What they made stays: reports, keys, entries in the ledger.",
        action="Remove",
        on_confirm=TeamState.remove(member["id"]),
    )  # fmt: skip


# -- Invitations ------------------------------------------------------------------------------------------------------


def _invitations_card() -> rx.Component:
    return parts.card(
        rx.cond(
            TeamState.invitations.length() > 0,
            rx.el.ul(rx.foreach(TeamState.invitations, _invited), class_name="folded"),
            rx.text("Nobody is invited right now. The button above sends somebody a link.", size="2", color=theme.SOFT),
        ),
        title="Invitations",
    )


def _invited(invitation: rx.Var[InvitationRow]) -> rx.Component:
    return rx.el.li(
        rx.flex(
            rx.box(
                rx.flex(
                    rx.text(invitation["email"], weight="medium", size="2", style={"overflow_wrap": "anywhere"}),
                    rx.badge(invitation["role"], variant="soft", color_scheme="gray", size="1"),
                    rx.cond(
                        invitation["expired"],
                        rx.badge("Expired", color_scheme="amber", variant="surface", size="1"),
                    ),
                    gap="0.5rem", align="center", wrap="wrap",
                ),
                rx.text(
                    invitation["sent"], " · ",
                    rx.cond(invitation["expired"], "ran out on ", "good until "), invitation["until"],
                    size="1", color=theme.SOFT,
                ),
                min_width="0",
            ),
            rx.spacer(),
            rx.cond(TeamState.is_manager, _invitation_actions(invitation)),
            gap="0.75rem", align="center",
        )
    )  # fmt: skip


def _invitation_actions(invitation: rx.Var[InvitationRow]) -> rx.Component:
    return rx.flex(
        resend_invitation(invitation=invitation["id"], email=invitation["email"], on_done=TeamState.load),
        parts.confirm(
            rx.icon_button(
                rx.icon("x", size=16, aria_hidden="true"),
                variant="ghost", color_scheme="red", size="2",
                aria_label="Cancel the invitation of " + invitation["email"], title="Cancel the invitation",
            ),
            title="Take the invitation back?",
            text="The link that " + invitation["email"] + " has stops working at once.",
            action="Take it back",
            on_confirm=TeamState.cancel(invitation["id"]),
        ),
        gap="1rem", flex_shrink="0",
    )  # fmt: skip


# -- Roles, and the ways out ------------------------------------------------------------------------------------------


def _roles() -> rx.Component:
    sayings = [
        ("Member", "makes reports, reads all of them, and sees keys, ledger and people."),
        ("Admin", "also makes and revokes keys, invites and removes people, asks for credits, sets the branding."),
        ("Owner", "also changes owners, and can hand over or delete the account. There is always one."),
    ]
    return rx.el.details(
        rx.el.summary("What each role may do", class_name="fold"),
        rx.el.ul(
            *[rx.el.li(rx.text(rx.text.strong(role), f" {saying}", size="2")) for role, saying in sayings],
            class_name="folded",
        ),
    )


def _ways_out() -> rx.Component:
    return rx.grid(
        rx.cond(TeamState.is_owner & (TeamState.others.length() > 0), _transfer()),
        _quit(),
        columns=rx.breakpoints(initial="1", md="2"),
        gap="1.25rem",
        align="stretch",
    )


def _transfer() -> rx.Component:
    return parts.card(
        rx.flex(
            rx.select.root(
                rx.select.trigger(placeholder="Choose a person", aria_label="The new owner", min_width="11rem"),
                rx.select.content(
                    rx.foreach(TeamState.others, lambda member: rx.select.item(_called(member), value=member["id"]))
                ),
                value=TeamState.heir,
                on_change=TeamState.choose_heir,
            ),
            parts.confirm(
                rx.button("Transfer", variant="soft", disabled=TeamState.heir == ""),
                title="Make " + TeamState.heir_name + " the owner?",
                text="They can then change every role, remove you, and delete the account with all of its reports. "
                "You become an admin, and only they can make you an owner again.",
                action="Transfer ownership",
                on_confirm=TeamState.transfer(TeamState.heir),
            ),
            gap="0.75rem",
            wrap="wrap",
        ),
        title="Transfer ownership",
        text="Somebody else becomes the owner, and you become an admin.",
    )


def _quit() -> rx.Component:
    return parts.card(
        parts.confirm(
            rx.button("Leave the account", variant="soft", color_scheme="red", disabled=TeamState.is_last_owner),
            title="Leave " + TeamState.account_name + "?",
            text="You lose access to its reports at once. To come back you need an invitation. What you made stays.",
            action="Leave",
            on_confirm=TeamState.quit,
        ),
        title="Leave",
        text=rx.cond(
            TeamState.is_last_owner,
            "You are the only owner. Transfer ownership first, or delete the account in your profile.",
            "You can still sign in, and you keep your other accounts.",
        ),
    )
