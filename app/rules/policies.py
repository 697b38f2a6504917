"""Which promise a ticket has: ordered conditions, the first that holds (SLA1). Pure.

A spec: {"conditions": [{"field": "tier", "any": ["high"]}], "hours": "business" or "elapsed", "calendar_id": 1 or null,
"by_team": true when a team's own calendar goes before it, "targets": {metric: {priority: seconds}},
"pauses": {metric: [status]}, "reopen": "resume" or "restart",
"steps": [{"percent": 75, "metrics": [], "to": ["assignee", "leads", "success", {"agent": 1}]}]}.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.models import Priority, Role, Status
from app.rules.hours import Hours

FIRST, NEXT = "first_response", "next_response"
RESOLUTION, CALLBACK, ASSIGNMENT = "resolution", "callback", "assignment"
RESPONSES = (FIRST, NEXT)
METRICS = (FIRST, NEXT, RESOLUTION, CALLBACK, ASSIGNMENT)
FIELDS = ("channel", "inbox", "team", "priority", "tier", "account", "tag", "language")
PERCENTS = (50, 75, 90, 100, 150)
PAUSES = {RESOLUTION: (Status.PENDING.value, Status.SNOOZED.value)}  # SLA3: an answer is owed all the same

Recipient = str | int  # "assignee", "leads", "success", or an agent's id


@dataclass(frozen=True, slots=True)
class Step:
    percent: int
    metrics: frozenset[str]  # none: all
    to: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy."""

    id: int
    version: int
    conditions: tuple[tuple[str, frozenset[Any]], ...] = ()
    calendar_id: int | None = None  # none: all time counts
    by_team: bool = False
    targets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pauses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    restarts: bool = False  # the time to a solution, when a ticket is opened again
    steps: tuple[Step, ...] = ()

    def steps_of(self, metric: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.metrics or metric in step.metrics)


@dataclass(slots=True)
class Facts:
    """What a promise depends on, and where the ticket stands."""

    number: int
    channel: str
    inbox: int
    default_s: int  # what the inbox promises when no policy does
    team: int | None = None
    priority: str = Priority.NORMAL
    tier: str = ""
    account: int | None = None
    language: str = ""
    tags: frozenset[int] = frozenset()
    status: str = Status.OPEN
    policy_id: int | None = None
    forced: int | None = None  # the policy that somebody chose for it
    created_at: datetime | None = None
    waits_since: datetime | None = None  # the oldest unanswered message
    assignee: int | None = None
    free_since: datetime | None = None  # when it was last released
    answered_before: bool = False
    inbound: bool = True


@dataclass(frozen=True, slots=True)
class Promises:
    """All that the desk promises now: policies in their order, calendars in their present version."""

    active: tuple[Policy, ...] = ()  # in their order
    present: Mapping[int, Policy] = field(default_factory=dict)  # put away ones too: what they have keeps them
    calendars: Mapping[int, tuple[int, Hours]] = field(default_factory=dict)
    team_calendars: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What one clock promises."""

    target_s: int
    priority: str = Priority.NORMAL
    policy: Policy | None = None
    calendar: tuple[int, int] | None = None  # its id and version
    hours: Hours | None = None


def policy(number: int, version: int, spec: Mapping[str, Any]) -> Policy:
    """From what is stored."""
    return Policy(
        id=number,
        version=version,
        conditions=tuple((each["field"], frozenset(each["any"])) for each in spec.get("conditions", ())),
        calendar_id=spec.get("calendar_id") if spec["hours"] == "business" else None,
        by_team=spec["hours"] == "business" and bool(spec.get("by_team")),
        targets=spec["targets"],
        pauses={metric: frozenset(given) for metric, given in spec.get("pauses", PAUSES).items()},
        restarts=spec.get("reopen") == "restart",
        steps=tuple(_step(each) for each in spec.get("steps", ())),
    )


def _step(given: Mapping[str, Any]) -> Step:
    to = tuple(each["agent"] if isinstance(each, dict) else each for each in given["to"])
    return Step(given["percent"], frozenset(given.get("metrics", ())), to)


def match(policies: Iterable[Policy], facts: Facts) -> Policy | None:
    """The first policy all of whose conditions hold (SLA1)."""
    return next((each for each in policies if all(_holds(facts, *condition) for condition in each.conditions)), None)


def chosen(promises: Promises, facts: Facts) -> Policy | None:
    """The one that somebody chose for the ticket, even when it was put away since; without one, by conditions."""
    if facts.forced is not None:
        return promises.present[facts.forced]
    return match(promises.active, facts)


def promises_something(policy: Policy, priority: str) -> bool:
    """Whether a ticket of this priority is owed anything by it."""
    return any(priority in targets for targets in policy.targets.values())


@dataclass(frozen=True, slots=True)
class Staff:
    """Who could be told: active agents only."""

    roles: Mapping[int, str]
    teams: Mapping[int, frozenset[int]]  # a team's members


def told(
    to: Iterable[Recipient], staff: Staff, *, assignee: int | None, team: int | None, owner: int | None
) -> list[int]:
    """The agents whom a warning reaches (SLA9). When it would reach nobody, all leads hear it, or the owners."""
    found: set[int] = set()
    for each in to:
        found |= _group(each, staff, assignee=assignee, team=team, owner=owner)
    found &= staff.roles.keys()
    return sorted(found or _role(staff, Role.LEAD) or _role(staff, Role.OWNER))


def _group(to: Recipient, staff: Staff, *, assignee: int | None, team: int | None, owner: int | None) -> set[int]:
    match to:
        case "assignee":
            return {assignee} if assignee is not None else set()
        case "leads":
            leads = _role(staff, Role.LEAD)
            return (leads & staff.teams.get(team or 0, frozenset())) or leads
        case "success":
            return {owner} if owner is not None and owner in staff.roles else _role(staff, Role.SUCCESS)
    return {int(to)}


def _role(staff: Staff, role: str) -> set[int]:
    return {agent for agent, held in staff.roles.items() if held == role}


def _holds(facts: Facts, name: str, wanted: frozenset[Any]) -> bool:
    if name == "tag":
        return not wanted.isdisjoint(facts.tags)
    return getattr(facts, name) in wanted


def terms(promises: Promises, chosen: Policy | None, facts: Facts, metric: str) -> Terms | None:
    """What is promised for a metric; None when nothing is. Without a policy the inbox's own promise holds."""
    if chosen is None:
        return Terms(facts.default_s, facts.priority) if metric in RESPONSES else None
    target = chosen.targets.get(metric, {}).get(facts.priority)
    if target is None:
        return None
    own = promises.team_calendars.get(facts.team) if chosen.by_team and facts.team is not None else None
    number = own if own is not None else chosen.calendar_id
    if number is None or number not in promises.calendars:
        return Terms(target, facts.priority, chosen)
    version, hours = promises.calendars[number]
    return Terms(target, facts.priority, chosen, (number, version), hours)
