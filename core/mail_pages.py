"""What our mails say: one pair of templates a mail, in `templates/email/`, rendered to text and to HTML."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.mail import Mail
from core.settings import ROOT
from core.wording import plain

_FOLDER = ROOT / "templates" / "email"
_SUBJECT = "Subject: "


def render_mail(template: str, to: str, values: Mapping[str, object]) -> Mail:
    """The mail of `<template>.txt`, whose first line is its subject, and `<template>.html`. Texts become one line."""
    shown = {name: (plain(value) or "") if isinstance(value, str) else value for name, value in values.items()}
    environment = _environment()
    subject, _, text = environment.get_template(f"{template}.txt").render(shown).partition("\n\n")
    subject = subject.removeprefix(_SUBJECT)
    html = environment.get_template(f"{template}.html").render(shown, subject=subject)
    return Mail(to, subject, text, html)


def invitation_mail(to: str, *, account_name: str, inviter: str, role: str, url: str, days: int) -> Mail:
    """Asks somebody to join an account. `inviter` is a name or an address, `days` how long the link is good."""
    values = {"account_name": account_name, "inviter": inviter, "role": role, "url": url, "days": days}
    return render_mail("invitation", to, values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
