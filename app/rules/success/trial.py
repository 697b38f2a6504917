"""How well a formula would have warned of the churn that is known (C7). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

STEPS = (180, 150, 120, 90, 60, 30)  # days before the end at which an account is looked at again
AHEAD = 60  # days before the end at which those who left are held against those who stayed
LOWEST = 0.2  # the share of the lowest scores that lift is counted in
WARNING = ("yellow", "red")


@dataclass(frozen=True, slots=True)
class Trial:
    churned: int  # who left, and could be scored at AHEAD
    stayed: int
    auc: float | None  # that one who left had scored lower than one who stayed: 0.5 is chance
    lift: float | None  # how much more of those who left are among the lowest than among all
    warned: int  # of those who left, who were yellow or red from some day on until the end
    lead_days: float | None  # the median of that day's distance


def auc(left: Sequence[float], stayed: Sequence[float]) -> float | None:
    """Ties count half."""
    if not left or not stayed:
        return None
    ranked = sorted([(score, 0) for score in left] + [(score, 1) for score in stayed])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        total += sum(kind == 0 for _, kind in ranked[place:end]) * ((place + 1 + end) / 2)
        place = end
    many = len(left)
    lower = total - many * (many + 1) / 2
    return round(1 - lower / (many * len(stayed)), 3)


def lift(left: Sequence[float], stayed: Sequence[float]) -> float | None:
    if not left or not stayed:
        return None
    everybody = sorted([(score, True) for score in left] + [(score, False) for score in stayed])
    lowest = everybody[: max(1, round(len(everybody) * LOWEST))]
    return round(sum(gone for _, gone in lowest) / len(lowest) / (len(left) / len(everybody)), 2)


def lead(colours: Mapping[int, str]) -> int | None:
    """So many days before the end the warning began that never ceased; None: it was never given, or ceased."""
    first = None
    for step in sorted(colours):
        if colours[step] not in WARNING:
            break
        first = step
    return first


def trial(left: Sequence[float], stayed: Sequence[float], colours: Sequence[Mapping[int, str]]) -> Trial:
    leads = [found for each in colours if (found := lead(each)) is not None]
    return Trial(
        len(left), len(stayed), auc(left, stayed), lift(left, stayed), len(leads),
        float(median(leads)) if leads else None,
    )  # fmt: skip
