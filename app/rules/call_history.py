"""A call's facts from its log alone: what the reports must equal. Pure.

The verbs write these facts as things happen (actions/calls.py, facts.py); here they are told again from the beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models import Presence
from app.rules.calls import outcome
from app.rules.history import Happened
from app.rules.kpi import REPEAT_S

SOON, LATE = (
    timedelta(seconds=10),
    timedelta(seconds=2),
)  # how long after a call's end, or before it, its wrap-up begins


@dataclass(frozen=True, slots=True)
class Was:
    """What an agent became, and when."""

    agent: int
    at: datetime
    state: str


@dataclass(slots=True)
class CallTold:
    started_at: datetime
    direction: str
    agent_id: int | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    voicemail_s: int | None = None
    wrap_s: int | None = None


def tell_call(started_at: datetime, direction: str, log: Iterable[Happened], presence: Sequence[Was]) -> CallTold:
    """Reads what was said of one call, oldest first, and what its agent was when it ended."""
    told = CallTold(started_at, direction)
    for each in log:
        _read(told, each)
    if told.ended_at is not None and direction == "in":
        told.outcome = outcome(answered=told.answered_at is not None, voicemail=told.voicemail_s is not None)
    elif told.answered_at is not None and told.ended_at is not None:
        told.outcome = "answered"
    told.wrap_s = _wrapped(told, [was for was in presence if was.agent == told.agent_id])
    return told


def _read(told: CallTold, each: Happened) -> None:
    given = each.params
    match each.kind:
        case "call.waiting":
            told.agent_id = None
        case "call.connecting":
            told.agent_id = each.agent
        case "call.connected":
            told.answered_at, told.agent_id = datetime.fromisoformat(given["answered_at"]), given["by"]
        case "call.voicemail":
            told.voicemail_s = given.get("duration_s", told.voicemail_s)
        case "call.ended" | "call.corrected":
            told.outcome = given["outcome"]
            told.ended_at = datetime.fromisoformat(given["ended_at"]) if given.get("ended_at") else told.ended_at


def _wrapped(told: CallTold, presence: Sequence[Was]) -> int | None:
    """Of nobody's wrap-up, and of an agent of whom nothing is known, nobody knows."""
    ended = told.ended_at
    if told.answered_at is None or ended is None or not any(was.at <= ended for was in presence):
        return None
    begun = None
    for was in presence:
        if begun is not None and was.state != Presence.WRAP_UP:
            return round((was.at - begun).total_seconds())
        if begun is None and was.state == Presence.WRAP_UP and -LATE <= was.at - ended < SOON:
            begun = was.at
    return 0


def repeats(calls: Iterable[tuple[int, datetime, int]]) -> set[int]:
    """Of incoming calls (person, when, id) those that came within 30 minutes of the same person's call before."""
    found, latest = set(), dict[int, datetime]()
    for person, at, number in sorted(calls, key=lambda each: each[1:]):
        before = latest.get(person)
        if before is not None and (at - before).total_seconds() <= REPEAT_S:
            found.add(number)
        latest[person] = at
    return found
