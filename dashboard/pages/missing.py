"""The page of an address that there is nothing at. It holds nothing of anybody: it is shown to everybody."""

import reflex as rx

from dashboard import routes, theme


def missing() -> rx.Component:
    """Says so, and leads back."""
    return rx.el.main(
        rx.vstack(
            rx.el.a(
                rx.el.span(class_name="brand-mark", aria_hidden="true"),
                "Coverage Report",
                href=routes.OVERVIEW,
                class_name="brand",
            ),
            rx.heading("There is nothing here", as_="h1", size="7"),
            rx.text(
                "The address is not complete, or what was here has been deleted. If somebody sent you this link, ask"
                " them for it again.",
                color=theme.SOFT,
                size="3",
            ),
            rx.button(rx.el.a("Go to the overview", href=routes.OVERVIEW), as_child=True, size="3"),
            align="start",
            spacing="4",
            max_width="30rem",
        ),
        style={"min_height": "100vh", "display": "grid", "place_items": "center", "padding": "2rem 1.25rem"},
    )
