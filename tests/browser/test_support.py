"""Support staff in the browser: they find an account, put it right, answer requests, and read the audit log."""

import uuid

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.windows import Windows, both_sizes, sideways
from tests.integration.product import Customer
from tests.people import People, Person

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def staff(people: People) -> Person:
    return people.staff()


def page_of(person: Person) -> str:
    return f"/support/accounts/{person.account}"


def ledger_of(people: People, person: Person) -> list[tuple[int, str, str]]:
    rows = people.world.rows(
        "admin",
        "select delta, actor, note from public.credit_entries where account_id = %s order by id",
        person.account,
    )
    return [(row["delta"], row["actor"], row["note"]) for row in rows]


def held_report(people: People, person: Person, name: str, links: int = 3) -> uuid.UUID:
    """A report whose links a runner holds, for longer than the test takes."""
    world = people.world
    report: uuid.UUID = world.value(
        "admin",
        "insert into public.reports (account_id, name, status, url_count, open_count, credits_used)"
        " values (%s, %s, 'processing', %s, %s, 1) returning id",
        person.account, name, links, links,
    )  # fmt: skip
    message = world.value("admin", "select * from pgmq.send('turns', '{}'::jsonb, 600)")
    world.run(
        "insert into public.report_items (report_id, account_id, position, url, claim_msg_id, claim_read_ct)"
        " select %s, %s, n, 'https://nowhere.invalid/' || n, %s, 1 from generate_series(1, %s) n",
        report, person.account, message, links,
    )  # fmt: skip
    return report


async def press(page: Page, opener: str, button: str, **fields: str) -> Locator:
    """Opens a dialog, fills its fields by their labels and sends it. The dialog, which closes when it was done."""
    await page.get_by_role("button", name=opener, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        await dialog.get_by_label(label).fill(value)
    await dialog.get_by_role("button", name=button, exact=True).click()
    return dialog


# -- Search ---------------------------------------------------------------------------------------------------------


async def test_the_field_has_the_focus_and_enter_searches(windows: Windows, people: People, staff: Person) -> None:
    name = f"Lamplight {uuid.uuid4().hex[:8]}"
    owner = people.owner(name=name)
    page = await windows.open(staff, "/support")
    await expect(page.get_by_label("Search all accounts")).to_be_focused()
    await page.keyboard.type(name.lower()[:-1])
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 result.", exact=True)).to_be_visible()
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    assert page.url.rstrip("/").endswith(str(owner.account))
    # What was looked for is not kept.
    await page.go_back()
    await expect(page.get_by_text("Any part of its name, or its id.")).to_be_visible()
    await expect(page.get_by_label("Search all accounts")).to_have_value("")


@both_sizes
async def test_everything_leads_to_the_account(windows: Windows, people: People, staff: Person) -> None:
    name = f"Finch {uuid.uuid4().hex[:8]}"
    owner = people.owner(name=name)
    assert owner.account is not None
    key = people.product.key(owner.account)
    request = Customer(people.product, owner.account, key).get("/credits/balance").headers["Request-Id"]
    report = held_report(people, owner, "Winter launch")
    page = await windows.open(staff, "/support")
    # The web process writes requests down in batches.
    seen = "select count(*) from private.api_requests where request_id = %s"
    await expect_soon(page, lambda: bool(people.world.value("admin", seen, request)))
    for query, kind in (
        (owner.email, "People"), (name, "Accounts"), (str(owner.account), "Accounts"), (key[:16], "API keys"),
        (report.hex, "Reports"), (request, "API requests"),
    ):  # fmt: skip
        await page.get_by_label("Search all accounts").fill(query)
        await page.get_by_role("button", name="Search").click()
        group = page.locator(".found").filter(has=page.locator(f"a[href*='{owner.account}']"))
        await expect(page.get_by_role("heading", name=kind, exact=True, level=2)).to_be_visible()
        await expect(group).to_have_count(1)
    assert await sideways(page) == 0
    # A report that was looked up stands first.
    await page.get_by_label("Search all accounts").fill(str(report))
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Winter launch").click()
    await expect(page.get_by_role("heading", name="The report you looked up")).to_be_visible()


async def test_the_page_begins_with_what_was_looked_up(windows: Windows, people: People, staff: Person) -> None:
    owner = people.owner()
    page = await windows.open(staff, f"{page_of(owner)}?tab=keys")
    await expect(page.get_by_role("tab", name="API keys", selected=True)).to_be_visible()
    await page.get_by_role("tab", name="Ledger").click()
    await expect(page.get_by_text("Welcome credits")).to_be_visible()
    await page.get_by_role("link", name="Find an account").click()
    await page.get_by_label("Search all accounts").fill(owner.email)
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name=owner.email).click()
    await expect(page.get_by_role("tab", name="People", selected=True)).to_be_visible()


async def expect_soon(page: Page, condition: object) -> None:
    """Waits until the condition holds."""
    assert callable(condition)
    for _ in range(100):
        if condition():
            return
        await page.wait_for_timeout(100)
    raise AssertionError("it did not happen in 10 s")


async def test_nothing_found_and_too_little(windows: Windows, staff: Person) -> None:
    page = await windows.open(staff, "/support")
    await page.get_by_label("Search all accounts").fill(uuid.uuid4().hex + "x")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


@pytest.mark.parametrize("path", ["/support", "/support/requests", "/support/audit", "/support/accounts/{account}"])
async def test_for_others_there_is_no_such_page(windows: Windows, people: People, path: str) -> None:
    windows.expect("the server responded with a status of 404")
    owner = people.owner()
    page = await windows.open(owner, path.format(account=owner.account))
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Find an account")
    page = await windows.open(owner)
    await expect(page.get_by_role("link", name="Overview")).to_be_visible()
    await expect(page.get_by_role("link", name="Find an account")).to_have_count(0)


# -- An account -----------------------------------------------------------------------------------------------------


@both_sizes
async def test_credits_are_added_once_however_often_one_clicks(windows: Windows, people: People, staff: Person) -> None:
    owner = people.owner(credits=12)
    page = await windows.open(staff, page_of(owner))
    await page.get_by_role("button", name="Adjust credits").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button").last
    await expect(send).to_be_disabled()
    # What cannot be is said before it is sent.
    await dialog.get_by_label("Credits to add").fill("-13")
    await expect(dialog.get_by_text("The account has 12 credits: no more than that can be taken.")).to_be_visible()
    await expect(send).to_be_disabled()
    await dialog.get_by_label("Credits to add").fill("50")
    await expect(dialog.get_by_role("status")).to_contain_text("Balance 12then 62")
    await dialog.get_by_label("Reason").fill("Paid by invoice 114")
    await dialog.get_by_role("button", name="Add 50 credits").dblclick()
    await expect(page.get_by_text("+50 credits. The balance is 62.")).to_be_visible()
    await expect(page.get_by_role("button", name="Adjust credits")).to_be_focused()
    assert ledger_of(people, owner)[2:] == [(50, f"staff:{staff.user}", "Paid by invoice 114")]
    await page.get_by_role("tab", name="Ledger").click()
    await expect(page.get_by_role("row").filter(has_text="Paid by invoice 114")).to_contain_text("62")
    # The customer reads why.
    theirs = await windows.open(owner, "/settings/credits")
    await expect(theirs.get_by_role("row").filter(has_text="Paid by invoice 114")).to_contain_text("62")


async def test_a_change_that_came_in_between_is_not_gone_below_0(
    windows: Windows, people: People, staff: Person
) -> None:
    owner = people.owner(credits=5)
    page = await windows.open(staff, page_of(owner))
    await page.get_by_role("button", name="Adjust credits").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Credits to add").fill("-5")
    await expect(dialog.get_by_role("status")).to_contain_text("then 0")
    await dialog.get_by_label("Reason").fill("A mistake of ours")
    people.world.value(
        "admin", "select private.adjust_credits(%s, -1, 'meanwhile', 'cli:test', 'between')", owner.account
    )
    await dialog.get_by_role("button", name="Take 5 credits").click()
    await expect(dialog.get_by_text("The account has 4 credits")).to_be_visible()
    assert ledger_of(people, owner)[-1][2] == "meanwhile"


@both_sizes
async def test_an_account_is_deactivated_and_reactivated(windows: Windows, people: People, staff: Person) -> None:
    owner = people.owner()
    assert owner.account is not None
    customer = Customer(people.product, owner.account, people.product.key(owner.account))
    page = await windows.open(staff, page_of(owner))
    dialog = await press(page, "Deactivate", "Deactivate", Reason="Asked by mail")
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".desk-facts").get_by_text("Deactivated")).to_be_visible()
    assert customer.get("/credits/balance").status_code == 403
    await press(page, "Reactivate", "Reactivate", Reason="Asked again")
    await expect(page.locator(".desk-facts").get_by_text("Active")).to_be_visible()
    assert customer.get("/credits/balance").status_code == 200
    rows = people.world.rows(
        "admin", "select action, reason, actor from private.audit_log where account_id = %s and reason like 'Asked%%'"
        " order by id", owner.account,
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("account.deactivate", "Asked by mail", f"staff:{staff.user}"),
        ("account.reactivate", "Asked again", f"staff:{staff.user}"),
    ]


@both_sizes
async def test_a_stuck_report_is_seen_started_again_and_refunded(
    windows: Windows, people: People, staff: Person
) -> None:
    owner = people.owner(credits=3)
    report = held_report(people, owner, "Winter launch")
    page = await windows.open(staff, page_of(owner))
    card = page.locator(".rt-Card").filter(has_text="Winter launch")
    await expect(card.get_by_text("Working")).to_be_visible()
    await expect(card.locator("dl > div").filter(has_text="With a runner")).to_contain_text("3")
    # It is looked at again while it runs. (One that is overdue is soon ended by itself, maybe before it is looked at.)
    people.world.run(
        "update public.report_items set status = 'failed', reason = 'timeout', claim_msg_id = null,"
        " claim_read_ct = null, ended_at = now() - interval '100 s' where report_id = %s and position = 1", report,
    )  # fmt: skip
    people.world.run("update public.reports set open_count = 2 where id = %s", report)
    await expect(card.get_by_text("Slow")).to_be_visible()
    await press(page, "End and refund", "End and refund", Reason="The site was down")
    await expect(page.get_by_text("Its price was given back.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Running now")).to_have_count(0)
    assert people.world.state(report)["status"] == "failed"
    assert [entry[0] for entry in ledger_of(people, owner)][-1] == 1


async def test_a_report_is_started_again_once_a_minute(windows: Windows, people: People, staff: Person) -> None:
    owner = people.owner(credits=3)
    report = held_report(people, owner, "Winter launch", links=200)
    page = await windows.open(staff, page_of(owner))
    await press(page, "Start again", "Start again", Reason="It hangs")
    await expect(page.get_by_text("Started again: 200 links wait for a runner.")).to_be_visible()
    dialog = await press(page, "Start again", "Start again", Reason="It hangs still")
    await expect(dialog.get_by_text("started again less than a minute ago")).to_be_visible()
    people.world.run("delete from public.reports where id = %s", report)


@both_sizes
async def test_parts_of_an_account_page_by_page(windows: Windows, people: People, staff: Person) -> None:
    owner = people.owner(credits=3)
    for number in range(1, 25):
        people.world.value(
            "admin", "select private.adjust_credits(%s, 1, %s, 'cli:test', %s)",
            owner.account, f"Entry {number}.", str(number),
        )  # fmt: skip
    page = await windows.open(staff, page_of(owner))
    await page.get_by_role("tab", name="Ledger").click()
    await expect(page.get_by_text("Entry 24.")).to_be_visible()
    await expect(page.get_by_text("Entry 4.")).to_have_count(0)
    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text("Entry 4.")).to_be_visible()
    await expect(page.get_by_text("Welcome credits")).to_be_visible()
    await expect(page.get_by_role("button", name="Older")).to_be_disabled()
    await page.get_by_role("button", name="Newer").click()
    await expect(page.get_by_text("Entry 24.")).to_be_visible()
    await page.get_by_role("tab", name="People").click()
    await expect(page.get_by_role("row").filter(has_text=owner.email)).to_contain_text("Owner")
    await page.get_by_role("tab", name="API requests").click()
    await expect(page.get_by_text("No requests in the last 30 days")).to_be_visible()


async def test_an_account_that_is_not_there(windows: Windows, staff: Person) -> None:
    for address in (str(uuid.uuid4()), "x", "' or 1=1"):
        page = await windows.open(staff, f"/support/accounts/{address}")
        await expect(page.get_by_role("heading", name="There is no such account")).to_be_visible()


# -- Requests and the log -------------------------------------------------------------------------------------------


def ask(people: People, person: Person, credits: int, message: str) -> None:
    people.world.run(
        "insert into public.credit_requests (account_id, requested_by, credits, message) values (%s, %s, %s, %s)",
        person.account, person.user, credits, message,
    )  # fmt: skip


@both_sizes
async def test_requests_are_approved_with_other_credits_or_declined(
    windows: Windows, people: People, staff: Person
) -> None:
    first, second = people.owner(name="Asks first"), people.owner(name="Asks second")
    ask(people, first, 20, "Two launches")
    ask(people, second, 9000, "")
    page = await windows.open(staff, "/support/requests")
    card = page.locator(".rt-Card").filter(has_text=first.email)
    await card.get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Credits to grant")).to_have_value("20")
    await dialog.get_by_label("Credits to grant").fill("15")
    await dialog.get_by_label("Note").fill("The rest with the next invoice")
    await dialog.get_by_role("button", name="Grant credits").dblclick()
    await expect(page.get_by_text("15 credits granted. The balance is 18.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text=first.email)).to_contain_text("Approved")
    card = page.locator(".rt-Card").filter(has_text=second.email)
    await card.get_by_role("button", name="Decline").click()
    await dialog.get_by_label("Note").fill("Call us, please")
    await dialog.get_by_role("button", name="Decline").click()
    await expect(page.get_by_role("row").filter(has_text=second.email)).to_contain_text("Declined")
    # The customers are told.
    theirs = await windows.open(first, "/settings/credits")
    await expect(theirs.get_by_text("The rest with the next invoice").first).to_be_visible()
    theirs = await windows.open(second, "/settings/credits")
    await expect(theirs.get_by_text("Call us, please").first).to_be_visible()


@both_sizes
async def test_the_audit_log_is_narrowed_and_tells_what_changed(
    windows: Windows, people: People, staff: Person
) -> None:
    # More than one page of the log.
    colleague, other = people.staff(), people.owner()
    adjust = "select private.staff_adjust_credits(%s, %s, 1, 'Filling', %s)"
    for number in range(31):
        people.world.value("web", adjust, colleague.user, other.account, str(number))
    owner = people.owner(credits=3)
    people.world.value(
        "web", "select private.staff_adjust_credits(%s, %s, 7, 'Goodwill', 'a')", staff.user, owner.account
    )
    page = await windows.open(staff, page_of(owner))
    await page.get_by_role("main").get_by_role("link", name="Audit log").click()
    entry = page.locator(".log > li").filter(has_text="Goodwill")
    await expect(entry).to_contain_text("Credits adjusted")
    await expect(entry).to_contain_text(f"{staff.email} (support)")
    await expect(entry.locator("dl > div")).to_have_text("Balancebefore 3now 10")
    await expect(page.locator(".log").get_by_text("Account made").first).to_be_visible()
    await page.get_by_label("What").select_option("credits.adjust")
    await page.get_by_label("By").fill(staff.email)
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".log > li")).to_have_count(1)
    # The filters stand in the address: they are there after a reload, and the way back takes them away.
    await page.reload()
    await expect(page.get_by_label("By")).to_have_value(staff.email)
    await expect(page.get_by_label("What")).to_have_value("credits.adjust")
    await page.get_by_label("From").fill("2001-01-01")
    await page.get_by_label("To").fill("2001-01-02")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("heading", name="No entry matches")).to_be_visible()
    await page.go_back()
    await expect(page.locator(".log > li")).to_have_count(1)
    await page.get_by_role("link", name="Clear").click()
    await expect(page.get_by_label("By")).to_have_value("")
    await page.get_by_role("link", name="Older").click()
    await expect(page.get_by_role("link", name="Newest")).to_be_visible()
