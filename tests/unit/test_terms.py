"""One word for one thing on every screen: who works together has an account. Only the page of its people is "Team"."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT

_OTHER_WORD = re.compile(r"\bteams?\b")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def sentences_of(path: Path) -> Iterator[str]:
    """What a file has people read: all of a template, of a program its texts of several words."""
    text = path.read_text()
    if path.suffix != ".py":
        yield re.sub(r"\{[{%#].*?[}%#]\}", "", text)
        return
    tree = ast.parse(text)
    comments = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in comments:
            yield from [node.value] if " " in node.value else []


@pytest.mark.parametrize("folder", ["templates", "dashboard", "api/portal", "cli"])
def test_an_account_is_called_so(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".html", ".txt", ".py", ".jsx"}]
    sentences = [sentence for path in files for sentence in sentences_of(path)]
    assert len(sentences) > 20
    assert [sentence for sentence in sentences if _OTHER_WORD.search(sentence)] == []
