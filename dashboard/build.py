"""Builds the dashboard's front end, once: `python -m dashboard.build`. It is built again when its sources change."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from core.settings import ROOT

BUILT_FOR = "http://localhost:49999"
"""The address written into the build; see `dashboard/frontend.py`."""

WEB = ROOT / ".web"
CLIENT = WEB / "build" / "client"
_STAMP = WEB / "build" / "fingerprint"
_SOURCES = ("rxconfig.py", "dashboard", "assets", "reflex.lock")
_SECONDS = 900


class BuildError(Exception):
    """The build failed; what was said is in the log that the text names."""


def fingerprint() -> str:
    """Changes with everything that the front end is made of."""
    digest = hashlib.sha256(version("reflex").encode())
    for source in _SOURCES:
        for path in _files(ROOT / source):
            digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """Whether a front end of these sources is there."""
    return _STAMP.is_file() and _STAMP.read_text() == fingerprint()


def build(log: Path) -> None:
    """Builds with Node, if anything changed. Raises `BuildError`."""
    if is_built():
        return
    _STAMP.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REFLEX_")}
    environment |= {
        # Node and npm are in the virtual environment.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}",
        "REFLEX_USE_NPM": "true",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "",
        # The lock file names no registry.
        "npm_config_omit_lockfile_registry_resolved": "true",
    }
    # Reflex would pick a registry by itself.
    environment.setdefault("NPM_CONFIG_REGISTRY", _registry(environment))
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    locked = {path: path.read_text() for path in _files(ROOT / "reflex.lock")}
    with log.open("w") as output:
        command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"]
        status = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            timeout=_SECONDS, check=False,
        ).returncode  # fmt: skip
    if status != 0 or not (CLIENT / "index.html").is_file():
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        last = "\n".join(lines[-8:])
        raise BuildError(f"The dashboard could not be built; what was said is in {log}. It ends with:\n{last}")
    for path, text in locked.items():
        # Reflex writes the same packages in another order each time.
        if path.suffix == ".json" and json.loads(path.read_text()) == json.loads(text):
            path.write_text(text)
    # Taken now: a package that is new to the pages has changed the lock file.
    _STAMP.write_text(fingerprint())


def _registry(environment: dict[str, str]) -> str:
    """The npm registry that this machine is set up for."""
    answer = subprocess.run(
        [shutil.which("npm", path=environment["PATH"]) or "npm", "config", "get", "registry"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise BuildError(f"npm does not work: {answer.stderr.strip() or answer.stdout.strip()}")
    return answer.stdout.strip()


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return sorted(
        path
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "external" not in path.parts
    )


def main() -> None:
    """Builds, and says in one line what went wrong if it does; `--check` only says by its status whether it has to."""
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if is_built() else 1)
    try:
        build(ROOT / ".local" / "dashboard-build.log")
    except (BuildError, subprocess.TimeoutExpired) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
