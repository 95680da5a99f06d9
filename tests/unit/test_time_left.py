"""The time left of a report: honest, never negative, never jumping wildly."""

import pytest

from dashboard.time_left import Estimate, estimate, sentence


def test_nothing_is_claimed_before_the_pace_is_known() -> None:
    assert estimate(None, 0, 500, None, 0) is None
    assert estimate(None, 2, 498, 30.0, 0) is None
    assert estimate(None, 8, 492, 0.4, 0) is None
    assert sentence(None, 0) == "waiting for its turn"
    assert sentence(None, 2) == "just started"


def test_a_steady_pace_is_told_as_it_is() -> None:
    found = None
    for second in range(4, 100):
        found = estimate(found, second + 1, 100 - second, float(second), float(second))
        assert found is not None
        assert found.seconds == pytest.approx(max(100 - second, 1), abs=1)


def test_a_burst_moves_it_little() -> None:
    found = estimate(None, 11, 100, 10.0, 10.0)
    after = estimate(found, 41, 70, 11.0, 11.0)
    assert found is not None and after is not None
    assert 0.85 * found.seconds < after.seconds < found.seconds


def test_a_stall_never_makes_it_negative_and_raises_it() -> None:
    found: Estimate | None = Estimate(5.0, 0.0)
    told = []
    for second in range(1, 300):
        found = estimate(found, 10, 10, 10.0 + second, float(second))
        assert found is not None
        told.append(found.seconds)
    assert min(told) >= 1
    assert told[-1] > 100


def test_the_end_is_no_estimate() -> None:
    assert estimate(Estimate(3.0, 0.0), 20, 0, 10.0, 1.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "about 5 seconds left"), (38, "about 40 seconds left"), (57, "about 1 minute left"),
     (61, "about 2 minutes left"),
     (4000, "about 2 hours left")],
)  # fmt: skip
def test_it_is_told_in_words(seconds: float, words: str) -> None:
    assert sentence(Estimate(seconds, 0.0), 5) == words
