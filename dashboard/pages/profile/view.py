"""The page of the profile."""

from typing import Any

import reflex as rx

from dashboard import theme
from dashboard.components import parts
from dashboard.components.browser import tell_zone, theme_buttons
from dashboard.components.native_form import native_form
from dashboard.components.shell import shell
from dashboard.pages.profile.state import ProfileState, zone_names
from dashboard.pages.profile.teams import teams

PASSWORD_LENGTH = 8


def profile() -> rx.Component:
    """Who somebody is, how they sign in, where they are signed in, and what they belong to."""
    return shell(
        tell_zone(on_zone=ProfileState.tell_zone),
        parts.trouble(ProfileState.trouble, ProfileState.load),
        rx.cond(
            ProfileState.is_ready,
            rx.cond(ProfileState.trouble == "", _content()),
            parts.skeleton_rows(6),
        ),
        title="Profile",
        text=rx.cond(ProfileState.email != "", f"You are signed in as {ProfileState.email}.", ""),
    )


def _content() -> rx.Component:
    return rx.vstack(
        rx.cond(
            ProfileState.done != "",
            rx.callout(ProfileState.done, icon="circle-check", color_scheme="green", role="status"),
        ),
        _part("You", "Your name in lists and in the ledger, and the time zone of your dates.", _you()),
        _part("Look", "Saved with your profile, for every browser you sign in with.", _look()),
        _part("E-mail address", "You sign in with it, and our mails go there.", _email()),
        _part("Password", "Changing it signs your other browsers out.", _password()),
        _part(
            "Where you are signed in", "Sign out any browser you do not know, then change your password.", _sessions()
        ),
        teams(_part),
        spacing="6",
        width="100%",
        align="stretch",
    )


def _part(title: str, text: Any, *content: rx.Component) -> rx.Component:
    """A part with its heading beside it, or above it on a narrow screen."""
    return rx.el.section(
        rx.box(
            rx.heading(title, as_="h2", size="4"),
            rx.text(text, size="2", color=theme.SOFT, margin_top="0.25rem"),
        ),
        rx.card(*content, size="3"),
        class_name="part",
        aria_label=title,
    )


# -- You ------------------------------------------------------------------------------------------------------------


def _you() -> rx.Component:
    return rx.form(
        rx.vstack(
            parts.field(
                "Name",
                rx.input(
                    id="name", name="name", default_value=ProfileState.own_name, max_length=100, size="3",
                    auto_complete="name", placeholder=ProfileState.email,
                ),
                name="name",
            ),
            parts.field(
                "Time zone",
                rx.input(
                    id="time_zone", name="time_zone", default_value=ProfileState.zone, size="3",
                    placeholder="Type a city, such as Berlin", custom_attrs={"list": "time-zones"},
                    auto_complete="off",
                ),
                name="time_zone",
                hint=rx.cond(
                    ProfileState.zone == "",
                    f"Dates are shown in UTC, where it is {ProfileState.zone_now} now.",
                    f"Dates are shown in {ProfileState.zone}, where it is {ProfileState.zone_now} now.",
                ),
            ),
            rx.el.datalist(*[rx.el.option(value=name) for name in zone_names()], id="time-zones"),
            rx.cond(
                (ProfileState.browser_zone != "") & (ProfileState.browser_zone != ProfileState.zone),
                rx.flex(
                    rx.text(f"Your browser says {ProfileState.browser_zone}.", size="2", color=theme.SOFT),
                    rx.button("Use this one", type="button", on_click=ProfileState.use_browser_zone, variant="soft"),
                    gap="0.75rem",
                    align="center",
                    wrap="wrap",
                ),
            ),
            rx.button("Save", type="submit", size="3"),
            spacing="4",
            align="start",
        ),
        on_submit=ProfileState.save,
        key=ProfileState.filled.to_string(),
    )  # fmt: skip


def _look() -> rx.Component:
    return theme_buttons(value=ProfileState.theme, on_choose=ProfileState.choose_theme)


# -- Signing in -----------------------------------------------------------------------------------------------------


def _email() -> rx.Component:
    return native_form(
        rx.vstack(
            rx.text("Now: ", rx.text.strong(ProfileState.email), size="2", style={"overflow_wrap": "anywhere"}),
            parts.field(
                "New e-mail address",
                rx.input(id="email", name="email", type="email", required=True, size="3", auto_complete="email"),
                name="email",
                hint="We send a link there, and one to your present address if this server is set up so. The address "
                "changes when you have opened them.",
            ),
            _password_field("email_password", "current_password", "Your password", "current-password"),
            rx.button("Change the address", type="submit", size="3"),
            spacing="4",
            align="start",
        ),
        action="/api/portal/email",
    )


def _password() -> rx.Component:
    return native_form(
        rx.vstack(
            # For programs that keep passwords.
            rx.el.input(
                type="hidden", name="username", value=ProfileState.email, auto_complete="username", read_only=True
            ),
            _password_field("current_password", "current_password", "Current password", "current-password"),
            _password_field(
                "password", "password", "New password", "new-password",
                hint=f"At least {PASSWORD_LENGTH} characters.", min_length=PASSWORD_LENGTH,
            ),
            rx.button("Change the password", type="submit", size="3"),
            spacing="4",
            align="start",
        ),
        action="/api/portal/password",
    )  # fmt: skip


def _password_field(id: str, name: str, label: str, complete: str, hint: str = "", **properties: Any) -> rx.Component:  # noqa: A002
    control = rx.input(
        id=id, name=name, type="password", required=True, size="3", auto_complete=complete, **properties
    )  # fmt: skip
    return parts.field(label, control, name=id, hint=hint)


# -- Sessions -------------------------------------------------------------------------------------------------------


def _sessions() -> rx.Component:
    return rx.vstack(
        rx.el.ul(
            rx.foreach(ProfileState.sessions, _session),
            style={"list_style": "none", "margin": "0", "padding": "0", "width": "100%"},
        ),
        native_form(
            rx.el.input(type="hidden", name="everywhere", value="1", read_only=True),
            rx.button(
                rx.icon("log-out", size=16, aria_hidden="true"), "Sign out everywhere",
                type="submit", variant="soft", color_scheme="red",
            ),
            action="/api/portal/session/end",
        ),
        rx.text("This browser is signed out as well.", size="1", color=theme.SOFT, margin_top="-0.5rem"),
        spacing="3",
        align="start",
        width="100%",
    )  # fmt: skip


def _session(one: Any) -> rx.Component:
    return rx.el.li(
        rx.flex(
            rx.cond(
                one["is_handheld"],
                rx.icon("smartphone", size=20, aria_hidden="true"),
                rx.icon("monitor", size=20, aria_hidden="true"),
            ),
            color=theme.SOFT,
            flex="none",
        ),
        rx.box(
            rx.flex(
                rx.text(one["browser"], size="2", weight="medium"),
                rx.cond(one["is_this"], rx.badge("This browser", color_scheme="green")),
                gap="0.5rem",
                wrap="wrap",
            ),
            rx.text(
                rx.cond(one["is_this"], "Now", rx.el.span("Seen ", one["seen"], title=one["seen_at"])),
                rx.cond(one["address"] != "", f" · {one['address']}", ""),
                f" · since {one['since']}",
                size="1",
                color=theme.SOFT,
                style={"overflow_wrap": "anywhere"},
            ),
            flex="1",
            min_width="0",
        ),
        rx.cond(
            ~one["is_this"],
            rx.button(
                "Sign out",
                on_click=ProfileState.end_session(one["id"]),
                variant="soft",
                color_scheme="gray",
                custom_attrs={"aria-label": f"Sign out {one['browser']}, seen {one['seen']}"},
            ),
        ),
        class_name="listed",
    )
