"""Which touch an account gets: by the value of its contracts, or by hand until a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

TIERS = ("high", "low", "tech")
STAGES = ("onboarding", "adopting", "steady", "renewal", "at_risk", "churned")
ROLES = ("champion", "sponsor", "admin", "user")


@dataclass(frozen=True, slots=True)
class Worth:
    """One contract, as far as tiers are concerned."""

    value: int
    currency: str
    starts_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """From which yearly value on a touch begins; without any step, nothing is decided by rule."""

    high_from: int | None = None
    low_from: int | None = None
    currency: str = "JPY"

    @property
    def decides(self) -> bool:
        return self.high_from is not None or self.low_from is not None


def worth(contracts: Iterable[Worth], currency: str, today: date) -> int:
    """What a year is worth now: contracts that run, in this currency."""
    return sum(each.value for each in contracts if each.currency == currency and _runs(each, today))


def _runs(each: Worth, today: date) -> bool:
    return (each.starts_on is None or each.starts_on <= today) and (each.ended_on is None or each.ended_on > today)


def by_rule(ladder: Ladder, value: int) -> str:
    """The tier; empty when the rule decides nothing."""
    if not ladder.decides:
        return ""
    if ladder.high_from is not None and value >= ladder.high_from:
        return "high"
    return "low" if ladder.low_from is not None and value >= ladder.low_from else "tech"


def stands(tier_by: str, until: datetime | None, now: datetime) -> bool:
    """Whether what was decided by hand still holds."""
    return tier_by == "hand" and (until is None or until > now)
