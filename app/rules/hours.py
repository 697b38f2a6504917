"""Business hours: what is open, and where a deadline falls when only open time counts (SLA5-SLA8). Pure.

Every date's opening is read on the local wall clock and kept as instants in whole microseconds, a block of days at a
time, with the open time before each: adding and measuring are two bisections.

- An opening belongs to the date on which it begins: a night shift that begins before a holiday ends as usual.
- A wall-clock time that a zone's clock jumps over is the moment of the jump; one that it shows twice is the first.
- A deadline that is used up exactly at closing is due at closing, not the next morning (SLA8).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import Invalid

MOST_CLOSED_DAYS = 400  # a calendar that stays closed for longer has no deadline to give
MOST_YEARS = 20  # nor has one that is so rarely open

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_BLOCK_DAYS = 366
_BLOCK = _BLOCK_DAYS * _DAY
_LAST_DAY = date.max.toordinal() - 3  # an opening may end two days later, in any zone

Opening = tuple[int, int]  # minutes after the date's midnight; the end may be on one of the next two dates


class NeverOpen(Invalid):
    """This calendar is closed for more than a year, or so rarely open that it takes decades."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one date has, and why."""

    open: tuple[Opening, ...]
    why: str  # week, holiday, closure, day
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """What is open within `_BLOCK_DAYS`: sorted, apart from each other, in microseconds since 1970."""

    starts: list[int]
    ends: list[int]
    before: list[int]  # open time in the block before each opening
    reached: list[int]  # and at its end
    total: int


@dataclass(frozen=True, slots=True)
class Hours:
    zone: str
    week: tuple[tuple[Opening, ...], ...]  # Monday first
    closures: tuple[tuple[str, str, str], ...]  # from MM-DD to MM-DD of every year, and its name
    days: Mapping[date, Day]
    holidays: Mapping[date, str]
    _blocks: dict[int, _Block] = field(default_factory=dict, compare=False, repr=False)  # compiled when first asked for


def hours(spec: Mapping[str, Any], holidays: Mapping[date, str]) -> Hours:
    """From what is stored. `holidays` are those of the spec's country, for as many years as are known."""
    days = {
        date.fromisoformat(day): Day(_openings(given.get("open", ())), "day", given.get("name", ""))
        for day, given in spec.get("days", {}).items()
    }
    return Hours(
        zone=spec["zone"],
        week=tuple(_openings(each) for each in spec["week"]),
        closures=tuple((each["from"], each["to"], each.get("name", "")) for each in spec.get("closures", ())),
        days=days,
        holidays=dict(holidays) if spec.get("country") else {},
    )


def add(hours: Hours, at: datetime, seconds: float) -> datetime:
    """When `seconds` of open time have passed since `at`. NeverOpen."""
    need = round(seconds * _SECOND)
    if need < 0:
        raise ValueError("open time is only added")
    begin = _instant(at)
    if not need:
        return _moment(begin)
    first = number = begin // _BLOCK
    block = _block(hours, number)
    need += _opened(block, begin)
    closed_from = begin
    while need > block.total:
        need -= block.total
        closed_from = max(closed_from, block.ends[-1]) if block.ends else closed_from
        number += 1
        if number - first > MOST_YEARS:
            raise NeverOpen
        block = _block(hours, number)
        _must_open(block.starts[0] if block.starts else (number + 1) * _BLOCK, closed_from)
    index = bisect_left(block.reached, need)
    return _moment(block.starts[index] + need - block.before[index])


def elapsed(hours: Hours, begin: datetime, end: datetime) -> float:
    """Seconds of open time from `begin` to `end`; negative when `end` is the earlier one."""
    first, last = _instant(begin), _instant(end)
    if last < first:
        return -elapsed(hours, end, begin)
    here, there = first // _BLOCK, last // _BLOCK
    between = sum(_block(hours, number).total for number in range(here, there))
    return (between + _opened(_block(hours, there), last) - _opened(_block(hours, here), first)) / _SECOND


def intervals(hours: Hours, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """What is open between the two, clipped to them."""
    first, last = _instant(begin), _instant(end)
    found: list[list[int]] = []
    for number in range(first // _BLOCK, last // _BLOCK + 1):
        block = _block(hours, number)
        for start, stop in zip(block.starts, block.ends, strict=True):
            if stop <= first or start >= last:
                continue
            if found and found[-1][1] == start:  # one opening over the edge of two blocks
                found[-1][1] = min(stop, last)
            else:
                found.append([max(start, first), min(stop, last)])
    return [(_moment(start), _moment(stop)) for start, stop in found]


def is_open(hours: Hours, at: datetime) -> bool:
    now = _instant(at)
    block = _block(hours, now // _BLOCK)
    index = bisect_right(block.starts, now) - 1
    return index >= 0 and now < block.ends[index]


def next_open(hours: Hours, at: datetime) -> datetime:
    """`at` when it is open then, else when it opens next. NeverOpen."""
    now = _instant(at)
    number = now // _BLOCK
    while True:
        block = _block(hours, number)
        index = bisect_right(block.ends, now)
        opens = max(now, block.starts[index]) if index < len(block.starts) else (number + 1) * _BLOCK
        _must_open(opens, now)
        if index < len(block.starts):
            return _moment(opens)
        number += 1


def day(hours: Hours, on: date) -> Day:
    """What this date has: its own entry wins, then closures, then public holidays, then the weekday (SLA5)."""
    if given := hours.days.get(on):
        return given
    month_day = f"{on:%m-%d}"
    for begin, end, name in hours.closures:
        if begin <= month_day <= end or (end < begin and (month_day >= begin or month_day <= end)):
            return Day((), "closure", name)
    if (holiday := hours.holidays.get(on)) is not None:
        return Day((), "holiday", holiday)
    return Day(hours.week[on.weekday()], "week")


def minutes(value: str) -> int:
    """Minutes after midnight of "09:30", up to "48:00". ValueError."""
    hour, _, minute = value.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isdecimal() and (hour + minute).isascii()):
        raise ValueError(value)
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > 48 * 60:
        raise ValueError(value)
    return found


def opening(start: str, end: str) -> Opening:
    """An end that is not after the start is on the next date; a day has 24 hours. ValueError."""
    begin, stop = minutes(start), minutes(end)
    if begin >= 24 * 60:
        raise ValueError(start)
    if stop - begin > 24 * 60:
        raise ValueError(end)
    return begin, stop if stop > begin else stop + 24 * 60


def _openings(given: Any) -> tuple[Opening, ...]:
    return tuple(sorted(opening(start, end) for start, end in given))


def _instant(at: datetime) -> int:
    since = at - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def _must_open(opens: int, since: int) -> None:
    if opens - since > MOST_CLOSED_DAYS * _DAY:
        raise NeverOpen


def _opened(block: _Block, until: int) -> int:
    """Open time from the block's beginning."""
    index = bisect_right(block.starts, until) - 1
    return block.before[index] + min(until, block.ends[index]) - block.starts[index] if index >= 0 else 0


def _block(hours: Hours, number: int) -> _Block:
    found = hours._blocks.get(number)
    if found is None:
        found = hours._blocks[number] = _compile(hours, number)
    return found


def _compile(hours: Hours, number: int) -> _Block:
    low, high = number * _BLOCK, (number + 1) * _BLOCK
    starts: list[int] = []
    ends: list[int] = []
    for begin, end in sorted(_openings_between(hours, low, high)):
        if ends and begin <= ends[-1]:  # a night that runs into the next morning
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(begin)
            ends.append(end)
    before, reached, total = [], [], 0
    for begin, end in zip(starts, ends, strict=True):
        before.append(total)
        total += end - begin
        reached.append(total)
    return _Block(starts, ends, before, reached, total)


def _openings_between(hours: Hours, low: int, high: int) -> Iterator[tuple[int, int]]:
    zone = ZoneInfo(hours.zone)
    first = _EPOCH_DAY + low // _DAY
    for ordinal in range(max(2, first - 3), min(_LAST_DAY, first + _BLOCK_DAYS + 2)):
        on = date.fromordinal(ordinal)
        midnight = datetime.combine(on, time())
        for start, end in day(hours, on).open:
            begin = max(low, _shown(midnight + timedelta(minutes=start), zone))
            stop = min(high, _shown(midnight + timedelta(minutes=end), zone))
            if begin < stop:
                yield begin, stop


def _shown(wall: datetime, zone: ZoneInfo) -> int:
    """The instant at which the zone's clock first shows `wall`, or jumps over it."""
    early, late = (wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    instant = _instant((wall - early).replace(tzinfo=UTC))
    if early >= late:
        return instant
    low, high = (
        instant - (late - early) // timedelta(microseconds=1),
        instant,
    )  # the jump is after low, and at high latest
    while high - low > _SECOND:
        middle = (low + high) // 2 // _SECOND * _SECOND
        if _moment(middle).astimezone(zone).utcoffset() == late:
            high = middle
        else:
            low = middle
    return high
