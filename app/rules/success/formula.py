"""Formulas of health: what they say, which of them an account is scored by, and which are impossible. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.rules.success.measures import MEASURES, Facts

COLOURS = ("red", "yellow", "blue")  # from the worst
HARD = ("unpaid", "urgent", "champion_gone", "no_use")
MISSING = ("drop", "worst")
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its weight, the values that count 0 and 100, and how old what it rests on may be."""

    code: str
    weight: float
    worst: float
    best: float
    fresh_days: float = 90.0
    missing: str = "drop"  # or it counts as the worst


@dataclass(frozen=True, slots=True)
class Hard:
    """Whatever the score is: when this has lasted for more than so many days, the colour is this at most."""

    code: str
    over: float
    most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    measures: tuple[Measure, ...]
    blue_from: float = 75.0
    yellow_from: float = 50.0
    hysteresis: float = 3.0
    dwell_hours: float = 24.0
    hard: tuple[Hard, ...] = ()
    id: int | None = None


def formula(spec: Mapping[str, Any], number: int | None = None) -> Formula:
    """A formula from what `faults` has found nothing wrong with."""
    plain = {k: spec[k] for k in ("blue_from", "yellow_from", "hysteresis", "dwell_hours") if k in spec}
    measures = tuple(Measure(**each) for each in spec["measures"])
    return Formula(measures=measures, hard=tuple(Hard(**each) for each in spec.get("hard", ())), id=number, **plain)


def faults(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is impossible: (where, code of why). Empty: it may be saved."""
    given = formula(spec)
    found = [fault for each in given.measures for fault in _of_measure(each)]
    codes = [each.code for each in given.measures]
    found += [(code, "twice") for code in sorted({code for code in codes if codes.count(code) > 1})]
    if not found and not math.isclose(math.fsum(each.weight for each in given.measures), WHOLE, abs_tol=0.01):
        found.append(("measures", "not_hundred"))
    return found + _of_colours(given) + [(e.code, "hard") for e in given.hard if not _possible(e)]


def _of_measure(each: Measure) -> list[tuple[str, str]]:
    numbers = each.weight, each.worst, each.best, each.fresh_days
    if each.code not in MEASURES:
        return [(each.code, "unknown")]
    if not all(math.isfinite(number) for number in numbers):
        return [(each.code, "no_number")]
    wrong = []
    if not 0 < each.weight <= WHOLE:
        wrong.append((each.code, "weight"))
    if each.worst == each.best:
        wrong.append((each.code, "no_span"))
    if each.fresh_days <= 0:
        wrong.append((each.code, "fresh"))
    if each.missing not in MISSING:
        wrong.append((each.code, "missing"))
    return wrong


def _of_colours(given: Formula) -> list[tuple[str, str]]:
    gap = given.blue_from - given.yellow_from
    if not 0 < given.yellow_from < given.blue_from <= WHOLE:
        return [("colours", "thresholds")]
    wrong = [] if 0 <= given.hysteresis * 2 < min(gap, given.yellow_from) else [("colours", "hysteresis")]
    return wrong if 0 <= given.dwell_hours <= 24 * 60 else [*wrong, ("colours", "dwell")]


def _possible(each: Hard) -> bool:
    return each.code in HARD and each.most in ("red", "yellow") and math.isfinite(each.over) and each.over >= 0


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a formula is for: empty is any."""

    tier: str = ""
    stage: str = ""

    def fits(self, tier: str, stage: str) -> bool:
        return self.tier in ("", tier) and self.stage in ("", stage)


def chosen(known: Iterable[tuple[Segment, Formula]], tier: str, stage: str) -> Formula | None:
    """The most specific one; between a stage's and a tier's, the stage's."""
    fitting = [(bool(s.stage), bool(s.tier), f) for s, f in known if s.fits(tier, stage)]
    return max(fitting, key=lambda each: each[:2])[2] if fitting else None


def held(given: Formula, facts: Facts) -> list[dict[str, Any]]:
    """The hard rules that hold."""
    lasted = {
        "unpaid": facts.unpaid,
        "urgent": facts.urgent_age,
        "champion_gone": 0.1 if facts.champion_gone else None,
        "no_use": facts.last_use if facts.under_contract else None,
    }
    found = []
    for each in given.hard:
        days = lasted[each.code]
        if days is not None and days > each.over:
            found.append({"code": each.code, "days": round(days), "most": each.most})
    return found
