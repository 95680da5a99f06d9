"""A form that the browser itself sends to the server: for what no script and no state should see."""

from typing import Any

import reflex as rx


class NativeForm(rx.Component):
    """`rx.form` keeps its content from being sent; this one does not."""

    tag = "form"
    _is_tag_in_global_scope = True
    action: rx.Var[str]
    method: rx.Var[str]


def native_form(*children: rx.Component | str, action: str, **properties: Any) -> rx.Component:
    """A form that is posted to `action`, a path below `/api/portal/`."""
    return NativeForm.create(*children, action=action, method="post", **properties)
