"""A report as a file: for whoever may see it, with its pictures inside."""

import uuid
from pathlib import Path

import pytest

from tests.database.world import World
from tests.integration.api.stand import PICTURE, Stand, assert_error
from tests.integration.portal.people import Team


def path_of(report: uuid.UUID) -> str:
    return f"/api/portal/reports/{report.hex}/html"


@pytest.fixture
def report(world: World, people: Team, portal: Stand) -> uuid.UUID:
    """A completed report of the team, of one link."""
    world.empty_queue()
    report = world.report(people.account)
    claim = world.must_claim(1)
    world.open(claim, 1)
    world.record(claim, 1, headline="Pool reopened")
    for row in world.rows("admin", "select object_key from private.images where report_id = %s", report):
        picture: Path = portal.pictures / row["object_key"]
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(PICTURE)
    return report


def test_a_report_is_saved_with_its_pictures_under_its_name(people: Team, report: uuid.UUID, world: World) -> None:
    world.run("update public.reports set name = %s where id = %s", 'Größe/"2026"\\ .html …', report)
    for headers in (None, people.member.bearer):
        answer = people.member.get(path_of(report), headers=headers)
        assert answer.status_code == 200, answer.text
        assert "Pool reopened" in answer.text and "data:image/jpeg;base64," in answer.text
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"Groe 2026 .html ....html\"; filename*=UTF-8''"
            "Gr%C3%B6%C3%9Fe%202026%20.html%20%E2%80%A6.html"
        )
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_name_of_nothing_but_signs_is_none(people: Team, report: uuid.UUID, world: World) -> None:
    world.run("update public.reports set name = '../..' where id = %s", report)
    assert 'filename="Report.html"' in people.member.get(path_of(report)).headers["content-disposition"]


def test_the_id_may_have_dashes(people: Team, report: uuid.UUID) -> None:
    assert people.owner.get(f"/api/portal/reports/{report}/html").status_code == 200


def test_the_report_of_another_account_is_not_there(people: Team, report: uuid.UUID) -> None:
    for headers in (None, people.outsider.bearer):
        assert_error(people.outsider.get(path_of(report), headers=headers), 404)


@pytest.mark.parametrize("report_id", ["0" * 32, "x", "%00", "0" * 33, "..%2F.."])
def test_what_is_no_report_is_not_there(people: Team, report_id: str) -> None:
    assert_error(people.owner.get(f"/api/portal/reports/{report_id}/html"), 404)


def test_who_is_not_signed_in_gets_nothing(portal: Stand, report: uuid.UUID) -> None:
    assert_error(portal.client.get(path_of(report)), 401, code="not_signed_in")


def test_a_report_that_is_not_complete_has_no_file(people: Team, world: World) -> None:
    world.empty_queue()
    report = world.report(people.account)
    assert_error(people.owner.get(path_of(report)), 409, code="report_processing", status="processing")
    claim = world.must_claim(1)
    world.open(claim, 1)
    world.record(claim, 1, "blocked")
    assert_error(people.owner.get(path_of(report)), 409, code="report_failed", status="failed")
