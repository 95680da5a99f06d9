"""The first page: balance, what ran lately, reports a month."""

import reflex as rx

from dashboard import routes
from dashboard.components import parts
from dashboard.components.shell import shell
from dashboard.visit import Visit, call, loader


class OverviewState(Visit):
    """What the page shows."""

    trouble: str = ""
    is_ready: bool = False
    balance: int = 0

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads the account."""
        async with self:
            account = self.account_id
        found = await call("account_overview", p_account=account)
        async with self:
            self.balance = found["balance"]


def overview() -> rx.Component:
    """Balance and reports of the account."""
    return shell(
        parts.trouble(OverviewState.trouble, OverviewState.load),
        rx.skeleton(parts.stat("Credits", OverviewState.balance, icon="coins"), loading=~OverviewState.is_ready),
        title="Overview",
        actions=[parts.link_button("New report", routes.NEW_REPORT, "plus")],
    )
