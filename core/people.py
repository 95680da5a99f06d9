"""The door of signed-in people to the database: PostgREST with their own token, under row level security."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, cast

import httpx
from postgrest.exceptions import APIError

from core.log import get_logger
from core.network import asks_proxy
from core.refusal import Refused, refusal
from supabase import AsyncClient, AsyncClientOptions, acreate_client

log = get_logger(__name__)

PATIENCE_SECONDS = 2.0
"""How long Supabase may take: an answer that comes later is of no use to who waits for a page."""

LONG_PATIENCE_SECONDS = 120.0
"""How long for what removes a large account: the same as its function's own limit in the database."""


class Away(Exception):
    """Supabase did not answer in time, or could not be reached."""


class People:
    """Calls functions and reads tables as one signed-in user. All raise `Refused` and `Away`."""

    def __init__(self, supabase_url: str, publishable_key: str) -> None:
        self._url, self._key = supabase_url, publishable_key
        # One for the process: making one reads certificates, which takes 40 ms.
        self._http = httpx.AsyncClient(
            timeout=LONG_PATIENCE_SECONDS, trust_env=bool(supabase_url) and asks_proxy(supabase_url)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(
        self, access_token: str, function: str, arguments: Mapping[str, Any], *, patience: float = PATIENCE_SECONDS
    ) -> Any:
        """What the function returns, as JSON. Arguments carry the names they have in SQL."""
        async with self._client(access_token, patience) as client:
            return (await client.rpc(function, dict(arguments)).execute()).data

    async def rows(
        self,
        access_token: str,
        table: str,
        columns: str,
        where: Mapping[str, Any],
        *,
        order: str,
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Rows whose columns equal the values of `where`, in the order of one column."""
        async with self._client(access_token) as client:
            query = client.table(table).select(columns)
            for column, value in where.items():
                query = query.eq(column, value)
            answer = await query.order(order, desc=descending).range(offset, offset + limit - 1).execute()
            return cast(list[dict[str, Any]], answer.data)

    @asynccontextmanager
    async def _client(self, access_token: str, patience: float = PATIENCE_SECONDS) -> AsyncIterator[AsyncClient]:
        try:
            async with asyncio.timeout(patience):
                yield await acreate_client(
                    self._url,
                    self._key,
                    AsyncClientOptions(
                        headers={"Authorization": f"Bearer {access_token}"},
                        httpx_client=self._http,
                        auto_refresh_token=False,
                        persist_session=False,
                        postgrest_client_retry=False,
                    ),
                )
        except APIError as error:
            raise _refusal(error) from None
        except UnicodeEncodeError:
            # Half of a surrogate pair, which JSON can hold and no text can.
            raise Refused(400, "invalid_text", "What you entered holds characters that are none.") from None
        except (httpx.HTTPError, TimeoutError) as error:
            log.warning("supabase unavailable", error=type(error).__name__)
            raise Away from None


def _refusal(error: APIError) -> Exception:
    code = str(error.code or "")
    # Our functions say `PT` and the status (see docs/architecture.md); the rest is what PostgREST found wrong.
    if refused := refusal(code, error.details, error.message):
        return refused
    if code == "42501":
        return Refused(403, "forbidden", "You may not do this.")
    if code.startswith("PGRST3"):
        return Refused(401, "signed_out", "Your session has ended. Sign in again.")
    if code.startswith(("08", "53", "57", "PGRST0")):
        return Away()
    log.warning("supabase refused", code=code)
    return Refused(400, "refused", "This cannot be done. Check what you entered, and try again.")
