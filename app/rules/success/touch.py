"""The touch-point matrix (C2): tier × kind of inquiry × channel × hours → who answers, who hears of it, what is promised. Pure.

A cell: {"tier", "kind", "channel", "hours": a word, or "*" for any; "owner": "support", "pool" (the success team) or
"manager" (the account's); "form": how it is handed over, empty for not at all; "copy": the manager hears of it;
"team_id": the support team, null for the inbox's; "policy_id": what is promised, null for what conditions say}.

Of the cells that fit the one that names most wins. Two that name equally many and can both fit the same ticket are a
conflict, unless a third says what holds where they meet. Tickets of no account are not the matrix's.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from app.errors import Invalid
from app.rules.success.handover import FORMS
from app.rules.success.tiers import TIERS

ANY = "*"
DIMENSIONS = ("tier", "kind", "channel", "hours")
HOURS = ("in", "out")
OWNERS = ("support", "pool", "manager")
MOST = 200
# The reasons, with a sentence for programs. The screens have their own, in both languages.
REASONS = {
    "word": "this is none of the words for it",
    "form_missing": "what success answers is handed over in some form",
    "form_owner": "what support answers is not handed over as a transfer",
    "unknown": "there is no such thing, or it was put away",
    "twice": "another cell stands in the same place",
    "conflict": "this cell and another one fit the same ticket, and neither says more",
    "many": "there are too many cells",
}
Cell = Mapping[str, Any]
Fault = tuple[str, str]  # where, and which of the reasons


class WrongMatrix(Invalid):
    """This matrix does not fit."""

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "WrongMatrix":
        return cls(fields=[{"at": at, "code": code, "says": REASONS[code]} for at, code in faults])


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the matrix goes by."""

    tier: str
    kind: str = ""
    channel: str = ""
    hours: str = "in"

    def shown(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in DIMENSIONS}


def cell(owner: str = "support", form: str = "", **given: Any) -> dict[str, Any]:
    """A whole cell: what is not named is any, or nothing."""
    return {**dict.fromkeys(DIMENSIONS, ANY), "owner": owner, "form": form, "copy": False, "team_id": None,
            "policy_id": None, **given}  # fmt: skip


# C2's usual answer: what the machine answers for tech touch, the desk for low touch, and success for high touch. Out of hours
# the desk answers high touch too, and hands the matter back.
TEMPLATE: tuple[dict[str, Any], ...] = (
    cell(tier="tech"),
    cell(tier="low"),
    cell("pool", "transfer", tier="low", kind="contract"),
    cell("pool", "consult", tier="low", kind="training"),
    cell(tier="high", copy=True),
    cell("support", "inform", tier="high", kind="trouble", copy=True),
    *(
        each
        for kind in ("strategy", "contract", "training")
        for each in (
            cell("manager", "transfer", tier="high", kind=kind),
            cell("support", "consult", tier="high", kind=kind, hours="out", copy=True),
        )
    ),
)


def weight(given: Cell) -> int:
    return sum(given[name] != ANY for name in DIMENSIONS)


def fits(given: Cell, case: Case) -> bool:
    return all(given[name] in (ANY, getattr(case, name)) for name in DIMENSIONS)


def choose(cells: Sequence[Cell], case: Case) -> Cell | None:
    """The one that names most. None: support answers as it always does."""
    return max((each for each in cells if fits(each, case)), key=weight, default=None)


def _meet(one: Cell, other: Cell) -> tuple[str, ...] | None:
    """Where both fit; None when they never do."""
    pairs = [(one[name], other[name]) for name in DIMENSIONS]
    if any(ANY not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    return tuple(a if b == ANY else b for a, b in pairs)


def _place(given: Cell) -> tuple[str, ...]:
    return tuple(given[name] for name in DIMENSIONS)


def faults(cells: Sequence[Cell], *, kinds: Collection[str], channels: Collection[str]) -> list[Fault]:
    """Everything that does not fit; what refers to teams and policies is the caller's to check."""
    if len(cells) > MOST:
        return [("", "many")]
    words = {"tier": TIERS, "kind": kinds, "channel": channels, "hours": HOURS}
    found = [
        (f"{at}.{name}", "word") for at, each in enumerate(cells) for name in DIMENSIONS
        if each[name] != ANY and each[name] not in words[name]
    ]  # fmt: skip
    found += [fault for at, each in enumerate(cells) for fault in _answer(at, each)]
    return found + list(_conflicts(cells))


def _answer(at: int, given: Cell) -> Iterator[Fault]:
    if given["owner"] not in OWNERS:
        yield f"{at}.owner", "word"
    elif given["form"] not in ("", *FORMS):
        yield f"{at}.form", "word"
    elif given["owner"] != "support" and not given["form"]:
        yield f"{at}.form", "form_missing"
    elif given["owner"] == "support" and given["form"] == "transfer":
        yield f"{at}.form", "form_owner"


def _conflicts(cells: Sequence[Cell]) -> Iterator[Fault]:
    places = [_place(each) for each in cells]
    for (at, one), (other_at, other) in combinations(enumerate(cells), 2):
        if places[at] == places[other_at]:
            yield f"{other_at}", "twice"
            continue
        meet = _meet(one, other) if weight(one) == weight(other) else None
        if meet is not None and meet not in places:
            yield f"{other_at}", "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A ticket of the past, as the simulation sees it."""

    number: int
    case: Case
    manager: int | None = None  # the account's
    team: int | None = None


def answers(given: Cell | None, past: Past) -> tuple[str, int | None]:
    """Who answers: ("support", the team), ("pool", None) or ("manager", the agent)."""
    if given is None or given["owner"] == "support":
        return "support", given["team_id"] if given and given["team_id"] is not None else past.team
    if given["owner"] == "manager" and past.manager is not None:
        return "manager", past.manager
    return "pool", None


def simulate(past: Sequence[Past], cells: Sequence[Cell], now: Sequence[Cell]) -> dict[str, Any]:
    """How these cells would have answered, beside those that hold now: tickets a cell, who changes, everybody's load."""
    counts: dict[tuple[str, ...] | None, int] = {}
    load: dict[tuple[str, int | None], list[int]] = {}
    changed: list[dict[str, Any]] = []
    for each in past:
        chosen = choose(cells, each.case)
        before, after = answers(choose(now, each.case), each), answers(chosen, each)
        place = _place(chosen) if chosen else None
        counts[place] = counts.get(place, 0) + 1
        load.setdefault(before, [0, 0])[0] += 1
        load.setdefault(after, [0, 0])[1] += 1
        if before != after:
            changed.append({"number": each.number, "was": _who(before), "to": _who(after), **each.case.shown()})
    places = [_place(each) for each in cells]
    return {
        "tickets": len(past), "unmatched": counts.get(None, 0), "cells": [counts.get(each, 0) for each in places],
        "changed": len(changed), "examples": changed[-20:],
        "load": [{**_who(who), "before": a, "after": b} for who, (a, b) in sorted(load.items(), key=_order)],
    }  # fmt: skip


def _who(given: tuple[str, int | None]) -> dict[str, Any]:
    return {"owner": given[0], "id": given[1]}


def _order(each: tuple[tuple[str, int | None], list[int]]) -> tuple[int, int]:
    (owner, number), _ = each
    return OWNERS.index(owner), number or 0
