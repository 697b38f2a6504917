"""An account's health: 0 to 100 from a formula and facts, its colour, its trend, and what made it (C5, C6, C7). Pure.

A part of a score is plain, because it is kept: {"code", "group", "value", "score", "weight", "points", "lost"}, or, when
nothing or only stale things are known, {"code", "group", "missing": "unknown" or "stale"}. `points` add up to the score,
`lost` to what is missing to 100.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.rules.success.formula import COLOURS, Formula, Measure
from app.rules.success.measures import MEASURES, Facts

ENOUGH = 0.5  # of the weight: with less, nothing is said
GREY = "grey"
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """Before rounding; None when too little is known."""

    points: float | None
    present: float
    parts: list[Part]

    @property
    def whole(self) -> int | None:
        return None if self.points is None else round(self.points)


def score(formula: Formula, facts: Facts) -> Score:
    """What is missing is dropped, and the rest weighs more. The order of the measures does not matter."""
    judged = [(each, *_judged(each, facts)) for each in sorted(formula.measures, key=lambda m: m.code)]
    total = math.fsum(each.weight for each in formula.measures)
    weight = math.fsum(each.weight for each, _, points in judged if points is not None)
    parts, share = [], weight / total if total else 0.0
    for each, known, points in judged:
        part: Part = {"code": each.code, "group": MEASURES[each.code][0]}
        if points is None:
            parts.append(part | {"missing": known})
            continue
        given = each.weight / weight
        more = {"weight": given * 100, "points": given * points, "lost": given * (100 - points)}
        parts.append(part | {"value": known, "score": points} | {k: round(v, 2) for k, v in more.items()})
    if share < ENOUGH:
        return Score(None, share, parts)
    exact = math.fsum(e.weight * p for e, _, p in judged if p is not None) / weight
    return Score(min(max(exact, 0.0), 100.0), share, parts)


def _judged(each: Measure, facts: Facts) -> tuple[Any, float | None]:
    """(the value, 0 to 100), or (why not, None)."""
    known = MEASURES[each.code][1](facts)
    if known is None or known.age > each.fresh_days:
        why = "unknown" if known is None else "stale"
        return (None, 0.0) if each.missing == "worst" else (why, None)
    place = (known.value - each.worst) / (each.best - each.worst)
    return round(known.value, 2), round(min(max(place, 0.0), 1.0) * 100, 2)


# -- colours ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """The colour that the score alone has given, and since when."""

    colour: str
    since: datetime


def by_score(formula: Formula, points: float | None, was: Standing | None, now: datetime) -> Standing:
    """A border has to be passed by some points, and a colour stays for a while: scores that tremble change nothing."""
    if points is None:
        return was if was is not None and was.colour == GREY else Standing(GREY, now)
    if was is None or was.colour == GREY:
        return Standing(_colour(points, formula.blue_from, formula.yellow_from), now)
    before, margin = COLOURS.index(was.colour), formula.hysteresis
    blue = formula.blue_from + (-margin if before == 2 else margin)
    yellow = formula.yellow_from + (-margin if before >= 1 else margin)
    colour = _colour(points, blue, yellow)
    if colour == was.colour or now - was.since < timedelta(hours=formula.dwell_hours):
        return was
    return Standing(colour, now)


def _colour(points: float, blue: float, yellow: float) -> str:
    return "blue" if points >= blue else "yellow" if points >= yellow else "red"


def shown(scored: str, hard: Iterable[Mapping[str, Any]], by_hand: str = "") -> str:
    """A colour by hand goes before everything; a hard rule before the score."""
    if by_hand:
        return by_hand
    most = [str(each["most"]) for each in hard]
    return min([*most, *([scored] if scored != GREY else [])], key=COLOURS.index, default=GREY)


# -- trend --------------------------------------------------------------------------------------------------------------


def week_of(day: date) -> int:
    """Weeks that begin on Monday, counted."""
    return (day.toordinal() - 1) // 7


def with_week(weeks: Mapping[str, int], week: int, points: int | None, kept: int = 9) -> dict[str, int]:
    """The latest score of each of the last weeks. What is unknown leaves no mark."""
    known = {k: v for k, v in weeks.items() if week - kept < int(k) <= week}
    return known if points is None else known | {str(week): points}


def slope(weeks: Mapping[str, int], week: int, span: int) -> float | None:
    """Points a week by least squares over `span` weeks; a week without a word is as the one before it (C7)."""
    told = sorted((int(k), v) for k, v in weeks.items() if int(k) <= week)
    dots = []
    for each in range(week - span, week + 1):
        before = [v for k, v in told if k <= each]
        if before:
            dots.append((each - week, before[-1]))
    if len(dots) < 3:
        return None
    middle, mean = math.fsum(x for x, _ in dots) / len(dots), math.fsum(y for _, y in dots) / len(dots)
    return round(
        math.fsum((x - middle) * (y - mean) for x, y in dots) / math.fsum((x - middle) ** 2 for x, _ in dots), 2
    )


def drivers(parts: Sequence[Part], before: Sequence[Part], least: float = 1.0) -> list[tuple[str, float]]:
    """What moved the score since then: code and points, the largest first."""
    now, then = ({p["code"]: float(p.get("lost", 0.0)) for p in each} for each in (parts, before))
    moved = [(code, round(then.get(code, 0.0) - lost, 1)) for code, lost in now.items()]
    return sorted((each for each in moved if abs(each[1]) >= least), key=lambda each: -abs(each[1]))
