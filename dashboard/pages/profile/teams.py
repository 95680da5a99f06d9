"""The accounts that somebody belongs to: leaving one, making one of their own, deleting one."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from dashboard import theme
from dashboard.components import parts
from dashboard.pages.profile.state import ProfileState

_GOES = (
    "Reports with their pictures and share links, API keys, invitations and branding: all of it goes, for everybody, "
    "at once."
)
_STAYS = "The ledger stays as we must keep it, without names and notes. Credits that are left are lost."
_PEOPLE_STAY = (
    "Its people can still sign in: e-mail address, password, name and time zone are theirs, not the account's. Who "
    "wants those removed too, asks support."
)


def teams(part: Callable[..., rx.Component]) -> rx.Component:
    """Each in a `part` of the page."""
    return rx.fragment(
        part("Your accounts", "The accounts you belong to, and your role in each.", _accounts()),
        rx.cond(
            ProfileState.owns_none,
            part("An account of your own", "You belong to the accounts of others. You can have one yourself.", _own()),
        ),
        rx.cond(ProfileState.is_owner, part("Delete this account", "For good.", _deletion())),
    )


def _accounts() -> rx.Component:
    return rx.fragment(
        rx.el.ul(
            rx.foreach(ProfileState.accounts, _account), style={"list_style": "none", "margin": "0", "padding": "0"}
        ),
        # A page of the server, not of the app.
        rx.button(
            A.create("Invitations to other accounts", href="/invitations"),
            as_child=True,
            variant="soft",
            color_scheme="gray",
            margin_top="1rem",
        ),
    )


def _account(account: Any) -> rx.Component:
    return rx.el.li(
        rx.avatar(fallback=account["name"].upper()[0:1], size="2", radius="medium"),
        rx.box(
            rx.flex(
                rx.text(account["name"], size="2", weight="medium", style={"overflow_wrap": "anywhere"}),
                rx.cond(account["id"] == ProfileState.account_id, rx.badge("Shown now", color_scheme="green")),
                gap="0.5rem",
                wrap="wrap",
            ),
            rx.text(_role(account["role"]), size="1", color=theme.SOFT),
            flex="1",
            min_width="0",
        ),
        rx.cond(
            account["role"] != "viewer",
            parts.confirm(
                rx.button(
                    "Leave",
                    variant="soft",
                    color_scheme="gray",
                    custom_attrs={"aria-label": f"Leave {account['name']}"},
                ),
                title=f"Leave {account['name']}?",
                text="You no longer see its reports. To come back, you have to be invited again.",
                action="Leave",
                on_confirm=ProfileState.leave_team(account["id"]),
            ),
        ),
        class_name="listed",
    )


def _role(role: rx.Var[str]) -> rx.Component:
    return rx.match(
        role,
        ("owner", "Owner: may do everything"),
        ("admin", "Admin: manages people, keys, credits and branding"),
        ("member", "Member: makes and reads reports"),
        "Support: you look at it",
    )


def _own() -> rx.Component:
    return rx.form(
        rx.flex(
            parts.field(
                "Name of the account",
                rx.input(id="team", name="team", required=True, max_length=200, size="3"),
                name="team",
            ),
            rx.button("Make it", type="submit", size="3"),
            gap="0.75rem",
            align="end",
            wrap="wrap",
        ),
        on_submit=ProfileState.make_team,
    )


def _deletion() -> rx.Component:
    return rx.vstack(
        rx.text(_GOES, size="2"),
        rx.text(_STAYS, size="2", color=theme.SOFT),
        rx.text(_PEOPLE_STAY, size="2", color=theme.SOFT),
        rx.alert_dialog.root(
            rx.alert_dialog.trigger(
                rx.button(
                    rx.icon("trash-2", size=16, aria_hidden="true"), "Delete the account …",
                    color_scheme="red", variant="soft",
                )
            ),
            rx.alert_dialog.content(
                rx.alert_dialog.title(f"Delete {ProfileState.account_name}?"),
                rx.alert_dialog.description(f"{_GOES} Nobody can bring it back.", size="2"),
                rx.form(
                    rx.box(
                        parts.field(
                            "Type the name of the account to go on",
                            rx.input(
                                id="account_name", name="account_name", required=True, size="3", auto_complete="off"
                            ),
                            name="account_name",
                            hint=ProfileState.account_name,
                        ),
                        margin_top="1rem",
                    ),
                    rx.box(
                        rx.cond(
                            ProfileState.deletion_problem != "",
                            rx.callout(
                                ProfileState.deletion_problem,
                                icon="circle-alert", color_scheme="red", size="1", margin_top="1rem",
                            ),
                        ),
                        role="alert",
                    ),
                    rx.flex(
                        rx.alert_dialog.cancel(
                            rx.button("Cancel", type="button", variant="soft", color_scheme="gray", size="3")
                        ),
                        rx.button("Delete the account", type="submit", color_scheme="red", size="3"),
                        gap="0.75rem",
                        justify="end",
                        margin_top="1.25rem",
                    ),
                    on_submit=ProfileState.delete_account,
                ),
                max_width="30rem",
            ),
            on_open_change=ProfileState.begin_deletion,
        ),
        spacing="3",
        align="start",
    )  # fmt: skip
