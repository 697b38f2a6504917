"""The success team's figures (C15): what each is, and what becomes of the accounts that it counts. Pure.

A figure is made of rows, one for each account (or renewal, alert, run) that it counts, with a share of the numerator
and of the denominator. Nothing counted is None, shown as "–", never 0. Only those who were customers when the period
began are in churn, GRR and NRR.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

RATIO, MONEY, DAYS = "ratio", "money", "days"
YEAR = 365.25
ANSWER = timedelta(days=14)  # a letter of outreach that is answered later was not
MOST_YEARS = 5.0  # a lifetime is not taken for longer than this: without churn it would have no end


@dataclass(frozen=True, slots=True)
class Figure:
    code: str
    group: str  # revenue, renewal, relationship, onboarding
    kind: str
    good: str = ""  # "up" or "down": which way is better


FIGURES: Mapping[str, Figure] = {
    each.code: each
    for each in (
        Figure("logo_churn", "revenue", RATIO, "down"),
        Figure("grr", "revenue", RATIO, "up"),
        Figure("nrr", "revenue", RATIO, "up"),
        Figure("arpa", "revenue", MONEY, "up"),
        Figure("ltv", "revenue", MONEY, "up"),
        Figure("renewal_rate", "renewal", RATIO, "up"),
        Figure("renewal_amount", "renewal", RATIO, "up"),
        Figure("save_rate", "renewal", RATIO, "up"),
        Figure("coverage", "relationship", RATIO, "up"),
        Figure("outreach_response", "relationship", RATIO, "up"),
        Figure("outreach_stops", "relationship", RATIO, "down"),
        Figure("ttv", "onboarding", DAYS, "down"),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """One account that a figure counts."""

    account: int
    numerator: float
    denominator: float = 1
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """What an account's contracts were worth a year, when the period began and when it ended."""

    account: int
    start: int
    end: int


def churn(worths: Iterable[Worth]) -> list[Row]:
    return [Row(each.account, float(each.end == 0)) for each in worths if each.start > 0]


def grr(worths: Iterable[Worth]) -> list[Row]:
    """What was lost and what became less; what grew does not make up for it."""
    return [Row(each.account, min(each.start, each.end), each.start) for each in worths if each.start > 0]


def nrr(worths: Iterable[Worth]) -> list[Row]:
    return [Row(each.account, each.end, each.start) for each in worths if each.start > 0]


def arpa(worths: Iterable[Worth]) -> list[Row]:
    return [Row(each.account, each.end) for each in worths if each.end > 0]


@dataclass(frozen=True, slots=True)
class Value:
    value: float | None
    numerator: float
    denominator: float


def value(kind: str, rows: Sequence[Row]) -> Value:
    """A ratio or a mean of the sums; of days the median."""
    above, below = sum(each.numerator for each in rows), sum(each.denominator for each in rows)
    if kind == DAYS:
        return Value(median(each.numerator for each in rows) if rows else None, above, below)
    return Value(above / below if below else None, above, below)


def ltv(revenue: Value, churned: Value, days: int, margin: float) -> Value:
    """A year's revenue of an account, its margin, and how many years accounts stay at the period's pace of churn."""
    if revenue.value is None or churned.value is None:
        return Value(None, 0, 0)
    yearly = churned.value * YEAR / max(1, days)
    stays = min(MOST_YEARS, 1 / yearly) if yearly else MOST_YEARS
    return Value(revenue.value * margin * stays, revenue.numerator, revenue.denominator)


def in_time(sent_at: datetime, answered_at: datetime | None) -> bool:
    """Whether an answer to a letter counts as one."""
    return answered_at is not None and answered_at - sent_at <= ANSWER


COLOURS = ("blue", "yellow", "red", "grey")


def migration(before: Mapping[int, str], after: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """How many accounts went from each colour to each other; the sum is how many there are in both."""
    moved = {one: dict.fromkeys(COLOURS, 0) for one in COLOURS}
    for account, colour in before.items():
        if account in after:
            moved[colour][after[account]] += 1
    return moved
