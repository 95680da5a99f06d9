"""Requests noted in memory: none is lost that there is room for, and there is not room for any number."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api.api_requests import BATCH, MOST, MOST_REFUSED, ApiRequests
from core import api_requests
from core.api_requests import ApiRequest
from core.reports import KeyId

pytestmark = pytest.mark.anyio
DB: Any = object()


class Written:
    """Stands for the database; `error` is what it answers with. Web processes of other tests keep theirs."""

    def __init__(self) -> None:
        self._record = api_requests.record
        self.batches: list[list[ApiRequest]] = []
        self.error: BaseException | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    async def record(self, db: Any, requests: Sequence[ApiRequest]) -> None:
        if db is not DB:
            await self._record(db, requests)
            return
        self.meanwhile()
        if self.error is not None:
            raise self.error
        self.batches.append(list(requests))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    written = Written()
    monkeypatch.setattr(api_requests, "record", written.record)
    return written


def request(status: int = 200, key: KeyId | None = None) -> ApiRequest:
    return ApiRequest(f"req_{uuid4().hex}", key or KeyId(uuid4()), "GET", "/", status, datetime.now(UTC))


def note_many(kept: ApiRequests) -> None:
    for _ in range(MOST):
        kept.note(request())


@pytest.mark.parametrize("error", [psycopg.OperationalError("away"), asyncio.CancelledError()])
async def test_what_could_not_be_written_is_written_later_in_its_order(written: Written, error: BaseException) -> None:
    kept = ApiRequests()
    requests = [request() for _ in range(3)]
    for one in requests[:2]:
        kept.note(one)
    written.error = error
    with pytest.raises(type(error)):
        await kept.flush(DB)
    kept.note(requests[2])
    written.error = None
    await kept.flush(DB)
    await kept.flush(DB)
    assert written.batches == [requests]


async def test_a_batch_the_database_cannot_take_is_not_tried_for_ever(written: Written) -> None:
    kept = ApiRequests()
    kept.note(request())
    written.error = psycopg.DataError("no")
    with pytest.raises(psycopg.DataError):
        await kept.flush(DB)
    assert len(kept) == 0


async def test_a_database_that_is_away_does_not_fill_the_memory(written: Written) -> None:
    kept = ApiRequests()
    requests = [request() for _ in range(MOST + 5)]
    for one in requests:
        kept.note(one)
    assert len(kept) == MOST
    written.error = psycopg.OperationalError("away")
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            await kept.flush(DB)
    kept.note(requests[0])
    assert len(kept) == MOST
    written.error = None
    await kept.flush(DB)
    assert {len(batch) for batch in written.batches} == {BATCH}
    assert [one for batch in written.batches for one in batch] == [*requests[6:], requests[0]]


async def test_put_back_beside_new_ones_the_oldest_make_room(written: Written) -> None:
    kept = ApiRequests()
    written.error = psycopg.OperationalError("away")
    written.meanwhile = lambda: note_many(kept)
    kept.note(request())
    with pytest.raises(psycopg.OperationalError):
        await kept.flush(DB)
    assert len(kept) == MOST


async def test_a_key_that_is_refused_again_and_again_is_kept_a_few_times(written: Written) -> None:
    kept = ApiRequests()
    busy, calm = KeyId(uuid4()), KeyId(uuid4())
    for _ in range(MOST_REFUSED * 2):
        kept.note(request(429, busy))
        kept.note(request(200, busy))
    kept.note(request(429, calm))
    assert len(kept) == MOST_REFUSED * 3 + 1
    await kept.flush(DB)
    kept.note(request(429, busy))
    assert len(kept) == 1
