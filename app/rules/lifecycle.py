"""Which status may follow which, and what a change means. Pure."""

from datetime import datetime

from app.errors import Invalid
from app.models import Status

SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
AGENT_MAY_SET = frozenset({Status.OPEN, Status.PENDING, Status.SNOOZED, Status.RESOLVED, Status.CLOSED, Status.SPAM})


class SnoozeNeedsTime(Invalid):
    """Snoozing needs a time in the future."""


class UnknownStatus(Invalid):
    """There is no such status."""


def check(status: str, snoozed_until: datetime | None, now: datetime) -> None:
    """Raises when an agent may not set this."""
    if status not in AGENT_MAY_SET:
        raise UnknownStatus
    if status == Status.SNOOZED and (snoozed_until is None or snoozed_until <= now):
        raise SnoozeNeedsTime


def after_reply(then: str, present: str) -> str:
    """The status after an agent's answer: what they chose, else an unsolved ticket stays and any other opens."""
    if then:
        return then
    return present if present in (Status.OPEN, Status.PENDING) else Status.OPEN
