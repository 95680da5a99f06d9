"""The example programs in bash, Python and JavaScript, and the command line as a fourth."""

import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

from core.settings import ROOT
from tests.integration.product import COMMAND, environment

EXAMPLES = ROOT / "docs" / "examples"
PROGRAMS: dict[str, list[Path | str]] = {
    "bash": [EXAMPLES / "create_report.sh"],
    "python": [sys.executable, EXAMPLES / "create_report.py"],
    "javascript": [ROOT / ".venv" / "bin" / "node", EXAMPLES / "create_report.mjs"],
}
CLIENTS: dict[str, list[Path | str]] = {**PROGRAMS, "command line": [COMMAND, "report"]}
_SECONDS = 100


def start_program(name: str, folder: Path, links: list[str], variables: Mapping[str, str]) -> Popen[str]:
    """Starts a client in a folder."""
    # curl, requests and Node go by these; our own command needs no telling.
    no_proxy = {} if name == "command line" else {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    own = environment(**variables, **no_proxy)
    return Popen([*CLIENTS[name], *links], env=own, cwd=folder, stdout=PIPE, stderr=PIPE, text=True)


def finish(program: Popen[str]) -> CompletedProcess[str]:
    """What it came to, once it has ended."""
    output, errors = program.communicate(timeout=_SECONDS)
    return CompletedProcess(program.args, program.returncode, output, errors)


def run_program(name: str, folder: Path, links: list[str], variables: Mapping[str, str]) -> CompletedProcess[str]:
    """Both."""
    with start_program(name, folder, links, variables) as program:
        return finish(program)
