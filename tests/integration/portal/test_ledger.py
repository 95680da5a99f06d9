"""The ledger as a file: all of it, to who belongs to the account."""

import csv
import io
import uuid

import pytest

from tests.database.world import World
from tests.integration.api.stand import Stand, assert_error
from tests.integration.portal.people import Team

LEDGER = "/api/portal/ledger.csv"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def adjust(world: World, account: uuid.UUID, credits: int, reason: str) -> None:
    world.value(
        "admin",
        "select private.adjust_credits(%s, %s, %s, 'cli:test', %s)",
        account,
        credits,
        reason,
        str(uuid.uuid4()),
    )


def test_every_member_reads_the_ledger(people: Team, world: World) -> None:
    adjust(world, people.account, 9, '=HYPERLINK("http://evil.example")')
    for who in (people.owner, people.admin, people.member):
        for headers in (None, who.bearer):
            answer = who.get(LEDGER, params={"account": str(people.account)}, headers=headers)
            assert answer.status_code == 200
            newest, oldest = read(answer.text)
            assert (newest["Entry"], newest["Credits"], newest["Balance after"]) == ("Adjustment", "9", "12")
            assert (newest["By"], newest["Note"]) == ("Support", '\'=HYPERLINK("http://evil.example")')
            assert (oldest["Entry"], oldest["By"]) == ("Welcome credits", people.owner.email)


def test_it_is_a_file_that_excel_reads(people: Team) -> None:
    answer = people.owner.get(LEDGER)
    assert answer.content.startswith(b"\xef\xbb\xbfDate,Entry,")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="credits-20')
    assert answer.headers["cache-control"] == "no-store"


def test_it_goes_on_after_a_page(people: Team, world: World) -> None:
    for number in range(230):
        adjust(world, people.account, 1, f"number {number}")
    entries = read(people.owner.get(LEDGER).text)
    assert [int(entry["Balance after"]) for entry in entries] == list(range(233, 2, -1))


def test_times_are_those_of_the_readers_zone(people: Team, world: World) -> None:
    world.run("insert into public.profiles (user_id, time_zone) values (%s, 'Asia/Kathmandu')", people.member.id)
    assert all(entry["Date"].endswith("+05:45") for entry in read(people.member.get(LEDGER).text))
    assert all(entry["Date"].endswith("+00:00") for entry in read(people.owner.get(LEDGER).text))


def test_nobody_else_reads_it(people: Team, portal: Stand) -> None:
    named = {"account": str(people.account)}
    assert_error(people.outsider.get(LEDGER, params=named), 404, code="not_found")
    assert_error(people.outsider.get(LEDGER, params=named, headers=people.outsider.bearer), 404, code="not_found")
    assert_error(portal.client.get(LEDGER, params=named), 401, code="not_signed_in")


@pytest.mark.parametrize("account", ["", "x", "00000000-0000-0000-0000-000000000000", "' or true --"])
def test_what_is_no_account_is_not_there(people: Team, account: str) -> None:
    assert_error(people.owner.get(LEDGER, params={"account": account}), 404, code="not_found")
