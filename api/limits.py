"""How often an API key may ask, and how often an address may try bad keys. Both windows roll."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio.to_thread
import redis
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import RateLimiter
from slowapi import Limiter

from core.log import get_logger
from core.reports import KeyId

log = get_logger(__name__)
Answer = TypeVar("Answer")

WINDOW_SECONDS = 60
BAD_KEYS_PER_MINUTE = 60
IDENTITY_TRIES_PER_MINUTE = 20
# Above what one client may try: a stranger alone keeps nobody out of their own account.
IDENTITY_TRIES_PER_EMAIL = 100
# How long Redis is left alone after it did not answer.
_REDIS_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a caller stands: `remaining` requests now, more in `seconds` (rounded up, at least 1)."""

    allowed: bool
    quota: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"perkey";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"perkey";r={self.remaining};t={self.seconds}',
        }


class RateLimits:
    """Counts in memory, or in Redis for several web processes; in memory again while Redis is away."""

    def __init__(self, per_minute: int, redis_url: str = "") -> None:
        self._per_key = RateLimitItemPerMinute(per_minute, namespace="api-key")
        self._per_address = RateLimitItemPerMinute(BAD_KEYS_PER_MINUTE, namespace="bad-key")
        self._per_client = RateLimitItemPerMinute(IDENTITY_TRIES_PER_MINUTE, namespace="identity")
        self._per_email = RateLimitItemPerMinute(IDENTITY_TRIES_PER_EMAIL, namespace="identity-email")
        self._memory = _limiter("memory://")
        self._redis = _limiter(redis_url) if redis_url else None
        self._redis_paused_until = 0.0

    async def take(self, key: KeyId) -> Rate:
        """Counts one request of the key, unless it has none left."""
        return await self._ask(lambda limiter: _take(limiter, self._per_key, str(key)))

    async def look(self, key: KeyId) -> Rate:
        """Where the key stands, counting nothing."""
        return await self._ask(lambda limiter: _stats(limiter, self._per_key, str(key), allowed=True))

    async def bad_keys(self, address: str) -> Rate:
        """Whether the address may try another key, counting nothing."""
        return await self._ask(
            lambda limiter: _stats(
                limiter, self._per_address, address, allowed=limiter.test(self._per_address, address)
            )
        )

    async def count_bad_key(self, address: str) -> Rate:
        """The address came with a key that nobody holds. Of many at once, no more are told so than one by one."""
        return await self._ask(lambda limiter: _take(limiter, self._per_address, address))

    async def try_identity(self, name: str) -> Rate:
        """Counts a try at a password or a mail, by the client or the account of this name."""
        return await self._ask(lambda limiter: _take(limiter, self._per_client, name))

    async def try_email(self, email: str) -> Rate:
        """Counts a try at the user with this e-mail address, by whichever client."""
        return await self._ask(lambda limiter: _take(limiter, self._per_email, email.lower()))

    def forget_idle(self) -> None:
        """Frees what callers left who have not been here for a minute; `limits` keeps an empty list for each."""
        storage = self._memory.storage
        assert isinstance(storage, MemoryStorage)
        for name in [name for name, events in storage.events.items() if not events]:
            storage.events.pop(name, None)

    async def _ask(self, question: Callable[[RateLimiter], Answer]) -> Answer:
        if self._redis is not None and time.monotonic() >= self._redis_paused_until:
            try:
                return await anyio.to_thread.run_sync(question, self._redis)
            except (redis.RedisError, OSError) as error:
                self._redis_paused_until = time.monotonic() + _REDIS_PAUSE_SECONDS
                log.warning("redis unavailable, limits are counted in memory", error=type(error).__name__)
        return question(self._memory)


def _limiter(uri: str) -> RateLimiter:
    options: dict[str, Any] = {} if uri == "memory://" else {"socket_timeout": 1, "socket_connect_timeout": 1}
    # slowapi's own headers and route decorators stay off: only its limiter is asked.
    limiter: RateLimiter = Limiter(
        key_func=lambda: "", strategy="moving-window", storage_uri=uri, storage_options=options, auto_check=False
    ).limiter
    return limiter


def _take(limiter: RateLimiter, item: RateLimitItemPerMinute, name: str) -> Rate:
    allowed = limiter.hit(item, name)
    return _stats(limiter, item, name, allowed=allowed)


def _stats(limiter: RateLimiter, item: RateLimitItemPerMinute, name: str, *, allowed: bool) -> Rate:
    stats = limiter.get_window_stats(item, name)
    # Rounded up: who waits this long finds the oldest request outside the window.
    seconds = max(1, math.ceil(stats.reset_time - time.time()))
    remaining = max(0, stats.remaining) if allowed else 0
    return Rate(allowed, item.amount, remaining, min(seconds, WINDOW_SECONDS))
