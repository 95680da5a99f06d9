"""Keeps what was measured: the numbers as JSON, one line in the table of `results/README.md`."""

import json
import os
import platform
import statistics
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.bare import Usage
from benchmarks.measured import Measured
from core.settings import ROOT

if TYPE_CHECKING:
    from benchmarks.capture import Round

FOLDER = ROOT / "benchmarks" / "results"


def save(pages: int, note: str, usages: list[Usage], rounds: "list[Round]") -> None:
    """Adds one measurement to the history."""
    now = datetime.now(UTC)
    sides = {
        str(usage): _side([one.ratio(usage) for one in rounds], [one.bare[usage] for one in rounds]) for usage in usages
    }
    found: dict[str, Any] = {
        "date": now.isoformat(timespec="minutes"),
        "commit": _commit(),
        "note": note,
        "machine": machine(),
        "pages": pages,
        "product": _rates([one.product for one in rounds]),
        "bare": sides,
    }
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"capture-{now:%Y%m%d-%H%M}.json"
    path.write_text(json.dumps(found, indent=1) + "\n")
    cells = [f"{now:%Y-%m-%d %H:%M}", found["commit"], note, f"{_median(found['product']):.0f}"]
    for style in ("new", "kept"):
        side = next((side for usage, side in sides.items() if usage.startswith(style)), None)
        cells.append(f"**{side['ratio']:.2f}** ({side['lowest']:.2f}–{side['highest']:.2f})" if side else "–")
    with (FOLDER / "README.md").open("a") as file:
        file.write(f"| {' | '.join(cells)} | {len(rounds)} |\n")
    print(f"Saved as {path.relative_to(ROOT)}")


def machine() -> str:
    """What kind of machine this is, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"


def _side(ratios: list[float], measured: list[Measured]) -> dict[str, Any]:
    return {
        "ratio": round(statistics.median(ratios), 3),
        "lowest": round(min(ratios), 3),
        "highest": round(max(ratios), 3),
        "pages_a_minute": _rates(measured),
    }


def _rates(measured: list[Measured]) -> list[float]:
    return [round(one.a_minute, 1) for one in measured]


def _median(rates: list[float]) -> float:
    return statistics.median(rates)


def _commit() -> str:
    """The last commit; what is not committed yet is marked by +."""
    command = ["git", "-C", str(ROOT)]
    last = subprocess.run([*command, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*command, "diff", "--quiet", "HEAD", "--", "*.py", "*.js", "*.sql"], check=False)
    return (last.stdout.strip() or "none") + ("+" if changed.returncode else "")
