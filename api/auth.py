"""Who is asking: an API key, turned into an account. Every request is checked once, in the order of the rules."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import psycopg
from fastapi import Depends
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client_address import client_address
from api.errors import ApiError
from api.limits import Rate
from api.services import Services, services_of
from core import keys, reports
from core.reports import AccountId, KeyId


@dataclass(frozen=True, slots=True)
class Caller:
    """A valid key of an active account that is within its limit. Only this module makes one."""

    account_id: AccountId
    key_id: KeyId


async def require_caller(request: Request) -> Caller:
    """The caller of this request. Raises 401, 403 or 429."""
    verdict = await _identify(request)
    if isinstance(verdict, ApiError):
        raise verdict
    return verdict


RequiredCaller = Annotated[Caller, Depends(require_caller)]


class RateHeaders:
    """Middleware: every answer to a valid key says where its rate limit stands, whatever the answer is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/v1/"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _identify_quietly(HTTPConnection(scope))
                MutableHeaders(scope=message).update(scope["state"].get("rate_headers", {}))
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def _identify_quietly(request: HTTPConnection) -> None:
    # For answers that came before the key was asked for, such as 404: a missing or bad key changes nothing there.
    if "x-api-key" in request.headers and not request.scope["state"].get("unidentified"):
        with suppress(psycopg.OperationalError):
            await _identify(request)


async def _identify(request: HTTPConnection) -> Caller | ApiError:
    state = request.scope["state"]
    if "verdict" not in state:
        try:
            state["verdict"] = await _check(request, services_of(request))
        except ApiError as refusal:
            state["verdict"] = refusal
        except psycopg.OperationalError:
            # Who waited for the database once does not wait for it again.
            state["unidentified"] = True
            raise
    verdict: Caller | ApiError = state["verdict"]
    return verdict


async def _check(request: HTTPConnection, services: Services) -> Caller:
    state = request.scope["state"]
    sent = request.headers.getlist("x-api-key")
    if len(sent) != 1 or not keys.has_valid_shape(sent[0]):
        raise _unauthorized()
    address = client_address(request, services.trusted_proxies)
    _refuse_over(await services.limits.bad_keys(address))
    holder = await reports.find_api_key(services.db, keys.key_digest(sent[0]))
    if holder is None:
        _refuse_over(await services.limits.count_bad_key(address))
        raise _unauthorized()
    state["account_id"], state["key_id"] = str(holder.account_id), str(holder.key_id)
    services.key_uses.count(holder.key_id)
    if not holder.active:
        state["rate_headers"] = (await services.limits.look(holder.key_id)).headers
        raise deactivated()
    rate = await services.limits.take(holder.key_id)
    state["rate_headers"] = rate.headers
    if not rate.allowed:
        raise _too_many(f"Rate limit exceeded. Limit: {rate.quota} requests per minute per API key.", rate.seconds)
    return Caller(holder.account_id, holder.key_id)


def deactivated() -> ApiError:
    """The key is valid, its account is not in use."""
    return ApiError(403, "account_deactivated", "Account is deactivated.")


def _unauthorized() -> ApiError:
    # One text for every way to be refused: it tells nobody which keys exist.
    return ApiError(401, "unauthorized", "Missing or invalid API key. Pass X-API-Key header.")


def _refuse_over(tries: Rate) -> None:
    if not tries.allowed:
        raise _too_many("Too many requests with invalid API keys from your address.", tries.seconds)


def _too_many(sentence: str, seconds: int) -> ApiError:
    return ApiError(
        429,
        "rate_limited",
        f"{sentence} Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )
