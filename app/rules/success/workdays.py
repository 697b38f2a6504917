"""Business days: the closing or the opening of the n-th day on which the desk is open. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from app.rules.hours import MOST_CLOSED_DAYS, Hours, NeverOpen, day, hours

PLAIN = {"week": [[["09:00", "18:00"]]] * 5 + [[], []]}  # a desk without a calendar


def plain(zone: str) -> Hours:
    return hours({"zone": zone, **PLAIN}, {})


def closes(given: Hours, at: datetime, days: int) -> datetime:
    """When the desk closes on the n-th business day after `at`; 0: today, or the next one when today is over. NeverOpen."""
    first = at.astimezone(ZoneInfo(given.zone)).date()
    for on in islice(_open(given, first), days if _is_open(given, first) else max(0, days - 1), None):
        moment = _shown(given, on, max(end for _, end in day(given, on).open))
        if moment > at:
            return moment
    raise NeverOpen


def opens(given: Hours, at: datetime, days: int) -> datetime:
    """When the desk opens on the n-th business day after `at`. NeverOpen."""
    first = at.astimezone(ZoneInfo(given.zone)).date()
    later = _open(given, first + timedelta(days=1))
    on = next(islice(later, max(0, days - 1), None), None)
    if on is None:
        raise NeverOpen
    return _shown(given, on, min(start for start, _ in day(given, on).open))


def _is_open(given: Hours, on: date) -> bool:
    return bool(day(given, on).open)


def _open(given: Hours, first: date) -> Iterator[date]:
    closed = 0
    on = first
    while closed <= MOST_CLOSED_DAYS:
        if _is_open(given, on):
            closed = 0
            yield on
        else:
            closed += 1
        on += timedelta(days=1)


def _shown(given: Hours, on: date, minutes: int) -> datetime:
    wall = datetime.combine(on, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=ZoneInfo(given.zone)).astimezone(UTC)
