"""Parts of the product are killed in the middle of a report: nothing is lost, nothing is charged twice, it ends.

Takes some 110 s: what a killed runner held is handed to the next only after the 30 s of its claim.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.integration.product import Customer, Product, wait_until
from tests.site import NewsSite

LINKS = 16


@pytest.fixture(scope="module")
def fragile(open_folder: Path, news: NewsSite) -> Iterator[Product]:
    """A product of our own to hurt."""
    with Product(open_folder / "fragile", CAPTURE_ALLOW=news.address, RATE_LIMIT_PER_MINUTE="100000") as product:
        yield product


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


# What is killed, told by its command line. A renderer is one page's process, the driver Playwright's own.
PARTS: dict[str, Callable[[str], bool]] = {
    "web process": lambda line: line.endswith("-m cli dashboard"),
    "runner": lambda line: line.endswith("-m cli runner"),
    "chromium": lambda line: "chromium" in line and "--type=" not in line and "/bin/sh" not in line,
    "renderers": lambda line: "--type=renderer" in line,
    "driver": lambda line: "playwright/driver" in line,
    "postgrest": lambda line: line.endswith("/postgrest"),
    "gateway": lambda line: "embedded.gateway" in line,
    "postgres": lambda line: "/postgres -D" in line,
    "a backend of postgres": lambda line: line.startswith("postgres: coverage_jobs"),
}


def kill(product: Product, part: str) -> None:
    killed = 0
    for process in product.processes():
        if PARTS[part](command(process)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
                killed += 1
    assert killed, f"there is no {part} to kill"


def begun(customer: Customer, news: NewsSite, first: int) -> str:
    """A report of which some links have ended, and some have not."""
    report = customer.create([news.url(f"/bench/{n}") for n in range(first, first + LINKS)])

    def half_way() -> bool:
        items = customer.get(f"/reports/{report}/items").json()["data"]
        return any(item["status"] != "pending" for item in items)

    wait_until(half_way)
    return report


def assert_whole(customer: Customer, report: str, balance: int) -> None:
    """Every link of the report was captured, and it was charged once."""
    items = customer.get(f"/reports/{report}/items").json()["data"]
    assert [(item["status"], item["reason"]) for item in items] == [("captured", None)] * LINKS
    assert customer.balance() == balance - 1
    with customer.product.world() as world:
        ledger = world.ledger(customer.account)
        assert [kind for kind, _ in ledger].count("charge") == 1
        assert sum(delta for _, delta in ledger) == balance - 1
        objects = world.value(
            "admin", "select count(*) from private.images where report_id = %s::uuid and kind = 'screenshot'", report
        )
        assert objects == LINKS


def answered(customer: Customer, report: str) -> Callable[[], bool]:
    def ended() -> bool:
        try:
            answer = customer.get(f"/reports/{report}")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.json()["status"] == "completed"

    return ended


@pytest.mark.parametrize("part", list(PARTS))
def test_a_part_is_killed_in_the_middle_of_a_report(fragile: Product, news: NewsSite, part: str) -> None:
    customer = fragile.customer(5)
    report = begun(customer, news, 100 * list(PARTS).index(part))
    kill(fragile, part)
    wait_until(answered(customer, report), seconds=90)
    assert_whole(customer, report, 5)


def test_the_queue_is_purged_by_hand(fragile: Product, news: NewsSite) -> None:
    customer = fragile.customer(5)
    report = begun(customer, news, 2000)
    with fragile.world() as world:
        world.run("delete from pgmq.q_turns")
    wait_until(answered(customer, report), seconds=60)
    assert_whole(customer, report, 5)


def test_everything_is_killed_and_started_again(open_folder: Path, news: NewsSite) -> None:
    settings = {"CAPTURE_ALLOW": news.address, "RATE_LIMIT_PER_MINUTE": "100000"}
    state = open_folder / "killed"
    first = Product(state, **settings).__enter__()
    customer = first.customer(5)
    report = begun(customer, news, 3000)
    started = first.processes()
    first.stop(signal.SIGKILL)
    # They notice, and end in their own ways.
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive, "children outlived their supervisor"
    with Product(state, **settings) as second:
        again = Customer(second, customer.account, customer.key)
        wait_until(answered(again, report), seconds=90)
        assert_whole(again, report, 5)
