"""`script/bench capture`: how fast the whole product captures, as a ratio to bare Playwright."""

import argparse
import asyncio
import sys

from benchmarks import capture


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("capture", help="100 ordinary pages: the whole product against bare Playwright")
    command.add_argument("--pages", type=int, default=100, help="links of a report (default: 100)")
    command.add_argument("--rounds", type=int, default=5, help="how often each side is measured (default: 5)")
    command.add_argument(
        "--bare", metavar="STYLE:N", action="append", help="measure only this plain usage, as in new:4 or kept:6"
    )
    command.add_argument("--save", metavar="NOTE", help="keep the numbers in benchmarks/results, with this note")
    options = parser.parse_args()
    asyncio.run(capture.run(options.pages, options.rounds, options.bare or [], options.save))
    return 0


if __name__ == "__main__":
    sys.exit(main())
