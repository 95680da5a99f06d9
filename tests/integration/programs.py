"""The example programs in bash, Python and JavaScript, and the command line as a fourth."""

import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from core.settings import ROOT
from tests.integration.product import COMMAND, program

EXAMPLES = ROOT / "docs" / "examples"
PROGRAMS: dict[str, list[Path | str]] = {
    "bash": [EXAMPLES / "create_report.sh"],
    "python": [sys.executable, EXAMPLES / "create_report.py"],
    "javascript": [ROOT / ".venv" / "bin" / "node", EXAMPLES / "create_report.mjs"],
}
CLIENTS: dict[str, list[Path | str]] = {**PROGRAMS, "command line": [COMMAND, "report"]}


def run_program(name: str, folder: Path, links: list[str], environment: Mapping[str, str]) -> CompletedProcess[str]:
    """Runs a client in a folder, until it ends."""
    # curl, requests and Node go by these; our own command needs no telling.
    no_proxy = {} if name == "command line" else {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return program([*CLIENTS[name], *links], {**environment, **no_proxy}, folder=folder)
