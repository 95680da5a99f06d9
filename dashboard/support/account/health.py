"""How a report of an account does, in words: who holds its links, and whether something moves it."""

from datetime import UTC, datetime
from typing import TypedDict

from core.support import SupportReport
from dashboard.words import count, when

_WORDS = {"completed": "Ready", "failed": "Failed"}
# A link takes two attempts of 30 s at most: nothing for longer than this deserves a look.
_QUIET_SECONDS = 75
_OVERDUE = (
    "No link ended for 3 minutes while a runner held one, or it is a day old. It is ended by itself within 15 seconds, "
    "and its price given back if nothing was captured."
)
_NOT_MOVING = (
    "No runner holds it and nothing of it is queued. That heals by itself within 15 seconds while a runner or a web "
    "process is up; else start it again."
)
_NOBODY_COMES = (
    "For more than a minute no runner has taken a link of it: all are busy with others, or none is up. Starting it "
    "again helps with neither. Whoever runs the server sees which it is."
)


class ReportRow(TypedDict):
    """A report. The fields from `tone` on speak of one that runs, and are empty for another."""

    id: str
    name: str
    status: str
    links: str
    credits: str
    made: str
    made_by: str
    ended: str
    error: str
    tone: str
    verdict: str
    advice: str
    percent: int
    done: str
    held: str
    waiting: str
    queued: str
    last: str


def report_row(report: SupportReport) -> ReportRow:
    """The report."""
    runs = report.status == "processing"
    done = report.url_count - (report.open_links or 0)
    tone, verdict, advice = verdict_of(report) if runs else ("", "", "")
    return ReportRow(
        id=report.id.hex,
        name=report.name,
        status=report.status,
        links=f"{report.captured_count:,} of {count(report.url_count, 'link')} captured",
        credits=_credits(report),
        made=when(report.created_at),
        made_by=report.created_by or "a deleted user",
        ended=when(report.completed_at),
        error=report.error or "",
        tone=tone,
        verdict=verdict,
        advice=advice,
        percent=100 * done // max(report.url_count, 1) if runs else 0,
        done=f"{done:,} of {count(report.url_count, 'link')} done" if runs else "",
        held=f"{report.held_links or 0:,}",
        waiting=f"{waiting_links(report):,}",
        queued="yes" if report.queued else "no",
        last=seconds_ago(report.seconds_since_link_ended) if runs else "",
    )


def verdict_of(report: SupportReport) -> tuple[str, str, str]:
    """Colour, word and sentence for a report that runs."""
    held, quiet = report.held_links or 0, report.seconds_since_link_ended
    if report.overdue:
        return "red", "Overdue", _OVERDUE
    if held and quiet is not None and quiet > _QUIET_SECONDS:
        return (
            "amber",
            "Slow",
            "A runner holds links of it, but none has ended for a while. Start it again if it stays so.",
        )
    if held:
        return "green", "Working", "A runner has links of it open now."
    if report.queued and _idle_seconds(report) > _QUIET_SECONDS:
        return "amber", "Waiting", _NOBODY_COMES
    if report.queued:
        return "blue", "Waiting", "Its account waits for its turn. More runners would shorten that."
    return "amber", "Not moving", _NOT_MOVING


def waiting_links(report: SupportReport) -> int:
    """Links that no runner works on; those too whose runner is gone, which are handed out again."""
    return (report.open_links or 0) - (report.held_links or 0)


def _idle_seconds(report: SupportReport) -> int:
    """Since a link ended, or since the report was made."""
    quiet = report.seconds_since_link_ended
    return int((datetime.now(UTC) - report.created_at).total_seconds()) if quiet is None else quiet


def seconds_ago(seconds: int | None) -> str:
    """How long since a link ended."""
    if seconds is None:
        return "none yet"
    if seconds < 100:
        return f"{max(seconds, 0)} s ago"
    return f"{count(seconds // 60, 'minute')} ago" if seconds < 7200 else f"{count(seconds // 3600, 'hour')} ago"


def _credits(report: SupportReport) -> str:
    back = report.credits_refunded + report.given_back
    used = count(report.credits_used, "credit")
    return f"{used}, {back:,} given back" if back else used
