"""The whole product against bare Playwright, alternating, as a ratio of pages a minute.

The two take turns on the same machine and the same pages, so that what else the machine does meets both alike: trust
the ratio, not the rates.
"""

import statistics
from dataclasses import dataclass

from playwright.async_api import Browser

from benchmarks import bare, results
from benchmarks.bare import Style, Usage
from benchmarks.measured import Measured
from benchmarks.product import Product, product
from benchmarks.site import site

AT_ONCE = (1, 2, 4, 6, 8)
STYLES: tuple[Style, ...] = ("new", "kept")
CALIBRATIONS = 2


@dataclass(frozen=True, slots=True)
class Round:
    """What both sides did one after the other. `bare` holds one measurement a usage."""

    product: Measured
    bare: dict[Usage, Measured]

    def ratio(self, usage: Usage) -> float:
        return self.product.a_minute / self.bare[usage].a_minute


async def run(pages: int, rounds: int, only: list[str], note: str | None) -> None:
    """Measures, prints, and with a note keeps the result."""
    async with site() as address, product(address) as whole, bare.browser() as chromium:
        urls = [f"http://{address}/bench/{n}" for n in range(pages)]
        await whole.measure(urls[:20])
        usages = [Usage.parse(usage) for usage in only] or await _calibrate(chromium, urls)
        done = [await _round(number, whole, chromium, usages, urls) for number in range(rounds)]
    for usage in usages:
        ratios = [one.ratio(usage) for one in done]
        print(
            f"product / bare {usage}: median {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    if note:
        results.save(pages, note, usages, done)


async def _calibrate(chromium: Browser, urls: list[str]) -> list[Usage]:
    """The best number of pages at once, for a new page a link and for kept pages."""
    rates: dict[Usage, list[float]] = {Usage(style, at_once): [] for style in STYLES for at_once in AT_ONCE}
    await bare.measure(chromium, Usage("new", 4), urls[:20])
    for _ in range(CALIBRATIONS):
        for usage, seen in rates.items():
            seen.append((await bare.measure(chromium, usage, urls[: max(40, len(urls) // 2)])).a_minute)
    for usage, seen in rates.items():
        print(f"bare {usage}: {' '.join(f'{rate:.0f}' for rate in seen)} pages a minute", flush=True)
    return [
        max((usage for usage in rates if usage.style == style), key=lambda usage: statistics.mean(rates[usage]))
        for style in STYLES
    ]


async def _round(number: int, whole: Product, chromium: Browser, usages: list[Usage], urls: list[str]) -> Round:
    plain: dict[Usage, Measured] = {}

    async def measure_bare() -> None:
        for usage in usages:
            plain[usage] = await bare.measure(chromium, usage, urls)

    # Who goes first goes last the next time.
    if number % 2:
        await measure_bare()
        ours = await whole.measure(urls)
    else:
        ours = await whole.measure(urls)
        await measure_bare()
    result = Round(ours, plain)
    sides = ", ".join(
        f"bare {usage} {seen.a_minute:.0f} (ratio {result.ratio(usage):.2f})" for usage, seen in plain.items()
    )
    print(f"round {number + 1}: product {ours.a_minute:.0f} pages a minute, {sides}", flush=True)
    return result
