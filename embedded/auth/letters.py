"""Mails with one-time tokens. They go out before the transaction commits: no token exists whose mail did not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from urllib.parse import urlencode

from core.log import get_logger
from core.mail import MailError
from core.mail_pages import render_mail
from embedded.auth import one_time, redirects
from embedded.auth.context import Auth
from embedded.auth.errors import AuthError
from embedded.auth.one_time import Kind, OneTimeToken
from embedded.auth.rows import Connection, Row, update_user

log = get_logger("auth")


async def send_confirmation(connection: Connection, auth: Auth, user: Row, target: str, *, pkce: bool) -> None:
    """Asks a new user to confirm the address."""
    _check_interval(auth, user, Kind.CONFIRMATION)
    token = await one_time.issue(connection, user["id"], Kind.CONFIRMATION, user["email"], pkce=pkce)
    await _send(auth, "confirmation", user["email"], token, "signup", target)


async def send_invite(connection: Connection, auth: Auth, user: Row, target: str) -> None:
    """Invites somebody, as often as an administrator wants."""
    token = await one_time.issue(connection, user["id"], Kind.CONFIRMATION, user["email"], pkce=False)
    await update_user(connection, user["id"], {"invited_at": datetime.now(UTC)})
    await _send(auth, "invite", user["email"], token, "invite", target)


async def send_recovery(connection: Connection, auth: Auth, user: Row, target: str, *, pkce: bool) -> None:
    """Lets a user in who has forgotten the password."""
    _check_interval(auth, user, Kind.RECOVERY)
    token = await one_time.issue(connection, user["id"], Kind.RECOVERY, user["email"], pkce=pkce)
    await _send(auth, "recovery", user["email"], token, "recovery", target)


async def send_magic_link(connection: Connection, auth: Auth, user: Row, target: str, *, pkce: bool) -> None:
    """Lets a user in without a password. It shares its token and its interval with the recovery."""
    _check_interval(auth, user, Kind.RECOVERY)
    token = await one_time.issue(connection, user["id"], Kind.RECOVERY, user["email"], pkce=pkce)
    await _send(auth, "magic_link", user["email"], token, "magiclink", target)


async def send_email_change(
    connection: Connection, auth: Auth, user: Row, new: str, target: str, *, pkce: bool
) -> None:
    """Asks both mailboxes, the old and the new one, whether the address may change."""
    _check_interval(auth, user, Kind.EMAIL_CHANGE_NEW)
    await update_user(connection, user["id"], {"email_change": new, "email_change_confirm_status": 0})
    for kind, address in ((Kind.EMAIL_CHANGE_CURRENT, user["email"]), (Kind.EMAIL_CHANGE_NEW, new)):
        token = await one_time.issue(connection, user["id"], kind, address, pkce=pkce)
        addresses = {"email": user["email"], "new_email": new}
        await _send(auth, "email_change", address, token, "email_change", target, addresses)


def verify_link(auth: Auth, token_hash: str, kind: str, target: str) -> str:
    """The address at which a browser uses a token, and is then led to `target`."""
    query = urlencode({"token": token_hash, "type": kind, "redirect_to": target})
    return f"{auth.url}/auth/v1/verify?{query}"


def _check_interval(auth: Auth, user: Row, kind: Kind) -> None:
    sent_at = user[kind.sent_at]
    if sent_at is None:
        return
    left = (sent_at + timedelta(seconds=auth.rules.mail_interval) - datetime.now(UTC)).total_seconds()
    if left > 0:
        message = f"For security purposes, you can only request this after {ceil(left)} seconds."
        raise AuthError(429, "over_email_send_rate_limit", message)


async def _send(
    auth: Auth,
    template: str,
    to: str,
    token: OneTimeToken,
    kind: str,
    target: str,
    more: Mapping[str, str] | None = None,
) -> None:
    if auth.rules.token_hash_links:
        url = redirects.with_token_hash(target, token.hash, kind)
    else:
        url = verify_link(auth, token.hash, kind, target)
    values = {"url": url, "code": token.digits, **(more or {})}
    try:
        await auth.mailer.send(render_mail(template, to, values))
    except MailError as error:
        log.error("mail not sent", template=template, error=str(error))
        message = f"Error sending {template.replace('_', ' ')} email"
        raise AuthError(500, "unexpected_failure", message) from None
