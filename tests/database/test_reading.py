"""What the API reads: of the account that asks, or behind a share token."""

import uuid

from tests.database.world import World


def finished(world: World, account: uuid.UUID) -> uuid.UUID:
    report = world.report(account)
    world.record(world.must_claim(), 1)
    return report


def token(world: World, account: uuid.UUID, report: uuid.UUID) -> str | None:
    row = world.rows("web", "select share_token from private.get_report(%s, %s)", account, report)
    share_token: str | None = row[0]["share_token"]
    return share_token


def test_somebody_elses_report_is_not_there(world: World) -> None:
    mine, theirs = world.account(), world.account()
    report = finished(world, theirs)
    for query in (
        "select * from private.get_report(%s, %s)",
        "select * from private.list_items(%s, %s, 10, 0)",
        "select * from private.report_face(%s, %s)",
    ):
        assert world.rows("web", query, mine, report) == []
        assert len(world.rows("web", query, theirs, report)) == 1
    assert world.rows("web", "select * from private.list_reports(%s, 10, null)", mine) == []


def test_list_is_newest_first_and_goes_on_after_any_report(world: World) -> None:
    account = world.account(credits=7)
    reports = [world.report(account) for _ in range(7)]
    listed = "select id from private.list_reports(%s, %s, %s)"
    first = [row["id"] for row in world.rows("web", listed, account, 3, None)]
    rest = [row["id"] for row in world.rows("web", listed, account, 10, first[-1])]
    assert first + rest == reports[::-1]
    assert world.rows("web", listed, account, 3, uuid.uuid4()) == []
    assert world.rows("web", listed, world.account(), 3, first[0]) == []


def test_share_link_ends_and_begins_anew(world: World) -> None:
    account = world.account()
    report = finished(world, account)
    first = token(world, account, report)
    find = "select report_id from private.find_share(%s)"
    image = world.item(report)["screenshot_id"]
    shared = "select private.find_shared_image(%s, %s)"
    assert world.value("web", find, first) == report
    assert world.value("web", shared, first, image)
    assert world.value("admin", "select private.revoke_share_link(%s, %s)", account, report)
    assert token(world, account, report) is None
    assert world.value("web", find, first) is None
    assert world.value("web", shared, first, image) is None
    assert world.value("web", "select private.find_image(%s)", image)
    second = world.value("admin", "select private.renew_share_link(%s, %s)", account, report)
    assert second != first and world.value("web", find, second) == report
    assert world.value("admin", "select private.renew_share_link(%s, %s)", world.account(), report) is None


def test_picture_of_another_report_is_not_below_the_token(world: World) -> None:
    account = world.account()
    one, two = finished(world, account), finished(world, account)
    image = world.item(two)["screenshot_id"]
    assert world.value("web", "select private.find_shared_image(%s, %s)", token(world, account, one), image) is None


def test_version_changes_with_what_the_page_shows(world: World) -> None:
    account = world.account()
    report = world.report(account, 2)
    version = "select version from private.report_face(%s, %s)"
    seen = {world.value("web", version, account, report)}
    claim = world.must_claim()
    for position in (1, 2):
        world.record(claim, position)
        seen.add(world.value("web", version, account, report))
    world.run("update public.accounts set name = 'Another' where id = %s", account)
    seen.add(world.value("web", version, account, report))
    assert len(seen) == 4
