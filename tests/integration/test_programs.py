"""The example programs in bash, Python and JavaScript, and the command line, as clients of the running product.

Run alone it takes over a minute, because clients whose minute is used up have to wait for the next. In a whole run
they begin to wait with the first test of the command line.
"""

import itertools
import time
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
import requests

from tests.integration.patience import Client
from tests.integration.product import Product
from tests.integration.programs import CLIENTS, PROGRAMS, finish, run_program
from tests.site import ARTICLES, NewsSite

GOOD = ["/wexcombe-ledger/pool-reopens", "/stackpoint/scheduler", "/minatozaka-shinpo/renga"]
LINKS = [*GOOD, "/trouble/404"]


def assert_report(folder: Path, paths: list[str]) -> None:
    page = unescape((folder / "report.html").read_text(encoding="utf-8"))
    for path in paths:
        assert ARTICLES[path].headline in page


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_makes_a_report_with_the_true_headlines(
    product: Product, news: NewsSite, tmp_path: Path, name: str
) -> None:
    customer = product.customer(credits=4)
    done = run_program(name, tmp_path, [news.url(path) for path in LINKS], customer.environment)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    (report,) = customer.get("/reports").json()["data"]
    assert lines[:2] == ["Credits: 4", f"Report {report['id']} of 4 links, for 1 credits"]
    assert lines[-4:-2] == ["Status: completed", "Screenshots: 3 of 4"]
    assert lines[-2].startswith(f"To share: {product.url}/api/portal/reports/share/")
    assert lines[-1] == "Saved as report.html"
    assert_report(tmp_path, GOOD)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_why_there_is_no_report(product: Product, news: NewsSite, tmp_path: Path, name: str) -> None:
    customer = product.customer(credits=1)
    failed = run_program(name, tmp_path, [news.url("/trouble/404")], customer.environment)
    assert failed.returncode == 1
    assert failed.stderr == f"{customer.get('/reports').json()['data'][0]['error']}\n"
    refused = run_program(name, tmp_path, ["not a link"], customer.environment)
    assert (refused.returncode, refused.stderr) == (1, "No valid URLs were found (status 400)\n")
    no_links = run_program(name, tmp_path, [], customer.environment)
    assert (no_links.returncode, no_links.stdout) == (2, "")
    assert "Usage: " in no_links.stderr
    assert not (tmp_path / "report.html").exists()


def test_the_flow_of_the_contracts_samples(product: Product, news: NewsSite, tmp_path: Path) -> None:
    customer = product.customer()
    base, headers = f"{product.url}/api/v1", {"X-API-Key": customer.key}
    balance = requests.get(f"{base}/credits/balance", headers=headers, timeout=20).json()
    assert balance == {"balance": 10}
    body = {"urls": [news.url(path) for path in LINKS], "reportName": "Q1 Coverage Report"}
    report = requests.post(f"{base}/reports", headers=headers, json=body, timeout=20).json()
    assert report == {
        "id": report["id"],
        "status": "processing",
        "urlCount": 4,
        "creditsUsed": 1,
        "message": f"Report is being generated. Poll GET /api/v1/reports/{report['id']} for status.",
    }
    while True:
        status = requests.get(f"{base}/reports/{report['id']}", headers=headers, timeout=20).json()
        if status["status"] != "processing":
            break
        assert status["completedAt"] is None
        time.sleep(0.5)
    assert status["status"] == "completed"
    assert status["stats"] == {"totalLinks": 4, "screenshots": 3}
    html = requests.get(f"{base}/reports/{report['id']}/html", headers=headers, timeout=20)
    (tmp_path / "report.html").write_text(html.text, encoding="utf-8")
    assert_report(tmp_path, GOOD)
    assert_report_is_shared(status["shareUrl"])


def assert_report_is_shared(url: str) -> None:
    shared = requests.get(url, timeout=20)
    assert shared.status_code == 200
    assert all(ARTICLES[path].headline in unescape(shared.text) for path in GOOD)


# -- At the limit ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_over_its_limit_waits_as_long_as_it_is_asked_to(patient: Mapping[str, Client], name: str) -> None:
    client = patient[name]
    done = finish(client.program)
    assert done.returncode == 0, done.stderr
    assert "The server asks to wait" in done.stdout + done.stderr
    statuses = client.statuses()
    # Refused at first, and never twice in a row: it came back when there was room, and not before.
    assert statuses[0] == 429
    assert (429, 429) not in itertools.pairwise(statuses)
    assert statuses[-1] == 200
    assert_report(client.folder, GOOD[:1])
