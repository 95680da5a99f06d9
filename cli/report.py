"""Make a report through the public API of a running server, and show how it grows."""

import os
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from dotenv import dotenv_values
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.client import ApiClient
from cli.environment import Failure
from core.settings import Settings, is_web_address

DEMO_FILE = "demo.env"
_POLL_SECONDS = 2.0

err = Console(stderr=True, highlight=False, soft_wrap=True)


def read_links(links: list[str], file: Path | None) -> list[str]:
    """Links of the command line, then those of the file: one a line, empty lines and # comments left out."""
    found = list(links)
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.", 2) from None
        lines = (line.strip() for line in text.splitlines())
        found += [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise Failure("No links. Give them as arguments, or a file with one link a line: -f links.txt", 2)
    return found


def server(settings: Settings, url: str, api_key: str) -> tuple[str, str]:
    """Address and key of the server: as given, else those of the demo account in the state folder."""
    demo = dotenv_values(settings.state_dir / DEMO_FILE) if not (url and api_key) else {}
    url, api_key = url or demo.get("COVERAGEREPORT_URL") or "", api_key or demo.get("COVERAGEREPORT_API_KEY") or ""
    if not url or not api_key:
        raise Failure("Set COVERAGEREPORT_URL and COVERAGEREPORT_API_KEY, or start script/server in this folder.", 2)
    if not is_web_address(url):
        raise Failure(f"COVERAGEREPORT_URL must begin with http:// or https://, it is {url}.", 2)
    if not (api_key.isascii() and api_key.isprintable()):
        raise Failure("COVERAGEREPORT_API_KEY holds characters that are in no API key.", 2)
    return url.rstrip("/"), api_key


def make(links: list[str], output: Path, name: str | None, url: str, api_key: str) -> None:
    """Makes the report and saves its page. Raises `Failure`: it failed, or could not be made."""
    _check_writable(output)
    with ApiClient(url, api_key, lambda why: err.print(why, markup=False)) as client:
        accepted = client.create_report(links, name, str(uuid4()))
        try:
            report = follow(client, accepted)
        except Failure as failure:
            raise Failure(f"{failure} The report {accepted['id']} was accepted, and goes on.") from None
        if report["status"] != "completed":
            raise Failure(f"The report failed: {report['error']}")
        try:
            output.write_bytes(client.html(report["id"]))
        except OSError as error:
            raise Failure(
                f"{output} cannot be written: {error.strerror}. The report is at {report['shareUrl']}"
            ) from None
    stats = report["stats"]
    err.print(f"{stats['screenshots']} of {stats['totalLinks']} links captured. Saved as {output}", markup=False)
    err.print(f"To share: {report['shareUrl']}", markup=False)


def _check_writable(output: Path) -> None:
    """Before the report is paid for."""
    if not output.parent.is_dir():
        raise Failure(f"There is no folder {output.parent}.", 2)
    if output.is_dir():
        raise Failure(f"{output} is a folder. Give the name of a file: -o report.html", 2)
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise Failure(f"{output} cannot be written: Permission denied.", 2)


def follow(client: ApiClient, accepted: dict[str, Any]) -> dict[str, Any]:
    """Shows a progress bar until the report has ended. Its last status."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("Capturing", total=accepted["urlCount"])
        while True:
            report = client.report(accepted["id"])
            if report["status"] != "processing":
                progress.update(task, completed=accepted["urlCount"])
                return report
            _show(progress, task, client.items(accepted["id"]))
            time.sleep(_POLL_SECONDS)


def _show(progress: Progress, task: TaskID, items: list[dict[str, Any]]) -> None:
    ended = [item for item in items if item["status"] != "pending"]
    failed = sum(item["status"] == "failed" for item in ended)
    words = f"Capturing ({failed} failed)" if failed else "Capturing"
    progress.update(task, completed=len(ended), description=words)
