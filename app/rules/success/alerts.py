"""Early warnings (C8) and bottlenecks that nobody has asked about (C9), from an account's facts and health. Pure.

What is configured: {"cap": 10, "per_account": 3, "rest_days": 60, "rules": {"seats": {"on": false}, "no_use": {"over": 45}}}.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.rules.success.measures import Facts

Evidence = dict[str, Any]
LIMITS: Mapping[str, int] = {"cap": 10, "per_account": 3, "rest_days": 60}
ENDED = ("saved", "lost", "false_alarm")  # what a person may say came of it; "eased": it ended by itself
HIT = ("saved", "lost")


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as a rule sees it; `over` is the rule's own limit."""

    facts: Facts
    colour: str
    score: int | None
    trend: float | None
    over: float


@dataclass(frozen=True, slots=True)
class Rule:
    """`weight`: what is shown first. `lead_days`: so long before a loss it usually shows."""

    weight: int
    lead_days: int
    due_days: int
    over: float
    hidden: bool  # a bottleneck that they have not noticed
    look: Callable[[Seen], Evidence | None]


@dataclass(frozen=True, slots=True)
class Found:
    rule: str
    weight: int
    lead_days: int
    due_days: int
    evidence: Evidence


def _no_use(seen: Seen) -> Evidence | None:
    f = seen.facts
    began_lately = f.begun is not None and f.begun <= seen.over
    if not f.under_contract or began_lately or (f.last_use is not None and f.last_use <= seen.over):
        return None
    return {"days": None if f.last_use is None else round(f.last_use)}


def _drop(seen: Seen) -> Evidence | None:
    usual, used = seen.facts.usual, seen.facts.used
    if usual is None or usual < 3 or used > usual * seen.over or not used:
        return None
    return {"used": used, "usual": round(usual, 1)}


def _seats(seen: Seen) -> Evidence | None:
    f = seen.facts
    if not f.seats or f.seats < 3 or (f.begun or 0) <= 60 or not f.members or f.members / f.seats >= seen.over:
        return None
    return {"members": f.members, "seats": f.seats}


def _stalled(seen: Seen) -> Evidence | None:
    f = seen.facts
    quiet = f.last_use is None or f.last_use > seen.over
    if f.stage != "onboarding" or f.begun is None or f.begun <= seen.over or not quiet:
        return None
    return {"begun": round(f.begun), "days": None if f.last_use is None else round(f.last_use)}


def _same(seen: Seen) -> Evidence | None:
    f = seen.facts
    return {"cause": f.same_cause, "people": f.same_people} if f.same_people >= seen.over else None


def _struggle(seen: Seen) -> Evidence | None:
    f = seen.facts
    return {"pages": f.helped} if f.helped >= seen.over and not f.cases_fortnight else None


def _single(seen: Seen) -> Evidence | None:
    f = seen.facts
    if f.used < 8 or (f.seats or 0) < 3 or f.busiest < seen.over:
        return None
    return {"share": round(f.busiest * 100), "seats": f.seats}


def _no_core(seen: Seen) -> Evidence | None:
    return {"used": seen.facts.used} if seen.facts.used >= seen.over and not seen.facts.core else None


def _red(seen: Seen) -> Evidence | None:
    return {"score": seen.score} if seen.colour == "red" else None


def _falling(seen: Seen) -> Evidence | None:
    return {"trend": seen.trend, "score": seen.score} if seen.trend is not None and seen.trend <= -seen.over else None


def _champion(seen: Seen) -> Evidence | None:
    return {} if seen.facts.champion_gone else None


def _unpaid(seen: Seen) -> Evidence | None:
    owed = seen.facts.unpaid
    return {"days": round(owed)} if owed is not None and owed > seen.over else None


RULES: Mapping[str, Rule] = {
    "no_use": Rule(90, 90, 3, 30, True, _no_use),
    "red": Rule(85, 60, 3, 0, False, _red),
    "usage_drop": Rule(80, 60, 5, 0.5, False, _drop),
    "champion_gone": Rule(75, 90, 5, 0, False, _champion),
    "stalled": Rule(70, 90, 5, 21, True, _stalled),
    "unpaid": Rule(65, 45, 5, 14, False, _unpaid),
    "falling": Rule(60, 60, 7, 5, False, _falling),
    "no_core": Rule(55, 60, 7, 8, True, _no_core),
    "same_question": Rule(50, 60, 7, 2, True, _same),
    "struggle": Rule(45, 30, 7, 5, True, _struggle),
    "seats": Rule(40, 120, 14, 0.3, True, _seats),
    "single_user": Rule(30, 120, 14, 0.9, True, _single),
}


def configured(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each rule's switch and limit."""
    said = given.get("rules", {})
    return {code: {"on": True, "over": rule.over} | said.get(code, {}) for code, rule in RULES.items()}


def limit(given: Mapping[str, Any], name: str) -> int:
    return int(given.get(name, LIMITS[name]))


def found(
    facts: Facts, *, colour: str, score: int | None, trend: float | None, given: Mapping[str, Any]
) -> list[Found]:
    """The heaviest first. Who has left is warned of no more."""
    if facts.stage == "churned":
        return []
    ways, said = configured(given), []
    for code, rule in RULES.items():
        evidence = rule.look(Seen(facts, colour, score, trend, ways[code]["over"])) if ways[code]["on"] else None
        if evidence is not None:
            said.append(Found(code, rule.weight, rule.lead_days, rule.due_days, evidence))
    return sorted(said, key=lambda each: -each.weight)


def due(each: Found, now: datetime) -> datetime:
    return now + timedelta(days=each.due_days)


def precision(outcomes: Sequence[str]) -> float | None:
    """Of those that people have judged, the share that were real; None while nobody has judged one."""
    judged = [each for each in outcomes if each in ENDED]
    return sum(each in HIT for each in judged) / len(judged) if judged else None
