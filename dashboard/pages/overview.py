"""The first page: what there is to spend, what ran lately, and the way to the first report."""

from datetime import date
from typing import Any, TypedDict

import reflex as rx

from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.report_table import short_report_table
from dashboard.components.shell import shell
from dashboard.report_rows import ReportRow, report_row
from dashboard.visit import Visit, call, loader
from dashboard.words import ago

_STEPS = [
    ("clipboard-paste", "Paste your links", "From an e-mail, a list or a spreadsheet: one link a line, or a file."),
    ("receipt", "See the price", "Up to 100 links cost 1 credit. Nothing is charged before you say so."),
    ("sparkles", "Watch it grow", "Each page is opened, photographed and read. Then you share one link."),
]


class Month(TypedDict):
    """A bar of the chart: `height` is that of the highest or less, in CSS."""

    label: str
    name: str
    reports: int
    height: str


class UnusedKey(TypedDict):
    """An API key that nobody has used for 90 days."""

    name: str
    prefix: str
    used: str


class OverviewState(Visit):
    """What the page shows."""

    trouble: str = ""
    is_ready: bool = False
    has_reports: bool = False
    used: int = 0
    running: int = 0
    last: list[ReportRow] = []
    months: list[Month] = []
    chart: str = ""
    unused_keys: list[UnusedKey] = []

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the account."""
        await _read(self)

    @rx.event(background=True)
    @loader
    async def refresh(self, _moment: str = "") -> None:
        """The same once more, while reports run."""
        await _read(self)


async def _read(state: OverviewState) -> None:
    async with state:
        account = state.account_id
    found = await call("account_overview", p_account=account)
    running = await call("search_reports", p_account=account, p_status="processing", p_limit=1)
    months = _months(found["reports_by_month"])
    async with state:
        if account != state.account_id:
            return
        shown: dict[str, Any] = {
            "has_reports": found["has_reports"],
            "used": found["credits_used_this_month"],
            "running": running[0]["total"] if running else 0,
            "last": [report_row(row) for row in found["last_reports"]],
            "months": months,
            "chart": _told(months),
            "unused_keys": [
                UnusedKey(name=key["name"], prefix=key["prefix"], used=ago(key["last_used_at"]))
                for key in found["unused_keys"]
            ],
        }
        for name, value in shown.items():
            if getattr(state, name) != value:
                setattr(state, name, value)


def _months(found: list[dict[str, Any]]) -> list[Month]:
    highest = max((month["reports"] for month in found), default=0) or 1
    return [
        Month(
            label=f"{date.fromisoformat(month['month'] + '-01'):%b}",
            name=f"{date.fromisoformat(month['month'] + '-01'):%B %Y}",
            reports=month["reports"],
            height=f"calc((100% - 2.4rem) * {month['reports'] / highest:.4f})",
        )
        for month in found
    ]


def _told(months: list[Month]) -> str:
    """The chart in words."""
    some = [f"{month['name']}: {month['reports']:,}" for month in months if month["reports"]]
    return f"Reports a month. {'; '.join(some)}." if some else "No reports in the last 12 months."


def overview() -> rx.Component:
    """The page."""
    state = OverviewState
    return shell(
        parts.trouble(state.trouble, state.load),
        rx.cond(state.running > 0, rx.moment(interval=3000, on_change=state.refresh, display="none")),
        rx.cond(state.is_ready & (state.balance == 0) & state.account_active & ~state.is_viewer, _no_credits()),
        rx.cond(
            state.is_ready,
            rx.fragment(
                _numbers(),
                rx.cond(
                    state.has_reports,
                    rx.grid(
                        _last(),
                        rx.flex(_chart(), _unused_keys(), direction="column", gap="1rem", min_width="0"),
                        columns=rx.breakpoints(initial="1", lg="3fr 2fr"),
                        gap="1rem",
                    ),
                    rx.flex(_first_steps(), _unused_keys(), direction="column", gap="1rem"),
                ),
            ),
            rx.cond(state.trouble == "", _waiting()),
        ),
        title="Overview",
        actions=[
            rx.cond(
                state.is_viewer, rx.fragment(), parts.link_button("New report", routes.NEW_REPORT, "plus", size="3")
            )
        ],
    )


def _waiting() -> rx.Component:
    return rx.flex(
        rx.grid(
            *[rx.skeleton(height="6.4rem", width="100%") for _ in range(3)],
            columns=rx.breakpoints(initial="1", sm="3"),
            gap="1rem",
        ),
        parts.skeleton_rows(),
        direction="column",
        gap="1rem",
    )


def _numbers() -> rx.Component:
    state = OverviewState
    return rx.grid(
        parts.stat("Credits left", parts.thousands(state.balance), "1 credit pays for up to 100 links", "coins"),
        parts.stat("Used this month", parts.thousands(state.used), "credits, without those given back", "receipt"),
        parts.stat("Running now", parts.thousands(state.running), "reports being made", "loader"),
        columns=rx.breakpoints(initial="2", sm="3"),
        gap="1rem",
        margin_bottom="1rem",
        class_name="numbers",
    )


def _no_credits() -> rx.Component:
    state = OverviewState
    return rx.callout.root(
        rx.callout.icon(rx.icon("coins", size=18, aria_hidden="true")),
        rx.callout.text(
            "You have no credits left, so no report can be made. ",
            rx.cond(
                state.is_manager,
                rx.link("Request more credits", href=routes.CREDITS, underline="always"),
                "Ask an owner or admin of your account to request more.",
            ),
        ),
        color_scheme="amber",
        margin_bottom="1rem",
    )


def _last() -> rx.Component:
    return parts.card(
        short_report_table(OverviewState.last),
        rx.box(rx.link("All reports", href=routes.REPORTS, size="2"), margin_top="0.75rem"),
        title="Latest reports",
        min_width="0",
    )


def _chart() -> rx.Component:
    return parts.card(
        rx.box(
            rx.foreach(OverviewState.months, _bar),
            class_name="bars",
            role="img",
            aria_label=OverviewState.chart,
        ),
        title="Reports a month",
    )


def _bar(month: rx.Var[Any]) -> rx.Component:
    return rx.box(
        rx.el.span(rx.cond(month["reports"] > 0, month["reports"].to_string(), ""), class_name="bar-count"),
        rx.el.span(class_name=rx.cond(month["reports"] > 0, "bar", "bar bar-none"), style={"height": month["height"]}),
        rx.el.span(month["label"], class_name="bar-label"),
        class_name="bar-column",
        title=f"{month['name']}: {month['reports']}",
    )


def _unused_keys() -> rx.Component:
    state = OverviewState
    return rx.cond(
        state.unused_keys.length() > 0,
        parts.card(
            rx.el.ul(
                rx.foreach(
                    state.unused_keys,
                    lambda key: rx.el.li(
                        rx.text(key["name"], weight="medium", as_="span", style={"overflow_wrap": "anywhere"}),
                        rx.text(f"{key['prefix']}… · last used {key['used']}", size="1", color=theme.SOFT),
                    ),
                ),
                class_name="plain-list",
            ),
            rx.link("Look at the keys", href=routes.KEYS, size="2"),
            title="Keys nobody uses",
            text="Not used for 90 days. A key that is not needed is better revoked.",
        ),
    )


def _first_steps() -> rx.Component:
    return parts.card(
        rx.el.ol(
            *[
                rx.el.li(
                    rx.center(
                        rx.icon(icon, size=18, color=theme.ACCENT_INK, aria_hidden="true"),
                        background=theme.ACCENT_SOFT, border_radius="50%", width="2.4rem", height="2.4rem", flex="none",
                    ),
                    rx.box(
                        rx.heading(f"{number}. {title}", as_="h3", size="3"),
                        rx.text(text, size="2", color=theme.SOFT),
                    ),
                )
                for number, (icon, title, text) in enumerate(_STEPS, 1)
            ],
            class_name="steps",
        ),
        rx.cond(
            OverviewState.is_viewer,
            rx.fragment(),
            rx.flex(
                parts.link_button("Paste your links", routes.NEW_REPORT, "plus", size="3"),
                parts.link_button("Use sample links", f"{routes.NEW_REPORT}?sample=1", variant="soft", size="3"),
                gap="0.75rem",
                wrap="wrap",
                margin_top="1.25rem",
            ),
        ),
        title="Your first report in three steps",
        text="It takes about a minute, and your first credits are on us.",
    )  # fmt: skip
