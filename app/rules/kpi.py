"""The figures of the reports: what each is, of what it is counted, and what becomes of the counts (domain 5.2). Pure.

How a figure is counted is SQL and stands in queries/reports; what it is called and how it is explained stands in
kpi_words.py. A ratio or a mean of nothing is None, shown as "–", never 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

COUNT, RATIO, DURATION, MEAN = "count", "ratio", "duration", "mean"
VARIANTS = ("A", "B", "C")  # of the service level
SINGLE_CONTACT_DAYS = 7
REPEAT_S = 30 * 60  # a customer who calls again within it calls about the same


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `fact`: the rows that it counts; its numerator and denominator are counts of them, or sums of seconds."""

    code: str
    group: str  # volume, response, resolution, satisfaction, sla, backlog, phone, people
    fact: str  # episode, ticket, resolution, survey, clock, snapshot, call, span
    kind: str
    good: str = ""  # "up" or "down": which way is better; empty: neither
    own: bool = True  # an agent may see it of themselves


FIGURES: dict[str, Figure] = {
    each.code: each
    for each in (
        Figure("inbound", "volume", "ticket", COUNT),
        Figure("turns", "volume", "episode", COUNT),
        Figure("response_rate", "response", "episode", RATIO, "up"),
        Figure("first_response", "response", "episode", DURATION, "down"),
        Figure("next_response", "response", "episode", DURATION, "down"),
        Figure("first_resolution", "resolution", "resolution", DURATION, "down"),
        Figure("resolution", "resolution", "resolution", DURATION, "down"),
        Figure("one_contact", "resolution", "resolution", RATIO, "up"),
        Figure("reopen_rate", "resolution", "resolution", RATIO, "down"),
        Figure("transfer_rate", "resolution", "ticket", RATIO, "down"),
        Figure("escalation_rate", "resolution", "ticket", RATIO),
        Figure("csat", "satisfaction", "survey", RATIO, "up"),
        Figure("csat_mean", "satisfaction", "survey", MEAN, "up"),
        Figure("csat_response", "satisfaction", "survey", RATIO, "up"),
        Figure("sla_first_response", "sla", "clock", RATIO, "up"),
        Figure("sla_next_response", "sla", "clock", RATIO, "up"),
        Figure("sla_resolution", "sla", "clock", RATIO, "up"),
        Figure("sla_callback", "sla", "clock", RATIO, "up"),
        Figure("sla_assignment", "sla", "clock", RATIO, "up"),
        Figure("backlog", "backlog", "snapshot", COUNT, "down"),
        Figure("offered", "phone", "call", COUNT, own=False),
        Figure("net_offered", "phone", "call", COUNT, own=False),
        Figure("repeat_rate", "phone", "call", RATIO, "down", own=False),
        Figure("answer_rate", "phone", "call", RATIO, "up", own=False),
        Figure("handled_rate", "phone", "call", RATIO, "up", own=False),
        Figure("abandon_rate", "phone", "call", RATIO, "down", own=False),
        Figure("short_abandons", "phone", "call", COUNT, own=False),
        Figure("service_level", "phone", "call", RATIO, "up", own=False),
        Figure("asa", "phone", "call", DURATION, "down"),
        Figure("abandon_wait", "phone", "call", DURATION, own=False),
        Figure("talk", "phone", "call", DURATION),
        Figure("hold", "phone", "call", DURATION),
        Figure("wrap_up", "phone", "call", DURATION),
        Figure("aht", "phone", "call", DURATION),
        Figure("occupancy", "people", "span", RATIO),
        Figure("utilisation", "people", "span", RATIO),
    )
}


@dataclass(frozen=True, slots=True)
class Value:
    """What was counted. A count has no denominator; a duration's numerator is the sum of its seconds."""

    numerator: float = 0
    denominator: float = 0
    p50: float | None = None
    p90: float | None = None


def result(kind: str, value: Value) -> float | None:
    """The figure itself; None without data."""
    if kind == COUNT:
        return value.numerator
    return value.numerator / value.denominator if value.denominator else None


def spread(counted: Iterable[tuple[int, int]]) -> Value:
    """Mean and percentiles of (seconds, how often): each percentile is a value that occurred (nearest rank)."""
    ordered = sorted(counted)
    total = sum(count for _, count in ordered)
    if not total:
        return Value()
    return Value(
        sum(seconds * count for seconds, count in ordered), total, rank(ordered, total, 50), rank(ordered, total, 90)
    )


def rank(ordered: Sequence[tuple[int, int]], total: int, percent: int) -> int:
    """The smallest value that at least so many percent do not exceed."""
    need, seen = ceil(total * percent / 100), 0
    for seconds, count in ordered:
        seen += count
        if seen >= need:
            return seconds
    raise ValueError("a percentile of nothing")


def change(kind: str, value: float | None, before: float | None) -> float | None:
    """Against the period before: percentage points as a fraction for a ratio, else the relative change."""
    if value is None or before is None:
        return None
    if kind == RATIO:
        return value - before
    return (value - before) / before if before else None


AGES = (("day", 86400), ("three_days", 3 * 86400), ("week", 7 * 86400), ("month", 30 * 86400))
OLDEST = "older"


def age(seconds: float) -> str:
    """The bucket of a backlog's ticket: younger than a day, three days, a week, 30 days, or older."""
    return next((name for name, limit in AGES if seconds < limit), OLDEST)
