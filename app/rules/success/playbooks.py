"""Playbooks (C11): what one says, whether it makes sense, and how a run goes on. Pure.

A spec: {"steps": [...], "triggers": [...], "exits": [condition], "criteria": [condition]}. Work for people is opened
when a run comes to it and the run goes on; a wait holds it until its business days are over, or until its condition is
true; a branch goes to a later step. At the end the run waits for its open work.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.errors import Invalid
from app.rules import templates

KINDS = ("risk", "onboarding", "renewal", "expansion", "lifecycle", "advocacy")
WORK = ("task", "mail", "line", "call", "internal")
DRAFTED = ("mail", "line")  # a person sends them: nothing goes out by itself
END = "end"
LOOK_EVERY = timedelta(hours=1)  # whether an exit, or a step's own condition, holds by now


class WrongPlaybook(Invalid):
    """This playbook makes no sense."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an account, for conditions."""

    stage: str = ""
    tier: str = ""
    colour: str = ""
    replied: bool = False  # the customer wrote since the run began
    used: frozenset[str] = frozenset()  # what they did with the product since then
    renewed: str = ""  # what became of a renewal since then
    steps: Mapping[str, str] = field(default_factory=dict)


def holds(condition: Mapping[str, Any], facts: Facts) -> bool:
    """{"fact": ..., "is": [...], "key": of a step}."""
    fact, wanted = condition["fact"], condition.get("is", ())
    if fact == "replied":
        return facts.replied
    if fact == "used":
        return any(name in facts.used for name in wanted)
    if fact == "step":
        return facts.steps.get(condition.get("key", "")) in wanted
    return str(getattr(facts, fact)) in wanted


@dataclass(slots=True)
class Turn:
    """How far a run has come: which places were opened, where it stands."""

    position: int
    wait_until: datetime | None
    opened: list[int] = field(default_factory=list)
    ended: str = ""  # exited; done is said by `over`


def advance(
    spec: Mapping[str, Any],
    turn: Turn,
    facts: Facts,
    now: datetime,
    *,
    opens: Callable[[int], datetime],
) -> Turn:
    """`opens`: when the n-th business day from now begins. The same again changes nothing."""
    steps: Sequence[Mapping[str, Any]] = spec["steps"]
    if any(holds(each, facts) for each in spec.get("exits", ())):
        turn.ended = "exited"
        return turn
    while turn.position < len(steps):
        step = steps[turn.position]
        if step["kind"] == "wait":
            turn.wait_until = turn.wait_until or opens(step["days"])
            sooner = step.get("condition") and holds(step["condition"], facts)
            if now < turn.wait_until and not sooner:
                return turn
            turn.wait_until, turn.position = None, turn.position + 1
        elif step["kind"] == "branch":
            turn.position = _target(
                steps, turn.position, step["then" if holds(step["condition"], facts) else "otherwise"]
            )
        else:
            turn.opened.append(turn.position)
            turn.position += 1
    return turn


def _target(steps: Sequence[Mapping[str, Any]], place: int, to: str) -> int:
    if to == END:
        return len(steps)
    return next((n for n, each in enumerate(steps) if each["key"] == to and n > place), place + 1)


def over(spec: Mapping[str, Any], turn: Turn, states: Sequence[str]) -> bool:
    return turn.position >= len(spec["steps"]) and "open" not in states


def met(spec: Mapping[str, Any], facts: Facts) -> bool | None:
    """Whether it was a success; None when it does not say what one is."""
    criteria = spec.get("criteria", ())
    return all(holds(each, facts) for each in criteria) if criteria else None


def met_by_itself(spec: Mapping[str, Any], key: str, facts: Facts) -> bool:
    """A step whose own condition holds needs nobody."""
    step = next((each for each in spec["steps"] if each["key"] == key), None)
    return bool(step and step["kind"] in WORK and step.get("condition") and holds(step["condition"], facts))


def wake(turn: Turn, now: datetime) -> datetime:
    later = now + LOOK_EVERY
    return min(later, turn.wait_until) if turn.wait_until else later


def words(given: Mapping[str, str], language: str) -> str:
    """In this language, else in the other."""
    return given.get(language) or next((each for each in given.values() if each), "")


def check(spec: Mapping[str, Any]) -> None:
    """Raises WrongPlaybook with what is wrong, and in which step."""
    keys = [each["key"] for each in spec["steps"]]
    for place, step in enumerate(spec["steps"]):
        if (reason := _fault(step, keys, place)) is not None:
            raise WrongPlaybook(reason=reason, step=step["key"])
    for each in (*spec.get("exits", ()), *spec.get("criteria", ())):
        if (reason := _condition_fault(each, keys)) is not None:
            raise WrongPlaybook(reason=reason, step="")


def _fault(step: Mapping[str, Any], keys: Sequence[str], place: int) -> str | None:
    condition = step.get("condition")
    if keys.count(step["key"]) > 1:
        return "repeated_key"
    if step["kind"] == "branch":
        for to in (step["then"], step["otherwise"]):
            if to not in ("", END) and to not in keys[place + 1 :]:
                return "branch_target"
        if not condition:
            return "branch_condition"
    if step["kind"] in WORK and not words(step["title"], "ja"):
        return "title"
    if step["kind"] in DRAFTED and not words(step["text"], "ja"):
        return "text"
    if any(templates.faults(said) for said in (*step["text"].values(), *step["subject"].values())):
        return "variable"
    return _condition_fault(condition, keys[:place]) if condition else None


def _condition_fault(condition: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    if condition["fact"] == "step" and condition.get("key") not in keys:
        return "condition_step"
    return "condition_values" if condition["fact"] != "replied" and not condition.get("is") else None
