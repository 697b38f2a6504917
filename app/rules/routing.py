"""Who gets which ticket (R1-R7): who can, whom of those, in which order, and why it waits. Pure.

A ticket's place in the queue is an instant that never moves: its deadline, or `PATIENCE` after it began to wait when that is
earlier. What comes later has a later place in the end, so nothing starves (R3), and the order does not depend on when it
is looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.models import Mode, Presence, Priority, Strategy

WEIGHTS: Mapping[str, int] = {"phone": 100, "chat": 30, "line": 15, "email": 10}
PATIENCE: Mapping[str, timedelta] = {
    Priority.URGENT: timedelta(minutes=15),
    Priority.HIGH: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
}
BARRED = timedelta(minutes=2)  # who declined a ticket is not asked for it again so soon
STICKY_DAYS = 14  # so long a person's last agent is remembered (R7)
PASSING = frozenset({"full", f"not_there:{Presence.BUSY}", f"not_there:{Presence.WRAP_UP}"})  # soon over by itself
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to a ticket that has waited so long (R6)."""

    after_s: int
    team_id: int | None = None  # it goes to this team; else skills no longer count


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A team's routing."""

    team_id: int
    mode: str = Mode.PUSH
    strategy: str = Strategy.LONGEST_IDLE
    offer_timeout_s: int = 30
    return_after_s: int | None = None
    sticky_s: int = 60
    on_shift: bool = True
    overflow: tuple[Step, ...] = ()
    crowd_over: int | None = None  # more than so many that wait are too many (R6)
    crowd_team_id: int | None = None  # where those behind go; none: skills no longer count for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent as routing sees them."""

    id: int
    teams: frozenset[int] = frozenset()
    presence: str = Presence.AVAILABLE
    since: datetime = LONG_AGO  # when they became what they are
    given_at: datetime = LONG_AGO  # when they last got something
    channels_off: frozenset[str] = frozenset()
    capacity: int = 100
    load: int = 0
    skills: Mapping[int, int] = field(default_factory=dict)  # skill id -> level
    permitted: bool = True
    on_shift: bool | None = None  # by their own working hours; None: their team's count


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A ticket that waits for an agent."""

    ticket: int
    team: int
    channel: str
    weight: int
    since: datetime
    due_at: datetime
    priority: str = Priority.NORMAL
    needs: Mapping[int, int] = field(default_factory=dict)  # skill id -> level
    widened: bool = False
    last_agent: int | None = None  # who last worked for this person (R7)
    barred: frozenset[int] = frozenset()  # who would not take it just now


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent's verdict: an empty `no` means that they can."""

    agent: int
    no: tuple[str, ...]
    load: int

    def shown(self) -> dict[str, Any]:
        return {"agent": self.agent, "no": list(self.no), "load": self.load}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`agent` gets it, or nobody does; `why` in one word."""

    waiting: Waiting
    agent: int | None
    why: str
    candidates: tuple[Candidate, ...]
    wait_for: int | None = None

    @property
    def key(self) -> str:
        """Two verdicts to wait with the same key say the same to a reader."""
        codes = sorted({code for each in self.candidates for code in each.no})
        return f"{self.waiting.team} {self.why} {','.join(codes)}"[:200]

    def reasons(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "candidates": [each.shown() for each in self.candidates],
            "channel": self.waiting.channel,
            "weight": self.waiting.weight,
            "needs": [{"skill": skill, "level": level} for skill, level in sorted(self.waiting.needs.items())],
            "widened": self.waiting.widened,
        }
        return found | ({"wait_for": self.wait_for} if self.wait_for is not None else {})


def place(waiting: Waiting) -> tuple[datetime, int]:
    """R3: the earliest deadline first, ageing bounded, the older number first among equals."""
    return min(waiting.due_at, waiting.since + PATIENCE[waiting.priority]), waiting.ticket


def order(queue: Iterable[Waiting]) -> list[Waiting]:
    return sorted(queue, key=place)


def against(seat: Seat, waiting: Waiting, plan: Plan) -> tuple[str, ...]:
    """R1, R4, R5: every reason why this agent cannot take it now; empty when they can."""
    found = []
    if not seat.permitted:
        found.append("not_permitted")
    if not (plan.on_shift if seat.on_shift is None else seat.on_shift):
        found.append("off_shift")
    if seat.presence != Presence.AVAILABLE:
        found.append(f"not_there:{seat.presence}")
    if waiting.channel in seat.channels_off:
        found.append("channel_off")
    if not waiting.widened:
        found += [
            f"skill:{skill}" for skill, level in sorted(waiting.needs.items()) if seat.skills.get(skill, 0) < level
        ]
    if seat.load + waiting.weight > seat.capacity:
        found.append("full")
    if seat.id in waiting.barred:
        found.append("declined")
    return tuple(found)


def choose(able: Sequence[Seat], strategy: str, needs: Mapping[int, int]) -> Seat:
    """R2: one of those who can. Ties by id, so that the same facts always give the same answer."""
    keys = {
        Strategy.LONGEST_IDLE: lambda s: (max(s.since, s.given_at), s.id),
        Strategy.LEAST_OCCUPIED: lambda s: (s.load / s.capacity, s.given_at, s.id),
        Strategy.ROUND_ROBIN: lambda s: (s.given_at, s.id),
        Strategy.SKILL_LEVEL: lambda s: (
            -sum(s.skills.get(n, 0) for n in needs),
            s.load / s.capacity,
            s.given_at,
            s.id,
        ),
    }
    return min(able, key=keys[Strategy(strategy)])


def judge(waiting: Waiting, plan: Plan, seats: Iterable[Seat], now: datetime) -> Verdict:
    """R1: filter, then the person's last agent (R7), then the strategy."""
    members = [seat for seat in seats if waiting.team in seat.teams]
    verdicts = {seat.id: against(seat, waiting, plan) for seat in members}
    candidates = tuple(Candidate(seat.id, verdicts[seat.id], seat.load) for seat in members)
    able = [seat for seat in members if not verdicts[seat.id]]
    last = waiting.last_agent
    if last is not None and verdicts.get(last) == ():
        return Verdict(waiting, last, "sticky", candidates)
    patient = now - waiting.since < timedelta(seconds=plan.sticky_s)
    if last in verdicts and patient and set(verdicts[last]) <= PASSING:
        return Verdict(waiting, None, "sticky", candidates, wait_for=last)
    if not able:
        nobody_works = bool(members) and all("off_shift" in each.no for each in candidates)
        return Verdict(waiting, None, "off_shift" if nobody_works or not plan.on_shift else "nobody", candidates)
    return Verdict(waiting, choose(able, plan.strategy, waiting.needs).id, plan.strategy, candidates)


def decide(
    queue: Iterable[Waiting], plans: Mapping[int, Plan], seats: Mapping[int, Seat], now: datetime
) -> list[Verdict]:
    """One verdict a ticket, in the queue's order; what an earlier one takes is not there for a later one (R4)."""
    present = dict(seats)
    found = []
    for waiting in order(queue):
        verdict = judge(waiting, plans[waiting.team], present.values(), now)
        if verdict.agent is not None:
            seat = present[verdict.agent]
            present[seat.id] = replace(seat, load=seat.load + waiting.weight, given_at=now)
        found.append(verdict)
    return found


def next_for(seat: Seat, queue: Iterable[Waiting], plans: Mapping[int, Plan], now: datetime) -> Verdict | None:
    """Pull: the first ticket of the queue that this agent can take. Who asks is there, whatever their state says."""
    asking = replace(seat, presence=Presence.AVAILABLE)
    for waiting in order(queue):
        if waiting.team in seat.teams and not against(asking, waiting, plans[waiting.team]):
            return Verdict(waiting, seat.id, "pulled", (Candidate(seat.id, (), seat.load),))
    return None


def overflow_at(plan: Plan, since: datetime, step: int) -> datetime | None:
    """When the next overflow step is due; None when there is none left."""
    return since + timedelta(seconds=plan.overflow[step].after_s) if step < len(plan.overflow) else None


def weight_of(channel: str, weights: Mapping[str, int]) -> int:
    """What an open ticket takes. Of a call that is over only the writing is left: it weighs like a mail."""
    written = "email" if channel == "phone" else channel
    return weights.get(written, WEIGHTS.get(written, 10))
