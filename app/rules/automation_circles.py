"""Whether rules set each other off for ever: one's action is another's event, and so on until the first again. Pure.

What sets a value is an event only when it changes something. So an action counts when it is an event each time it is done
(a note), or when another rule of the same circle undoes it (another value, the tag away again).
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.rules.automation_spec import SETS, always, holds_after

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """A rule, as far as it matters here. One that is not saved yet has the id 0."""

    id: int
    name: str
    trigger: Json
    conditions: Json
    actions: Sequence[Json]


def circle(rule: Saying, others: Iterable[Saying]) -> list[str]:
    """The names of the shortest circle of two rules or more that begins with this one; empty when there is none."""
    rules = {each.id: each for each in (rule, *(each for each in others if each.id != rule.id))}
    while rule.id in rules:
        after = {number: _sets_off(each, rules.values()) for number, each in rules.items()}
        if not (found := _round(rule.id, after)):
            return []
        within = _connected(rule.id, after)
        if within == rules.keys():
            return [rules[number].name for number in found]
        rules = {number: rules[number] for number in within}  # who is outside undoes nothing: look again without them
    return []


def _sets_off(rule: Saying, rules: Collection[Saying]) -> set[int]:
    events = always(rule.actions) | {
        kind for given in rule.actions for other in rules if other.id != rule.id
        for undoing in other.actions if (kind := _undone(given, undoing))
    }  # fmt: skip
    return {
        each.id for each in rules
        if events & set(each.trigger.get("on", ())) and holds_after(each.conditions, rule.actions)
    }  # fmt: skip


def _undone(given: Json, other: Json) -> str:
    """The event that an action is anew each time, because another one undoes it."""
    do = given["do"]
    if do in SETS and other["do"] == do:
        name, kind = SETS[do]
        return kind if given[name] != other[name] else ""
    tags = {("add_tag", "remove_tag"): "ticket.tagged", ("remove_tag", "add_tag"): "ticket.untagged"}
    return tags.get((do, other["do"]), "") if given.get("tag") == other.get("tag") else ""


def _connected(start: int, after: Mapping[int, set[int]]) -> set[int]:
    """Those from which it comes back."""
    before: dict[int, set[int]] = {number: set() for number in after}
    for number, following in after.items():
        for each in following:
            before[each].add(number)
    return _reached(start, after) & _reached(start, before)


def _reached(start: int, after: Mapping[int, set[int]]) -> set[int]:
    found, ahead = {start}, [start]
    while ahead:
        fresh = after[ahead.pop()] - found
        found |= fresh
        ahead += fresh
    return found


def _round(start: int, after: Mapping[int, set[int]]) -> list[int]:
    """The shortest way from a rule to itself over others."""
    ahead, seen = deque([[start]]), {start}
    while ahead:
        path = ahead.popleft()
        for each in sorted(after[path[-1]]):
            if each == start and len(path) > 1:
                return path
            if each not in seen:
                seen.add(each)
                ahead.append([*path, each])
    return []
