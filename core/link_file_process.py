"""Reads a file of links: bytes on standard input, JSON on standard output. Started by `core/link_file.py`."""

import codecs
import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict

from openpyxl import load_workbook
from openpyxl.packaging.relationship import RelationshipList
from openpyxl.xml.functions import fromstring

from core.link_file import MAX_FILE_BYTES, MAX_LINKS, FoundLinks, Unreadable
from core.link_text import links_in
from core.links import MAX_LENGTH, Rejection, clean_link

_MEMORY_BYTES = 768 * 2**20
_CPU_SECONDS = 10
# Of an XLSX unpacked, and of the names in it.
_UNPACKED_BYTES = 64 * 2**20
_PARTS = 2000
_ROWS = 1_048_576
_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# Excel before 2007, and every file of Excel with a password.
_OLE = b"\xd0\xcf\x11\xe0"


def find_links(data: bytes) -> FoundLinks:
    """The links of the file, read here and without limits of memory and time. Raises `Unreadable`."""
    if data.startswith(_OLE):
        raise Unreadable("old_excel")
    rows = _rows_of_workbook(data) if data.startswith(b"PK") else _rows_of_text(_decoded(data))
    written: set[str] = set()
    seen: set[str] = set()
    found = FoundLinks()
    for row in rows:
        links = [link for cell in row for link in links_in(cell)]
        found.without_link += not links and any(map(str.strip, row))
        for link in links:
            if link in written or len(link) > MAX_LENGTH:
                continue
            written.add(link)
            clean = clean_link(link)
            key = link if isinstance(clean, Rejection) else clean
            if key in seen:
                continue
            seen.add(key)
            if len(found.links) < MAX_LINKS:
                found.links.append(link)
    found.found = len(seen)
    return found


# -- Text -----------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    for encoding in _without_mark(data):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\0" not in text[:4096]:
                return text
    raise Unreadable("not_a_list")


def _without_mark(data: bytes) -> list[str]:
    start = data[:4096]
    # A picture, a PDF, a program: bytes that no text begins with.
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"{\\rtf")):
        return []
    if start.count(0) > len(start) // 4:
        return ["utf-16-le" if start[1:2] == b"\0" else "utf-16-be"]
    # Links are ASCII: which of the Western encodings it was does not matter.
    return ["utf-8", "cp1252", "latin-1"]


def _rows_of_text(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_FILE_BYTES)
    delimiter = _delimiter(text[:20_000])
    if not delimiter:
        yield from ([line] for line in text.splitlines())
        return
    # A quote that is never closed swallows the rest of the file: the links in it are found all the same.
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise Unreadable("damaged") from None


def _delimiter(start: str) -> str:
    """What separates columns: the character that is in most lines. Empty: there are none, or only links with commas."""
    lines = [line for line in start.splitlines()[:50] if line.strip()]
    counts = {mark: sum(mark in line for line in lines) for mark in "\t;,|"}
    best = max(counts, key=lambda mark: counts[mark])
    only_links = all(line.lower().startswith(("http://", "https://")) and '"' not in line for line in lines)
    return best if lines and counts[best] * 2 > len(lines) and not (only_links and best in ",;|") else ""


# -- Workbooks ------------------------------------------------------------------------------------------------------


def _rows_of_workbook(data: bytes) -> Iterator[list[str]]:
    _check_parts(data)
    try:
        # Once for what cells show, once for what they are made by: =HYPERLINK("https://…") shows only a title.
        with (
            closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as shown,
            closing(load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)) as made,
        ):
            for sheet, formulas in zip(shown.worksheets, made.worksheets, strict=True):
                # What a sheet says of its size may be anything.
                sheet.reset_dimensions()
                formulas.reset_dimensions()
                pairs = zip(
                    sheet.iter_rows(max_row=_ROWS, values_only=True),
                    formulas.iter_rows(max_row=_ROWS, values_only=True),
                    strict=False,
                )
                for values, origins in pairs:
                    yield _texts(values, origins)
        yield from _hyperlinks(data)
    except (MemoryError, Unreadable):
        raise
    except Exception:
        # openpyxl raises whatever its XML, its numbers and its dates make it stumble over.
        raise Unreadable("damaged") from None


def _texts(values: Iterable[object], origins: Iterable[object]) -> list[str]:
    texts = []
    for value, origin in zip(values, origins, strict=False):
        if isinstance(origin, str) and origin.startswith("="):
            texts.append(origin)
        if isinstance(value, str):
            texts.append(value)
    return texts


def _hyperlinks(data: bytes) -> Iterator[list[str]]:
    """Links behind cells that show a title, which openpyxl does not read without reading the whole sheet at once."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/_rels/") and name.endswith(".rels"):
                for one in RelationshipList.from_tree(fromstring(parts.read(name))):
                    if one.TargetMode == "External" and one.Target:
                        yield [one.Target]


def _check_parts(data: bytes) -> None:
    """Refuses what would unpack to more than we read. `zipfile` unpacks no more than each part says of itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            infos = parts.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("damaged") from None
    if len(infos) > _PARTS or sum(info.file_size for info in infos) > _UNPACKED_BYTES:
        raise Unreadable("too_large")
    if not any(info.filename == "[Content_Types].xml" for info in infos):
        raise Unreadable("not_a_list")


def _main() -> None:
    for what, most in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    try:
        answer = asdict(find_links(sys.stdin.buffer.read(MAX_FILE_BYTES + 1)))
    except Unreadable as unreadable:
        answer = {"error": unreadable.code}
    except (MemoryError, RecursionError):
        answer = {"error": "too_large"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
