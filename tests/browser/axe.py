"""axe-core on a page: what in it people with disabilities would stumble over."""

from functools import cache
from typing import Any

from playwright.async_api import Page

from core.settings import ROOT

_SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Page) -> list[str]:
    """What is wrong, each with the element that it was found at first."""
    # Through the debugger: the page's own policy forbids scripts of others.
    await page.evaluate(_script())
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", _RULES
    )
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['help']}, at {one['nodes'][0]['target']} {one['nodes'][0]['html']}"
        for one in found["violations"]
    ]


@cache
def _script() -> str:
    return _SCRIPT.read_text()
