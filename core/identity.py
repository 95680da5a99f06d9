"""Supabase Auth, as our web process uses it: who somebody is. Sessions of browsers are ours, see `core/sessions.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self
from uuid import UUID

import httpx
from supabase_auth import AsyncGoTrueClient, AsyncMemoryStorage
from supabase_auth.errors import (
    AuthApiError,
    AuthError,
    AuthRetryableError,
    AuthUnknownError,
    AuthWeakPasswordError,
)
from supabase_auth.types import AuthResponse, EmailOtpType, Session

from core.network import asks_proxy

OTHER_MAIL_NEXT = "other_mail_next"
_SECONDS = 10.0
_STORAGE_KEY = "coveragereport"
_VERIFIER = f"{_STORAGE_KEY}-code-verifier"


class IdentityError(Exception):
    """Supabase Auth refused. `code` is its own, such as `invalid_credentials`; the text is its own too."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class IdentityAway(Exception):
    """Supabase Auth did not answer in time, or asked to try again later."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Supabase Auth gives for a signed-in user: an access token until `expires_at`, and one to get the next."""

    user_id: UUID
    email: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedUp:
    """`tokens` is None while the address waits for its confirmation; `verifier` fits the code in the mail's link."""

    tokens: Tokens | None
    verifier: str = field(repr=False)


class Identity:
    """Calls of Supabase Auth with the publishable key. All raise `IdentityError` and `IdentityAway`."""

    def __init__(self, supabase_url: str, publishable_key: str) -> None:
        self._url = f"{supabase_url}/auth/v1"
        self._headers = {"apikey": publishable_key, "Authorization": f"Bearer {publishable_key}"}
        # One for the process: making one reads certificates, which takes 40 ms.
        self._http = httpx.AsyncClient(
            timeout=_SECONDS, trust_env=bool(supabase_url) and asks_proxy(supabase_url), follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def confirms_addresses(self) -> bool:
        """Whether a user's address is one whose mail they could read: else anybody may have signed up with it."""
        async with self._client():
            answer = await self._http.get(f"{self._url}/settings", headers=self._headers)
            if not answer.is_success:
                raise IdentityAway
            return answer.json().get("mailer_autoconfirm") is False

    async def sign_in(self, email: str, password: str) -> Tokens:
        """Checks a password."""
        async with self._client() as client:
            return _tokens(await client.sign_in_with_password({"email": email, "password": password}))

    async def sign_up(self, email: str, password: str, redirect_to: str) -> SignedUp:
        """Makes a user. Says nothing of whether the address has one already, unless confirmation is off."""
        storage = AsyncMemoryStorage()
        async with self._client(storage) as client:
            answer = await client.sign_up(
                {"email": email, "password": password, "options": {"email_redirect_to": redirect_to}}
            )
            return SignedUp(_tokens(answer) if answer.session else None, await _verifier(storage))

    async def resend_confirmation(self, email: str, redirect_to: str) -> None:
        """Sends the mail again that confirms an address."""
        async with self._client() as client:
            await client.resend({"type": "signup", "email": email, "options": {"email_redirect_to": redirect_to}})

    async def recover(self, email: str, redirect_to: str) -> str:
        """Sends a link with which the password can be changed. The verifier that fits its code."""
        storage = AsyncMemoryStorage()
        async with self._client(storage) as client:
            await client.reset_password_for_email(email, {"redirect_to": redirect_to})
            return await _verifier(storage)

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """Signs in with the code of a link that was asked for in this browser."""
        async with self._client() as client:
            answer = await client.exchange_code_for_session(
                {"auth_code": code, "code_verifier": verifier, "redirect_to": ""}
            )
            return _tokens(answer)

    async def verify(self, token_hash: str, kind: EmailOtpType) -> Tokens:
        """Signs in with the token of a link in a mail, in whatever browser.

        The first of two links that change an address signs nobody in: the code is `OTHER_MAIL_NEXT`.
        """
        async with self._client() as client:
            answer = await client.verify_otp({"token_hash": token_hash, "type": kind})
            if kind == "email_change" and answer.user is None:
                raise IdentityError(OTHER_MAIL_NEXT, "The link in the other mail is needed as well")
            return _tokens(answer)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for old ones, which end."""
        async with self._client() as client:
            return _tokens(await client.refresh_session(refresh_token))

    async def change_password(self, tokens: Tokens, password: str) -> None:
        """A new password ends the user's other sessions at Supabase Auth."""
        async with self._client() as client:
            await client.set_session(tokens.access, tokens.refresh)
            await client.update_user({"password": password})

    async def change_email(self, tokens: Tokens, email: str, redirect_to: str) -> str:
        """Asks for another address, which mails have to confirm. The verifier that fits the code of their link."""
        storage = AsyncMemoryStorage()
        async with self._client(storage) as client:
            await client.set_session(tokens.access, tokens.refresh)
            await client.update_user({"email": email}, {"email_redirect_to": redirect_to})
            return await _verifier(storage)

    async def sign_out(self, tokens: Tokens, scope: Literal["global", "local", "others"]) -> None:
        """Ends the sessions of Supabase Auth; one that has ended already is fine."""
        async with self._client() as client:
            await client.admin.sign_out(tokens.access, scope)

    @asynccontextmanager
    async def _client(self, storage: AsyncMemoryStorage | None = None) -> AsyncIterator[AsyncGoTrueClient]:
        client = AsyncGoTrueClient(
            url=self._url,
            headers=dict(self._headers),
            storage_key=_STORAGE_KEY,
            storage=storage or AsyncMemoryStorage(),
            auto_refresh_token=False,
            persist_session=False,
            http_client=self._http,
            flow_type="pkce",
        )
        try:
            async with asyncio.timeout(_SECONDS):
                yield client
        except AuthWeakPasswordError as error:
            raise IdentityError("weak_password", error.message) from None
        except (AuthRetryableError, AuthUnknownError):
            raise IdentityAway from None
        except AuthError as error:
            if isinstance(error, AuthApiError) and error.status >= 500:
                # Its own fault: it says nothing about the user.
                raise IdentityAway from None
            raise IdentityError(str(error.code or "unexpected_failure"), error.message) from None
        except (httpx.HTTPError, TimeoutError):
            raise IdentityAway from None


def _tokens(answer: AuthResponse) -> Tokens:
    session = answer.session
    if session is None or answer.user is None:
        raise IdentityError("unexpected_failure", "No session came back")
    return _of_session(session)


def _of_session(session: Session) -> Tokens:
    expires = session.expires_at or int(datetime.now(UTC).timestamp()) + session.expires_in
    return Tokens(
        user_id=UUID(session.user.id),
        email=session.user.email or "",
        access=session.access_token,
        refresh=session.refresh_token,
        expires_at=datetime.fromtimestamp(expires, UTC),
    )


async def _verifier(storage: AsyncMemoryStorage) -> str:
    # The library notes behind a stroke what the link is for.
    return (await storage.get_item(_VERIFIER) or "").partition("/")[0]
