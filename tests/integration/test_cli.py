"""`coveragereport` beside a running product: reports, accounts, keys, staff, doctor.

It takes some 40 s: each of sixty commands is a process that starts as it would for a user.
"""

import re
import subprocess
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.integration.patience import Client
from tests.integration.product import Customer, Product, free_port
from tests.site import ARTICLES, NewsSite

GOOD = ["/wexcombe-ledger/pool-reopens", "/penrose-brief/funding-round"]
OWNER = "owner@team.example"

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module", autouse=True)
def _clients_begin_to_wait(patient: Mapping[str, Client]) -> None:
    """For `test_programs`, while these tests go on."""


@pytest.fixture(scope="module")
def customer(product: Product) -> Customer:
    return product.customer()


@pytest.fixture(scope="module")
def owner(product: Product) -> str:
    """The address of the owner of an account made by command."""
    done = product.run("account", "create", OWNER, "--name", "Team", "--credits", "2", "--password", "a-long-password")
    assert (done.returncode, done.stderr) == (0, "")
    return OWNER


def report(customer: Customer, *arguments: str | Path, stdin: str = "", **settings: str) -> Done:
    arguments_ = [str(argument) for argument in arguments]
    return customer.product.run("report", *arguments_, stdin=stdin, **{**customer.environment, **settings})


def assert_failure(done: Done, status: int, sentence: str) -> None:
    """One sentence on standard error, and nothing else."""
    assert (done.returncode, done.stdout) == (status, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert re.search(sentence, done.stderr), done.stderr


def rows(product: Product, query: str, *arguments: object) -> list[dict[str, Any]]:
    with product.world() as world:
        return world.rows("admin", query, *arguments)


# -- Reports --------------------------------------------------------------------------------------------------------


def test_a_report_of_links_and_files(customer: Customer, news: NewsSite, tmp_path: Path) -> None:
    links, output = tmp_path / "links.txt", tmp_path / "out.html"
    links.write_text(f"# What we won\n\n  {news.url(GOOD[1])}  \n{news.url('/trouble/404')}\n", encoding="utf-8-sig")
    done = report(customer, news.url(GOOD[0]), "-f", links, "-o", output, "-n", "From files")
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 of 3 links captured" in done.stderr
    page = unescape(output.read_text(encoding="utf-8"))
    assert all(ARTICLES[path].headline in page for path in GOOD)
    assert 'src="data:image/jpeg;base64,' in page and 'src="http' not in page
    newest = customer.get("/reports").json()["data"][0]
    assert (newest["reportName"], newest["urlCount"]) == ("From files", 3)
    share = re.search(r"To share: (\S+)", done.stderr)
    assert share is not None and httpx.get(share[1]).status_code == 200


def test_links_from_standard_input_with_the_demo_account(product: Product, news: NewsSite, tmp_path: Path) -> None:
    output = tmp_path / "out.html"
    done = product.run("report", "-f", "-", "-o", str(output), stdin=f"{news.url(GOOD[0])}\n")
    assert done.returncode == 0, done.stderr
    assert ARTICLES[GOOD[0]].headline in unescape(output.read_text(encoding="utf-8"))


def test_a_report_that_failed(customer: Customer, news: NewsSite, tmp_path: Path) -> None:
    before, output = customer.balance(), tmp_path / "out.html"
    done = report(customer, news.url("/trouble/404"), "-o", output)
    assert done.returncode == 1
    assert "The report failed: None of the links could be captured." in done.stderr
    assert not output.exists()
    assert customer.balance() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "No links"),
        (["-f", "missing.txt"], "missing.txt cannot be read: No such file"),
        (["-f", "folder"], "folder cannot be read: Is a directory"),
        (["-f", "picture.jpg"], "picture.jpg cannot be read: "),
        (["-f", "empty.txt"], "No links"),
        (["not a link"], "No valid URLs were found"),
        (["https://news.example/", "-o", "nowhere/out.html"], "There is no folder "),
        (["https://news.example/", "-o", "folder"], "folder is a folder"),
    ],
)
def test_wrong_input_costs_nothing(customer: Customer, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00")
    (tmp_path / "empty.txt").write_text("# nothing yet\n")
    before = customer.balance()
    inside = {name: str(tmp_path / name) for name in ("missing.txt", "folder", "picture.jpg", "empty.txt")}
    inside["nowhere/out.html"] = str(tmp_path / "nowhere" / "out.html")
    assert_failure(report(customer, *(inside.get(one, one) for one in arguments)), 2, sentence)
    assert customer.balance() == before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"COVERAGEREPORT_API_KEY": "cr_live_nobodys"}, "Missing or invalid API key"),  # pragma: allowlist secret
        ({"COVERAGEREPORT_API_KEY": "cr_live_größer"}, "API_KEY holds characters"),  # pragma: allowlist secret
        ({"COVERAGEREPORT_URL": "news.example"}, "COVERAGEREPORT_URL must begin with http"),
        ({"COVERAGEREPORT_URL": "http://["}, "COVERAGEREPORT_URL must begin with http"),
        ({"COVERAGEREPORT_URL": "", "STATE_DIR": "/nowhere"}, "Set COVERAGEREPORT_URL and COVERAGEREPORT_API_KEY"),
    ],
)
def test_a_wrong_key_or_address(customer: Customer, settings: dict[str, str], sentence: str) -> None:
    assert_failure(report(customer, "https://news.example/", **settings), 2, sentence)


def test_a_server_that_is_away(customer: Customer) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = report(customer, "https://news.example/", COVERAGEREPORT_URL=url)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"The server at {url} cannot be reached: ")
    assert "Traceback" not in done.stderr


def test_no_credits(product: Product, news: NewsSite) -> None:
    customer = product.customer(credits=1)
    customer.create([news.url(GOOD[0])])
    assert_failure(
        report(customer, "https://news.example/"), 1, "Insufficient credits: the report costs 1, the account has 0"
    )


def test_an_output_that_turns_out_not_to_be_writable(customer: Customer, news: NewsSite) -> None:
    done = report(customer, news.url(GOOD[0]), "-o", "/proc/out.html")
    assert done.returncode in (1, 2)
    last = done.stderr.splitlines()[-1]
    assert "/proc/out.html cannot be written: " in last
    # Paid for, it is not lost.
    if done.returncode == 1:
        assert httpx.get(last.rpartition(" ")[2]).status_code == 200


# -- Accounts and keys ----------------------------------------------------------------------------------------------


def test_an_account_has_an_owner_who_can_sign_in(product: Product) -> None:
    email = "a.rather.long.name.of.a.person@a-rather-long-name-of-a-company.example"
    done = product.run("account", "create", email)
    found = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (found["Owner"], found["Credits"]) == (email, "3")
    (account,) = rows(
        product, "select a.* from public.accounts a join public.members m on m.account_id = a.id where a.id = %s",
        UUID(found["Account"]),
    )  # fmt: skip
    assert (account["credit_balance"], account["status"]) == (3, "active")
    assert sign_in(product, email, found["Password"]) == 200
    assert sign_in(product, email, "another") == 400


def test_an_account_is_made_once(product: Product, owner: str) -> None:
    again = product.run("account", "create", owner, "--credits", "2")
    assert "Credits   5\n" in again.stdout and "Password" not in again.stdout
    assert_failure(product.run("account", "create", owner, "--credits", "9"), 1, "started with other credits")
    assert_failure(
        product.run("account", "create", owner, "--password", "another-password"), 1, "has a password already"
    )
    assert_failure(product.run("account", "create", "nobody"), 1, "Supabase Auth did not make the user")


def test_credits_are_added_and_taken_with_a_reason(product: Product, owner: str) -> None:
    def change(*arguments: str) -> Done:
        return product.run("account", "credits", owner, *arguments)

    assert change("7", "--reason", "A gift").stdout == "Balance: 12\n"
    assert change("--reason", "Back", "--", "-2").stdout == "Balance: 10\n"
    for _ in range(2):
        once = change("5", "--reason", "Once", "--idempotency-key", "invoice-7")
        assert once.stdout == "Balance: 15\n"
    assert_failure(change("--reason", "All", "--", "-16"), 1, "The balance is 15 credits; -16 would take it out of")
    assert_failure(change("5", "--reason", " "), 1, "A reason is required")
    assert change("99999999999", "--reason", "Much").returncode == 2
    assert_failure(product.run("account", "credits", "x@y.example", "5", "--reason", "x"), 1, "no account x@y.example")
    entries = rows(
        product,
        "select e.delta, e.note, e.actor from public.credit_entries e join public.members m using (account_id)"
        " join auth.users u on u.id = m.user_id where u.email = %s and e.kind = 'adjustment' order by e.id",
        owner,
    )
    assert [(entry["delta"], entry["note"]) for entry in entries] == [
        (2, "Credits at the start"), (7, "A gift"), (-2, "Back"), (5, "Once"),
    ]  # fmt: skip
    assert all(entry["actor"].startswith("cli:") for entry in entries)


def test_five_keys_are_the_limit_and_a_revoked_one_is_refused_at_once(product: Product, owner: str) -> None:
    keys = [product.run("key", "create", owner, "--name", f"Key {number}").stdout.strip() for number in range(5)]
    assert all(re.fullmatch("cr_live_[0-9A-Za-z]{36}", key) for key in keys)
    assert_failure(product.run("key", "create", owner), 1, "5 active API keys, which is the limit")
    assert balance_status(product, keys[0]) == 200
    assert product.run("key", "revoke", owner, keys[0][:16]).stdout == f"Revoked {keys[0][:16]}\n"
    assert balance_status(product, keys[0]) == 401
    assert [balance_status(product, key) for key in keys[1:]] == [200] * 4
    assert_failure(product.run("key", "revoke", owner, keys[0][:16]), 1, "no active key cr_live_")
    assert product.run("key", "create", owner).returncode == 0


def test_staff_are_added_and_removed_and_it_is_audited(product: Product, owner: str) -> None:
    assert_failure(product.run("staff", "add", "nobody@team.example"), 1, "No user has the e-mail address nobody@")
    assert product.run("staff", "add", owner).stdout == f"{owner} is staff\n"
    staff = "select s.user_id from private.staff s join auth.users u on u.id = s.user_id where u.email = %s"
    (member,) = rows(product, staff, owner)
    assert product.run("staff", "remove", owner).stdout == f"{owner} is staff no more\n"
    assert rows(product, staff, owner) == []
    assert_failure(product.run("staff", "remove", owner), 1, f"{owner} is not staff")
    log = rows(
        product, "select action, actor, before, after from private.audit_log where target = %s order by id",
        str(member["user_id"]),
    )  # fmt: skip
    assert [(entry["action"], entry["before"], entry["after"]) for entry in log] == [
        ("staff.add", None, {"email": owner}), ("staff.remove", {"email": owner}, None),
    ]  # fmt: skip
    assert all(entry["actor"].startswith("cli:") for entry in log)


# -- Doctor ---------------------------------------------------------------------------------------------------------


def findings(done: Done) -> dict[str, tuple[str, str]]:
    """What was looked at: "ok" or "wrong", and the sentence."""
    found = {}
    for line in done.stdout.splitlines():
        mark, _, rest = line.partition(" ")
        what, _, detail = rest.strip().partition(": ")
        assert mark in ("ok", "wrong"), line
        found[what] = mark, detail
    return found


@pytest.fixture
def quiet_queue(product: Product) -> None:
    """Nothing of other tests waits for a runner: the doctor would find the queue stuck."""
    with product.world() as world:
        world.empty_queue()


@pytest.mark.usefixtures("quiet_queue")
def test_the_doctor_finds_a_running_product_well(product: Product) -> None:
    done = product.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    found = findings(done)
    assert {mark for mark, _ in found.values()} == {"ok"}
    assert found["Web process"][1].startswith("ready, ")
    assert found["Sandbox"][1] == "Chromium starts in its sandbox"
    assert {"Python", "Chromium", "Schema", "Object store", "Supabase Auth", "JOBS_DATABASE_URL"} <= found.keys()


@pytest.mark.usefixtures("quiet_queue")
def test_the_doctor_says_what_is_wrong_and_what_to_do(product: Product) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    done = product.run(
        "doctor",
        REDIS_URL=f"redis://{nowhere}",
        CHROMIUM_PATH="/etc/passwd",
        WEB_DATABASE_URL=f"postgresql://coverage_web@{nowhere}/postgres",
        MIGRATE_DATABASE_URL=f"postgresql://postgres@{nowhere}/postgres",
        SUPABASE_URL=f"http://{nowhere}",
        OBJECT_STORE="/proc/pictures",
        HOST="0.0.0.0",
    )
    assert (done.returncode, done.stderr) == (1, "")
    wrong = {what: detail for what, (mark, detail) in findings(done).items() if mark == "wrong"}
    remedies = {
        "Chromium": "CHROMIUM_PATH is /etc/passwd, which is not a program",
        "Sandbox": "CHROMIUM_PATH is /etc/passwd, which is not a program",
        "WEB_DATABASE_URL": "Start the database, or mend the URL.",
        "MIGRATE_DATABASE_URL": "Start the database, or mend the URL.",
        "Schema": "Mend MIGRATE_DATABASE_URL first.",
        "Supabase Auth": "Check SUPABASE_URL.",
        "Object store": "Check OBJECT_STORE and its credentials.",
        "Redis": "Start Redis or mend REDIS_URL",
        "Public address": "Set it to the address people use.",
    }
    assert wrong.keys() == remedies.keys()
    assert all(remedy in wrong[what] for what, remedy in remedies.items())


def test_the_doctor_knows_the_roles_apart(product: Product) -> None:
    with product.world() as world:
        done = product.run("doctor", WEB_DATABASE_URL=world.urls.jobs)
    assert findings(done)["WEB_DATABASE_URL"] == (
        "wrong", "signs in as coverage_jobs; use the URL for coverage_web that `coveragereport migrate` printed.",
    )  # fmt: skip


def balance_status(product: Product, key: str) -> int:
    return httpx.get(f"{product.url}/api/v1/credits/balance", headers={"X-API-Key": key}).status_code


def sign_in(product: Product, email: str, password: str) -> int:
    running = product.running
    return httpx.post(
        f"{running.supabase_url}/auth/v1/token?grant_type=password",
        headers={"apikey": running.publishable_key},
        json={"email": email, "password": password},
    ).status_code
