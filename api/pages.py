"""Pages of our own around the API: each is one file with one style block. Those without forms run no script."""

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.settings import ROOT

_FOLDER = ROOT / "templates" / "portal"


def page(template: str, *, forms: bool = False, **values: Any) -> tuple[str, str]:
    """The page, and its Content-Security-Policy. One with `forms` may send them to us, and run our own script."""
    style = _style(forms)
    html = _environment().get_template(template).render(style=style, **values)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = (
        "form-action 'self'; script-src 'self'; img-src 'self'; font-src 'self'" if forms else "form-action 'none'"
    )
    csp = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; {allowed}; frame-ancestors 'none'"
    return html, csp


@cache
def _style(forms: bool) -> str:
    files = ["portal.css", "forms.css"] if forms else ["portal.css"]
    return "".join((_FOLDER / file).read_text() for file in files)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
