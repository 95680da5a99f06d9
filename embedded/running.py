"""What a running embedded Supabase can be reached by: written at its start for our own processes and commands."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from core.private_files import write_private
from embedded.auth.rules import Rules

FILE = "embedded.json"


@dataclass(frozen=True, slots=True)
class Running:
    """Addresses and secrets of one start. The file has mode 0600 and goes when the server stops."""

    pid: int
    supabase_url: str
    publishable_key: str
    secret_key: str = field(repr=False)
    signing_key: str = field(repr=False)
    session_key: str = field(repr=False)
    postgrest_socket: str
    auth_database_url: str = field(repr=False)
    migrate_database_url: str = field(repr=False)
    web_database_url: str = field(repr=False)
    jobs_database_url: str = field(repr=False)
    rules: Rules

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises OSError, and ValueError for a file of another release."""
        try:
            raw = json.loads(path.read_text())
            return cls(**raw | {"rules": Rules(**raw["rules"])})
        except (TypeError, KeyError) as error:
            raise ValueError(str(error)) from None

    def save(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self), indent=1))
