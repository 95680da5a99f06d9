"""What one installation of the embedded Supabase owns: its folders, and the secrets made at its first start."""

import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from core.private_files import write_private
from core.system_user import ROOT_STATE, SystemUserError, ensure_system_user
from embedded.problem import Problem
from embedded.tokens import new_signing_key

DATABASE_USER = "coveragereport-db"
ROLES = ("supabase_admin", "postgres", "authenticator", "supabase_auth_admin", "coverage_web", "coverage_jobs")
_NEWER_SECRETS = ("session_key",)
_SPACE = 300 * 2**20
# A socket's path has room for 107 characters; ours adds `/.s.PGSQL.5432`.
_SOCKET_FOLDER_LENGTH = 90


def _password() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at random once, kept in a file of mode 0600. `id` names the folder that root keeps the data in."""

    id: str = field(default_factory=lambda: secrets.token_hex(6))
    passwords: dict[str, str] = field(default_factory=lambda: {role: _password() for role in ROLES}, repr=False)
    signing_key: str = field(default_factory=new_signing_key, repr=False)
    publishable_key: str = field(default_factory=lambda: f"sb_publishable_{secrets.token_urlsafe(24)}")
    secret_key: str = field(default_factory=lambda: f"sb_secret_{secrets.token_urlsafe(24)}", repr=False)
    session_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


class Installation:
    """The state folder of a clone: made, locked against a second start, and taken apart into its parts."""

    def __init__(self, state: Path) -> None:
        self.state = state.absolute()
        self._lock: int | None = None
        self._sockets: Path | None = None
        try:
            self.owner = ensure_system_user(DATABASE_USER) if os.geteuid() == 0 else None
        except SystemUserError as error:
            raise Problem(str(error)) from error
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"The folder {self.state} cannot be made: {error.strerror}.") from error
        self._take_lock()
        try:
            self._check_space(self.state)
            self.secrets = self._load_secrets()
            self.base = self._base()
            self.logs = self.state / "logs"
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except BaseException:
            self.close()
            raise

    @property
    def data(self) -> Path:
        """Postgres's own folder."""
        return self.base / "postgres"

    @property
    def sockets(self) -> Path:
        """A short path, closed to everybody but the database's user (and root)."""
        if self._sockets is None:
            folder = self.base / "run"
            if len(str(folder)) > _SOCKET_FOLDER_LENGTH:
                folder = Path(tempfile.mkdtemp(prefix="coveragereport-"))
            folder.mkdir(mode=0o700, exist_ok=True)
            self.give(folder)
            self._sockets = folder
        return self._sockets

    def database_url(self, role: str) -> str:
        """How a role reaches the database, over its socket."""
        return f"postgresql://{role}:{self.secrets.passwords[role]}@localhost/postgres?host={self.sockets}"

    def give(self, path: Path) -> None:
        """Hands a file or folder to the user that Postgres runs as."""
        if self.owner is not None:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def close(self) -> None:
        """Lets another start take this installation."""
        if self._sockets is not None and self._sockets.parent != self.base:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        self._lock = os.open(self.state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 32, 0).decode(errors="replace").strip() or "unknown"
            raise Problem(
                f"Another server runs from {self.state} (process {holder}). Stop it first, or set STATE_DIR to another"
                " folder."
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _load_secrets(self) -> Secrets:
        path = self.state / "secrets.json"
        try:
            raw = json.loads(path.read_text())
            # What a release before this one did not have is made now.
            newer = {name: raw.get(name) or getattr(Secrets(), name) for name in _NEWER_SECRETS}
            found = Secrets(**{known.name: (raw | newer)[known.name] for known in fields(Secrets)})
            if raw != asdict(found):
                write_private(path, json.dumps(asdict(found), indent=1))
            return found
        except FileNotFoundError:
            made = Secrets()
            write_private(path, json.dumps(asdict(made), indent=1))
            return made
        except (ValueError, KeyError, TypeError) as error:
            raise Problem(
                f"{path} cannot be read ({error}): it is of another project version. Restore it, or move the folder"
                f" {self.state} away to begin anew."
            ) from None

    def _base(self) -> Path:
        """Where Postgres's data lies: in the state folder, unless its user could not get there."""
        if self.owner is None or is_open(self.state.parent):
            if self.owner is not None:
                self.state.chmod(0o711)
            return self.state
        base = ROOT_STATE / self.secrets.id
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._check_space(base)
        return base

    @staticmethod
    def _check_space(folder: Path) -> None:
        free = shutil.disk_usage(folder).free
        if free < _SPACE:
            raise Problem(
                f"The disk is full: {free // 2**20} MB are free where {folder} is, {_SPACE // 2**20} MB are needed."
                " Free some space and start again."
            )


def is_open(folder: Path) -> bool:
    """Whether other users may go through the folder and all above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))
