"""Which promise a customer's message starts. Pure. The full engine replaces the one default target per inbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = "first_response"
NEXT = "next_response"


@dataclass(frozen=True, slots=True)
class Promise:
    metric: str
    started_at: datetime
    due_at: datetime
    target_s: int


def promise(waiting_since: datetime, *, answered_before: bool, target_s: int) -> Promise:
    """The clock of the oldest unanswered message: later ones in the same run do not move it (SLA3)."""
    metric = NEXT if answered_before else FIRST
    return Promise(metric, waiting_since, waiting_since + timedelta(seconds=target_s), target_s)
