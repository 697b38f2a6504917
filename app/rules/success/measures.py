"""What is measured of an account (C5), from plain facts. Tickets are not bad in themselves (C6). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

NOT_YET = 4  # things done in twelve weeks: fewer are no baseline
WEIGHT_OF_URGENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an account at a moment. Ages and distances are in days; None: it is not known."""

    tier: str = ""
    stage: str = ""
    used: int = 0  # things done with the product in the last 28 days
    core: int = 0  # of them, other than signing in
    usual: float | None = None  # the same for 28 days of the twelve weeks before
    things: int = 0  # different ones, in 28 days
    members: int = 0  # who did them
    members_ever: int = 0  # in sixteen weeks
    busiest: float = 0.0  # the share of the one who did most
    last_use: float | None = None
    first_use: float | None = None  # since the contract's beginning
    helped: int = 0  # pages of help that were read in 14 days
    under_contract: bool = False
    seats: int | None = None
    begun: float | None = None  # since the earliest running contract began
    renewal: float | None = None  # days until the next
    unpaid: float | None = None  # since the bill that is open; 0: none is
    urgent: int = 0  # unsolved cases of priority urgent
    urgent_age: float | None = None
    aged: int = 0  # unsolved for more than a week
    cases: int = 0  # of the last 28 days
    cases_before: int = 0  # of the twelve weeks before them
    cases_fortnight: int = 0
    reopened: int = 0  # of those of sixteen weeks
    unsolved: int = 0
    csat: float | None = None
    csat_age: float | None = None
    contact: float | None = None  # since they wrote and were answered
    sponsor: float | None = None  # since a champion or sponsor was last seen
    champion_gone: bool = False  # none of their addresses takes anything any more
    same_cause: str = ""  # asked for by several people in 30 days
    same_people: int = 0
    pulse: int | None = None
    pulse_age: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A measure's value, and how old what it rests on is."""

    value: float
    age: float = 0.0


def _breadth(facts: Facts) -> Known | None:
    return (
        Known(facts.members / facts.seats, facts.last_use or 0.0)
        if facts.seats and facts.last_use is not None
        else None
    )


def _trend(facts: Facts) -> Known | None:
    if facts.usual is None or facts.usual * 3 < NOT_YET:
        return None
    return Known(facts.used / facts.usual)


def _started(facts: Facts) -> Known | None:
    """How long they took to begin; while they have not, how long they have been waiting."""
    if facts.begun is None:
        return None
    return Known(facts.begun if facts.first_use is None else max(facts.first_use, 0.0))


def _open(facts: Facts) -> Known | None:
    if not (facts.cases or facts.cases_before or facts.unsolved):
        return None
    return Known(float(facts.urgent * WEIGHT_OF_URGENT + facts.aged))


def _reopened(facts: Facts) -> Known | None:
    seen = facts.cases + facts.cases_before
    return Known(facts.reopened / seen) if seen else None


def _load(facts: Facts) -> Known | None:
    """Cases against what is usual for this account; questions while they begin are a good sign, and not counted."""
    if facts.stage == "onboarding" or facts.cases_before < NOT_YET - 1:
        return None
    return Known(facts.cases / (facts.cases_before / 3))


def _dated(value: float | None, age: float | None = 0.0) -> Known | None:
    return None if value is None else Known(value, age or 0.0)


def _quiet(facts: Facts) -> Known | None:
    """Days without any sign: neither use nor a word. Silence of somebody who was active is the risk (C6)."""
    seen = [age for age in (facts.last_use, facts.contact) if age is not None]
    return Known(min(seen)) if seen else None


Reading = Callable[[Facts], Known | None]
MEASURES: Mapping[str, tuple[str, Reading]] = {
    "usage.depth": ("usage", lambda f: None if f.last_use is None else Known(f.things, f.last_use)),
    "usage.breadth": ("usage", _breadth),
    "usage.trend": ("usage", _trend),
    "usage.recent": ("usage", lambda f: _dated(f.last_use)),
    "adoption.started": ("adoption", _started),
    "adoption.users": ("adoption", lambda f: None if f.begun is None else Known(f.members_ever)),
    "support.open": ("support", _open),
    "support.reopened": ("support", _reopened),
    "support.csat": ("support", lambda f: _dated(f.csat, f.csat_age)),
    "support.load": ("support", _load),
    "relation.contact": ("relation", lambda f: _dated(f.contact)),
    "relation.sponsor": ("relation", lambda f: _dated(f.sponsor)),
    "relation.quiet": ("relation", _quiet),
    "commercial.renewal": ("commercial", lambda f: _dated(f.renewal)),
    "commercial.payment": ("commercial", lambda f: _dated(f.unpaid)),
    "pulse": ("pulse", lambda f: _dated(f.pulse, f.pulse_age)),
}
