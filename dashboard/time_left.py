"""How long a report still takes: said only when it can be known, and without jumping about."""

from dataclasses import dataclass

from dashboard.words import duration

# Before so many links ended, within so many seconds, nobody knows the pace.
_MIN_LINKS = 3
_MIN_SECONDS = 4.0
# How much of what was said before stays with each second that passes.
_KEPT_A_SECOND = 0.93


@dataclass(frozen=True, slots=True)
class Estimate:
    """So many seconds were left at this moment of a clock that never goes back."""

    seconds: float
    at: float


def estimate(before: Estimate | None, ended: int, left: int, seconds: float | None, now: float) -> Estimate | None:
    """The next estimate. `seconds` passed since the first of `ended` links; `left` have not ended. None: unknown."""
    if left <= 0 or seconds is None or ended < _MIN_LINKS or seconds < _MIN_SECONDS:
        return None
    # The first link only started the clock.
    fresh = left * seconds / (ended - 1)
    if before is None:
        return Estimate(fresh, now)
    passed = max(now - before.at, 0.0)
    kept = _KEPT_A_SECOND**passed
    return Estimate(max(kept * max(before.seconds - passed, 0.0) + (1 - kept) * fresh, 1.0), now)


def sentence(found: Estimate | None, ended: int) -> str:
    """What the reader is told."""
    if found is not None:
        return f"about {duration(found.seconds)} left"
    return "just started" if ended else "waiting for its turn"
