"""When an article was published, from what its page writes."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil import parser

_EARLIEST = date(1990, 1, 1)
_MONTHS = {
    1: "januar januari january janvier enero janeiro gennaio jänner styczeń stycznia january ocak",
    2: "februar februari february février fevrier febrero fevereiro febbraio lutego luty şubat",
    3: "märz maart march mars marzo março marco marca marzec mart maaliskuuta",
    4: "april avril abril aprile kwietnia kwiecień nisan huhtikuuta",
    5: "mai mei may mayo maio maggio maja maj mayıs toukokuuta",
    6: "juni june juin junio junho giugno czerwca czerwiec haziran kesäkuuta",
    7: "juli july juillet julio julho luglio lipca lipiec temmuz heinäkuuta",
    8: "august augustus août aout agosto augusti sierpnia sierpień ağustos elokuuta",
    9: "september septembre septiembre setembro settembre septembrie września wrzesień eylül syyskuuta",
    10: "oktober october octobre octubre outubro ottobre oktober października październik ekim lokakuuta",
    11: "november novembre noviembre novembro novembre listopada listopad kasım marraskuuta",
    12: "dezember december décembre decembre diciembre dezembro dicembre grudnia grudzień aralık joulukuuta",
}
_BY_NAME = {name: number for number, names in _MONTHS.items() for name in names.split()}
_SHORT = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "okt": 10,
    "nov": 11, "dec": 12, "dez": 12, "déc": 12, "janv": 1, "févr": 2, "avr": 4, "juil": 7, "ene": 1, "abr": 4, "ago": 8,
    "dic": 12,
}  # fmt: skip
_BY_NAME = _SHORT | _BY_NAME
_WORD = r"[^\W\d_]{3,12}"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:\.|st|nd|rd|th|er|º|ª)?\s*(?:de |of |d')?\s*({_WORD})\.?,?\s*(?:de |del )?\s*(\d{{4}})\b",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b({_WORD})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?:{_WEEKDAY}\.?,?\s+)?(\d{{4}})\b", re.IGNORECASE
)
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\.?\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_IN_URL = re.compile(
    r"/(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)|/(\d{4})/([a-z]{3})/(\d{1,2})(?=/|$)|[/-](20\d\d)(\d\d)(\d\d)(?=[/._-]|$)"
)
_TIME = re.compile(r"\d{1,2}:\d{2}|T\d{4}")
_ZONES = {
    "UTC": 0, "GMT": 0, "BST": 3600, "CET": 3600, "CEST": 7200, "EST": -18000, "EDT": -14400, "PST": -28800,
    "PDT": -25200,
}  # fmt: skip
_EPOCH = re.compile(r"^(\d{10}|\d{13})$")


@dataclass(frozen=True, slots=True)
class Published:
    """`on` is the date as the page writes it, in its own time zone; `at` is UTC, if a time with its offset is told."""

    on: date
    at: datetime | None = None


def read_stamp(text: str | None) -> Published | None:
    """A date made for machines, such as ISO 8601, or written out; None when it cannot be, or is not told surely."""
    if not text or not (text := text.strip()[:100]):
        return None
    if _EPOCH.match(text):
        instant = datetime.fromtimestamp(int(text[:10]), UTC)
        return _sane(instant.date(), instant)
    if len(re.findall(r"\d", text)) < 5:
        return None
    if (moment := _iso(text)) is None:
        return read_words(text)
    if moment.tzinfo is None or not _TIME.search(text):
        return _sane(moment.date())
    try:
        return _sane(moment.date(), moment.astimezone(UTC))
    except (OverflowError, ValueError):
        return None


def read_words(text: str | None) -> Published | None:
    """A date inside words for people, in several languages. Only forms that can be read in one way."""
    if not text:
        return None
    text = text[:300]
    if found := _CJK.search(text) or _ISO.search(text):
        return _date(found[1], found[2], found[3])
    for found in _DAY_FIRST.finditer(text):
        if month := _BY_NAME.get(found[2].casefold()):
            return _date(found[3], month, found[1])
    for found in _MONTH_FIRST.finditer(text):
        if month := _BY_NAME.get(found[1].casefold()):
            return _date(found[3], month, found[2])
    if found := _DOTTED.search(text):
        return _date(found[3], found[2], found[1])
    if found := _SLASHED.search(text):
        first, second = int(found[1]), int(found[2])
        # 3/4/2026 is one day here and another there.
        if first > 12 or first == second:
            return _date(found[3], second, first)
        if second > 12:
            return _date(found[3], first, second)
    return None


def read_url(url: str) -> Published | None:
    """The date in a path like /2026/03/14/."""
    found = _IN_URL.search(url.partition("?")[0])
    if found is None:
        return None
    if found[1]:
        return _date(found[1], found[2], found[3])
    if found[4]:
        return _date(found[4], _SHORT.get(found[5], 5 if found[5] == "may" else 0), found[6])
    return _date(found[7], found[8], found[9])


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d\d-?\d\d|[A-Za-z]{3,9},? ", text) or not (_TIME.search(text) or text[0].isdigit()):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        # Without a zone on purpose: what the page does not tell is not made up.
        default = datetime(1, 1, 1)  # noqa: DTZ001
        moment: datetime = parser.parse(text, default=default, tzinfos=_zone)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.year > 1 else None


def _zone(name: str | None, offset: int | None) -> int | None:
    return offset if offset is not None else _ZONES.get(name or "")


def _date(year: str | int, month: str | int, day: str | int) -> Published | None:
    try:
        return _sane(date(int(year), int(month), int(day)))
    except ValueError:
        return None


def _sane(day: date, moment: datetime | None = None) -> Published | None:
    latest = datetime.now(UTC).date() + timedelta(days=1)
    if not _EARLIEST <= day <= latest:
        return None
    return Published(day, moment)
