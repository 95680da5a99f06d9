"""The page of a report, part by part."""

from typing import Any

import reflex as rx

from dashboard import routes, theme
from dashboard.components import parts
from dashboard.components.copy import copy_button
from dashboard.components.shell import shell
from dashboard.pages.report.state import ReportState


def report() -> rx.Component:
    """The page."""
    state = ReportState
    return shell(
        parts.trouble(state.trouble, state.load),
        rx.cond(state.is_live, rx.moment(interval=1000, on_change=state.tick, display="none")),
        rx.cond(
            state.is_missing,
            _missing(),
            rx.cond(
                state.report["id"] != "",
                rx.flex(
                    rx.cond(state.is_renaming, _rename()),
                    rx.cond(state.is_live, _progress()),
                    rx.cond(state.report["status"] == "failed", _failure()),
                    rx.cond(state.report["status"] == "completed", _share()),
                    _items(),
                    direction="column",
                    gap="1rem",
                ),
                rx.cond(state.trouble == "", parts.skeleton_rows(6)),
            ),
        ),
        title=rx.cond(
            state.is_missing,
            "Report not found",
            rx.cond(state.report["id"] != "", rx.el.span(state.report["name"], dir=state.report["way"]), "Report"),
        ),
        text=rx.cond(state.report["id"] != "", _facts(), rx.fragment()),
        actions=[rx.cond(state.report["id"] != "", _actions(), rx.fragment())],
    )


def _facts() -> rx.Component:
    report = ReportState.report
    return rx.el.span(
        parts.status_badge(report["status"]),
        rx.el.span(report["made"]),
        rx.el.span(
            rx.cond(
                report["by_key"],
                rx.icon("key-round", size=14, aria_hidden="true"),
                rx.icon("user-round", size=14, aria_hidden="true"),
            ),
            "by ",
            report["made_by"],
            class_name="fact",
        ),
        rx.el.span(
            rx.cond(report["refunded"] != "", f"{report['credits']}, given back", report["credits"]),
        ),
        rx.cond(report["ended"] != "", rx.el.span(report["ended"])),
        class_name="facts",
    )


def _actions() -> rx.Component:
    state, report = ReportState, ReportState.report
    return rx.fragment(
        rx.cond(
            report["share_url"] != "",
            rx.button(
                rx.el.a(
                    rx.icon("external-link", size=16, aria_hidden="true"), "Open",
                    href=report["share_url"], target="_blank", rel="noopener",
                ),
                as_child=True,
            ),
        ),
        rx.cond(
            report["status"] == "completed",
            parts.download_button("Download HTML", report["file_href"]),
        ),
        rx.cond(
            state.is_viewer,
            rx.fragment(),
            rx.fragment(
                rx.cond(
                    state.is_live,
                    rx.fragment(),
                    parts.link_button("Make again", report["again_href"], "rotate-ccw", variant="soft"),
                ),
                rx.button(
                    rx.icon("pencil", size=16, aria_hidden="true"),
                    "Rename",
                    variant="soft",
                    color_scheme="gray",
                    on_click=state.start_renaming,
                    id="rename",
                ),
                rx.cond(report["may_delete"], _delete()),
            ),
        ),
    )  # fmt: skip


def _delete() -> rx.Component:
    return parts.confirm(
        rx.button(rx.icon("trash-2", size=16, aria_hidden="true"), "Delete", variant="soft", color_scheme="red"),
        title="Delete this report?",
        text="The report, its pictures and its link go for good. The credits it cost stay spent.",
        action="Delete report",
        on_confirm=ReportState.delete,
    )


def _rename() -> rx.Component:
    state = ReportState
    return rx.form(
        parts.card(
            parts.field(
                "Name of the report",
                rx.input(
                    id="name", name="name", default_value=state.report["name"], max_length=200, auto_focus=True,
                    required=True, size="3", auto_complete="off",
                ),
                name="name",
            ),
            rx.flex(
                rx.button("Save name", type="submit"),
                rx.button("Cancel", type="button", variant="soft", color_scheme="gray", on_click=state.stop_renaming),
                gap="0.5rem",
                margin_top="0.75rem",
            ),
        ),
        on_submit=state.rename,
        reset_on_submit=False,
        width="100%",
    )  # fmt: skip


def _progress() -> rx.Component:
    report = ReportState.report
    return parts.card(
        rx.progress(value=report["percent"], size="3", aria_label="Links that are done", width="100%"),
        rx.text(report["progress"], size="2", margin_top="0.6rem", style={"font_variant_numeric": "tabular-nums"}),
        rx.text(
            "You can close this page. The report goes on without it.", size="1", color=theme.SOFT, margin_top="0.2rem"
        ),
    )


def _failure() -> rx.Component:
    state, report = ReportState, ReportState.report
    return rx.callout.root(
        rx.callout.icon(rx.icon("circle-alert", size=18, aria_hidden="true")),
        rx.callout.text(
            rx.text.strong("This report failed. "),
            report["error"],
            " ",
            "Below is what each link met, and what you can do.",
            rx.cond(
                state.is_viewer,
                "",
                rx.fragment(" Then ", rx.link("make it again", href=report["again_href"], underline="always"), "."),
            ),
        ),
        color_scheme="red",
    )


def _share() -> rx.Component:
    state, report = ReportState, ReportState.report
    return parts.card(
        rx.cond(
            report["share_url"] != "",
            rx.box(
                rx.flex(
                    rx.input(
                        value=report["share_url"],
                        read_only=True,
                        aria_label="Share link",
                        class_name="mono",
                        flex="1 1 18rem",
                        size="2",
                    ),
                    copy_button(report["share_url"], "Copy link"),
                    rx.cond(
                        state.is_viewer,
                        rx.fragment(),
                        rx.fragment(
                            parts.confirm(
                                rx.button("New link", variant="soft", color_scheme="gray"),
                                title="Make a new link?",
                                text="The present link stops working at once, wherever you have sent it.",
                                action="Make a new link",
                                on_confirm=state.renew_link,
                            ),
                            parts.confirm(
                                rx.button("Revoke", variant="soft", color_scheme="red"),
                                title="Revoke the link?",
                                text="Whoever has it sees the report no more. You can make a new link at any time.",
                                action="Revoke link",
                                on_confirm=state.revoke_link,
                            ),
                        ),
                    ),
                    gap="0.5rem",
                    wrap="wrap",
                    align="center",
                ),
            ),
            rx.flex(
                rx.text(
                    "The link is revoked: nobody outside your account sees this report.", size="2", color=theme.SOFT
                ),
                rx.cond(
                    state.is_viewer,
                    rx.fragment(),
                    rx.button("Make a new link", variant="soft", on_click=state.renew_link),
                ),
                gap="0.75rem",
                align="center",
                wrap="wrap",
            ),
        ),
        title="Share",
        text="Whoever has the link sees the report, without an account.",
    )


def _items() -> rx.Component:
    state, report = ReportState, ReportState.report
    return rx.box(
        rx.flex(
            rx.heading("Links", as_="h2", size="4"),
            rx.segmented_control.root(
                rx.segmented_control.item(f"All {parts.thousands(report['links'])}", value="all"),
                rx.segmented_control.item(f"Captured {parts.thousands(report['captured'])}", value="captured"),
                rx.segmented_control.item(f"Failed {parts.thousands(report['failed'])}", value="failed"),
                value=state.shown,
                on_change=state.show,
                custom_attrs={"aria-label": "Which links"},
            ),
            justify="between",
            align="center",
            gap="0.75rem",
            wrap="wrap",
            margin_bottom="0.75rem",
        ),
        rx.cond(
            (report["failed"] > 0) & (report["status"] == "completed") & (state.shown == "failed") & ~state.is_viewer,
            rx.flex(
                rx.text("Once you have done something about them:", size="2", color=theme.SOFT),
                parts.link_button("New report of the failed links", report["retry_href"], variant="soft", size="2"),
                gap="0.6rem",
                align="center",
                wrap="wrap",
                margin_bottom="0.75rem",
            ),
        ),
        rx.cond(
            state.items.length() > 0,
            rx.el.ol(rx.foreach(state.items, _item), class_name="items"),
            rx.text("None of the links is in this list.", size="2", color=theme.SOFT, padding="1.5rem 0"),
        ),
        rx.cond(state.pages > 1, _pager()),
    )


def _item(item: rx.Var[Any]) -> rx.Component:
    return rx.el.li(
        _picture(item),
        rx.box(
            rx.cond(
                item["href"] != "",
                rx.el.a(
                    item["headline"], href=item["href"], target="_blank", rel="noopener noreferrer", dir=item["way"],
                    class_name="item-headline",
                ),
                rx.el.span(item["headline"], class_name="item-headline"),
            ),
            rx.cond(item["meta"] != "", rx.el.p(item["meta"], class_name="item-meta", dir="auto")),
            rx.cond(item["headline"] != item["address"], rx.el.p(item["address"], class_name="item-address")),
            rx.cond(item["why"] != "", rx.el.p(item["why"], " ", item["advice"], class_name="item-why")),
            min_width="0",
            flex="1",
        ),
        rx.flex(
            parts.status_badge(item["status"]),
            rx.cond(item["paywalled"], rx.badge("Paywall", color_scheme="gray")),
            direction="column",
            align="end",
            gap="0.3rem",
            flex="none",
        ),
        class_name="item",
        key=item["position"].to_string(),
        custom_attrs={"value": item["position"].to_string()},
    )  # fmt: skip


def _picture(item: rx.Var[Any]) -> rx.Component:
    return rx.cond(
        item["thumbnail"] != "",
        rx.el.a(
            rx.el.img(src=item["thumbnail"], alt=f"Screenshot: {item['headline']}", loading="lazy"),
            href=item["screenshot"],
            target="_blank",
            rel="noopener",
            class_name="item-picture",
        ),
        rx.el.span(
            rx.cond(
                item["status"] == "failed",
                rx.icon("image-off", size=18, aria_hidden="true"),
                rx.icon("image", size=18, aria_hidden="true"),
            ),
            class_name="item-picture item-picture-none",
        ),
    )


def _pager() -> rx.Component:
    state = ReportState

    def turn(label: str, icon: str, to: Any, is_off: Any) -> rx.Component:
        return rx.button(
            rx.icon(icon, size=16, aria_hidden="true"), label, variant="soft", color_scheme="gray",
            disabled=is_off, on_click=state.turn(to),  # type: ignore[misc]
        )  # fmt: skip

    return rx.flex(
        turn("Previous", "chevron-left", state.page - 1, state.page <= 1),
        rx.text(f"Page {state.page} of {state.pages}", size="2", color=theme.SOFT, role="status"),
        turn("Next", "chevron-right", state.page + 1, state.page >= state.pages),
        align="center",
        justify="end",
        gap="0.75rem",
        margin_top="1rem",
    )


def _missing() -> rx.Component:
    state = ReportState
    return rx.cond(
        state.elsewhere_id != "",
        parts.empty(
            "building-2",
            "This report belongs to another of your accounts",
            "Switch to it, then open the link again.",
            rx.button(f"Switch to {state.elsewhere_name}", on_click=state.switch_account(state.elsewhere_id)),
        ),
        parts.empty(
            "search-x",
            "There is no such report",
            "It was deleted, or it belongs to an account that you are not in. Check the address, or look in the list.",
            parts.link_button("All reports", routes.REPORTS, variant="soft"),
        ),
    )
