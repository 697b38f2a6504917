"""What becomes of an account's health when it is computed anew: its columns, and whether its past gets a line. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.rules.success import health
from app.rules.success.formula import Formula, held
from app.rules.success.measures import Facts

AGAIN = timedelta(days=1)  # measures grow older by themselves
WORTH = 3  # points: a change that the past tells at once; a smaller one once a day
WEEK = timedelta(days=7)
COLUMNS = (
    "score", "colour", "scored", "since", "shown_since", "trend", "trend_long", "present", "parts", "hard", "weeks",
    "formula_id", "computed_at", "noted_at", "noted", "due_at", "stamp",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What stood there."""

    stamp: int = 0
    colour: str = health.GREY
    scored: str = health.GREY
    since: datetime | None = None
    shown_since: datetime | None = None
    weeks: Mapping[str, int] = field(default_factory=dict)
    formula_id: int | None = None
    noted_at: datetime | None = None
    noted: int | None = None


@dataclass(frozen=True, slots=True)
class After:
    values: dict[str, Any]
    was: str  # the colour before
    noted: bool  # the past gets a line

    @property
    def changed(self) -> bool:
        return bool(self.values["colour"] != self.was)


def after(
    before: Before, formula: Formula, facts: Facts, now: datetime, *, hand: tuple[str, datetime] | None = None
) -> After:
    """`hand`: a colour that somebody has set, and until when."""
    found, hard = health.score(formula, facts), held(formula, facts)
    # A new formula speaks for itself: what it says beforehand is what becomes of it.
    same = before.since is not None and before.formula_id == formula.id
    was = health.Standing(before.scored, before.since) if same and before.since is not None else None
    scored = health.by_score(formula, found.points, was, now)
    by_hand = hand[0] if hand is not None and hand[1] > now else ""
    colour, week = health.shown(scored.colour, hard, by_hand), health.week_of(now.date())
    weeks = health.with_week(before.weeks, week, found.whole)
    new = before.shown_since is None or colour != before.colour
    noted = new or _worth_a_line(before, formula, found.whole, now)
    values = {
        "score": found.whole, "colour": colour, "scored": scored.colour, "since": scored.since,
        "shown_since": now if new else before.shown_since, "trend": health.slope(weeks, week, 4),
        "trend_long": health.slope(weeks, week, 8), "present": round(found.present, 3), "parts": found.parts,
        "hard": hard, "weeks": weeks, "formula_id": formula.id, "computed_at": now,
        "noted_at": now if noted else before.noted_at, "noted": found.whole if noted else before.noted,
        "due_at": _next(formula, scored, hand, now), "stamp": before.stamp + 1,
    }  # fmt: skip
    return After(values, before.colour, noted)


def _worth_a_line(before: Before, formula: Formula, points: int | None, now: datetime) -> bool:
    """A point counts from one day to the next, three at once; an unchanged score is told again after a week."""
    if before.noted_at is None or before.formula_id != formula.id or (points is None) != (before.noted is None):
        return True
    if now - before.noted_at >= WEEK:
        return True
    moved = abs(points - before.noted) if points is not None and before.noted is not None else 0
    return moved >= WORTH or (moved > 0 and before.noted_at.date() < now.date())


def _next(formula: Formula, scored: health.Standing, hand: tuple[str, datetime] | None, now: datetime) -> datetime:
    """Tomorrow; earlier when a colour may change by time alone: its dwell ends, or what somebody set."""
    ends = scored.since + timedelta(hours=formula.dwell_hours)
    times = [now + AGAIN, *([ends] if ends > now else []), *([hand[1]] if hand and hand[1] > now else [])]
    return min(times)
