"""Reports as people make, rename, share and delete them."""

import uuid
from typing import Any

import pytest
from psycopg import errors

from tests.database.people import Person, Team, audited, make_team, raced, refused
from tests.database.world import World

LINK = "https://example.com/a"


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world, credits=20)


def create(someone: Person, account: uuid.UUID | None, urls: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = someone.call(
        "create_report", account, more.get("name", "Launch"), urls if urls is not None else [LINK], more.get("key")
    )
    return answer


def made(someone: Person, account: uuid.UUID, links: int = 1) -> uuid.UUID:
    return uuid.UUID(create(someone, account, [f"{LINK}/{n}" for n in range(links)])["report_id"])


def completed(world: World, someone: Person, account: uuid.UUID) -> uuid.UUID:
    report = made(someone, account)
    claim = world.must_claim()
    assert claim.report_id == report
    world.record(claim, 1)
    return report


def share_token(someone: Person, report: uuid.UUID) -> str | None:
    token: str | None = someone.call("report_page", report)["share_token"]
    return token


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_every_member_makes_reports(world: World, team: Team, role: str) -> None:
    someone = team.person(role)
    answer = create(someone, team.account, [LINK, "http://[2001:db8::1]:8080/?q=1"], name=" \x07 ")
    assert (answer["outcome"], answer["url_count"], answer["credits_used"]) == ("created", 2, 1)
    report = world.state(uuid.UUID(answer["report_id"]))
    assert (report["name"], report["created_by_user"], report["created_by_key"]) == ("Untitled", someone.id, None)
    assert world.must_claim().report_id == report["id"]
    assert world.ledger(team.account)[-1] == ("charge", -1)


def test_others_make_none(world: World, team: Team) -> None:
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            create(team.outsider, account)
    with pytest.raises(errors.InsufficientPrivilege):
        create(team.anonymous, team.account)
    assert world.balance(team.account) == 20


@pytest.mark.parametrize(
    "links",
    [
        None, [], [None], [LINK, None], [[LINK], [LINK + "b"]], [LINK, LINK], ["ftp://example.com/"], ["javascript:x"],
        ["https://user@example.com/"], ["https://user:@example.com/"], ["https://a\\@example.com/"],
        ["https://"], ["https:///path"], [" https://example.com/"], ["https://example.com/a b"],
        ["https://example.com/\n"], ["https://example.com/\x7f"], ["https://example.com/é"],
        ["https://example.com/" + "a" * 2029], [f"{LINK}/{n}" for n in range(2001)],
    ],
)  # fmt: skip
def test_links_that_the_web_process_would_never_send(world: World, team: Team, links: list[Any] | None) -> None:
    with refused(400, "invalid_urls"):
        team.member.value("select public.create_report(%s, 'Launch', %s::text[])", team.account, links)
    assert world.balance(team.account) == 20


def test_nothing_is_no_link(team: Team) -> None:
    with refused(400, "invalid_urls", "This is not a link that can be opened: nothing"):
        create(team.member, team.account, [LINK, None])


def test_two_thousand_links_of_the_greatest_length(world: World, team: Team) -> None:
    urls = [f"https://example.com/{n:04}".ljust(2048, "a") for n in range(2000)]
    assert create(team.member, team.account, urls)["credits_used"] == 9


def test_sent_twice_is_made_once(world: World, team: Team) -> None:
    first = create(team.member, team.account, key="form-1")
    again = create(team.member, team.account, key="form-1")
    assert again == first | {"replayed": True}
    with refused(409, "idempotency_mismatch"):
        create(team.member, team.account, [LINK + "b"], key="form-1")
    for key in ("", "x" * 201):
        with refused(400, "invalid_idempotency_key"):
            create(team.member, team.account, key=key)
    assert world.balance(team.account) == 19


def test_sent_twice_at_once(world: World, team: Team) -> None:
    sent = ("create_report", team.account, "Launch", [LINK], "form-2")
    second = raced(world, team.member, sent, lambda: create(team.member, team.account, key="form-2"))
    assert second.result()["replayed"]
    assert world.balance(team.account) == 19


def test_want_of_credits_is_told_and_forgotten(world: World) -> None:
    team = make_team(world, credits=2)
    urls = [f"{LINK}/{n}" for n in range(501)]
    answer = create(team.member, team.account, urls, key="form")
    assert answer == {"outcome": "insufficient_credits", "required": 4, "available": 2, "replayed": False}
    world.value("admin", "select private.adjust_credits(%s, 8, 'gift', 'cli:test', 'gift')", team.account)
    assert create(team.member, team.account, urls, key="form")["outcome"] == "created"


def test_deactivated_account_makes_none(world: World, team: Team) -> None:
    world.value("admin", "select private.set_account_status(%s, 'deactivated', 'cli:test', 'x')", team.account)
    with refused(403, "account_deactivated"):
        create(team.owner, team.account)


def test_renaming_shows_on_the_page(world: World, team: Team) -> None:
    report = made(team.owner, team.account)
    version = world.state(report)["version"]
    team.member.call("rename_report", report, " Spring ")
    assert (world.state(report)["name"], world.state(report)["version"]) == ("Spring", version + 1)
    team.member.call("rename_report", report, "Spring")
    assert world.state(report)["version"] == version + 1
    for name, code in ((None, "missing"), ("x" * 201, "too_long")):
        with refused(400, code):
            team.member.call("rename_report", report, name)


def test_share_link_is_revoked_and_renewed(world: World, team: Team) -> None:
    report = completed(world, team.owner, team.account)
    first = share_token(team.member, report)
    find = "select report_id from private.find_share(%s)"
    assert world.value("web", find, first) == report
    team.member.call("revoke_share_link", report)
    team.member.call("revoke_share_link", report)
    assert world.value("web", find, first) is None and share_token(team.member, report) is None
    second = team.member.call("renew_share_link", report)
    assert world.value("web", find, second) == report and share_token(team.owner, report) == second != first
    assert audited(world, team.account)[-2:] == ["share_link.revoke", "share_link.renew"]
    log = world.rows("admin", "select * from private.audit_log where account_id = %s", team.account)
    assert second not in str(log)


def test_only_completed_reports_are_shared(world: World, team: Team) -> None:
    report = made(team.owner, team.account)
    with refused(409, "not_completed"):
        team.owner.call("renew_share_link", report)
    team.owner.call("revoke_share_link", report)
    world.record(world.must_claim(), 1, "blocked")
    with refused(409, "not_completed"):
        team.owner.call("renew_share_link", report)


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_deleting_takes_report_items_pictures_and_link(world: World, team: Team, role: str) -> None:
    report = completed(world, team.member, team.account)
    token, image = share_token(team.owner, report), world.item(report)["screenshot_id"]
    ledger, balance = world.ledger(team.account), world.balance(team.account)
    team.person(role).call("delete_report", report)
    for table in ("public.reports where id", "public.report_items where report_id", "private.images where report_id"):
        assert world.rows("admin", f"select from {table} = %s", report) == []
    assert world.value("web", "select report_id from private.find_share(%s)", token) is None
    assert world.value("web", "select private.find_image(%s)", image) is None
    prefix = f"reports/{report.hex}/"
    assert len(world.rows("admin", "select from private.removals where prefix = %s", prefix)) == 1
    assert (world.ledger(team.account), world.balance(team.account)) == (ledger, balance)
    assert audited(world, team.account)[-1] == "report.delete"
    with refused(404, "not_found"):
        team.person(role).call("delete_report", report)


def test_members_delete_only_what_they_made(world: World, team: Team) -> None:
    report = completed(world, team.owner, team.account)
    assert not team.member.call("report_page", report)["may_delete"]
    assert team.admin.call("report_page", report)["may_delete"]
    with refused(403, "forbidden"):
        team.member.call("delete_report", report)
    assert world.state(report)["status"] == "completed"


def test_running_report_is_not_deleted(world: World, team: Team) -> None:
    report = made(team.owner, team.account)
    assert not team.owner.call("report_page", report)["may_delete"]
    with refused(409, "still_running"):
        team.owner.call("delete_report", report)
    world.record(world.must_claim(), 1, "blocked")
    team.owner.call("delete_report", report)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("rename_report", ("Stolen",)), ("revoke_share_link", ()), ("renew_share_link", ()), ("delete_report", ()),
        ("report_page", ()),
    ],
)  # fmt: skip
def test_strangers_touch_no_report(world: World, team: Team, function: str, arguments: tuple[str, ...]) -> None:
    report = completed(world, team.owner, team.account)
    before, token = world.state(report), share_token(team.owner, report)
    for unknown in (report, None, uuid.uuid4()):
        with refused(404, "not_found"):
            team.outsider.call(function, unknown, *arguments)
    with pytest.raises(errors.InsufficientPrivilege):
        team.anonymous.call(function, report, *arguments)
    assert (world.state(report), share_token(team.owner, report)) == (before, token)
