"""What a calendar may say, and how an imported list of public holidays is read. Pure.

A spec: {"zone": "Asia/Tokyo", "week": [seven lists of ["09:00", "18:00"], Monday first], "country": "JP" or "",
"closures": [{"from": "12-29", "to": "01-03", "name": "年末年始"}], "days": {"2026-08-11": {"name": "", "open": []}}}.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from app.errors import Invalid
from app.rules.hours import Opening, opening

MOST_OPENINGS, MOST_CLOSURES, MOST_DAYS = 12, 60, 1000
MOST_NAME = 80
_DAY, _WEEK = 24 * 60, 7 * 24 * 60
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,4}")
_HEADER = "国民の祝日・休日月日"

Fault = tuple[str, str]  # where in the spec, and which of the reasons below
Placed = tuple[Opening, str]  # and where it stands

# The reasons, with a sentence for programs. The screens have their own, in both languages.
REASONS = {
    "zone": "there is no such time zone",
    "country": "the public holidays of this country are not known",
    "seven": "a week has seven days, Monday first",
    "time": "times are written 09:00, up to 48:00 for an end after midnight",
    "overlap": "two openings overlap",
    "many": "these are too many",
    "name": "this is longer than 80 characters, or not printable",
    "month_day": "a day of the year is written 12-29",
    "date": "a date is written 2026-08-11",
    "never": "nothing would ever be open",
}


class WrongCalendar(Invalid):
    """This calendar does not fit."""

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "WrongCalendar":
        return cls(fields=[{"at": at, "code": reason, "says": REASONS[reason]} for at, reason in faults])


class WrongHolidays(Invalid):
    """This is not the Cabinet Office's list of public holidays."""


def check(spec: Mapping[str, Any]) -> None:
    """WrongCalendar with every field that does not fit. The shape itself is the door's to check."""
    faults = [*_zone(spec["zone"]), *_week(spec["week"]), *_closures(spec["closures"]), *_days(spec["days"])]
    if faults:
        raise WrongCalendar.of(faults)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(zone: str) -> Iterator[Fault]:
    if zone not in _zones():
        yield "zone", "zone"


def _week(week: Sequence[Sequence[Sequence[str]]]) -> Iterator[Fault]:
    if len(week) != 7:
        yield "week", "seven"
        return
    if not any(week):
        yield "week", "never"  # single days do not last
    placed: list[Placed] = []
    for number, openings in enumerate(week):
        read, faults = _read(openings, f"week.{number}")
        yield from faults
        placed += [((start + number * _DAY, end + number * _DAY), at) for (start, end), at in read]
    yield from _overlaps(placed, turn=_WEEK)


def _read(openings: Sequence[Sequence[str]], at: str) -> tuple[list[Placed], list[Fault]]:
    """The openings, and what is wrong with the others."""
    if len(openings) > MOST_OPENINGS:
        return [], [(at, "many")]
    read, faults = [], []
    for number, given in enumerate(openings):
        try:
            start, end = given
            read.append((opening(start, end), f"{at}.{number}"))
        except ValueError:
            faults.append((f"{at}.{number}", "time"))
    return read, faults


def _overlaps(placed: Sequence[Placed], *, turn: int = 0) -> Iterator[Fault]:
    """Openings that begin before the one before them has ended; after `turn` minutes the first one comes again."""
    inorder = sorted(placed)
    if turn and inorder:
        (start, end), at = inorder[0]
        inorder.append(((start + turn, end + turn), at))
    for ((_, ended), _), ((begins, _), at) in pairwise(inorder):
        if begins < ended:
            yield at, "overlap"


def _closures(closures: Sequence[Mapping[str, str]]) -> Iterator[Fault]:
    if len(closures) > MOST_CLOSURES:
        yield "closures", "many"
        return
    for number, each in enumerate(closures):
        for edge in ("from", "to"):
            if not _MONTH_DAY.fullmatch(each[edge]) or not _is_date(f"2024-{each[edge]}"):
                yield f"closures.{number}.{edge}", "month_day"
        if not _is_name(each["name"]):
            yield f"closures.{number}.name", "name"


def _days(days: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    if len(days) > MOST_DAYS:
        yield "days", "many"
        return
    for on, given in days.items():
        if not _DATE.fullmatch(on) or not _is_date(on):
            yield f"days.{on}", "date"
        if not _is_name(given["name"]):
            yield f"days.{on}.name", "name"
        read, faults = _read(given["open"], f"days.{on}")
        yield from (*faults, *_overlaps(read))


def _is_name(text: str) -> bool:
    return len(text) <= MOST_NAME and text.isprintable()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_holidays(content: bytes) -> dict[date, str]:
    """The Cabinet Office's syukujitsu.csv (cp932), also as saved again in UTF-8. WrongHolidays with the line (SLA6)."""
    rows = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    found: dict[date, str] = {}
    try:
        _must(next(rows, [])[:1] == [_HEADER], 1, "header")
        for row in filter(None, rows):
            on, name = _holiday(row, rows.line_num)
            _must(on not in found, rows.line_num, "double")
            found[on] = name
    except csv.Error:
        raise _wrong(rows.line_num, "columns") from None
    _must(bool(found), 1, "empty")
    return found


def _holiday(row: Sequence[str], line: int) -> tuple[date, str]:
    _must(len(row) == 2, line, "columns")
    parts, name = row[0].strip().split("/"), row[1].strip()
    _must(name != "" and _is_name(name), line, "name")
    _must(len(parts) == 3 and len(parts[0]) == 4 and all(_NUMBER.fullmatch(part) for part in parts), line, "date")
    try:
        return date(*map(int, parts)), name
    except ValueError:
        raise _wrong(line, "date") from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as wrong:
            read = content[: wrong.start]
    raise _wrong(read.count(b"\n") + 1, "encoding")


def _must(fits: bool, line: int, reason: str) -> None:
    if not fits:
        raise _wrong(line, reason)


def _wrong(line: int, reason: str) -> WrongHolidays:
    return WrongHolidays(line=line, reason=reason)
