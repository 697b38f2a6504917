"""A clock from its ledger alone: what stands in its row has to follow from what happened to it. Pure."""

from collections.abc import Sequence
from typing import Any

from app.models.columns import NEVER
from app.rules import sla
from app.rules.sla import Entry, Ticking

OWN = (
    "state", "started_at", "due_at", "counts_from", "left_s", "wake_at", "step", "paused_at", "met_at", "breached_at",
    "by_change",
)  # fmt: skip
ROUNDING_S = 1e-3


def rebuilt(metric: str, entries: Sequence[Entry]) -> Ticking:
    """`entries` in their order, the start first; started, retargeted and terms with the terms that held from then."""
    first = entries[0]
    if first.kind != "started" or first.terms is None:
        raise ValueError("no clock begins like this")
    clock = sla.start(first.terms, metric, first.at)
    for number, entry in enumerate(entries[1:], start=1):
        _happened(clock, entry, entries[:number])
    return clock


def _happened(clock: Ticking, entry: Entry, before: Sequence[Entry]) -> None:
    match entry.kind:
        case "paused":
            sla.pause(clock, entry.at, entry.reason)
        case "resumed":
            sla.resume(clock, entry.at, entry.reason)
        case "met":
            sla.meet(clock, entry.at, entry.reason)
        case "cancelled":
            clock.state, clock.wake_at = sla.CANCELLED, NEVER
        case "voided" | "kept":
            clock.breached_at = None
        case "terms":
            clock.terms = entry.terms or clock.terms
        case "retargeted":
            clock.terms, clock.started_at = entry.terms or clock.terms, entry.since or clock.started_at
            sla.recount(clock, sla.pauses([(each.kind, each.at) for each in before]), entry.at)
            clock.wake_at = sla.next_wake(clock)
        case "warned":
            clock.step = entry.percent
            clock.wake_at = sla.next_wake(clock)
        case "breached":
            clock.breached_at, clock.by_change = entry.at, entry.reason == "by_change"
            clock.wake_at = sla.next_wake(clock)


def differences(row: Any, told: Ticking) -> list[str]:
    """The columns of a clock's row that its ledger tells otherwise."""
    found = [name for name in OWN if name != "left_s" and getattr(row, name) != getattr(told, name)]
    found += ["left_s"] if abs(row.left_s - told.left_s) > ROUNDING_S else []
    return found + ["target_s"] * (row.target_s != told.terms.target_s)
