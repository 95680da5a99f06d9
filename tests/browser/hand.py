"""Somebody at a page: they know what stands on the screen, tap where there is no mouse, and see what is too wide."""

from typing import Literal

from playwright.async_api import Locator, Page, expect

from tests.browser.windows import PATIENCE, Size, sideways, ways


class Hand:
    """Uses one page of a window of this size. At every step all of the page must lie beside nothing."""

    def __init__(self, page: Page, size: Size) -> None:
        self.page, self._size = page, size

    def find(self, name: str, role: Literal["button", "link"] = "button", within: Locator | None = None) -> Locator:
        """What can be pressed and is called so."""
        return (within or self.page).get_by_role(role, name=name, exact=True)

    async def press(self, name: str, role: Literal["button", "link"] = "button", within: Locator | None = None) -> None:
        """Presses it, as soon as it can be."""
        await self.touch(self.find(name, role, within))

    async def touch(self, target: Locator) -> None:
        """Presses something that has no name of its own."""
        await self.sees(target)
        await (target.tap() if self._size.touch else target.click())

    async def go(self, way: str) -> None:
        """Follows one of the ways through the product."""
        await self.press(way, "link", await ways(self.page))

    async def fill(self, label: str, value: str) -> None:
        """Fills the field with this label."""
        await self.page.get_by_label(label, exact=True).fill(value)

    async def reads(self, text: str) -> None:
        """Waits until this stands on the page."""
        await self.sees(self.page.get_by_text(text).first)

    async def is_at(self, heading: str) -> None:
        """Waits for the page with this heading."""
        await self.sees(self.page.get_by_role("heading", name=heading, level=1))

    async def sees(self, what: Locator, patience: float = PATIENCE) -> None:
        """Waits until it is on the page."""
        await expect(what).to_be_visible(timeout=patience)
        assert await sideways(self.page) == 0, f"{self.page.url} scrolls sideways"

    async def copied(self) -> str:
        """What the clipboard holds."""
        text: str = await self.page.evaluate("navigator.clipboard.readText()")
        return text
