"""What a team's routing may say (R6). Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import Invalid

MOST_STEPS = 10

Fault = tuple[str, str]  # where in the plan, and which of the reasons below

# The reasons, with a sentence for programs. The screens have their own, in both languages.
REASONS = {
    "order": "each step comes later than the one before",
    "step": "a step either goes to a team or widens the skills",
    "self": "the ticket is in this team already",
    "team": "there is no such team, or its tickets are not routed",
    "loop": "tickets would go round in a circle",
    "calendar": "there is no such calendar, or it is archived",
    "many": "ten steps at most",
}


class WrongPlan(Invalid):
    """This routing does not fit."""

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "WrongPlan":
        return cls(fields=[{"at": at, "code": reason, "says": REASONS[reason]} for at, reason in faults])


def check(
    team: int,
    steps: Sequence[Mapping[str, Any]],
    others: Mapping[int, frozenset[int]],
    *,
    crowd_team: int | None = None,
) -> list[Fault]:
    """`others`: the other routed teams, each with those that it overflows to. `crowd_team`: where a crowd goes."""
    faults: list[Fault] = [("overflow", "many")] if len(steps) > MOST_STEPS else []
    before = -1
    for number, step in enumerate(steps):
        at, to = f"overflow.{number}", step.get("team_id")
        if step["after_s"] <= before:
            faults.append((f"{at}.after_s", "order"))
        before = step["after_s"]
        if (to is None) != bool(step.get("widen")):
            faults.append((at, "step"))
        elif fault := _target(team, to, others):
            faults.append((f"{at}.team_id", fault))
    if fault := _target(team, crowd_team, others):
        faults.append(("crowd_team_id", fault))
    return faults


def _target(team: int, to: int | None, others: Mapping[int, frozenset[int]]) -> str:
    """Why tickets of a team cannot go there; empty when they can."""
    if to is None:
        return ""
    if to == team:
        return "self"
    if to not in others:
        return "team"
    return "loop" if _reaches(to, team, others) else ""


def _reaches(begin: int, end: int, edges: Mapping[int, frozenset[int]]) -> bool:
    seen, waiting = set(), [begin]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        if here not in seen:
            seen.add(here)
            waiting += edges.get(here, ())
    return False
