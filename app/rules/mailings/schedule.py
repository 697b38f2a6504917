"""When a report is due, and of which days it tells. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY = ("daily", "weekly", "monthly")
PERIODS = ("yesterday", "last_7_days", "last_week", "last_28_days", "last_month")
LONGEST_GAP = 62  # days: two long months


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """An hour on a zone's clock: each day, on a weekday (0 is Monday), or on a day of the month."""

    every: str
    hour: int
    zone: str
    weekday: int = 0
    day: int = 1

    def _falls_on(self, day: date) -> bool:
        if self.every == "weekly":
            return day.weekday() == self.weekday
        return self.every == "daily" or day.day == min(self.day, monthrange(day.year, day.month)[1])

    def _slots(self, day: date, step: int) -> Iterator[datetime]:
        for n in range(LONGEST_GAP + 2):
            on = day + timedelta(days=n * step)
            if self._falls_on(on):
                # An hour that the clocks leap over is taken as if they had not; one that comes twice is its first.
                yield datetime.combine(on, time(self.hour), ZoneInfo(self.zone)).astimezone(UTC)

    def following(self, at: datetime) -> datetime:
        """The first slot after this moment."""
        return next(slot for slot in self._slots(self._local(at), 1) if slot > at)

    def newest(self, at: datetime) -> datetime:
        """The latest slot that has come."""
        return next(slot for slot in self._slots(self._local(at), -1) if slot <= at)

    def _local(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


def days_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of a period, seen from a slot's day. Weeks begin on Monday."""
    yesterday = today - timedelta(days=1)
    match period:
        case "yesterday":
            return yesterday, yesterday
        case "last_7_days":
            return today - timedelta(days=7), yesterday
        case "last_week":
            monday = today - timedelta(days=today.weekday() + 7)
            return monday, monday + timedelta(days=6)
        case "last_month":
            last = today.replace(day=1) - timedelta(days=1)
            return last.replace(day=1), last
        case _:
            return today - timedelta(days=28), yesterday
