"""Deadlines in business hours, beside the bare arithmetic: an addition and two bisections on integers."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from app.rules.hours import Hours, add, elapsed, hours, intervals
from bench.stage import median

MANY, AIM_S = 10_000, 0.5
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
STEP_S = 2851  # MANY of them are 330 days
SPEC = {
    "zone": "Asia/Tokyo",
    "week": [[["09:00", "12:00"], ["13:00", "18:00"]]] * 5 + [[], []],
    "country": "JP",
    "closures": [{"from": "08-13", "to": "08-15"}, {"from": "12-29", "to": "01-03"}],
}
HOLIDAYS = {date(year, month, 11): "" for year in range(2020, 2031) for month in range(1, 13)}


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    turns = 5 if quick else 25
    asked = list(_asked())
    calendar = hours(SPEC, HOLIDAYS)
    floor = _floor(calendar)
    integers = [(round(at.timestamp()), seconds) for at, seconds in asked]
    due = [(at, add(calendar, at, seconds)) for at, seconds in asked]
    measured: dict[str, tuple[Callable[[], object], list[float]]] = {
        "deadlines": (lambda: [add(calendar, at, seconds) for at, seconds in asked], []),
        "deadlines of a calendar just read": (lambda: _fresh(asked), []),
        "elapsed": (lambda: [elapsed(calendar, at, end) for at, end in due], []),
        "floor": (lambda: [floor(at, seconds) for at, seconds in integers], []),
    }
    for _ in range(turns):  # interleaved, so that what else runs on the machine slows all of them
        for work, took in measured.values():
            begun = time.perf_counter()
            work()
            took.append(time.perf_counter() - begun)
    least = median(measured["floor"][1])
    lines = [f"| {MANY:,} of them | measured | each | floor | ratio | aim |", "|---|---|---|---|---|---|"]
    for name, (_, took) in measured.items():
        if name != "floor":
            seen = median(took)
            lines.append(
                f"| {name} | {seen * 1e3:.0f} ms | {seen / MANY * 1e6:.1f} µs | {least / MANY * 1e6:.2f} µs"
                f" | {seen / least:.1f} | {AIM_S * 1e3:.0f} ms |"
            )
    return [*lines, ""]


def _asked() -> Iterator[tuple[datetime, int]]:
    """Messages all over a year, with targets from ten minutes to nine days of open time."""
    for n in range(MANY):
        yield BEGIN + timedelta(seconds=n * 7919 % MANY * STEP_S), 600 + n * 104_729 % (72 * 3600)


def _fresh(asked: list[tuple[datetime, int]]) -> None:
    calendar = hours(SPEC, HOLIDAYS)
    for at, seconds in asked:
        add(calendar, at, seconds)


def _floor(calendar: Hours) -> Callable[[int, int], int]:
    """The same answers, from a list of two years that is there already; whole seconds, no datetime."""
    opened = intervals(calendar, BEGIN - timedelta(days=30), BEGIN + timedelta(days=700))
    starts = [round(start.timestamp()) for start, _ in opened]
    reached = list(accumulate(round((stop - start).total_seconds()) for start, stop in opened))
    before = [0, *reached[:-1]]
    lengths = [after - earlier for after, earlier in zip(reached, before, strict=True)]

    def due(at: int, seconds: int) -> int:
        here = bisect_right(starts, at) - 1
        need = before[here] + min(at - starts[here], lengths[here]) + seconds
        there = bisect_left(reached, need)
        return starts[there] + need - before[there]

    return due
