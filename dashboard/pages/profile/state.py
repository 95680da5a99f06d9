"""What the page of the profile knows, and what it does. Passwords and addresses go by forms to `/api/portal/`."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import reflex as rx

from core.people import LONG_PATIENCE_SECONDS, Away
from core.refusal import Refused
from core.reports import AccountId
from core.sessions import Seen
from dashboard.backend import backend
from dashboard.user_agents import in_words, is_handheld
from dashboard.visit import Visit, action, call, loader, rows
from dashboard.visitor import session
from dashboard.words import ago, day, when

THEMES = ("system", "light", "dark")
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_DONE = {
    "password": "Your password is changed. Your other browsers are signed out.",  # pragma: allowlist secret
    "email": "Your e-mail address is changed. From now on you sign in with the new one.",
}
_SLOW = (
    "Deleting an account with many reports takes a while. Load this page again in a minute to see whether it is done."
)


class SessionRow(TypedDict):
    """A browser that is signed in."""

    id: str
    browser: str
    address: str
    seen: str
    seen_at: str
    since: str
    is_this: bool
    is_handheld: bool


class ProfileState(Visit):
    """The user's own words, browsers and accounts."""

    trouble: str = ""
    is_ready: bool = False
    done: str = ""
    own_name: str = ""
    zone: str = ""
    zone_now: str = ""
    browser_zone: str = ""
    sessions: list[SessionRow] = []
    # What was said against deleting the account.
    deletion_problem: str = ""
    # Grows whenever fields are filled anew.
    filled: int = 0

    @rx.event(background=True)
    @loader
    async def load(self) -> None:
        """Reads profile and sessions."""
        async with self:
            done = self.router.url.query_parameters.get("done", "")
        user = session()
        found = await rows("profiles", "name,time_zone", {"user_id": str(user.user_id)}, order="user_id")
        profile = found[0] if found else {"name": "", "time_zone": ""}
        seen = await backend().sessions.list(user.user_id)
        async with self:
            self.done = _DONE.get(done, "")
            self.own_name, self.zone = profile["name"] or "", profile["time_zone"] or ""
            self.zone_now = _time_in(self.zone)
            self.sessions = _session_rows(seen, user.id)
            self.filled += 1

    @rx.event
    @action
    async def tell_zone(self, zone: Any) -> None:
        """The time zone that the browser says it is in."""
        self.browser_zone = zone if isinstance(zone, str) and zone in available_timezones() else ""

    @rx.event
    @action
    async def save(self, form: dict[str, Any]) -> Any:
        """Name and time zone."""
        name, zone = form.get("name"), form.get("time_zone")
        if not isinstance(name, str) or not isinstance(zone, str):
            return None
        zone = zone_of(zone)
        if zone is None:
            self.say(
                "There is no such time zone. Begin to type the name of a city, and choose from the list.", error=True
            )
            return None
        await call("save_profile", p_name=name, p_time_zone=zone)
        self.say("Your profile is saved.")
        return ProfileState.load

    @rx.event
    @action
    async def use_browser_zone(self) -> Any:
        """Takes the time zone of the browser."""
        if self.browser_zone:
            await call("save_profile", p_time_zone=self.browser_zone)
            self.say(f"Dates are shown in the time zone {self.browser_zone} now.")
        return ProfileState.load

    @rx.event
    @action
    async def choose_theme(self, theme: Any) -> None:
        """Keeps the theme for the browsers to come."""
        if theme in THEMES:
            await call("save_profile", p_theme=theme)

    @rx.event
    @action
    async def end_session(self, session_id: Any) -> Any:
        """Signs another browser out."""
        user, other = session(), _uuid(session_id)
        if other is not None and other != user.id and await backend().sessions.end_one(user, other):
            self.say("That browser is signed out.")
        else:
            self.say("That browser is not signed in any more.", error=True)
        return ProfileState.load

    @rx.event
    @action
    async def leave_team(self, account_id: Any) -> Any:
        """Leaves an account for good, unless invited again."""
        if _uuid(account_id) is None:
            return None
        await call("leave_account", p_account=account_id)
        if account_id == self.account_id:
            self.leave = "/"
            return None
        self.say("You have left the account.")
        return ProfileState.load

    @rx.event
    @action
    async def make_team(self, form: dict[str, Any]) -> None:
        """Makes an account of the user's own, and goes there."""
        name = form.get("team")
        if not isinstance(name, str) or not name.strip():
            self.say("Give the account a name.", error=True)
            return
        account = await call("create_own_account", p_name=name)
        await backend().sessions.choose_account(session(), AccountId(UUID(account)))
        self.leave = "/"

    @rx.event
    @action
    async def begin_deletion(self, _is_open: bool) -> None:
        """The dialog opens or closes: nothing was said against its form yet."""
        self.deletion_problem = ""

    @rx.event
    @action
    async def delete_account(self, form: dict[str, Any]) -> None:
        """Deletes the account that is shown; its name was typed by hand."""
        name = form.get("account_name")
        try:
            confirmed = name if isinstance(name, str) else ""
            await call("delete_account", patience=LONG_PATIENCE_SECONDS, p_account=self.account_id, p_name=confirmed)
        except Refused as refused:
            # In the dialog: what lies below it can neither be read nor reached.
            self.deletion_problem = refused.sentence
            return
        except Away:
            self.deletion_problem = _SLOW
            return
        self.leave = "/"

    @rx.var
    def owns_none(self) -> bool:
        """Whether none of the accounts is the user's own."""
        return all(account["role"] != "owner" for account in self.accounts)


@cache
def zone_names() -> list[str]:
    """The time zones to choose from."""
    return ["UTC", *sorted(name for name in available_timezones() if name.startswith(tuple(f"{a}/" for a in _AREAS)))]


def zone_of(text: str) -> str | None:
    """The time zone that somebody typed; None: there is none. Nothing typed takes it away."""
    typed = text.strip().replace(" ", "_").casefold()
    if not typed:
        return ""
    if text.strip() in available_timezones():
        return text.strip()
    found = [name for name in zone_names() if typed in (name.casefold(), name.casefold().rpartition("/")[2])]
    return found[0] if len(found) == 1 else None


def _time_in(zone: str) -> str:
    return datetime.now(ZoneInfo(zone or "UTC")).strftime("%H:%M")


def _session_rows(seen: Sequence[Seen], this: UUID) -> list[SessionRow]:
    found = [
        SessionRow(
            id=str(one.id),
            browser=in_words(one.user_agent),
            address=one.address,
            seen=ago(one.last_seen_at),
            seen_at=when(one.last_seen_at),
            since=day(one.created_at),
            is_this=one.id == this,
            is_handheld=is_handheld(one.user_agent),
        )
        for one in seen
    ]
    return sorted(found, key=lambda row: not row["is_this"])


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
