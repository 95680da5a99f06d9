"""API keys: who made which, what it is used for, and a new one."""

from typing import Any, TypedDict

import reflex as rx

from dashboard import theme
from dashboard.backend import backend
from dashboard.components import parts
from dashboard.components.copy import copy_button
from dashboard.components.one_time import create_key
from dashboard.components.shell import shell
from dashboard.visit import Visit, action, call, loader
from dashboard.words import ago, day, when

ACTIVE_KEYS = 5


class KeyRow(TypedDict):
    """A key in words; `used` is empty for one that was never used."""

    id: str
    name: str
    prefix: str
    created: str
    created_by: str
    used: str
    used_at: str
    requests: str
    unused: bool
    revoked: str


class KeysState(Visit):
    """The keys of the account."""

    trouble: str = ""
    is_ready: bool = False
    origin: str = ""
    active: list[KeyRow] = []
    revoked: list[KeyRow] = []

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the keys."""
        async with self:
            account = self.account_id
        found = [_row(key) for key in await call("list_api_keys", p_account=account)]
        async with self:
            self.origin = backend().settings.origin
            self.active = [key for key in found if not key["revoked"]]
            self.revoked = [key for key in found if key["revoked"]]

    @rx.event
    @action
    async def revoke(self, key_id: str) -> Any:
        """Ends a key with its next request."""
        await call("revoke_api_key", p_key=key_id)
        self.say("The key is revoked. Programs that still use it are refused from now on.")
        return KeysState.load

    @rx.var
    def off(self) -> str:
        """Why no key can be made now; empty when one can."""
        if not self.is_manager:
            return "viewer" if self.is_viewer else "role"
        return "limit" if len(self.active) >= ACTIVE_KEYS else ""


def _row(key: dict[str, Any]) -> KeyRow:
    return KeyRow(
        id=key["id"],
        name=key["name"],
        prefix=key["prefix"],
        created=day(key["created_at"]),
        created_by=key["created_by"] or "",
        used=ago(key["last_used_at"], ""),
        used_at=when(key["last_used_at"]),
        requests=f"{key['request_count']:,}",
        unused=key["unused"],
        revoked=day(key["revoked_at"]),
    )


def keys() -> rx.Component:
    """The page."""
    return shell(
        parts.trouble(KeysState.trouble, KeysState.load),
        rx.cond(
            KeysState.is_ready,
            rx.cond(KeysState.trouble == "", _keys()),
            parts.skeleton_rows(3),
        ),
        title="API keys",
        text="With a key, a program makes and reads reports of this account.",
        actions=[rx.cond(KeysState.is_ready & KeysState.is_manager, _new_key())],
    )


def _new_key() -> rx.Component:
    return create_key(account=KeysState.account_id, origin=KeysState.origin, off=KeysState.off, on_done=KeysState.load)


def _keys() -> rx.Component:
    return rx.vstack(
        _standing(),
        rx.cond(KeysState.active.length() > 0, _table(), _empty()),
        rx.cond(KeysState.revoked.length() > 0, _revoked()),
        _example(),
        spacing="5",
        width="100%",
        align="stretch",
    )


def _standing() -> rx.Component:
    """How many of the five there are, and what to do when there is no more."""
    return rx.flex(
        rx.flex(
            *[
                rx.box(
                    class_name="pip",
                    background=rx.cond(KeysState.active.length() >= number, rx.color("accent", 9), rx.color("gray", 5)),
                )
                for number in range(1, ACTIVE_KEYS + 1)
            ],
            gap="0.25rem",
            aria_hidden="true",
        ),
        rx.text(
            rx.text.strong(f"{KeysState.active.length()} of {ACTIVE_KEYS}"), " active keys. ",
            rx.match(
                KeysState.off,
                ("limit", "That is the limit: revoke one that nothing needs any more to make another."),
                ("viewer", "While you look at this account, you cannot change its keys."),
                ("role", "To have one made or revoked, ask an owner or admin of the account."),
                "Give every program its own, so that one can be revoked without the others.",
            ),
            size="2",
            color=theme.SOFT,
        ),
        gap="0.75rem",
        align="center",
        wrap="wrap",
    )  # fmt: skip


def _empty() -> rx.Component:
    return parts.empty(
        "key-round",
        rx.cond(KeysState.revoked.length() > 0, "No active API key", "No API key yet"),
        rx.cond(
            KeysState.is_manager,
            "Make one for each program that sends us links: a script, a spreadsheet, your newsroom’s own tools.",
            "An owner or admin of the account can make one.",
        ),
    )


def _table() -> rx.Component:
    return rx.box(
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("Key"),
                    rx.table.column_header_cell("Created", display=_WIDE),
                    rx.table.column_header_cell("Last used", display=_WIDE),
                    rx.table.column_header_cell("Requests", display=_WIDE, justify="end"),
                    rx.table.column_header_cell(rx.el.span("Revoke", class_name="unseen")),
                )
            ),
            rx.table.body(rx.foreach(KeysState.active, _line)),
            variant="surface",
            size="2",
        ),
        width="100%",
    )


_WIDE = ["none", "none", "table-cell"]
_NARROW = ["block", "block", "none"]


def _line(key: rx.Var[KeyRow]) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.flex(
                rx.text(key["name"], weight="medium", style={"overflow_wrap": "anywhere"}),
                rx.cond(
                    key["unused"], rx.badge("Unused for 90 days", color_scheme="amber", variant="surface", size="1")
                ),
                gap="0.5rem",
                align="center",
                wrap="wrap",
            ),
            rx.text(key["prefix"], "…", class_name="mono", color=theme.SOFT),
            rx.text(
                rx.cond(key["used"] != "", f"Used {key['used']}", "Never used"), " · ", key["requests"], " ",
                _requests(key),
                size="1", color=theme.SOFT, display=_NARROW,
            ),
            rx.text(_created(key), size="1", color=theme.SOFT, display=_NARROW),
            min_width="0",
        ),
        rx.table.cell(
            rx.text(key["created"], size="2"),
            rx.text(_maker(key), size="1", color=theme.SOFT, style={"overflow_wrap": "anywhere"}),
            display=_WIDE,
        ),
        rx.table.cell(rx.el.span(_used(key), title=key["used_at"]), display=_WIDE, class_name="begins"),
        rx.table.cell(key["requests"], display=_WIDE, justify="end", style={"font_variant_numeric": "tabular-nums"}),
        rx.table.cell(rx.cond(KeysState.is_manager, _revoke(key)), justify="end"),
        align="center",
    )  # fmt: skip


def _used(key: rx.Var[KeyRow]) -> Any:
    return rx.cond(key["used"] != "", key["used"], "never used")


def _requests(key: rx.Var[KeyRow]) -> Any:
    return rx.cond(key["requests"] == "1", "request", "requests")


def _created(key: rx.Var[KeyRow]) -> Any:
    return rx.cond(
        key["created_by"] != "", f"Created {key['created']} by {key['created_by']}", f"Created {key['created']}"
    )


def _maker(key: rx.Var[KeyRow]) -> Any:
    return rx.cond(key["created_by"] != "", f"by {key['created_by']}", "")


def _revoke(key: rx.Var[KeyRow]) -> rx.Component:
    return parts.confirm(
        rx.button("Revoke", variant="soft", color_scheme="red", aria_label=f"Revoke {key['name']}"),
        title=f"Revoke {key['name']}?",
        text="Whatever uses this key is refused from its next request on. A revoked key does not come back.",
        action="Revoke the key",
        on_confirm=KeysState.revoke(key["id"]),
    )


def _revoked() -> rx.Component:
    return rx.el.details(
        rx.el.summary(f"Revoked keys ({KeysState.revoked.length()})", class_name="fold"),
        rx.el.ul(
            rx.foreach(
                KeysState.revoked,
                lambda key: rx.el.li(
                    rx.text(key["name"], weight="medium", size="2", style={"overflow_wrap": "anywhere"}),
                    rx.text(
                        rx.el.span(key["prefix"], "…", class_name="mono"), " · revoked ", key["revoked"], " · ",
                        key["requests"], " ", _requests(key),
                        size="1", color=theme.SOFT,
                    ),
                ),
            ),
            class_name="folded",
        ),
    )  # fmt: skip


def _example() -> rx.Component:
    curl = (
        f"curl {KeysState.origin}/api/v1/reports \\\n"
        '  -H "X-API-Key: cr_live_YOUR_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -d \'{"urls": ["https://en.wikipedia.org/wiki/Public_relations"], "reportName": "First report"}\''
    )
    return parts.card(
        rx.el.pre(curl, class_name="example", tab_index=0, aria_label="Example"),
        rx.flex(
            copy_button(curl, "Copy the example"),
            rx.link("Read the API reference", href="/api/v1/docs", is_external=True, size="2"),
            gap="1rem",
            align="center",
            wrap="wrap",
            margin_top="0.75rem",
        ),
        title="Your first request",
        text="Sends one link and gets a report back. Put your key in place of cr_live_YOUR_KEY.",
    )
