"""PKCE: who asked for a mail proves it with a verifier when they come back with the code of its link."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from embedded.auth.errors import AuthError, invalid
from embedded.auth.rows import Connection, Row, one, run
from embedded.auth.sent import Sent

SECONDS = 300
"""How long a code is good: counted from the request for the mail, as Supabase Auth does, except for a magic link."""
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a verifier will be compared with. `method` is `s256` or `plain`."""

    text: str
    method: str


def challenge_of(sent: Sent) -> Challenge | None:
    """The challenge in a body, if there is one. Raises `AuthError` for half of one, or a bad one."""
    text, method = sent.text("code_challenge"), sent.text("code_challenge_method")
    if not text and not method:
        return None
    if not text or not method:
        raise invalid("PKCE flow requires code_challenge_method and code_challenge")
    if not 43 <= len(text) <= 128:
        raise invalid("code challenge has to be between 43 and 128 characters")
    if not _CHALLENGE.fullmatch(text):
        raise invalid(
            "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes"
        )
    if method.lower() not in ("s256", "plain"):
        raise invalid(f"unsupported code_challenge method {method!r}")
    return Challenge(text, method.lower())


async def begin(connection: Connection, user_id: UUID, method: str, challenge: Challenge | None) -> None:
    """Remembers the challenge of a user who is about to get a mail; `method` is how they will have signed in."""
    if challenge is None:
        return
    await run(connection, "delete from auth.flow_state where created_at < now() - interval '1 day'")
    await run(
        connection,
        """
        insert into auth.flow_state (
            id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, authentication_method,
            created_at, updated_at
        ) values (%s, %s, %s, %s, %s, 'email', %s, now(), now())
        """,
        uuid4(), user_id, str(uuid4()), challenge.method, challenge.text, method,
    )  # fmt: skip


async def issue_code(connection: Connection, user_id: UUID, method: str) -> str:
    """The code of the flow that the user began last. Raises `AuthError` when there is none."""
    flow = await one(
        connection,
        """
        update auth.flow_state set auth_code_issued_at = now(), updated_at = now() where id = (
            select id from auth.flow_state where user_id = %s and authentication_method = %s
            order by created_at desc limit 1
        ) returning auth_code
        """,
        user_id, method,
    )  # fmt: skip
    if flow is None:
        raise AuthError(400, "flow_state_not_found", "No associated flow state found")
    code: str = flow["auth_code"]
    return code


async def redeem(connection: Connection, code: str, verifier: str) -> Row:
    """The flow of a code, which ends with it. Raises `AuthError`; a wrong verifier leaves the code as it is."""
    flow = await one(
        connection, "select * from auth.flow_state where auth_code = %s and user_id is not null for update", code
    )
    if flow is None or flow["auth_code_issued_at"] is None:
        raise AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
    began = flow["auth_code_issued_at"] if flow["authentication_method"] == "magiclink" else flow["created_at"]
    if datetime.now(UTC) > began + timedelta(seconds=SECONDS):
        raise AuthError(422, "flow_state_expired", "invalid flow state, flow state has expired")
    if not _fits(flow, verifier):
        raise AuthError(400, "bad_code_verifier", "code challenge does not match previously saved code verifier")
    await run(connection, "delete from auth.flow_state where id = %s", flow["id"])
    return flow


def _fits(flow: Row, verifier: str) -> bool:
    sent = verifier.encode()
    if flow["code_challenge_method"] == "s256":
        sent = base64.urlsafe_b64encode(hashlib.sha256(sent).digest()).rstrip(b"=")
    return secrets.compare_digest(sent, flow["code_challenge"].encode())
