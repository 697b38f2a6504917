"""Today's signals of a success manager (C16): everything that asks for something, in one order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# What comes first when two are due at the same time: who is leaving before who may grow.
RANK = ("alert", "handover", "notice", "task", "stalled", "renewal", "rhythm", "hint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`about`: what the screen makes its sentence of; `ref`: the thing's own number."""

    kind: str
    account: int | None
    at: datetime  # when it is due
    ref: int
    about: dict[str, Any]


def ordered(signals: Iterable[Signal], now: datetime) -> list[Signal]:
    """What is late first, then by its day; of one day by its weight."""
    return sorted(signals, key=lambda each: (each.at >= now, each.at.date(), RANK.index(each.kind), each.at, each.ref))
