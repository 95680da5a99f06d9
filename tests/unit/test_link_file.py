"""Files of links as people have them, and files that are made to hurt."""

import asyncio
import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from core.link_file import MAX_FILE_BYTES, FoundLinks, Unreadable, read_link_file
from core.link_file_process import find_links

A, B, C = "https://a.example/1", "https://b.example/2", "https://c.example/3"
LINES = f"{A}\r\n{B}\r\n{C}\r\n"
CSV = f'Date,Headline,Link,Note\r\n2026-01-02,"Pool, reopened",{A},\r\n2026-01-03,"Say ""no""",{B},"see {C}"\r\n'


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, change(part) if info.filename == name else part)
    return packed.getvalue()


def a_sheet(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.append(["Headline", "Link"])
    sheet.append(["Pool reopened", A])


# -- Text and CSV ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("text", [LINES, CSV, CSV.replace(",", ";"), CSV.replace(",", "\t"), CSV.replace("o", "ö")])
def test_links_are_found_in_any_column_and_encoding(text: str, encoding: str) -> None:
    found = find_links(text.encode(encoding))
    assert [link.replace("ö", "o") for link in found.links] == [A, B, C]


def test_rows_without_a_link_are_counted() -> None:
    found = find_links(f"Our coverage\n\n{A}\n{A}#again\nno link here\n".encode())
    assert found == FoundLinks([A], 1, 2)


def test_links_with_commas_are_not_columns() -> None:
    assert find_links(b"https://a.example/1,2\nhttps://a.example/3,4\n").links == [
        "https://a.example/1,2",
        "https://a.example/3,4",
    ]


def test_a_quote_that_is_never_closed_hides_no_link() -> None:
    assert find_links(f'name,link\n"oops,{A}\nx,{B}\n'.encode()).links == [A, B]


def test_more_than_two_thousand_links_are_counted_and_cut() -> None:
    found = find_links("\n".join(f"https://a.example/{number}" for number in range(2500)).encode())
    assert (len(found.links), found.found) == (2000, 2500)


def test_nothing_is_found_in_nothing() -> None:
    assert find_links(b"") == FoundLinks()
    assert find_links(b"\xef\xbb\xbf") == FoundLinks()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"%PDF-1.7 https://a.example", "not_a_list"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not_a_list"),
        (bytes(range(256)) * 40, "not_a_list"),
        (b"PK\x03\x04 and nothing", "damaged"),
    ],
)
def test_what_is_no_list_is_called_so(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        find_links(data)
    assert refused.value.code == code


# -- Workbooks ------------------------------------------------------------------------------------------------------


def test_links_are_found_in_every_sheet_in_formulas_and_behind_titles() -> None:
    def fill(book: Workbook) -> None:
        a_sheet(book)
        second = book.create_sheet()
        second["D9"] = f'=HYPERLINK("{B}", "The Post")'
        second["A1"], second["A2"], second["A3"] = 12.5, True, "Read it"
        second["A3"].hyperlink = C

    found = find_links(workbook(fill))
    assert found.links == [A, B, C]


def test_a_link_and_the_same_behind_it_are_one() -> None:
    def fill(book: Workbook) -> None:
        cell = book.worksheets[0]["A1"]
        cell.value, cell.hyperlink = "https://a.example", "https://a.example/"

    assert find_links(workbook(fill)).found == 1


@pytest.mark.parametrize("says", [b"A1:XFD1048576", b"A1:A1", b"nonsense"])
def test_what_a_sheet_says_of_its_size_is_not_believed(says: bytes) -> None:
    lying = repacked(
        workbook(a_sheet), "xl/worksheets/sheet1.xml", lambda part: part.replace(b'ref="A1:B2"', b'ref="' + says + b'"')
    )
    started = time.process_time()
    if says == b"nonsense":
        with pytest.raises(Unreadable, match="damaged"):
            find_links(lying)
    else:
        assert find_links(lying).links == [A]
    assert time.process_time() - started < 2


def test_a_stray_cell_in_the_last_row_costs_little() -> None:
    def fill(book: Workbook) -> None:
        book.worksheets[0]["XFD1048576"] = A

    started = time.process_time()
    assert find_links(workbook(fill)).links == [A]
    assert time.process_time() - started < 5


def test_an_archive_that_is_no_workbook_is_none() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.txt", A)
    with pytest.raises(Unreadable, match="not_a_list"):
        find_links(packed.getvalue())


# -- Meant to hurt --------------------------------------------------------------------------------------------------


def read(data: bytes) -> FoundLinks:
    return asyncio.run(read_link_file(data))


def with_strings(strings: bytes, doctype: bytes = b"") -> bytes:
    """A workbook whose cells share these strings."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    data = repacked(workbook(a_sheet), "[Content_Types].xml", lambda part: part.replace(b"</Types>", override))
    packed = io.BytesIO(data)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as parts:
        space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        parts.writestr("xl/sharedStrings.xml", doctype + b"<sst " + space + b">" + strings + b"</sst>")
    return packed.getvalue()


def a_bomb() -> bytes:
    return repacked(workbook(a_sheet), "xl/worksheets/sheet1.xml", lambda part: part + b" " * (200 * 2**20))


def a_long_row_number() -> bytes:
    return repacked(
        workbook(a_sheet), "xl/worksheets/sheet1.xml", lambda part: part.replace(b'<row r="2"', b'<row r="99999999999"')
    )


def wide_rows() -> bytes:
    rows = b"".join(b'<row><c r="XFD%d" t="n"><v>1</v></c></row>' % number for number in range(3, 20_000))
    return repacked(
        workbook(a_sheet),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>"),
    )


def many_strings() -> bytes:
    return with_strings(b"<si><t>x</t></si>" * 1_000_000)


def laughs() -> bytes:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    return with_strings(b"<si><t>&a11;</t></si>", b'<!DOCTYPE sst [<!ENTITY a0 "ha">' + entities + b"]>")


@pytest.mark.parametrize(("make", "code"), [(a_bomb, "too_large"), (laughs, "damaged")])
def test_what_is_meant_to_hurt_is_refused(make: Callable[[], bytes], code: str) -> None:
    data = make()
    assert len(data) < MAX_FILE_BYTES
    started = time.monotonic()
    with pytest.raises(Unreadable, match=code):
        read(data)
    assert time.monotonic() - started < 20


def test_rows_beyond_the_last_are_not_read() -> None:
    assert read(a_long_row_number()).links == []


@pytest.mark.parametrize(
    ("make", "limit"), [(wide_rows, "f._CPU_SECONDS = 1"), (many_strings, "f._MEMORY_BYTES = 96 * 2**20")]
)
def test_time_and_memory_are_limited(make: Callable[[], bytes], limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make()
    asked: list[str] = []
    run = asyncio.create_subprocess_exec

    async def run_with_less(program: str, *arguments: str, **options: Any) -> asyncio.subprocess.Process:
        asked.extend(arguments)
        return await run(program, "-c", f"import core.link_file_process as f; {limit}; f._main()", **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", run_with_less)
    with pytest.raises(Unreadable, match="too_large"):
        read(data)
    assert asked == ["-m", "core.link_file_process"]


def test_the_process_answers_like_the_function() -> None:
    assert read(workbook(a_sheet)) == FoundLinks([A], 1, 1)
    assert read(LINES.encode()) == FoundLinks([A, B, C], 3, 0)


def test_the_process_is_told_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    async def run(*command: str, **options: object) -> object:
        seen.update(options)
        raise InterruptedError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", run)
    with pytest.raises(InterruptedError):
        read(b"")
    assert set(seen["env"]) == {"PATH"}  # type: ignore[call-overload]
