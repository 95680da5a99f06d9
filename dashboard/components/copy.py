"""A button that copies a text in the browser, and says so; see `assets/copy.jsx`."""

import reflex as rx
from reflex_base.utils.imports import ImportDict


class CopyButton(rx.Component):
    """Copies `text`."""

    library = "$/public/copy.jsx"
    tag = "CopyButton"
    text: rx.Var[str]
    label: rx.Var[str]
    variant: rx.Var[str]

    def add_imports(self) -> ImportDict:
        # So that the packages are there, whatever else the page uses.
        return {"@radix-ui/themes": [], "lucide-react": []}


def copy_button(text: rx.Var[str] | str, label: str) -> rx.Component:
    """See `CopyButton`."""
    return CopyButton.create(text=text, label=label, variant="soft")
