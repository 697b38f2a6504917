"""With whom a waiting call rings (R1, R4, R6, T17): with one after the other, then with all who can, at last with all. Pure.

Calls are served in the order in which they came, which is the order that callers are told. A caller holds the line: nobody is
waited for because they know them, mails and LINE messages of an agent may lie meanwhile (their load is that of talks and
chats alone), and who let it ring is asked again sooner than for a ticket.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.models.columns import NEVER
from app.rules.presence import AT_WORK
from app.rules.routing import Plan, Seat, Step, Verdict, Waiting, judge

RING_S = 20  # the longest that it rings with one alone (T17)
BARRED = timedelta(seconds=30)  # who declined a call, or let it ring, is left alone with it so long
LAST_RESORT = timedelta(seconds=60)  # after the last step: it rings with everybody at work
WEIGHT = 100  # a call fills an agent (R4)


@dataclass(frozen=True, slots=True)
class Ring:
    """An offer that is open: this call rings with this agent."""

    offer: int
    agent: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A call that waits in a routed team."""

    call: int
    waiting: Waiting  # `since`: when it began to wait in this team
    step: int = 0
    rings: tuple[Ring, ...] = ()
    waiting_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What happens to a caller now."""

    caller: Caller
    verdict: Verdict
    ended: tuple[tuple[Ring, str], ...] = ()  # with the state that they end in
    rings: tuple[int, ...] = ()  # agents with whom it begins to ring
    until: datetime = NEVER
    weight: int = 0  # of their capacity
    step: Step | None = None  # of overflow, whose time has come
    over: int | None = None  # so many may wait, and this one is behind them (R6)

    @property
    def waits(self) -> bool:
        """It rings with nobody."""
        return not self.rings and len(self.caller.rings) == len(self.ended)

    @property
    def is_news(self) -> bool:
        says = self.waits and self.verdict.key != self.caller.waiting_key
        return bool(self.ended or self.rings or self.step or self.over is not None or says)


def turns(callers: Iterable[Caller], plans: Mapping[int, Plan], seats: Mapping[int, Seat], now: datetime) -> list[Turn]:
    """One for each caller, the first ones first; whom an earlier one rings alone is not there for a later one (R4)."""
    present, before, found = dict(seats), dict.fromkeys(plans, 0), []
    for caller in sorted(callers, key=lambda each: (each.waiting.due_at, each.call)):
        plan = plans[caller.waiting.team]
        turn = _turn(caller, plan, present, now, before=before[plan.team_id])
        before[plan.team_id] += 1
        for agent in turn.rings if turn.weight else ():
            present[agent] = replace(present[agent], load=present[agent].load + turn.weight, given_at=now)
        found.append(turn)
    return found


def _turn(caller: Caller, plan: Plan, seats: Mapping[int, Seat], now: datetime, *, before: int) -> Turn:
    ended = tuple((ring, state) for ring in caller.rings if (state := _ending(ring, seats.get(ring.agent), now)))
    gone = frozenset(ring.agent for ring, _ in ended)
    waiting = replace(caller.waiting, barred=caller.waiting.barred | gone)
    verdict = judge(waiting, replace(plan, sticky_s=0), seats.values(), now)
    turn = Turn(caller=caller, verdict=verdict, ended=ended)
    waited = now - waiting.since
    if caller.step < len(plan.overflow) and waited >= timedelta(seconds=plan.overflow[caller.step].after_s):
        return replace(turn, step=plan.overflow[caller.step])
    if plan.crowd_over is not None and before >= plan.crowd_over and _moves(plan, waiting):
        return replace(turn, over=plan.crowd_over)
    hear = {ring.agent for ring in caller.rings} - gone
    if caller.step >= len(plan.overflow) and waited >= _patience(plan):
        able, why = _at_work(waiting, seats.values()), "everybody"
    elif waiting.widened:
        able, why = {each.agent for each in verdict.candidates if not each.no}, "all_able"
    elif hear or verdict.agent is None:
        return turn
    else:
        until = now + timedelta(seconds=min(plan.offer_timeout_s, RING_S))
        return replace(turn, rings=(verdict.agent,), until=until, weight=WEIGHT)
    fresh = tuple(sorted(able - hear))
    return replace(turn, rings=fresh, verdict=replace(verdict, why=why) if fresh else verdict)


def _ending(ring: Ring, seat: Seat | None, now: datetime) -> str:
    """How a ring ends by itself: empty while it goes on."""
    if seat is None or not _hears(seat):
        return "withdrawn"
    return "expired" if ring.expires_at <= now else ""


def _hears(seat: Seat) -> bool:
    return seat.permitted and seat.presence in AT_WORK and "phone" not in seat.channels_off


def _moves(plan: Plan, waiting: Waiting) -> bool:
    return plan.crowd_team_id is not None or not waiting.widened


def _patience(plan: Plan) -> timedelta:
    return timedelta(seconds=plan.overflow[-1].after_s if plan.overflow else 0) + LAST_RESORT


def _at_work(waiting: Waiting, seats: Iterable[Seat]) -> set[int]:
    """R6, last of all: everybody of the team who is at work and takes calls, but who talks already."""
    return {
        seat.id for seat in seats
        if waiting.team in seat.teams and _hears(seat) and seat.load < seat.capacity and seat.id not in waiting.barred
    }  # fmt: skip
