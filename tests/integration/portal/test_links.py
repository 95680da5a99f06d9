"""Files of links, sent to the portal: what comes back, who may send, and how much."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from openpyxl import Workbook

from core.link_file import MAX_FILE_BYTES
from tests.integration.api.stand import Stand, assert_error
from tests.integration.portal.people import Team

LINKS = "/api/portal/links"
A, B = "https://a.example/1", "https://b.example/2"


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.worksheets[0].append(["Pool reopened", A])
    book.worksheets[0].append(["No link"])
    book.worksheets[0].append([f'=HYPERLINK("{B}")'])
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "without"), [(f"{A}\n{B}\n".encode(), 0), (f"Title;Link\nx;{A}\ny;{B}\n".encode("utf-16"), 1),
                             (workbook(), 1)]
)  # fmt: skip
def test_the_links_of_a_file_come_back(people: Team, content: bytes, without: int) -> None:
    for headers in (None, people.member.bearer):
        answer = people.member.post(LINKS, content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"links": [A, B], "found": 2, "withoutLink": without}


def test_a_file_without_links_is_no_error(people: Team) -> None:
    assert people.member.post(LINKS, content=b"").json() == {"links": [], "found": 0, "withoutLink": 0}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", "file_not_a_list"),
        (b"\xd0\xcf\x11\xe0", "file_old_excel"),
        (b"PK\x03\x04", "file_damaged"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(people: Team, content: bytes, code: str) -> None:
    assert_error(people.member.post(LINKS, content=content), 400, code=code)


def test_a_form_is_no_file(people: Team) -> None:
    sent = {"Content-Type": "multipart/form-data; boundary=x", **people.member.bearer}
    assert_error(people.member.post(LINKS, content=b"--x--", headers=sent), 415)


def test_ten_megabytes_are_read_and_no_more(people: Team) -> None:
    text = (A + "\n").encode() * (MAX_FILE_BYTES // (len(A) + 1))
    assert people.member.post(LINKS, content=text).json()["links"] == [A]
    too_large = b"x" * (MAX_FILE_BYTES + 1)
    assert_error(people.member.post(LINKS, content=too_large), 413, code="body_too_large")
    # Without a length it ends where the limit is.
    pieces = (b"x" * 2**20 for _ in range(11))
    assert_error(people.member.post(LINKS, content=pieces), 413, code="body_too_large")


def test_elsewhere_the_limit_is_what_it_was(people: Team) -> None:
    answer = people.owner.post("/api/portal/keys", json={"name": "x" * 2**20})
    assert_error(answer, 413, "The body is too large. The limit is 1 MB.")


def test_who_is_not_signed_in_is_refused(portal: Stand) -> None:
    answer = portal.client.post(LINKS, content=b"x" * MAX_FILE_BYTES, headers={"Cookie": ""})
    assert_error(answer, 401, code="not_signed_in")


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_sends_a_file(people: Team, headers: dict[str, str]) -> None:
    assert_error(people.member.post(LINKS, content=b"x", headers=headers), 403, code="foreign_origin")


def test_many_at_once_wait_for_their_turn(people: Team) -> None:
    people.member.get("/api/portal/keys")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: people.member.post(LINKS, content=workbook()), range(8)))
    assert [answer.json()["found"] for answer in answers] == [2] * 8
