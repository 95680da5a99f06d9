"""How the pages of support staff ask: as the staff member of the tab, whom SQL checks with every call."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg

from core.database import Database
from core.patience import within
from core.people import PATIENCE_SECONDS, Away
from core.refusal import Refused
from core.reports import AccountId
from core.support import StaffId
from dashboard.backend import backend
from dashboard.visit import AWAY, Handler, Visit
from dashboard.visitor import session

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_ACCOUNT = re.compile(r"/support/accounts/([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})/?")


async def ask(
    function: Callable[Concatenate[Database, StaffId, Asked], Awaitable[Answer]],
    *arguments: Asked.args,
    **named: Asked.kwargs,
) -> Answer:
    """What a function of `core.support` answers the staff member of this tab. Raises `Refused` and `Away`."""
    return await reached(function(backend().db, StaffId(session().user_id), *arguments, **named))


async def reached(answer: Awaitable[Answer]) -> Answer:
    """An answer of our own door to the database. Raises `Refused` and `Away`."""
    try:
        return await within(PATIENCE_SECONDS, answer)
    except (psycopg.OperationalError, TimeoutError):
        raise Away from None
    except (psycopg.DataError, UnicodeEncodeError):
        # A NUL, or half of a surrogate pair: JSON can hold them, text in Postgres cannot.
        raise Refused(400, "invalid_text", "What you entered holds characters that are none.") from None


def submitted(handler: Handler) -> Handler:
    """A handler of the form in a dialog: what is said against it stands there, in `problem`. `rx.event` outside."""

    @functools.wraps(handler)
    async def answered(self: Any, *arguments: Any, **named: Any) -> Any:
        self.problem = ""
        try:
            return await handler(self, *arguments, **named)
        except Refused as refused:
            self.problem = refused.sentence
        except Away:
            self.problem = AWAY
        return None

    return answered


def account_in_address(visit: Visit) -> AccountId | None:
    """The account whose page the tab shows; None: the address names none."""
    match = _ACCOUNT.fullmatch(urlsplit(str(visit.router.url)).path.lower())
    return AccountId(UUID(match[1])) if match else None


def query_of(visit: Visit) -> dict[str, str]:
    """What stands behind the ? of the address, each name once."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(str(visit.router.url)).query).items()}
