"""The audit log: who changed what, when and why, with what it was before and after."""

from typing import Any, TypedDict
from urllib.parse import urlsplit

import reflex as rx

from core import support
from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.support.audit_search import AuditSearch
from dashboard.support.audit_words import ACTIONS, GROUPS, Difference, action_words, differences
from dashboard.support.desk import ask
from dashboard.support.dialogs import mono
from dashboard.visit import Visit, action, loader
from dashboard.words import when, zone

PAGE_SIZE = 30


class EntryRow(TypedDict):
    """An entry of the log."""

    id: str
    when: str
    who: str
    action: str
    account: str
    href: str
    target: str
    reason: str
    differences: list[Difference]


class AuditState(Visit):
    """One page of the log, and the filters it came from."""

    trouble: str = ""
    is_ready: bool = False
    entries: list[EntryRow] = []
    newest: str = ""
    older: str = ""

    # The filters, as they stand in the form; it is made anew when `form_key` changes.
    form_key: str = ""
    account: str = ""
    actor: str = ""
    chosen: str = ""
    first: str = ""
    last: str = ""
    is_narrowed: bool = False

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads what the address asks for."""
        async with self:
            search = _search(self)
            self.form_key, self.is_narrowed = search.href(), search.is_narrowed
            self.account, self.actor, self.chosen = str(search.account or ""), search.actor, search.action
            self.first, self.last = str(search.first or ""), str(search.last or "")
        found = await ask(support.audit_log, **search.arguments(zone()), limit=PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        async with self:
            if _search(self) != search:
                # The reader has gone on; another reading is under way.
                return
            self.entries = [entry_row(entry) for entry in shown]
            self.newest = search.href() if search.before else ""
            self.older = search.href(shown[-1].id) if len(found) > PAGE_SIZE else ""

    @rx.event
    @action
    async def narrow(self, form: dict[str, Any]) -> Any:
        """Shows what the form asks for."""
        return rx.redirect(AuditSearch.of(form).href())


def _search(state: AuditState) -> AuditSearch:
    return AuditSearch.read(urlsplit(str(state.router.url)).query)


def entry_row(entry: support.AuditEntry) -> EntryRow:
    """An entry in words."""
    account = str(entry.account_id) if entry.account_id else ""
    return EntryRow(
        id=str(entry.id),
        when=when(entry.created_at),
        who=entry.who,
        action=action_words(entry.action),
        account=(entry.account_name or "An account that is gone") if account else "",
        href=routes.support_account(account) if account else "",
        # The account itself is named already.
        target=entry.target if entry.target and entry.target != account else "",
        reason=entry.reason or "",
        differences=differences(entry.before, entry.after),
    )


def audit() -> rx.Component:
    """The page."""
    state = AuditState
    return shell(
        _filters(),
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_ready,
            rx.cond(
                state.entries.length() > 0,
                rx.fragment(rx.el.ol(rx.foreach(state.entries, _entry), class_name="log"), _turns()),
                rx.cond(state.trouble == "", _nothing()),
            ),
            rx.cond(state.trouble == "", parts.skeleton_rows(8)),
        ),
        title="Audit log",
        text="Who changed what, the newest first. Nobody can edit it.",
    )


def _filters() -> rx.Component:
    state = AuditState
    return rx.form(
        parts.field(
            "Account id",
            rx.input(id="account", name="account", default_value=state.account, max_length=36, auto_complete="off"),
            name="account",
        ),
        parts.field(
            "By",
            rx.input(
                id="actor", name="actor", default_value=state.actor, max_length=320, auto_complete="off",
                placeholder="E-mail, or system",
            ),
            name="actor",
        ),
        parts.field("What", _choice(), name="action"),
        parts.field("From", rx.input(id="from", name="from", type="date", default_value=state.first), name="from"),
        parts.field("To", rx.input(id="to", name="to", type="date", default_value=state.last), name="to"),
        rx.flex(
            rx.button("Show", type="submit"),
            rx.cond(
                state.is_narrowed,
                parts.link_button("Clear", routes.SUPPORT_AUDIT, variant="soft", color_scheme="gray"),
            ),
            gap="0.5rem",
            align="end",
        ),
        on_submit=state.narrow,
        reset_on_submit=False,
        key=state.form_key,
        class_name="log-filters",
        role="search",
    )  # fmt: skip


def _choice() -> rx.Component:
    groups = [
        rx.el.optgroup(
            rx.el.option(f"{title}: all", value=group),
            *[rx.el.option(words, value=name) for name, words in ACTIONS.items() if name.startswith(f"{group}.")],
            label=title,
        )
        for group, title in GROUPS.items()
    ]
    return rx.el.select(
        rx.el.option("Everything", value=""),
        *groups,
        id="action",
        name="action",
        default_value=AuditState.chosen,
        class_name="choice",
    )


def _entry(entry: rx.Var[Any]) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.el.p(
                rx.el.strong(entry["action"]),
                rx.cond(
                    entry["href"] != "",
                    rx.fragment(
                        " · ",
                        rx.link(rx.el.bdi(entry["account"]), href=entry["href"], underline="always"),
                    ),
                ),
                class_name="log-what",
            ),
            rx.el.p(entry["who"], " · ", rx.el.span(entry["when"], white_space="nowrap"), class_name="log-who"),
            rx.cond(entry["reason"] != "", rx.el.blockquote(entry["reason"], dir="auto", class_name="asked")),
            rx.cond(entry["target"] != "", mono(entry["target"], color="var(--gray-11)")),
            min_width="0",
        ),
        rx.cond(
            entry["differences"].to(list[Difference]).length() > 0,
            rx.el.dl(rx.foreach(entry["differences"].to(list[Difference]), _difference), class_name="differences"),
        ),
        key=entry["id"],
    )


def _difference(difference: rx.Var[Any]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(difference["label"]),
        rx.el.dd(
            rx.cond(
                difference["before"] != "",
                rx.fragment(
                    rx.el.del_(rx.el.span("before ", class_name="unseen"), difference["before"], dir="auto"),
                    rx.icon("arrow-right", size=13, aria_hidden="true"),
                ),
            ),
            rx.cond(
                difference["after"] != "",
                rx.el.ins(rx.el.span("now ", class_name="unseen"), difference["after"], dir="auto"),
                rx.el.span("none", color=theme.SOFT),
            ),
        ),
        key=difference["label"],
    )


def _turns() -> rx.Component:
    state = AuditState
    return rx.flex(
        rx.cond(
            state.newest != "",
            parts.link_button("Newest", state.newest, "chevrons-left", variant="soft", color_scheme="gray"),
        ),
        rx.cond(
            state.older != "",
            parts.link_button("Older", state.older, "chevron-right", variant="soft", color_scheme="gray"),
        ),
        justify="end",
        gap="0.5rem",
        margin_top="1rem",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        AuditState.is_narrowed,
        parts.empty(
            "search-x",
            "No entry matches",
            "Take a filter away. E-mail addresses and ids are compared whole.",
            parts.link_button("Show everything", routes.SUPPORT_AUDIT, variant="soft"),
        ),
        parts.empty("scroll-text", "Nothing yet", "Whatever people and staff change is written down here."),
    )
