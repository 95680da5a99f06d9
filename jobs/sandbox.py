"""Which Chromium runs, as which user, and whether its sandbox holds.

Pages of strangers are opened in Chromium's own sandbox, and never as root: when we are root, Chromium alone drops to
a user made for it.
"""

import os
import platform
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.log import get_logger
from core.settings import Settings
from core.system_user import ROOT_STATE, SystemUserError, ensure_system_user

log = get_logger("sandbox")

BROWSER_USER = "coveragereport-browser"
BROWSER_DIR = ROOT_STATE / "browser"
"""Where root keeps the wrapper and the home of that user: every parent is readable to it, not so one below /root."""

MEMORY_LIMIT = 2 * 2**30
"""Bytes of memory of its own that one process of Chromium may have: a page must not take the machine's."""

_NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
# Debian's `chromium-headless-shell` is a shell script that stays in between and would survive its child's signals.
_BEHIND_SCRIPTS = {"/usr/bin/chromium-headless-shell": Path("/usr/lib/chromium/chromium-headless-shell")}
_INSTALL = (
    "No Chromium was found. Install one (Debian, Ubuntu: `apt-get install chromium-headless-shell`; elsewhere:"
    " `playwright install --only-shell chromium`) or set CHROMIUM_PATH."
)


class SandboxError(RuntimeError):
    """Chromium cannot be run safely here. The message is for a person, and says the remedy."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How Chromium is started: `executable` is what Playwright runs, a wrapper when we are root."""

    chromium: Path
    executable: Path
    enabled: bool
    environment: dict[str, str]


def find_chromium(settings: Settings) -> Path:
    """The browser to run: `CHROMIUM_PATH`, an installed one, or Playwright's own. Raises `SandboxError`."""
    if settings.chromium_path:
        chosen = Path(settings.chromium_path).expanduser()
        if not (chosen.is_file() and os.access(chosen, os.X_OK)):
            raise SandboxError(f"CHROMIUM_PATH is {chosen}, which is not a program that can be run.")
        return _BEHIND_SCRIPTS.get(str(chosen), chosen)
    for name in _NAMES:
        if found := shutil.which(name):
            behind = _BEHIND_SCRIPTS.get(found)
            return behind if behind is not None and behind.is_file() else Path(found)
    if (own := _playwrights_own()) is not None:
        return own
    raise SandboxError(_INSTALL)


def resolve_sandbox(settings: Settings) -> Sandbox:
    """Decides how Chromium is started and prepares it. Raises `SandboxError`."""
    root = os.geteuid() == 0
    if settings.capture_sandbox == "off":
        if root:
            raise SandboxError(
                "CAPTURE_SANDBOX=off is refused for root: pages of strangers would run as root. Start the runner as an"
                " ordinary user, or leave the sandbox on."
            )
        log.warning(
            "sandbox.off", hint="Pages of strangers run without Chromium's sandbox. Never do this in production."
        )
    chromium = find_chromium(settings)
    if not root:
        executable = _limited(chromium, settings.state_dir.absolute() / "browser")
        return Sandbox(chromium, executable, settings.capture_sandbox == "on", _environment(None))
    try:
        user = ensure_system_user(BROWSER_USER)
    except SystemUserError as error:
        raise SandboxError(str(error)) from error
    home = _prepare_home(user)
    wrapper = _write_wrapper(BROWSER_DIR, [*_drop(user), str(chromium)], _hand_over_profile(user))
    _check_readable(chromium, user)
    return Sandbox(chromium, wrapper, True, _environment(home))


def remedy() -> str:
    """What to do on this machine when Chromium's sandbox does not start."""
    if _kernel("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids the user namespaces that the sandbox is made of (Ubuntu 23.10 and later). As root:"
            " `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` (keep it in /etc/sysctl.d/), or give the"
            " browser an AppArmor profile with the rule `userns,`."
        )
    if _kernel("kernel/unprivileged_userns_clone") == "0":
        return "User namespaces are switched off. As root: `sysctl -w kernel.unprivileged_userns_clone=1`."
    if _kernel("user/max_user_namespaces") == "0":
        return "User namespaces are switched off. As root: `sysctl -w user.max_user_namespaces=10000`."
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "The container forbids the namespaces that the sandbox is made of. Start it with"
            " `--security-opt seccomp=<profile that allows clone, unshare and setns>` (Playwright publishes one as"
            " seccomp_profile.json), or with `--cap-add=SYS_ADMIN`."
        )
    if _read("/sys/fs/selinux/enforce") == "1":
        return (
            "SELinux may forbid user namespaces: look at `ausearch -m avc -c chrom`, and allow `user_namespace create`."
        )
    return (
        "Check that this user may make namespaces (`unshare --user --pid --fork true` must work), and that the browser"
        " starts by hand."
    )


def check_renderer(pid: int) -> None:
    """Looks at a running renderer: namespaces of its own, system calls filtered, not root. Raises `SandboxError`."""
    if platform.system() != "Linux":
        return
    lines = (_read(f"/proc/{pid}/status") or "").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    if not status:
        raise SandboxError("Chromium's renderer could not be found: its sandbox cannot be checked.")
    filtered = status.get("Seccomp", "").strip() == "2"
    separate = len(status.get("NSpid", "").split()) > 1
    if "0" in status.get("Uid", "").split():
        raise SandboxError("Chromium runs as root, which is refused. Check the wrapper in " + str(BROWSER_DIR))
    if not (filtered and separate):
        raise SandboxError(f"Chromium runs, but not in its sandbox. {remedy()}")


def _playwrights_own() -> Path | None:
    """The newest headless shell or Chromium that `playwright install` has put down."""
    base = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if base in ("", "0") and os.geteuid() == 0:
        base = str(BROWSER_DIR.parent / "ms-playwright")
    elif base in ("", "0"):
        caches = "Library/Caches" if platform.system() == "Darwin" else ".cache"
        base = str(Path.home() / caches / "ms-playwright")
    for kind, names in (
        ("chromium_headless_shell-*", ("chrome-headless-shell-*/chrome-headless-shell", "chrome-*/headless_shell")),
        ("chromium-*", ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*")),
    ):
        folders = sorted(Path(base).glob(kind), key=lambda folder: int(folder.name.rpartition("-")[2] or 0))
        for folder in reversed(folders):
            for name in names:
                if found := next((path for path in folder.glob(name) if os.access(path, os.X_OK)), None):
                    return found
    return None


def _prepare_home(user: pwd.struct_passwd) -> Path:
    home = BROWSER_DIR / "home"
    for folder in (BROWSER_DIR.parent, BROWSER_DIR):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    BROWSER_DIR.chmod(0o755)
    home.mkdir(mode=0o700, exist_ok=True)
    os.chown(home, user.pw_uid, user.pw_gid)
    return home


def _drop(user: pwd.struct_passwd) -> list[str]:
    """The command that becomes the user for good, and dies with its parent."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SandboxError("`setpriv` (package util-linux) is missing: root cannot start Chromium as another user.")
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs", "--pdeathsig=KILL"]
    return [setpriv, *ids, "--"]


def _limited(chromium: Path, folder: Path) -> Path:
    """A script that starts Chromium with its memory limited; Chromium itself where no script can be."""
    if platform.system() != "Linux":
        return chromium
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wrapper = _write_wrapper(folder, [str(chromium)], [])
    except OSError as error:
        log.warning("memory.not_limited", error=str(error))
        return chromium
    if not os.access(wrapper, os.X_OK):
        log.warning("memory.not_limited", error=f"no program can be run from {folder}")
        return chromium
    return wrapper


def _hand_over_profile(user: pwd.struct_passwd) -> list[str]:
    """Playwright makes the profile as root: unless it is handed over, the full browser cannot use it."""
    return [
        "for argument; do",
        '  case "$argument" in --user-data-dir=*/playwright_chromiumdev_profile-*)',
        f'    chown -h {user.pw_uid}:{user.pw_gid} "${{argument#*=}}" ;;',
        "  esac",
        "done",
    ]


def _write_wrapper(folder: Path, command: list[str], before: list[str]) -> Path:
    """The script that Playwright starts. Its name holds its content, so runners never write over another's."""
    # A renderer that wants more dies, and its page with it. Chromium's own limit is 16 GB each.
    limit = f"ulimit -d {MEMORY_LIMIT // 1024} 2>/dev/null || true"
    text = "\n".join(["#!/bin/sh", limit, *before, f'exec {shlex.join(command)} "$@"', ""])
    path = folder / f"chromium-{sha256(text.encode()).hexdigest()[:12]}"
    if _read(str(path)) == text.strip():
        return path
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).chmod(0o755)
    Path(name).replace(path)
    return path


def _check_readable(chromium: Path, user: pwd.struct_passwd) -> None:
    test = subprocess.run([*_drop(user), "test", "-x", str(chromium)], check=False, capture_output=True, timeout=30)
    if test.returncode != 0:
        raise SandboxError(
            f"The user {BROWSER_USER} cannot run {chromium}: a folder above it is closed to other users. Install the"
            " browser elsewhere (for Playwright's own: set PLAYWRIGHT_BROWSERS_PATH to a readable folder and install"
            " again)."
        )


def _environment(home: Path | None) -> dict[str, str]:
    """What Chromium may know of our environment: nothing that is secret."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "TMPDIR", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
        if name in os.environ
    }
    return kept | {"HOME": str(home or Path.home()), "LANG": "en_GB.UTF-8", "TZ": "UTC"}


def _kernel(name: str) -> str | None:
    return _read(f"/proc/sys/{name}")


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


if __name__ == "__main__":
    # What script/bootstrap asks: is there a browser, and which.
    try:
        print(find_chromium(Settings()))
    except SandboxError as problem:
        sys.exit(str(problem))
