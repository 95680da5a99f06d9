"""A colour, a logo, and the report that comes of them; see `branding.jsx`. Files go to `/api/portal/logo`."""

from typing import Any

import reflex as rx


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class _Branding(rx.Component):
    library = f"$/public{rx.asset('branding.jsx', shared=True)}"

    def add_imports(self) -> dict[str, Any]:
        # So that the packages are there, whatever else the page uses.
        return {"@radix-ui/themes": [], "lucide-react": []}


class ColourField(_Branding):
    """A colour, which `on_pick` is told once it no longer changes."""

    tag = "ColourField"
    value: rx.Var[str]
    on_pick: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class LogoField(_Branding):
    """Uploads and removes the logo of `account`. `on_changed` is told "saved", "on dark" or "removed"."""

    tag = "LogoField"
    account: rx.Var[str]
    logo: rx.Var[str]
    on_changed: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class ReportPreview(_Branding):
    """A sample report with this branding, as the server renders it."""

    tag = "ReportPreview"
    account: rx.Var[str]
    name: rx.Var[str]
    accent: rx.Var[str]
    intro: rx.Var[str]
    logo: rx.Var[str]


def colour_field(**properties: Any) -> rx.Component:
    """See `ColourField`."""
    return ColourField.create(**properties)


def logo_field(**properties: Any) -> rx.Component:
    """See `LogoField`."""
    return LogoField.create(**properties)


def report_preview(**properties: Any) -> rx.Component:
    """See `ReportPreview`."""
    return ReportPreview.create(**properties)
