"""README and docs name what is there: files, scripts, commands, variables, SQL functions, codes of errors."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.main import app
from core.settings import ROOT, Settings

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()
FOLDERS = "api|benchmarks|cli|core|docs|embedded|jobs|requirements|script|supabase|templates|tests"


def commands() -> Iterator[str]:
    """Every command of the command line, as it is typed."""
    group: Any = get_command(app)
    for name, command in group.commands.items():
        for inner in getattr(command, "commands", {"": None}):
            yield f"{name} {inner}".strip()


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_path_is_there(page: Path) -> None:
    paths = re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", page.read_text())
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_script_can_be_run(page: Path) -> None:
    scripts = set(re.findall(r"\bscript/\w+", page.read_text()))
    assert [script for script in scripts if not os.access(ROOT / script, os.X_OK)] == []


def test_every_command_is_one(page: Path) -> None:
    known = set(commands())
    groups = {name.partition(" ")[0] for name in known if " " in name}
    for first, second in re.findall(r"\bcoveragereport ([a-z]+)\b(?: ([a-z]+)\b)?", page.read_text()):
        assert (f"{first} {second}" if first in groups else first) in known


def test_the_readme_names_every_command() -> None:
    assert [name for name in commands() if f"`coveragereport {name}" not in README] == []


def test_every_variable_is_read_by_somebody(page: Path) -> None:
    others = set(re.findall(r"`([A-Z_]+)`", README.partition("| variable |")[2].partition("\n\n")[0]))
    known = {name.upper() for name in Settings.model_fields} | others
    named = set(re.findall(r"`([A-Z0-9]+(?:_[A-Z0-9]+)+)[=`]", page.read_text()))
    assert named - known == set()


def test_sql_functions_of_the_architecture_exist() -> None:
    migrations = "".join(path.read_text() for path in (ROOT / "supabase" / "migrations").glob("*.sql"))
    named = re.findall(r"\*\*`(\w+)`\*\*", (ROOT / "docs" / "architecture.md").read_text())
    assert named
    assert [name for name in named if f"create function private.{name}(" not in migrations] == []


def test_the_api_guide_names_every_code_of_an_error_and_no_other() -> None:
    source = "".join(path.read_text() for path in (ROOT / "api").rglob("*.py"))
    codes = set(re.findall(r'ApiError\(\s*(?:\d{3}|\w+\.status_code),\s*"(\w+)"', source))
    codes |= {"invalid_http", "invalid_token", "not_signed_in", "report_failed", "report_processing"}
    cells = re.findall(r"^\| \d{3} \| ([^|]+) \|", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(cells))) == codes
