"""Leaves the app for a page of the server, with nothing of the tab kept."""

from typing import Any

import reflex as rx


class Leave(rx.Fragment):
    """Goes `to` an address as soon as there is one. The next page of the tab begins with a state of its own."""

    to: rx.Var[str]

    def add_imports(self) -> dict[str, list[str]]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[str]:
        return [
            f"""useEffect(() => {{
              if (!{self.to!s}) return;
              try {{ window.sessionStorage.clear(); }} catch {{}}
              window.location.assign({self.to!s});
            }}, [{self.to!s}]);"""
        ]


def leave(**properties: Any) -> rx.Component:
    """See `Leave`."""
    return Leave.create(**properties)
