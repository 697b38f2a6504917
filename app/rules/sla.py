"""A clock's life: begun, paused, resumed, met, broken, promised anew (SLA2-SLA4). Pure.

`left_s` of the target was left at `counts_from`; so a resumption, a deadline and a warning are one addition each, and
equal what walking all of it from the start with its pauses gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models.columns import NEVER
from app.rules.hours import Hours, NeverOpen, add, elapsed, intervals
from app.rules.policies import Terms

RUNNING, PAUSED, MET, CANCELLED = "running", "paused", "met", "cancelled"
Pause = tuple[datetime, datetime | None]  # from, and until when; None: still


@dataclass(slots=True)
class Ticking:
    """One clock as it changes."""

    metric: str
    started_at: datetime
    terms: Terms
    due_at: datetime
    counts_from: datetime
    left_s: float
    state: str = RUNNING
    wake_at: datetime = NEVER
    step: int = 0
    paused_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None
    by_change: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a clock."""

    kind: str
    at: datetime
    reason: str = ""
    due_was: datetime | None = None
    due_at: datetime | None = None
    percent: int = 0
    since: datetime | None = None  # started, retargeted: from when it counts
    terms: Terms | None = None  # those that hold from then; none: as before
    was: Terms | None = None  # retargeted: those until then


def started(clock: Ticking) -> Entry:
    """The first entry of a clock."""
    return Entry("started", clock.started_at, due_at=clock.due_at, since=clock.started_at, terms=clock.terms)


def start(terms: Terms, metric: str, at: datetime) -> Ticking:
    due = after(terms.hours, at, terms.target_s)
    made = Ticking(metric, at, terms, due, counts_from=at, left_s=terms.target_s)
    made.wake_at = next_wake(made)
    return made


def after(hours: Hours | None, at: datetime, seconds: float) -> datetime:
    """NEVER when nothing opens any more: a calendar may be closed later than its policy was saved."""
    if hours is None:
        return at + timedelta(seconds=seconds)
    try:
        return add(hours, at, seconds)
    except NeverOpen:
        return NEVER


def between(hours: Hours | None, begin: datetime, end: datetime) -> float:
    """Seconds that count from one to the other."""
    return elapsed(hours, begin, end) if hours else (end - begin).total_seconds()


def walk(hours: Hours | None, start: datetime, seconds: float, pauses: Sequence[Pause]) -> datetime:
    """When `seconds` have been counted from `start`, the pauses left out (SLA8)."""
    left, at = seconds, start
    for begin, end in pauses:
        run = between(hours, at, max(at, begin))
        if left <= run:
            break
        if end is None:
            return NEVER
        left, at = left - run, max(at, end)
    return after(hours, at, left)


def counted(
    hours: Hours | None, start: datetime, until: datetime, pauses: Sequence[Pause]
) -> list[tuple[datetime, datetime]]:
    """The stretches of time that count from `start` to `until`."""
    found, at = [], start
    for begin, end in [*pauses, (until, None)]:
        stop = min(begin, until)
        if stop > at:
            found += intervals(hours, at, stop) if hours else [(at, stop)]
        if end is None or end >= until:
            break
        at = max(at, end)
    return found


def pauses(entries: Sequence[tuple[str, datetime]]) -> list[Pause]:
    """From what happened to a clock, (kind, when) in order: paused, or met, until it was resumed."""
    found: list[Pause] = []
    for kind, at in entries:
        stands = bool(found) and found[-1][1] is None
        if kind in ("paused", "met") and not stands:
            found.append((at, None))
        elif kind == "resumed" and stands:
            found[-1] = (found[-1][0], at)
    return found


def overdue(clock: Ticking, at: datetime) -> list[Entry]:
    """What nobody has noticed yet: broken at exactly the deadline."""
    if clock.state != RUNNING or clock.breached_at is not None or clock.due_at >= at:
        return []
    clock.breached_at = clock.due_at
    return [Entry("breached", clock.due_at, due_at=clock.due_at)]


def pause(clock: Ticking, at: datetime, reason: str) -> list[Entry]:
    if clock.state != RUNNING:
        return []
    found = overdue(clock, at)
    at = max(at, clock.counts_from)
    clock.left_s -= between(clock.terms.hours, clock.counts_from, at)
    clock.state, clock.paused_at, clock.wake_at = PAUSED, at, NEVER
    return [*found, Entry("paused", at, reason)]


def resume(clock: Ticking, at: datetime, reason: str) -> list[Entry]:
    """After a pause, or after it was met: what was left is left. A broken promise keeps its deadline."""
    was = clock.due_at
    clock.state, clock.paused_at, clock.met_at = RUNNING, None, None
    clock.counts_from = at
    if clock.breached_at is None:
        clock.due_at = after(clock.terms.hours, at, max(clock.left_s, 0.0))
    clock.wake_at = next_wake(clock)
    return [Entry("resumed", at, reason, was, clock.due_at)]


def meet(clock: Ticking, at: datetime, reason: str) -> list[Entry]:
    """Kept, or kept late, at `at`, whenever that is noticed: a deadline that only seemed broken was not (SLA3)."""
    found = overdue(clock, at)
    if clock.state == RUNNING:
        if clock.breached_at is not None and not clock.by_change and at <= clock.due_at:
            clock.breached_at = None
            found.append(Entry("kept", at, due_at=clock.due_at))
        clock.left_s -= between(clock.terms.hours, clock.counts_from, max(at, clock.counts_from))
    clock.state, clock.met_at, clock.wake_at = MET, at, NEVER
    return [*found, Entry("met", at, reason, due_at=clock.due_at)]


def cancel(clock: Ticking, at: datetime, reason: str) -> list[Entry]:
    found = overdue(clock, at)
    clock.state, clock.wake_at = CANCELLED, NEVER
    return [*found, Entry("cancelled", at, reason)]


def hand_over(clock: Ticking, at: datetime, reason: str) -> list[Entry]:
    """Another ticket's promise goes on in its place (SLA4): it ends neither kept nor broken, so that nothing counts twice."""
    found = [Entry("voided", at, reason)] if clock.breached_at is not None else []
    clock.state, clock.wake_at, clock.breached_at = CANCELLED, NEVER, None
    return [*found, Entry("cancelled", at, reason)]


def retarget(clock: Ticking, terms: Terms, gaps: Sequence[Pause], at: datetime, reason: str) -> list[Entry]:
    """SLA4: from the original start with what is promised now, the pauses left out. What was broken before stays broken."""
    found = overdue(clock, at)
    if clock.breached_at is not None:
        clock.wake_at = next_wake(clock)
        return found
    was, had, clock.terms = clock.due_at, clock.terms, terms
    recount(clock, gaps, at)
    told = Entry("retargeted", at, reason, was, clock.due_at, since=clock.started_at, terms=terms, was=had)
    found.append(told)
    if clock.left_s < 0:
        clock.breached_at, clock.by_change = at, True
        found.append(Entry("breached", at, "by_change", due_at=clock.due_at))
    clock.wake_at = next_wake(clock)
    return found


def rename(clock: Ticking, terms: Terms, at: datetime, reason: str) -> list[Entry]:
    """Other terms with the same target: the deadline stays."""
    had, clock.terms = clock.terms, terms
    return [Entry("terms", at, reason, terms=terms, was=had)]


def restart(clock: Ticking, since: datetime, gaps: Sequence[Pause], at: datetime) -> list[Entry]:
    """An older unanswered message came late: the promise counts from it, and is broken when its own deadline was."""
    return begin_again(clock, since, gaps, at, "older_message") if since < clock.started_at else []


def begin_again(clock: Ticking, since: datetime, gaps: Sequence[Pause], at: datetime, reason: str) -> list[Entry]:
    """The promise counts from another moment. What was broken stays broken."""
    if clock.breached_at is not None or since == clock.started_at:
        return []
    was, clock.started_at = clock.due_at, since
    recount(clock, gaps, at)
    clock.wake_at = next_wake(clock)
    same = clock.terms
    return [Entry("retargeted", at, reason, was, clock.due_at, since=since, terms=same, was=same)]


def recount(clock: Ticking, gaps: Sequence[Pause], at: datetime) -> None:
    """From its start by its present terms, the pauses left out."""
    hours, target = clock.terms.hours, clock.terms.target_s
    until = max(clock.paused_at or at, clock.started_at)
    clock.left_s = target - sum(between(hours, *each) for each in counted(hours, clock.started_at, until, gaps))
    if clock.state == RUNNING:
        clock.counts_from = until
    # Of the warnings that were given those count as given still whose part of the new target is used up, too.
    used = target - clock.left_s
    clock.step = max((p for p in _steps(clock) if p <= clock.step and used >= target * p / 100), default=0)
    # A pause that goes on is taken as over now: the deadline is what it would be then.
    ended = [(begin, until if end is None else end) for begin, end in gaps]
    clock.due_at = walk(hours, clock.started_at, target, ended)


def moment(clock: Ticking, percent: int) -> datetime:
    """When that much of the target is used up, or was when it last began to count."""
    need = clock.terms.target_s * percent / 100 - (clock.terms.target_s - clock.left_s)
    return after(clock.terms.hours, clock.counts_from, need) if need > 0 else clock.counts_from


def next_wake(clock: Ticking) -> datetime:
    """The next moment at which something happens."""
    if clock.state != RUNNING:
        return NEVER
    if clock.terms.policy is None:
        return clock.due_at if clock.breached_at is None else NEVER
    coming = [moment(clock, percent) for percent in _percents(clock)]
    if clock.breached_at is None:
        coming.append(clock.due_at)
    return min(coming, default=NEVER)


def _steps(clock: Ticking) -> list[int]:
    policy = clock.terms.policy
    return [step.percent for step in policy.steps_of(clock.metric)] if policy else []


def _percents(clock: Ticking) -> list[int]:
    return [percent for percent in _steps(clock) if percent > clock.step]


def ring(clock: Ticking, now: datetime) -> list[Entry]:
    """What is due by now: the deadline, and the latest of the warnings. One notification a step, however late (SLA9)."""
    found = []
    if clock.breached_at is None and clock.due_at <= now:
        clock.breached_at = clock.due_at
        found.append(Entry("breached", clock.due_at, due_at=clock.due_at))
    if passed := [percent for percent in _percents(clock) if moment(clock, percent) <= now]:
        clock.step = max(passed)
        found.append(Entry("warned", moment(clock, clock.step), due_at=clock.due_at, percent=clock.step))
    clock.wake_at = next_wake(clock)
    return found
