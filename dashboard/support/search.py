"""The first page of support: one field that finds accounts, people, API keys, reports and requests."""

from collections.abc import Iterable
from typing import Any, TypedDict

import reflex as rx

from core import support
from core.people import Away
from core.refusal import Refused
from core.support import Found
from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.support.desk import ask
from dashboard.support.inputs import text_of
from dashboard.visit import Visit, loader
from dashboard.words import count

_TITLES = {
    "account": "Accounts",
    "member": "People",
    "key": "API keys",
    "report": "Reports",
    "request": "API requests",
}
_STATUSES = {"processing": "Running", "completed": "Ready", "failed": "Failed"}
# As many as `support.search` finds at most.
_MOST = 50


class Result(TypedDict):
    """What was found. `href` is empty for a user who is in no account."""

    key: str
    href: str
    label: str
    detail: str
    account: str


class Group(TypedDict):
    """Results of one kind."""

    kind: str
    title: str
    results: list[Result]


class SearchState(Visit):
    """What was looked for last. It is forgotten when the page is left."""

    trouble: str = ""
    is_ready: bool = False
    groups: list[Group] = []
    # What was found, in words; empty before the first search.
    summary: str = ""
    is_searching: bool = False
    _number: int = 0

    @rx.event
    async def load(self) -> None:
        """Begins with an empty field. A search that is under way goes on: a lost connection begins the page anew."""
        self.trouble, self.is_ready, self.groups, self.summary = "", True, [], ""

    @rx.event(background=True)
    @loader
    async def search(self, form: dict[str, Any]) -> None:
        """Finds what matches; of two searches the later one is shown."""
        async with self:
            self._number += 1
            number = self._number
            self.trouble, self.is_searching = "", True
        try:
            found = await ask(support.search, text_of(form, "query"))
        except (Refused, Away):
            async with self:
                if number != self._number:
                    return
                self.is_searching, self.groups, self.summary = False, [], ""
            raise
        async with self:
            if number == self._number:
                self.groups, self.summary, self.is_searching = groups_of(found), summary_of(len(found)), False


def groups_of(found: Iterable[Found]) -> list[Group]:
    """Results by kind, in the order of the kinds; within one, the closest first."""
    by_kind: dict[str, list[Result]] = {kind: [] for kind in _TITLES}
    for place, one in enumerate(found):
        by_kind[one.kind].append(_result(one, place))
    return [Group(kind=kind, title=_TITLES[kind], results=results) for kind, results in by_kind.items() if results]


def summary_of(found: int) -> str:
    """How many were found."""
    if found == 0:
        return "Nothing found."
    return f"The first {_MOST} results: say more to see others." if found >= _MOST else f"{count(found, 'result')}."


def _result(one: Found, place: int) -> Result:
    return Result(
        key=f"{place}",
        href=_href(one),
        label=one.label or "Untitled",
        detail=_detail(one),
        # An account is its own label.
        account="" if one.kind == "account" else one.account_name or "",
    )


def _href(one: Found) -> str:
    if one.account_id is None:
        return ""
    page = routes.support_account(str(one.account_id))
    queries = {
        "key": "?tab=keys",
        "member": "?tab=people",
        "request": "?tab=requests",
        "report": f"?report={one.target}",
    }
    return page + queries.get(one.kind, "")


def _detail(one: Found) -> str:
    if one.kind == "request":
        return f"Answered {one.detail}"
    if one.kind == "report":
        return _STATUSES.get(one.detail, one.detail)
    return one.detail if one.kind == "key" else one.detail.capitalize()


def search() -> rx.Component:
    """The page."""
    state = SearchState
    return shell(
        _field(),
        rx.box(
            rx.cond(state.summary != "", rx.text(state.summary, size="2", color=theme.SOFT, margin_bottom="1rem")),
            role="status",
        ),
        parts.trouble(state.trouble),
        rx.cond(
            state.groups.length() > 0,
            rx.flex(rx.foreach(state.groups, _group), direction="column", gap="1.5rem"),
            rx.cond(
                state.summary != "",
                parts.empty(
                    "search-x",
                    "Nothing found",
                    "Check for a typing error. Ids are looked up whole, names and e-mail addresses by any part. "
                    "API requests are kept for 30 days.",
                ),
                rx.cond(state.trouble == "", _first()),
            ),
        ),
        title="Find an account",
        text="By e-mail address, account name, API key, report id or request id.",
    )


def _field() -> rx.Component:
    state = SearchState
    return rx.form(
        rx.flex(
            rx.input(
                rx.input.slot(rx.icon("search", size=18, aria_hidden="true")),
                id="query",
                name="query",
                type="search",
                aria_label="Search all accounts",
                placeholder="anna@example.com, Penrose & Co, cr_live_…, req_…",
                auto_focus=True,
                auto_complete="off",
                spell_check=False,
                min_length=2,
                max_length=320,
                required=True,
                size="3",
                flex="1 1 16rem",
            ),
            rx.button("Search", type="submit", size="3", loading=state.is_searching),
            gap="0.6rem",
            wrap="wrap",
        ),
        on_submit=state.search,
        reset_on_submit=False,
        role="search",
        width="100%",
        margin_bottom="1rem",
    )


def _first() -> rx.Component:
    return rx.el.dl(
        *[
            rx.el.div(rx.el.dt(rx.icon(icon, size=16, aria_hidden="true"), what), rx.el.dd(how), class_name="hint")
            for icon, what, how in (
                ("user-round", "A person", "Any part of the e-mail address they write from."),
                ("building-2", "An account", "Any part of its name, or its id."),
                ("key-round", "An API key", "Its first 16 characters: cr_live_ and 8 more. The rest is not looked at."),
                ("newspaper", "A report", "The id that the API answers, or that stands in the address of its page."),
                ("arrow-left-right", "A request", "The Request-Id of an answer of the API: req_ and 32 characters."),
            )
        ],
        class_name="hints",
    )


def _group(group: rx.Var[Any]) -> rx.Component:
    return rx.box(
        rx.heading(group["title"], as_="h2", size="3", margin_bottom="0.5rem"),
        rx.el.ul(rx.foreach(group["results"], lambda result: _row(group["kind"], result)), class_name="found"),
        key=group["kind"],
    )


def _row(kind: rx.Var[str], result: rx.Var[Any]) -> rx.Component:
    content = rx.fragment(
        rx.el.span(
            rx.match(
                kind,
                ("account", rx.icon("building-2", size=17)),
                ("member", rx.icon("user-round", size=17)),
                ("key", rx.icon("key-round", size=17)),
                ("report", rx.icon("newspaper", size=17)),
                rx.icon("arrow-left-right", size=17),
            ),
            aria_hidden="true",
            class_name="found-icon",
        ),
        rx.el.span(
            rx.el.span(result["label"], class_name="found-label", dir="auto"),
            rx.el.span(
                result["detail"],
                rx.cond(result["account"] != "", rx.fragment(" · ", rx.el.bdi(result["account"]))),
                class_name="found-detail",
            ),
            class_name="found-text",
        ),
    )
    return rx.el.li(
        rx.cond(
            result["href"] != "",
            rx.link(
                content,
                rx.icon("chevron-right", size=16, aria_hidden="true"),
                href=result["href"],
                underline="none",
                class_name="found-row",
            ),
            rx.el.span(content, class_name="found-row"),
        ),
        key=result["key"],
    )
