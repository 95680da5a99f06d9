"""Who asks an endpoint of the portal: a signed-in browser by its cookie, or a program by a user's access token.

A program sends `Authorization: Bearer <access token of Supabase Auth>`. What a token says is believed only after the
database took it. A cookie speaks for changes only when the request comes from our own pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from api.errors import ApiError
from api.portal.forms import require_same_origin, session_of
from api.services import services_of
from core.people import People
from core.refusal import Refused
from core.reports import AccountId
from core.sessions import Session

_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_MAX_TOKEN = 8192
_SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `session` is None for a program; `home` is the account meant when none is named, if one is clear."""

    user_id: UUID
    session: Session | None
    accounts: Mapping[AccountId, str]
    home: AccountId | None
    access_token: str = field(repr=False)
    people: People = field(repr=False)

    async def call(self, function: str, **arguments: Any) -> Any:
        """A function of the database, as this user. Raises `Refused` and `Away`, which answer by themselves."""
        return await self.people.call(self.access_token, function, _storable(arguments))

    async def rows(self, table: str, columns: str, where: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        """Rows that this user may see. Raises as `call` does."""
        return await self.people.rows(self.access_token, table, columns, _storable(where), **options)


async def require_visitor(request: Request) -> Visitor:
    """The visitor; 401 for nobody, 403 for what another site made a browser send."""
    if "authorization" in request.headers:
        return await _program(request)
    session = await session_of(request)
    if session is None:
        raise _unauthorized("not_signed_in", "Sign in first, or send Authorization: Bearer with an access token.")
    if request.method not in _SAFE:
        require_same_origin(request)
    services = services_of(request)
    token = await services.sessions.access_token(session)
    accounts = {own.account_id: own.name for own in session.memberships}
    return Visitor(session.user_id, session, accounts, session.home, token, services.people)


RequiredVisitor = Annotated[Visitor, Depends(require_visitor)]


async def require_account(request: Request, visitor: RequiredVisitor) -> AccountId:
    """The account that is meant: `?account=<id>`, or the visitor's own. Whether they may use it, the database says."""
    named = request.query_params.getlist("account")
    account = visitor.home if not named else _account_id(named)
    if account is None:
        raise _account_required(visitor.accounts)
    request.scope["state"]["account_id"] = str(account)
    return account


RequiredAccount = Annotated[AccountId, Depends(require_account)]


async def _program(request: Request) -> Visitor:
    sent = request.headers.getlist("authorization")
    scheme, _, token = sent[0].strip().partition(" ")
    token = token.strip()
    if len(sent) > 1 or scheme.lower() != "bearer" or len(token) > _MAX_TOKEN or not _TOKEN.fullmatch(token):
        raise _invalid_token()
    people = services_of(request).people
    try:
        found = await people.call(token, "who_am_i", {})
    except Refused as refused:
        # Of a user without rights of their own, such as the publishable key is, the database says 403.
        if refused.status in (401, 403):
            raise _invalid_token() from None
        raise
    accounts = {AccountId(UUID(account["id"])): str(account["name"]) for account in found["accounts"]}
    home = next(iter(accounts)) if len(accounts) == 1 else None
    return Visitor(UUID(found["user_id"]), None, accounts, home, token, people)


def _account_id(named: Sequence[str]) -> AccountId:
    try:
        (text,) = named
        return AccountId(UUID(text))
    except ValueError:
        raise ApiError(404, "not_found", "This account does not exist, or it is not yours.") from None


def _account_required(accounts: Mapping[AccountId, str]) -> ApiError:
    if not accounts:
        return ApiError(403, "no_account", "You belong to no account. Make one of your own first, or be invited.")
    choice = [{"id": str(account), "name": name} for account, name in accounts.items()]
    return ApiError(
        400, "account_required", "You belong to several accounts. Name one: ?account=<id>.", accounts=choice
    )


def _invalid_token() -> ApiError:
    return _unauthorized(
        "invalid_token", "The access token is not valid, or it has expired. Get a new one from Supabase Auth.",
        ', error="invalid_token"',
    )  # fmt: skip


def _unauthorized(code: str, sentence: str, more: str = "") -> ApiError:
    return ApiError(401, code, sentence, headers={"WWW-Authenticate": f'Bearer realm="coverage-report"{more}'})


def _storable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in arguments.items()}
