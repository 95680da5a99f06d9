"""The logo of an account: uploaded by who may, shown on its reports, gone when it is taken away."""

import io
import uuid
from pathlib import Path

import pytest
from PIL import Image

from tests.database.world import World
from tests.integration.api.stand import ORIGIN, Stand, assert_error
from tests.integration.portal.people import Someone, Team
from tests.unit.test_logo_file import drawn, file_of

LOGO = "/api/portal/logo"
FILE = file_of(drawn())


def upload(who: Someone, data: bytes = FILE, headers: dict[str, str] | None = None) -> str:
    """The path of the logo."""
    answer = who.post(LOGO, content=data, headers=headers)
    assert answer.status_code == 201, answer.text
    path: str = answer.json()["url"].removeprefix(ORIGIN)
    return path


def branding(world: World, account: uuid.UUID) -> dict[str, str]:
    found: dict[str, str] = world.value("admin", "select branding from public.accounts where id = %s", account)
    return found


def files(portal: Stand, account: uuid.UUID) -> list[Path]:
    return list((portal.pictures / "logos" / str(account)).glob("*"))


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_who_manages_the_account_uploads_a_logo(people: Team, portal: Stand, role: str) -> None:
    answer = people.person(role).post(LOGO, content=FILE)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["width"], said["height"], said["onDark"]) == (280, 80, False)
    shown = portal.client.get(said["url"].removeprefix(ORIGIN))
    assert shown.status_code == 200
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (280, 80))


def test_it_is_shown_for_ever_as_a_picture_and_as_nothing_else(people: Team, portal: Stand) -> None:
    path = upload(people.owner)
    shown = portal.client.get(path)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["content-security-policy"] == "default-src 'none'"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    again = portal.client.get(path, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_program_uploads_one_too(people: Team, portal: Stand) -> None:
    assert portal.client.get(upload(people.owner, headers=people.owner.bearer)).status_code == 200


def test_another_one_takes_its_place(people: Team, portal: Stand, world: World) -> None:
    first, second = upload(people.owner), upload(people.admin)
    assert first != second
    assert portal.client.get(first).status_code == 404
    assert portal.client.get(second).status_code == 200
    # The file goes when a runner gets to it.
    removals = world.rows(
        "admin", "select prefix from private.removals where prefix like %s", f"logos/{people.account}/%"
    )
    assert [Path(row["prefix"]).name for row in removals] == [Path(first).name]


def test_taken_away_it_is_gone(people: Team, portal: Stand, world: World) -> None:
    path = upload(people.owner)
    assert people.admin.delete(LOGO).status_code == 204
    assert portal.client.get(path).status_code == 404
    assert branding(world, people.account) == {}
    # Once more is no fault.
    assert people.admin.delete(LOGO).status_code == 204


@pytest.mark.parametrize("role", ["member", "outsider"])
def test_nobody_else_changes_it(people: Team, portal: Stand, world: World, role: str) -> None:
    path, before = upload(people.owner), branding(world, people.account)
    who, status = people.person(role), 403 if role == "member" else 404
    for headers in (None, who.bearer):
        named = {"account": str(people.account)}
        assert_error(who.post(LOGO, params=named, content=FILE, headers=headers), status)
        assert_error(who.delete(LOGO, params=named, headers=headers), status)
    assert branding(world, people.account) == before
    assert portal.client.get(path).status_code == 200
    assert len(files(portal, people.account)) == 1


def test_nobody_at_all_changes_it(people: Team, portal: Stand, world: World) -> None:
    upload(people.owner)
    before = branding(world, people.account)
    assert_error(portal.client.post(LOGO, content=FILE), 401)
    assert_error(portal.client.delete(LOGO), 401)
    assert branding(world, people.account) == before


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}])
def test_no_other_site_changes_it(people: Team, world: World, headers: dict[str, str]) -> None:
    upload(people.owner)
    before = branding(world, people.account)
    for content_type in ({}, {"Content-Type": "multipart/form-data; boundary=x"}, {"Content-Type": "text/plain"}):
        assert_error(people.owner.post(LOGO, content=FILE, headers=headers | content_type), 403, code="foreign_origin")
    assert_error(people.owner.delete(LOGO, headers=headers), 403, code="foreign_origin")
    assert branding(world, people.account) == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        FILE[:200],
        file_of(drawn(mode="RGB", ground=(9, 9, 9)), "GIF"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(people: Team, portal: Stand, data: bytes) -> None:
    assert_error(
        people.owner.post(LOGO, content=data, headers={**people.owner.bearer, "Content-Type": "image/png"}),
        400, "This is not a picture we can read. Upload a PNG, JPEG or WebP file.", code="invalid_logo",
    )  # fmt: skip
    assert not files(portal, people.account)


def test_more_than_two_megabytes_are_refused_as_a_whole_and_in_parts(people: Team, portal: Stand) -> None:
    large = FILE + bytes(2 * 2**20)
    for content in (large, (large[at : at + 65536] for at in range(0, len(large), 65536))):
        assert_error(people.owner.post(LOGO, content=content), 413, "The body is too large. The limit is 2 MB.")
    assert not files(portal, people.account)
    # Between 1 MB, which is the limit elsewhere, and 2.
    assert people.owner.post(LOGO, content=FILE + bytes(2**20)).status_code == 201


@pytest.mark.parametrize("logo_id", ["0" * 32, "0" * 31, "..%2F..%2Fetc%2Fpasswd", "%00", "'; drop", "A" * 32])
def test_what_is_no_logo_is_not_there(portal: Stand, logo_id: str) -> None:
    assert_error(portal.client.get(f"/api/portal/logos/{logo_id}.png"), 404)


def test_where_the_file_is_lost_nothing_is_shown(people: Team, portal: Stand) -> None:
    path = upload(people.owner)
    for file in files(portal, people.account):
        file.unlink()
    assert_error(portal.client.get(path), 404)
