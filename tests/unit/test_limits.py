import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from api.limits import RateLimits
from core.reports import KeyId


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.25

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which `limits` and we count stands still until a test moves it."""
    clock = Clock()
    stopped = SimpleNamespace(time=clock.time, monotonic=time.monotonic)
    monkeypatch.setattr("limits.storage.memory.time", stopped)
    monkeypatch.setattr("api.limits.time", stopped)
    return clock


@pytest.mark.anyio
async def test_the_window_rolls(clock: Clock) -> None:
    limits, key = RateLimits(3), KeyId(uuid4())
    answers = []
    for second in (0, 20, 20, 19.5, 1):
        clock.now += second
        answers.append((await limits.take(key)).allowed)
    assert answers == [True, True, True, False, True]
    # The first has left the window; the other two have not.
    assert not (await limits.take(key)).allowed


@pytest.mark.anyio
async def test_what_was_refused_does_not_count(clock: Clock) -> None:
    limits, key = RateLimits(1), KeyId(uuid4())
    await limits.take(key)
    for _ in range(50):
        clock.now += 1
        assert not (await limits.take(key)).allowed
    clock.now += 10.5
    assert (await limits.take(key)).allowed


@pytest.mark.anyio
async def test_who_waits_as_told_is_not_refused_again(clock: Clock) -> None:
    limits, key = RateLimits(5), KeyId(uuid4())
    for step in range(200):
        clock.now += 0.37 + (step % 7) * 1.13
        rate = await limits.take(key)
        if not rate.allowed:
            clock.now += rate.seconds + 1e-3
            assert (await limits.take(key)).allowed


@pytest.mark.anyio
async def test_the_headers_say_what_is_left_and_round_up(clock: Clock) -> None:
    limits, key = RateLimits(2), KeyId(uuid4())
    first = await limits.take(key)
    assert first.headers == {"RateLimit-Policy": '"perkey";q=2;w=60', "RateLimit": '"perkey";r=1;t=60'}
    clock.now += 30.4
    await limits.take(key)
    clock.now += 10
    refused = await limits.take(key)
    assert not refused.allowed
    # 19.6 s until the first request leaves the window.
    assert refused.headers["RateLimit"] == '"perkey";r=0;t=20'
    assert refused.seconds == 20


@pytest.mark.anyio
async def test_looking_counts_nothing(clock: Clock) -> None:
    limits, key = RateLimits(2), KeyId(uuid4())
    for _ in range(5):
        assert (await limits.look(key)).remaining == 2


@pytest.mark.anyio
async def test_keys_do_not_share_a_limit(clock: Clock) -> None:
    limits = RateLimits(1)
    assert (await limits.take(KeyId(uuid4()))).allowed
    assert (await limits.take(KeyId(uuid4()))).allowed


@pytest.mark.anyio
async def test_sixty_bad_keys_a_minute_and_address(clock: Clock) -> None:
    limits = RateLimits(1)
    for _ in range(60):
        assert (await limits.bad_keys("192.0.2.1")).allowed
        await limits.count_bad_key("192.0.2.1")
    assert not (await limits.bad_keys("192.0.2.1")).allowed
    assert (await limits.bad_keys("192.0.2.2")).allowed
    clock.now += 60.5
    assert (await limits.bad_keys("192.0.2.1")).allowed


@pytest.mark.anyio
async def test_limits_are_counted_in_memory_while_redis_is_away() -> None:
    # Nothing listens on port 1.
    limits, key = RateLimits(1, "redis://127.0.0.1:1"), KeyId(uuid4())
    assert (await limits.take(key)).allowed
    started = time.monotonic()
    assert not (await limits.take(key)).allowed
    assert time.monotonic() - started < 0.5, "redis was asked again at once"


@pytest.mark.anyio
async def test_callers_who_are_gone_are_forgotten(clock: Clock) -> None:
    limits = RateLimits(1)
    for number in range(100):
        await limits.count_bad_key(f"192.0.2.{number}")
    clock.now += 61
    storage: Any = limits._memory.storage
    storage._MemoryStorage__expire_events()
    assert len(storage.events) == 100
    limits.forget_idle()
    assert not storage.events
