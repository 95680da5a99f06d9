"""Users of the operating system that root gives its helpers to: Chromium and Postgres never run as root."""

import pwd
import subprocess
from pathlib import Path

ROOT_STATE = Path("/var/lib/coveragereport")
"""What root keeps for those users: every parent is open to them, unlike a clone below /root."""


class SystemUserError(RuntimeError):
    """The user is missing and could not be made. The message is for a person."""


def ensure_system_user(name: str) -> pwd.struct_passwd:
    """The user `name` without password or shell, made when it is missing. Two processes may try at once."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pass
    shell = next((path for path in ("/usr/sbin/nologin", "/sbin/nologin") if Path(path).exists()), "/bin/false")
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(ROOT_STATE), "--shell", shell]
    try:
        made = subprocess.run([*command, "--user-group", name], check=False, capture_output=True, text=True, timeout=30)
    except OSError as error:
        raise SystemUserError(f"The user {name} could not be made: {error}. Make it by hand.") from error
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise SystemUserError(f"The user {name} could not be made: {made.stderr.strip()}") from None
