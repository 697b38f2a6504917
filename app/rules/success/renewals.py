"""Renewals (C13): how near one is, until when a contract may be cancelled, and for how long it goes on. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

MARKS = (30, 60, 90, 120, 180)  # T-n: days before a renewal
CATEGORIES = ("commit", "likely", "at_risk", "lost")
OPEN, RENEWED = "", "renewed"


def mark(days: int) -> int | None:
    """The latest T-n that has passed; None when it is further away than all."""
    return next((each for each in MARKS if days <= each), None)


def notice(notice_on: date | None, renews_on: date | None, notice_days: int | None) -> date | None:
    """The last day on which it may be cancelled: the one that is named, else so many days before."""
    if notice_on is not None or renews_on is None or notice_days is None:
        return notice_on
    return renews_on - timedelta(days=notice_days)


def following(on: date, months: int) -> date:
    """The same day so many months later; a month without that day: its last."""
    month = on.month - 1 + months
    year, month = on.year + month // 12, month % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Counted:
    """One renewal, for the totals."""

    due_on: date
    currency: str
    amount: int
    category: str
    outcome: str
    renewed_amount: int


def totals(renewals: Iterable[Counted]) -> list[dict[str, Any]]:
    """Of each month and currency: what is due, and what is expected or became of it. The parts add up to what is due."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in renewals:
        key = f"{each.due_on:%Y-%m}", each.currency
        row = found.setdefault(
            key, {"month": key[0], "currency": key[1], "count": 0, "due": 0, **dict.fromkeys(PARTS, 0)}
        )
        row["count"] += 1
        row["due"] += each.amount
        row[_part(each)] += each.amount
        row["renewed_amount"] += each.renewed_amount
    return [found[key] for key in sorted(found)]


PARTS = ("commit", "likely", "at_risk", "lost", "unsaid", "renewed", "renewed_amount")


def _part(each: Counted) -> str:
    return each.outcome or each.category or "unsaid"


def next_term(given: Mapping[str, Any], due_on: date, to: date | None) -> dict[str, Any]:
    """The contract's days after a renewal: all move on by the same time."""
    months = int(given["term_months"])
    moved: dict[str, Any] = {"renews_on": to or following(due_on, months)}
    if given["notice_on"] is not None:
        moved["notice_on"] = moved["renews_on"] - (due_on - given["notice_on"])
    return moved
