"""What pages show of reports: the list, one report, the overview."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.database.people import Person, Team, make_team, refused
from tests.database.world import World


@pytest.fixture
def team(world: World) -> Team:
    return make_team(world, credits=50)


def create(someone: Person, account: uuid.UUID, name: str, links: int = 1) -> uuid.UUID:
    urls = [f"https://example.com/{n}" for n in range(links)]
    return uuid.UUID(someone.call("create_report", account, name, urls)["report_id"])


def names(someone: Person, account: uuid.UUID, **arguments: object) -> list[str]:
    given = "".join(f", p_{name} => %s" for name in arguments)
    rows = someone.rows(f"select name from public.search_reports(%s{given})", account, *arguments.values())
    return [row["name"] for row in rows]


def test_list_is_sorted_and_paged(team: Team) -> None:
    for name, links in (("beta", 2), ("Alpha", 3), ("gamma", 1)):
        create(team.owner, team.account, name, links)
    assert names(team.member, team.account) == ["gamma", "Alpha", "beta"]
    assert names(team.member, team.account, descending=False) == ["beta", "Alpha", "gamma"]
    assert names(team.member, team.account, sort="name", descending=False) == ["Alpha", "beta", "gamma"]
    assert names(team.member, team.account, sort="url_count") == ["Alpha", "beta", "gamma"]
    assert names(team.member, team.account, sort="name", limit=1, offset=1) == ["beta"]
    assert names(team.member, team.account, limit=10**9) == ["gamma", "Alpha", "beta"]
    page = team.member.rows("select total from public.search_reports(%s, p_limit => 1)", team.account)
    assert page == [{"total": 3}]


def test_search_takes_characters_as_they_are(team: Team) -> None:
    for name in ("100% organic", "snake_case", "back\\slash", "plain"):
        create(team.owner, team.account, name)
    assert names(team.member, team.account, search="0%") == ["100% organic"]
    assert names(team.member, team.account, search="_") == ["snake_case"]
    assert names(team.member, team.account, search="\\") == ["back\\slash"]
    assert names(team.member, team.account, search=" PLAIN ") == ["plain"]
    assert names(team.member, team.account, search=" ") == ["plain", "back\\slash", "snake_case", "100% organic"]
    assert names(team.member, team.account, search="%plain%") == []


def test_list_by_status_and_time(world: World, team: Team) -> None:
    old = create(team.owner, team.account, "old")
    world.record(world.must_claim(), 1)
    create(team.owner, team.account, "new")
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    world.run("update public.reports set created_at = %s where id = %s", moment, old)
    assert names(team.member, team.account, status="completed") == ["old"]
    assert names(team.member, team.account, status="processing") == ["new"]
    assert names(team.member, team.account, **{"from": moment, "to": moment + timedelta(seconds=1)}) == ["old"]
    assert names(team.member, team.account, to=moment) == []


def test_list_says_who_made_it(world: World, team: Team) -> None:
    team.owner.call("save_profile", "Ada")
    create(team.owner, team.account, "by name")
    create(team.member, team.account, "by address")
    world.report(team.account)
    gone = create(team.admin, team.account, "by somebody gone")
    world.run("update public.reports set created_by_user = null where id = %s", gone)
    rows = team.member.rows("select created_by, created_by_kind from public.search_reports(%s)", team.account)
    assert [(row["created_by"], row["created_by_kind"]) for row in rows] == [
        ("a deleted user", "user"),
        ("API key key (cr_live_AAAAAAAA)", "key"),
        (team.member.email, "user"),
        ("Ada", "user"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [{"status": "open"}, {"sort": "id; drop table"}, {"sort": None}, {"limit": 0}, {"limit": None}, {"offset": -1}],
)
def test_list_refuses(team: Team, arguments: dict[str, object]) -> None:
    with refused(400, "invalid_search"):
        names(team.member, team.account, **arguments)


def test_strangers_see_no_list_and_no_overview(team: Team) -> None:
    for account in (team.account, None, uuid.uuid4()):
        with refused(404, "not_found"):
            names(team.outsider, account)  # type: ignore[arg-type]
        with refused(404, "not_found"):
            team.outsider.call("account_overview", account)


def test_ten_thousand_reports_are_searched_quickly(world: World, team: Team) -> None:
    world.run(
        """
        insert into public.reports (account_id, name, url_count, open_count, credits_used, created_by_user, created_at)
        select %s, 'Report ' || n || repeat(' of the spring', 5), 1 + n %% 100, 1 + n %% 100, 1, %s,
            now() - n * interval '1 hour'
        from generate_series(1, 10000) n
        """,
        team.account, team.owner.id,
    )  # fmt: skip
    world.run("analyze public.reports")
    assert len(team.member.rows("select from public.search_reports(%s, p_limit => 1000)", team.account)) == 100
    for arguments in (
        "", ", p_sort => 'name'", ", p_search => 'report 99'", ", p_status => 'processing', p_offset => 9900",
    ):  # fmt: skip
        query = f"select total from public.search_reports(%s{arguments}, p_limit => 100)"
        assert team.member.rows(query, team.account) == [{"total": 111 if "search" in arguments else 10_000}] * 100
        seconds = team.member.cpu_seconds(query, team.account)
        assert seconds < 0.06, arguments


def test_page_of_a_report_tells_progress(world: World, team: Team) -> None:
    report = create(team.owner, team.account, "Launch", 4)
    before = team.member.call("report_page", report)
    assert before["progress"] == {"ended": 0, "seconds": None}
    assert before["links"] == {"pending": 4, "captured": 0, "failed": 0}
    claim = world.must_claim()
    world.record(claim, 1)
    world.record(claim, 2, "blocked")
    world.run(
        "update public.report_items set ended_at = now() - interval '1 minute' where report_id = %s and position = 1",
        report,
    )
    page = team.member.call("report_page", report)
    assert page["links"] == {"pending": 2, "captured": 1, "failed": 1}
    assert page["reasons"] == {"blocked": 1}
    assert page["progress"]["ended"] == 2 and 60 <= page["progress"]["seconds"] < 120
    assert (page["id"], page["name"], page["status"], page["created_by"], page["share_token"]) == (
        str(report), "Launch", "processing", team.owner.email, None,
    )  # fmt: skip


def test_overview_of_a_new_account(team: Team) -> None:
    overview = team.member.call("account_overview", team.account)
    assert overview["balance"] == 50 and not overview["has_reports"]
    assert (overview["last_reports"], overview["unused_keys"], overview["credits_used_this_month"]) == ([], [], 0)
    months = [entry["month"] for entry in overview["reports_by_month"]]
    assert len(months) == 12 and months == sorted(months) and months[-1] == f"{datetime.now(UTC):%Y-%m}"
    assert {entry["reports"] for entry in overview["reports_by_month"]} == {0}


def test_overview_counts_months_and_credits(world: World, team: Team) -> None:
    for n in range(7):
        create(team.owner, team.account, f"Report {n}")
    failed = world.must_claim()
    world.record(failed, 1, "blocked")
    world.run("update public.reports set created_at = created_at - interval '400 days' where id = %s", failed.report_id)
    key = world.key(team.account, "dusty")
    world.run("update public.api_keys set created_at = now() - interval '91 days' where id = %s", key)
    overview = team.member.call("account_overview", team.account)
    assert overview["has_reports"] and overview["balance"] == 44
    assert [entry["reports"] for entry in overview["reports_by_month"]] == [0] * 11 + [6]
    assert overview["credits_used_this_month"] == 6
    assert [report["name"] for report in overview["last_reports"]] == [f"Report {n}" for n in (6, 5, 4, 3, 2)]
    assert [entry["name"] for entry in overview["unused_keys"]] == ["dusty"]


def test_months_are_those_of_who_looks(world: World, team: Team) -> None:
    report = create(team.owner, team.account, "New year")
    # The first minute of the month of the far east is still the month before in UTC.
    world.run(
        """
        update public.reports
        set created_at = date_trunc('month', now() at time zone 'Pacific/Kiritimati') at time zone 'Pacific/Kiritimati'
        where id = %s
        """,
        report,
    )
    team.member.call("save_profile", None, "Pacific/Kiritimati")
    east = team.member.call("account_overview", team.account)["reports_by_month"]
    west = team.owner.call("account_overview", team.account)["reports_by_month"]
    month = next(entry["month"] for entry in east if entry["reports"])
    assert month > next(entry["month"] for entry in west if entry["reports"])
