"""Branding: how the reports of the account show whose they are."""

from typing import Any

import reflex as rx

from core.branding import logo_path
from core.colours import DEFAULT_ACCENT, VISIBLE, WHITE, accent_of, contrast, ink_on
from dashboard import theme
from dashboard.components import parts
from dashboard.components.branding import colour_field, logo_field, report_preview
from dashboard.components.shell import shell
from dashboard.visit import Visit, action, call, loader, rows

_MOST_NAME, _MOST_INTRO = 200, 2000
_LOGO_WORDS = {
    "saved": "The logo is on all your reports now.",
    "on dark": "The logo is on all your reports now. It is too light for white paper, so it stands on a dark ground.",
    "removed": "The logo is removed.",
}


class BrandingState(Visit):
    """What is saved, and what is being tried out."""

    trouble: str = ""
    is_ready: bool = False
    title: str = ""
    accent: str = DEFAULT_ACCENT
    intro: str = ""
    logo: str = ""

    # As the database has them.
    saved_title: str = ""
    saved_accent: str = DEFAULT_ACCENT
    saved_intro: str = ""

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the branding of the account."""
        async with self:
            account = self.account_id
        found = await rows("accounts", "name,branding", {"id": account}, order="id")
        if not found:
            return
        branding = found[0]["branding"]
        logo_id = branding.get("logo_id")
        async with self:
            self.title = self.saved_title = found[0]["name"]
            self.accent = self.saved_accent = accent_of(branding.get("accent"))
            self.intro = self.saved_intro = branding.get("intro") or ""
            self.logo = logo_path(logo_id) if logo_id else ""

    @rx.event(background=True)
    @loader
    async def logo_changed(self, outcome: Any) -> None:
        """The browser has sent or removed a logo: the page shows it."""
        async with self:
            account = self.account_id
        found = await rows("accounts", "branding", {"id": account}, order="id")
        logo_id = found[0]["branding"].get("logo_id") if found else None
        async with self:
            self.logo = logo_path(logo_id) if logo_id else ""
            if isinstance(outcome, str) and outcome in _LOGO_WORDS:
                self.say(_LOGO_WORDS[outcome])

    @rx.event
    @action
    async def try_title(self, text: Any) -> None:
        """The name as it is typed."""
        self.title = text[:_MOST_NAME] if isinstance(text, str) else ""

    @rx.event
    @action
    async def try_accent(self, colour: Any) -> None:
        """The colour as it is picked."""
        self.accent = accent_of(colour if isinstance(colour, str) else None)

    @rx.event
    @action
    async def try_intro(self, text: Any) -> None:
        """The introduction as it is typed."""
        self.intro = text[:_MOST_INTRO] if isinstance(text, str) else ""

    @rx.event
    @action
    async def undo(self) -> None:
        """Back to what is saved."""
        self.title, self.accent, self.intro = self.saved_title, self.saved_accent, self.saved_intro

    @rx.event
    @action
    async def save(self) -> Any:
        """From now on all reports of the account look like this."""
        account, accent = self.account_id, None if self.accent == DEFAULT_ACCENT else self.accent
        await call("rename_account", p_account=account, p_name=self.title)
        await call("set_branding", p_account=account, p_accent=accent, p_intro=self.intro)
        self.say("Saved. All your reports show it, those already shared as well.")
        return BrandingState.load

    @rx.var
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        saved = (self.saved_title, self.saved_accent, self.saved_intro)
        return (self.title, self.accent, self.intro) != saved

    @rx.var
    def ink_words(self) -> str:
        """Which text can be read on the colour."""
        if ink_on(self.accent) == WHITE:
            return f"White text reads well on this colour ({contrast(WHITE, self.accent):.1f}\u00a0to\u00a01)."
        return (
            f"White text could not be read on this colour ({contrast(WHITE, self.accent):.1f} to 1, 4.5 are needed): "
            "your reports write on it in black."
        )

    @rx.var
    def is_pale(self) -> bool:
        """Whether lines of this colour would not be seen on white paper."""
        return contrast(self.accent, WHITE) < VISIBLE


def branding() -> rx.Component:
    """Name, logo, colour and introduction beside the report that comes of them."""
    return shell(
        parts.trouble(BrandingState.trouble, BrandingState.load),
        rx.cond(
            BrandingState.is_ready,
            rx.cond(BrandingState.trouble == "", _content()),
            parts.skeleton_rows(6),
        ),
        title="Branding",
        text="Your reports carry your name, your logo and your colour.",
    )


def _content() -> rx.Component:
    return rx.grid(
        rx.cond(BrandingState.is_manager, _fields(), _locked()),
        rx.box(
            report_preview(
                account=BrandingState.account_id, name=BrandingState.title, accent=BrandingState.accent,
                intro=BrandingState.intro, logo=BrandingState.logo,
            ),
            class_name="beside",
        ),
        class_name="branding",
    )  # fmt: skip


def _locked() -> rx.Component:
    return parts.card(
        rx.text(
            rx.cond(
                BrandingState.is_viewer,
                "You are looking at this account and cannot change its branding.",
                "To change how reports look, ask an owner or admin of this account.",
            ),
            size="2",
        ),
        title="Set by owners and admins",
    )


def _fields() -> rx.Component:
    return rx.vstack(
        parts.card(
            rx.vstack(
                parts.field(
                    "Account name",
                    rx.input(
                        id="title", value=BrandingState.title, on_change=BrandingState.try_title,
                        max_length=_MOST_NAME, size="3", auto_complete="organization",
                    ),
                    name="title",
                    hint="Your reports say “Prepared by”, then this name.",
                ),
                rx.box(
                    rx.text("Logo", size="2", weight="medium", margin_bottom="0.25rem"),
                    logo_field(
                        account=BrandingState.account_id,
                        logo=BrandingState.logo,
                        on_changed=BrandingState.logo_changed,
                    ),
                    width="100%",
                ),
                parts.field(
                    "Colour",
                    colour_field(id="accent", value=BrandingState.accent, on_pick=BrandingState.try_accent),
                    name="accent",
                ),
                _contrast(),
                parts.field(
                    "Introduction",
                    rx.text_area(
                        id="intro", value=BrandingState.intro, on_change=BrandingState.try_intro,
                        max_length=_MOST_INTRO, rows="5", size="3",
                        placeholder="Dear all, here is what was written about our autumn campaign …",
                    ),
                    name="intro",
                    hint="Stands at the top of every report. An empty line begins a new paragraph.",
                ),
                spacing="5",
                align="stretch",
            ),
        ),
        rx.flex(
            rx.button("Save", on_click=BrandingState.save, disabled=~BrandingState.is_changed, size="3"),
            rx.cond(
                BrandingState.is_changed,
                rx.button("Undo", on_click=BrandingState.undo, variant="soft", color_scheme="gray", size="3"),
            ),
            rx.text(
                rx.cond(BrandingState.is_changed, "Not saved yet.", ""), size="2", color=theme.SOFT, role="status"
            ),
            gap="0.75rem",
            align="center",
        ),
        spacing="4",
        align="stretch",
        width="100%",
    )  # fmt: skip


def _contrast() -> rx.Component:
    return rx.vstack(
        _line(BrandingState.ink_words),
        rx.cond(
            BrandingState.is_pale,
            _line("It is too pale for lines and bars on white paper: there your reports use a darker shade of it."),
        ),
        spacing="1",
        margin_top="-0.75rem",
        role="status",
    )


def _line(sentence: Any) -> rx.Component:
    return rx.flex(
        rx.icon("contrast", size=14, aria_hidden="true", style={"flex": "none", "margin_top": "0.2rem"}),
        rx.text(sentence, size="2"),
        gap="0.5rem",
        color=theme.SOFT,
    )
