"""A new report: links go in, the price is told, and only then it is made."""

import asyncio
import re
import time
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import psycopg
import reflex as rx

from core import reports
from core.people import Away
from core.refusal import Refused
from dashboard import routes, theme
from dashboard.backend import backend
from dashboard.components import parts
from dashboard.components.report_fields import report_fields
from dashboard.components.shell import shell
from dashboard.link_preview import MAX_LINKS, Preview, Refusal, preview_links
from dashboard.visit import Visit, action, call, loader, rows
from dashboard.words import count

_KEY = re.compile("[0-9a-f]{32}")
# Hosted Supabase gives at most 1,000 rows at once.
_ROWS_AT_ONCE = 500


class NewReportState(Visit):
    """What is known of the links in the form. The links themselves stay in the browser."""

    trouble: str = ""
    is_ready: bool = False

    fill: str = ""
    fill_name: str = ""
    fill_number: int = 0
    fill_for: str = ""
    asked: int = 0

    valid: int = 0
    duplicates: int = 0
    refused: list[Refusal] = []
    refused_count: int = 0
    surplus: int = 0
    price: int = 0
    is_told: bool = False

    # Of previews that are worked out at once, the newest counts.
    _newest: int = 0

    @rx.var
    def after(self) -> int:
        """The balance, had the report been made."""
        return max(self.balance - self.price, 0)

    @rx.var
    def missing(self) -> int:
        """Credits that the account would need more."""
        return max(self.price - self.balance, 0)

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Fills the form as the address says, and asks it what it holds."""
        async with self:
            account = self.account_id
            query = urlsplit(str(self.router.url)).query
        fill, name = await _filling(account, query)
        async with self:
            self.fill, self.fill_name, self.fill_for = fill, name, _question(query)
            # Never a number that was there before, also in another process.
            self.asked = time.time_ns() // 1_000_000
            self.fill_number = self.asked if fill else 0
            self._newest = self.valid = self.price = 0
            self.is_told = False

    @rx.event(background=True)
    @loader
    async def preview(self, text: str, number: int) -> None:
        """Tells what would become of the links."""
        async with self:
            if not _is_newer(number, self._newest):
                return
            self._newest = number
        found = await asyncio.to_thread(preview_links, text)
        price = await _price(len(found.links) - found.surplus)
        async with self:
            if self._newest != number:
                return
            self.valid, self.duplicates = len(found.links) - found.surplus, found.duplicates
            self.refused, self.refused_count = found.refused, found.refused_count
            self.surplus, self.price = found.surplus, price
            self.is_told = bool(found.links or found.refused)

    @rx.event
    @action
    async def use_samples(self) -> None:
        """Fills the empty form with links to try."""
        self.fill, self.fill_name = "\n".join(backend().settings.samples), "First report"
        self.fill_for = _question(urlsplit(str(self.router.url)).query)
        self.fill_number = max(time.time_ns() // 1_000_000, self.fill_number + 1)

    @rx.event
    @action
    async def create(self, form: dict[str, Any]) -> Any:
        """Makes the report and goes to its page. The same form sent twice makes one report."""
        sent = _fields(form)
        key = sent.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise Refused(400, "invalid_form", "This page is out of date. Reload it, then try again.")
        found = await asyncio.to_thread(preview_links, sent.get("links"))
        _check(found)
        name = sent.get("name")
        answer = await call(
            "create_report",
            p_account=self.account_id,
            p_name=name if isinstance(name, str) else "",
            p_urls=found.links,
            p_idempotency_key=key,
        )
        if answer["outcome"] == "insufficient_credits":
            _refuse_for_credits(answer["required"] - answer["available"])
        return rx.redirect(routes.report(UUID(answer["report_id"]).hex))


def _question(query: str) -> str:
    return f"?{query}" if query else ""


def _fields(form: object) -> dict[str, Any]:
    return form if isinstance(form, dict) else {}


def _check(found: Preview) -> None:
    if not found.links:
        raise Refused(400, "no_links", "There is no link in the form yet. Paste at least one.")
    if found.surplus:
        sentence = f"A report takes {MAX_LINKS:,} links. Take {found.surplus:,} out, or make two reports."
        raise Refused(400, "too_many_links", sentence)
    if found.is_cut:
        raise Refused(400, "too_many_links", "This is more than a report can take. Take out what is no link.")


def _refuse_for_credits(missing: int) -> NoReturn:
    raise Refused(402, "insufficient_credits", f"{count(missing, 'credit')} missing: nothing was made or charged.")


def _is_newer(number: object, than: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and than < number < 2**53


async def _price(links: int) -> int:
    if not links:
        return 0
    try:
        return await reports.report_price(backend().db, links)
    except psycopg.OperationalError:
        raise Away from None


async def _filling(account: str, query: str) -> tuple[str, str]:
    """Links and name that the form begins with: samples, or those of a report that is made again."""
    try:
        wanted = dict(parse_qsl(query, max_num_fields=10))
    except ValueError:
        return "", ""
    if wanted.get("sample") == "1":
        return "\n".join(backend().settings.samples), "First report"
    report_id = wanted.get("from", "")
    if not routes.REPORT_ID.fullmatch(report_id):
        return "", ""
    report = await call("report_page", p_report=report_id)
    if report["account_id"] != account:
        raise Refused(404, "not_found", "This report does not exist, or it is not yours.")
    where = {"report_id": report_id, "account_id": account}
    if wanted.get("only") == "failed":
        where["status"] = "failed"
    links: list[str] = []
    while len(links) < MAX_LINKS:
        found = await rows(
            "report_items", "url", where, order="position", offset=len(links), limit=_ROWS_AT_ONCE
        )  # fmt: skip
        links += [row["url"] for row in found]
        if len(found) < _ROWS_AT_ONCE:
            break
    return "\n".join(links), report["name"]


def new_report() -> rx.Component:
    """The page."""
    state = NewReportState
    return shell(
        parts.trouble(state.trouble, state.load),
        rx.cond(
            state.is_viewer,
            rx.callout(
                "You look at this account as support: reports are made by its own people.",
                icon="eye",
                color_scheme="gray",
            ),
            rx.form(
                rx.grid(
                    parts.card(
                        report_fields(
                            fill=state.fill,
                            fill_name=state.fill_name,
                            fill_number=state.fill_number,
                            fill_for=state.fill_for,
                            asked=state.asked,
                            disabled=~state.account_active,
                            on_links=state.preview,
                        ),
                        min_width="0",
                    ),
                    _summary(),
                    columns=rx.breakpoints(initial="1", md="3fr 2fr"),
                    gap="1rem",
                    align="start",
                ),
                on_submit=state.create,
                reset_on_submit=False,
            ),
        ),
        title="New report",
        text="Paste the links of your coverage. Nothing is charged before you press Create.",
    )


def _summary() -> rx.Component:
    state = NewReportState
    return rx.box(
        parts.card(
            rx.cond(state.is_told, _told(), _nothing_told()),
            rx.cond(state.missing > 0, _missing()),
            rx.button(
                "Create report",
                type="submit",
                size="3",
                width="100%",
                margin_top="1rem",
                disabled=(state.valid == 0) | (state.surplus > 0) | (state.missing > 0) | ~state.account_active,
            ),
            title="Before you create it",
        ),
        class_name="summary",
    )


def _nothing_told() -> rx.Component:
    return rx.box(
        rx.text("The price shows here as soon as there are links.", size="2", color=theme.SOFT),
        rx.button(
            "Use sample links",
            type="button",
            variant="soft",
            on_click=NewReportState.use_samples,
            margin_top="0.75rem",
        ),
    )


def _told() -> rx.Component:
    state = NewReportState
    return rx.box(
        rx.data_list.root(
            _line("Links", parts.thousands(state.valid)),
            rx.cond(state.duplicates > 0, _line("Duplicates, taken once", parts.thousands(state.duplicates))),
            rx.cond(state.refused_count > 0, _line("Refused", parts.thousands(state.refused_count))),
            rx.cond(state.surplus > 0, _line(f"Beyond {MAX_LINKS:,}", parts.thousands(state.surplus))),
            _line("Price", rx.cond(state.price == 1, "1 credit", f"{state.price} credits")),
            rx.cond(
                state.missing > 0,
                _line("Balance", parts.thousands(state.balance)),
                _line("Balance after", f"{parts.thousands(state.after)} of {parts.thousands(state.balance)}"),
            ),
            size="2",
        ),
        rx.cond(
            state.surplus > 0,
            rx.callout(
                f"A report takes {MAX_LINKS:,} links. Take some out, or make two reports.",
                icon="scissors",
                color_scheme="amber",
                size="1",
                margin_top="0.75rem",
            ),
        ),
        rx.cond(state.refused_count > 0, _refused()),
        role="status",
    )


def _line(label: str, value: Any) -> rx.Component:
    return rx.data_list.item(
        rx.data_list.label(label, min_width="9rem"), rx.data_list.value(value, style={"font_weight": "600"})
    )


def _refused() -> rx.Component:
    state = NewReportState
    return rx.el.details(
        rx.el.summary("What is refused, and why"),
        rx.el.ul(
            rx.foreach(
                state.refused,
                lambda one: rx.el.li(
                    rx.el.span(one["text"], class_name="mono", dir="auto"),
                    rx.text(one["why"], size="1", color=theme.SOFT),
                ),
            ),
            class_name="plain-list",
        ),
        rx.cond(
            state.refused_count > state.refused.length(),
            rx.text(f"and {state.refused_count - state.refused.length()} more", size="1", color=theme.SOFT),
        ),
        class_name="refused",
    )


def _missing() -> rx.Component:
    state = NewReportState
    return rx.callout.root(
        rx.callout.icon(rx.icon("coins", size=16, aria_hidden="true")),
        rx.callout.text(
            rx.cond(state.missing == 1, "1 credit is missing. ", f"{state.missing} credits are missing. "),
            rx.cond(
                state.is_manager,
                rx.link("Request more credits", href=routes.CREDITS, underline="always"),
                "Ask an owner or admin of your account to request more",
            ),
            rx.cond(state.balance > 0, ", or take links out.", "."),
        ),
        color_scheme="amber",
        size="1",
        margin_top="0.75rem",
        role="alert",
    )
