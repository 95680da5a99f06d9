"""What only the browser knows; see `browser.jsx`."""

from typing import Any

import reflex as rx


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class TellZone(rx.Component):
    """Tells `on_zone` the time zone of the browser, once."""

    library = f"$/public{rx.asset('browser.jsx', shared=True)}"
    tag = "TellZone"
    on_zone: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class KeepFocus(rx.Component):
    """Moves the focus to the content when what had it is gone: the keyboard goes on there, and not at the top."""

    library = f"$/public{rx.asset('browser.jsx', shared=True)}"
    tag = "KeepFocus"


class ThemeButtons(rx.Component):
    """Shows this browser in a theme, and tells `on_choose` if it is not `value`."""

    library = f"$/public{rx.asset('browser.jsx', shared=True)}"
    tag = "ThemeButtons"
    value: rx.Var[str]
    on_choose: rx.EventHandler[_one]  # type: ignore[type-arg, valid-type]


class TakeTheme(rx.Component):
    """Shows this browser in the theme of the profile, once for each choice: what was chosen here later stays."""

    library = f"$/public{rx.asset('browser.jsx', shared=True)}"
    tag = "TakeTheme"
    theme: rx.Var[str]


class Toasts(rx.Component):
    """Shows its children above everything else, dialogs included, and has them read aloud."""

    library = f"$/public{rx.asset('browser.jsx', shared=True)}"
    tag = "Toasts"


def keep_focus() -> rx.Component:
    """See `KeepFocus`."""
    return KeepFocus.create()


def take_theme(**properties: Any) -> rx.Component:
    """See `TakeTheme`."""
    return TakeTheme.create(**properties)


def tell_zone(**properties: Any) -> rx.Component:
    """See `TellZone`."""
    return TellZone.create(**properties)


def theme_buttons(**properties: Any) -> rx.Component:
    """See `ThemeButtons`."""
    return ThemeButtons.create(**properties)


def toasts(*children: rx.Component) -> rx.Component:
    """See `Toasts`."""
    return Toasts.create(*children)
