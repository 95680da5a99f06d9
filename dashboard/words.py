"""Numbers and times in words, in the time zone of who reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.visitor import session


def zone() -> ZoneInfo:
    """The reader's time zone; UTC until they have told one."""
    return ZoneInfo(session().time_zone or "UTC")


def when(moment: str | datetime | None) -> str:
    """Day and time, as "25 Nov 2026, 09:41"; empty for none."""
    return _local(moment).strftime("%-d %b %Y, %H:%M") if moment else ""


def day(moment: str | datetime | None) -> str:
    """The day, as "25 Nov 2026"; empty for none."""
    return _local(moment).strftime("%-d %b %Y") if moment else ""


def ago(moment: str | datetime | None, never: str = "never") -> str:
    """How long ago, in one word or two."""
    if not moment:
        return never
    seconds = (datetime.now(UTC) - _local(moment)).total_seconds()
    for size, word in ((86400 * 365, "year"), (86400 * 30, "month"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count(int(seconds // size), word)} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """The number with its noun, as "1 report", "1,204 links"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """A length of time, rounded up to what one says: "20 seconds", "3 minutes", "2 hours"."""
    if seconds <= 55:
        return count(max(5, -(-int(seconds) // 5) * 5), "second")
    if seconds < 3600:
        return count(-(-int(seconds) // 60), "minute")
    return count(-(-int(seconds) // 3600), "hour")


def _local(moment: str | datetime) -> datetime:
    parsed = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return parsed.astimezone(zone())
