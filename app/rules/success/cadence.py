"""三河屋 (C10): how often an account does one thing, and when that is late: "usually every 32 days, now 45". Pure.

It only ever says so to the success manager. Nothing is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Any

FEWEST = 4  # times: fewer are no rhythm
SHORTEST, LONGEST = 3.0, 200.0  # days: what is done more often is use, and its trend says more
WILDEST = 0.6  # a spread of more than this part of the interval is no rhythm
HINT, OVERDUE = 1.0, 3.0  # spreads
STOPPED = 4.0  # intervals without it: that is no reminder any more, but a warning
TALKED = 14.0  # days: they have just been in touch
CLOSED = ((12, 29, 6), (8, 13, 3))  # 年末年始 and お盆: month, day, how many days
YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A rhythm: everything in days."""

    count: int
    every: float
    spread: float
    last: date
    expected: date
    hint: date
    overdue: date

    def stopped(self, today: date) -> bool:
        return (today - self.last).days > self.every * STOPPED

    def state(self, today: date) -> str:
        return "overdue" if today > self.overdue else "hint" if today > self.hint else "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What speaks against saying anything."""

    stopped: bool = False  # so long ago that the rhythm is over
    complaint: bool = False
    opted_out: bool = False
    contact: float | None = None  # days since they were in touch


def beat(days: Sequence[tuple[date, float | None]], given: Mapping[str, Any] | None = None) -> Beat | None:
    """From the days on which it was done, each with its quantity when that is known. None: there is no rhythm."""
    amounts = _by_day(days)
    done = sorted(amounts)
    fewest = int((given or {}).get("fewest", FEWEST))
    if len(done) < max(fewest, 2):
        return None
    apart = [(b - a).days for a, b in pairwise(done)]
    every = float(median(apart))
    spread = float(median(abs(each - every) for each in apart))
    if not SHORTEST <= every <= LONGEST or spread > every * WILDEST:
        return None
    margin = max(spread, every * 0.05, 1.0)
    lasts = _lasts([amounts[day] for day in done], apart, every)
    expected = _open_days(done[-1], lasts)
    return Beat(
        count=len(done), every=every, spread=spread, last=done[-1], expected=expected,
        hint=_open_days(expected, margin * HINT), overdue=_open_days(expected, margin * OVERDUE),
    )  # fmt: skip


def _by_day(days: Sequence[tuple[date, float | None]]) -> dict[date, float | None]:
    """Several on one day are one; their quantities add up, and one that is not known makes the day's unknown."""
    found: dict[date, float | None] = {}
    for day, amount in days:
        before = found.get(day, 0.0)
        found[day] = None if amount is None or before is None else before + amount
    return found


def _lasts(amounts: Sequence[float | None], apart: Sequence[int], every: float) -> float:
    """How long what they had last will do: twice as much as usual lasts twice as long, within bounds."""
    rates = [amount / gap for amount, gap in zip(amounts, apart, strict=False) if amount and amount > 0]
    last = amounts[-1]
    if len(rates) < FEWEST - 1 or not last or last <= 0:
        return every
    return min(max(last / float(median(rates)), every / 2), every * 2)


def _open_days(day: date, many: float) -> date:
    """So many days later; days on which everybody is closed do not count."""
    left = round(many)
    while left > 0:
        day += timedelta(days=1)
        left -= not _closed(day)
    return day


@lru_cache(4096)  # many accounts wait for the same days
def _closed(day: date) -> bool:
    for month, first, many in CLOSED:
        begins = date(day.year - (day.month < month), month, first)
        if begins <= day < begins + timedelta(days=many):
            return True
    return False


def why_quiet(done: Sequence[date], around: Around, today: date) -> str:
    """Why a late one is not spoken of; empty: nothing speaks against it."""
    if around.stopped:
        return "stopped"
    if around.complaint:
        return "complaint"
    if around.opted_out:
        return "opted_out"
    if around.contact is not None and around.contact < TALKED:
        return "contacted"
    return "season" if _pauses_now(done, today) else ""


def _pauses_now(done: Sequence[date], today: date) -> bool:
    """A year ago they paused at this time of the year too, between times at which they did not."""
    then = today - timedelta(days=YEAR)
    before, behind = [d for d in done if d < then], [d for d in done if then <= d < then + timedelta(days=YEAR - 60)]
    if not before or not behind:
        return False
    gaps = [(b - a).days for a, b in pairwise(done)]
    return (behind[0] - before[-1]).days > 1.8 * float(median(gaps))
