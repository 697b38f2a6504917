"""Promises kept and broken: the one place that begins, pauses, resumes, meets, retargets and cancels clocks.

`Clocks` holds the clocks of some tickets as one transaction changes them: looked up in a few statements, judged in memory
(rules/sla.py), written in bulk. A batch of customers' messages and an agent's single verb go the same way.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import attainment
from app.actions.rows import allocate, change, insert, row
from app.models import Clock, ClockEntry, Event, Status, Ticket
from app.models.columns import NEVER, table_of
from app.queries.sla import UNSEEN, Versions, facts
from app.rules import policies, sla
from app.rules.ledger import OWN
from app.rules.lifecycle import SOLVED
from app.rules.policies import ASSIGNMENT, CALLBACK, FIRST, NEXT, RESOLUTION, RESPONSES, Facts, Policy, Terms
from app.rules.sla import MET, PAUSED, RUNNING, Entry, Pause, Ticking

COLUMNS = (*OWN, "target_s", "priority", "policy_id", "policy_version", "calendar_id", "calendar_version")
TOLD = ("breached", "kept", "retargeted")  # what stands in the ticket's log; the rest is in the clock's own
ACTIVE = (RUNNING, PAUSED)
_own = attrgetter(*OWN)


class Clocks:
    """The clocks of some tickets. `load` or `open` a ticket, say what happened to it, `flush` once."""

    def __init__(
        self, connection: Connection, now: datetime, *, agent: int | None = None, unseen: bool = False
    ) -> None:
        self.connection, self.now, self.agent = connection, now, agent
        self.versions = Versions(connection, unseen=unseen)
        self.facts: dict[int, Facts] = {}
        self.held: dict[int, list[Ticking]] = {}
        self.changed: dict[int, tuple[int, Ticking]] = {}  # by clock id
        self.entries: list[tuple[Ticking, Entry]] = []
        self.events: list[dict[str, Any]] = []

    def load(self, numbers: Collection[int]) -> None:
        """The tickets' facts as they stand in the database, and what is or was promised in them."""
        self.facts |= facts(self.connection, numbers)
        held = select(table_of(Clock)).where(
            col(Clock.ticket_id).in_(numbers),
            or_(col(Clock.state).in_(ACTIVE), (col(Clock.metric) == RESOLUTION) & (col(Clock.state) == MET)),
        )
        found = self.connection.execute(held.order_by(col(Clock.id))).mappings().all()
        self._versions_of(found)
        for number in numbers:
            self.held[number] = []
        for each in found:
            self.held[each["ticket_id"]].append(ticking(each, self.versions))

    def open(self, given: Facts) -> None:
        """A new ticket: the first policy that fits is its own."""
        chosen = policies.chosen(self.versions.now, given)
        given.policy_id = chosen.id if chosen else None
        self.facts[given.number], self.held[given.number] = given, []

    # -- what happens ---------------------------------------------------------------------------------------------------

    def waits(self, number: int, since: datetime) -> None:
        """A customer waits for an answer since their oldest unanswered message; later ones move nothing (SLA3)."""
        given = self.facts[number]
        given.waits_since = since
        if not any(clock.metric in RESPONSES for clock in self._active(number)):
            self._begin(given, NEXT if given.answered_before else FIRST, since)
        if given.policy_id is not None:
            self._begin(given, RESOLUTION, since)

    def waited_longer(self, number: int, since: datetime) -> None:
        """An older unanswered message came after a younger one."""
        self.facts[number].waits_since = since
        found = [clock for clock in self._active(number) if clock.metric in RESPONSES]
        gaps = self._gaps(found)
        for clock in found:
            self._note(number, clock, sla.restart(clock, since, gaps[clock.id or 0], self.now))

    def answered(self, number: int, at: datetime, *, by_call: bool) -> None:
        """A human's public answer; machines' answers and notes never come here. A call-back is owed until they talk."""
        for clock in self._active(number):
            if clock.metric == CALLBACK and by_call and at < clock.started_at:
                self._note(number, clock, sla.cancel(clock, clock.started_at, "not_missed"))  # its word came late
            elif clock.metric in RESPONSES or (by_call and clock.metric == CALLBACK):
                self._note(number, clock, sla.meet(clock, at, "called" if by_call else "answered"))

    def missed(self, number: int, at: datetime) -> None:
        """A call was missed: they are called back, unless somebody wants no answer any more."""
        if self.facts[number].status not in (*SOLVED, Status.SPAM):
            self._begin(self.facts[number], CALLBACK, at)

    def assigned(self, number: int, agent: int | None) -> None:
        given = self.facts[number]
        given.assignee = agent
        if agent is None:
            given.free_since = self.now
            if given.policy_id is not None and given.status not in (*SOLVED, Status.SPAM):
                self._begin(given, ASSIGNMENT, self.now)
        for clock in self._active(number) if agent is not None else ():
            if clock.metric == ASSIGNMENT:
                self._note(number, clock, sla.meet(clock, self.now, "assigned"))

    def moved(self, number: int, was: str, to: str, *, reason: str) -> None:
        """Another status: solved, opened again, waiting for the customer, back from that."""
        given = self.facts[number]
        given.status = to
        if to in (*SOLVED, Status.SPAM):
            given.waits_since = None
            for clock in self._active(number):
                solved = clock.metric == RESOLUTION and to != Status.SPAM
                self._note(number, clock, (sla.meet if solved else sla.cancel)(clock, self.now, to))
            return
        if was in SOLVED:
            self._reopen(given)
        elif was == Status.SPAM:
            self._missing(given)
        for clock in self._active(number):
            pauses = clock.terms.policy is not None and to in clock.terms.policy.pauses.get(clock.metric, ())
            if clock.state == RUNNING and pauses:
                self._note(number, clock, sla.pause(clock, self.now, to))
            elif clock.state == PAUSED and not pauses:
                self._note(number, clock, sla.resume(clock, self.now, reason))

    def rematch(self, number: int, reason: str, *, present: bool = False) -> bool:
        """Something that policies ask for has changed (SLA4). True when a deadline did.

        A clock under the policy that still holds keeps its versions (SLA2), unless the `present` ones are asked for.
        """
        given, before = self.facts[number], self._deadlines()
        chosen = policies.chosen(self.versions.now, given)
        given.policy_id = chosen.id if chosen else None
        wanted: list[tuple[Ticking, Terms]] = []
        for clock in self._active(number):
            terms = self._terms(given, clock, chosen, present=present)
            if terms is None:
                self._note(number, clock, sla.cancel(clock, self.now, reason))
            elif _differ(clock.terms, terms):
                wanted.append((clock, terms))
            elif clock.terms.priority != terms.priority:
                self._note(number, clock, sla.rename(clock, terms, self.now, reason))
        gaps = self._gaps([clock for clock, _ in wanted])
        for clock, terms in wanted:
            self._note(number, clock, sla.retarget(clock, terms, gaps[clock.id or 0], self.now, reason))
        self._missing(given)
        return before != self._deadlines()

    def ring(self, rows: Sequence[Any]) -> list[tuple[int, Ticking, Entry]]:
        """Locked rows of clocks with something due: the warnings to send."""
        self._versions_of(rows)
        warnings = []
        for each in rows:
            clock, number = ticking(each, self.versions), each["ticket_id"]
            entries = sla.ring(clock, self.now)
            self._note(number, clock, entries)
            warnings += [(number, clock, entry) for entry in entries if entry.kind == "warned"]
        return warnings

    # -- how ------------------------------------------------------------------------------------------------------------

    def _versions_of(self, rows: Sequence[Any]) -> None:
        self.versions.load(
            {(each["policy_id"], each["policy_version"]) for each in rows if each["policy_id"] is not None},
            {(each["calendar_id"], each["calendar_version"]) for each in rows if each["calendar_id"] is not None},
        )

    def _active(self, number: int) -> list[Ticking]:
        return [clock for clock in self.held[number] if clock.state in ACTIVE]

    def _deadlines(self) -> int:
        """How many of the entries are about a deadline."""
        return sum(entry.kind != "terms" for _, entry in self.entries)

    def _policy(self, given: Facts) -> Policy | None:
        return self.versions.now.present[given.policy_id] if given.policy_id is not None else None

    def _begin(self, given: Facts, metric: str, at: datetime) -> None:
        """Once: a promise that runs is not made again."""
        chosen = self._policy(given)
        terms = policies.terms(self.versions.now, chosen, given, metric)
        if terms is None or any(clock.metric == metric for clock in self._active(given.number)):
            return
        made = sla.start(terms, metric, at)
        self.held[given.number].append(made)
        self._note(given.number, made, [sla.started(made)])
        if chosen is not None and given.status in chosen.pauses.get(metric, ()):
            self._note(given.number, made, sla.pause(made, at, given.status))

    def _missing(self, given: Facts) -> None:
        """What is promised now and was not before counts from where it would have."""
        if given.status in (*SOLVED, Status.SPAM) or given.created_at is None:
            return
        if given.inbound and (given.answered_before or given.waits_since is not None):
            self._begin(given, RESOLUTION, given.created_at)
        if given.waits_since is not None:
            self.waits(given.number, given.waits_since)
        if given.assignee is None:
            self._begin(given, ASSIGNMENT, given.free_since or given.created_at)

    def _reopen(self, given: Facts) -> None:
        """The first response never starts again; the time to a solution goes on, or starts anew if so set (SLA4)."""
        given.answered_before = True
        solved = [clock for clock in self.held[given.number] if clock.metric == RESOLUTION and clock.state == MET]
        if solved:
            last = solved[-1]
            if last.terms.policy is not None and last.terms.policy.restarts:
                self._begin(given, RESOLUTION, self.now)
            else:
                self._note(given.number, last, sla.resume(last, self.now, "reopened"))
        if given.assignee is None:
            self._begin(given, ASSIGNMENT, self.now)

    def _terms(self, given: Facts, clock: Ticking, chosen: Policy | None, *, present: bool) -> Terms | None:
        kept, had = clock.terms.policy, clock.terms.calendar
        if kept is None and chosen is None and not present:
            return clock.terms
        if kept is not None and chosen is not None and kept.id == chosen.id and not present:
            chosen = kept
        found = policies.terms(self.versions.now, chosen, given, clock.metric)
        if found is None or found.calendar is None or had is None or had[0] != found.calendar[0] or present:
            return found
        return Terms(found.target_s, found.priority, found.policy, had, clock.terms.hours)

    def _gaps(self, clocks: Sequence[Ticking]) -> dict[int, list[Pause]]:
        """The pauses of each, by the clock's id; one that is new has none yet but those of this transaction."""
        told: dict[int, list[tuple[str, datetime]]] = {clock.id or 0: [] for clock in clocks}
        if ids := [number for number in told if number]:
            query = select(col(ClockEntry.clock_id), col(ClockEntry.kind), col(ClockEntry.at))
            query = query.where(
                col(ClockEntry.clock_id).in_(ids), col(ClockEntry.kind).in_(("paused", "resumed", "met"))
            )
            for number, kind, at in self.connection.execute(query.order_by(col(ClockEntry.id))):
                told[number].append((kind, at))
        for clock, entry in self.entries:
            if clock.id in told:
                told[clock.id].append((entry.kind, entry.at))
        return {number: sla.pauses(entries) for number, entries in told.items()}

    def _note(self, number: int, clock: Ticking, entries: Sequence[Entry]) -> None:
        if clock.id is not None:
            self.changed[clock.id] = (number, clock)
        self.entries += [(clock, entry) for entry in entries]
        self.events += [told(number, clock, each, agent=self.agent) for each in entries if each.kind in TOLD]

    def due(self, number: int) -> datetime:
        """The earliest running clock."""
        return min((clock.due_at for clock in self.held[number] if clock.state == RUNNING), default=NEVER)

    def flush(self) -> bool:
        """Writes everything; True when the log has news."""
        fresh = [(number, clock) for number, held in self.held.items() for clock in held if clock.id is None]
        # Ended ones first: another of the same metric may begin in the same transaction.
        changed = [
            values(number, clock) for number, clock in sorted(self.changed.values(), key=lambda each: each[1].id or 0)
        ]
        ended = [each for each in changed if each["state"] not in ACTIVE]
        change(self.connection, Clock, COLUMNS, ended)
        change(self.connection, Clock, COLUMNS, [each for each in changed if each["state"] in ACTIVE])
        ids = allocate(self.connection, {"clock": len(fresh)}).get("clock", ())
        for given, (_, clock) in zip(ids, fresh, strict=True):
            clock.id = given
        insert(self.connection, Clock, [values(number, clock) for number, clock in fresh])
        insert(self.connection, ClockEntry, [entry_row(clock, entry) for clock, entry in self.entries])
        attainment.decide(self.connection, self.entries)
        insert(self.connection, Event, self.events)
        return bool(self.events)


def ticking(each: Any, versions: Versions) -> Ticking:
    """A clock from its row."""
    calendar = (each["calendar_id"], each["calendar_version"]) if each["calendar_id"] is not None else None
    terms = Terms(
        each["target_s"], each["priority"], versions.policy(each["policy_id"], each["policy_version"]), calendar,
        versions.calendar(each["calendar_id"], each["calendar_version"]),
    )  # fmt: skip
    return Ticking(metric=each["metric"], terms=terms, id=each["id"], **{name: each[name] for name in OWN})


def values(number: int, clock: Ticking) -> dict[str, Any]:
    """A clock's row."""
    return {
        **dict(zip(OWN, _own(clock), strict=True)), "id": clock.id, "ticket_id": number, "metric": clock.metric,
        **stored(clock.terms),
    }  # fmt: skip


def stored(terms: Terms) -> dict[str, Any]:
    """Terms as their columns keep them."""
    calendar = terms.calendar or (None, None)
    return {
        "target_s": terms.target_s,
        "priority": terms.priority,
        "policy_id": terms.policy.id if terms.policy else None,
        "policy_version": terms.policy.version if terms.policy else None,
        "calendar_id": calendar[0],
        "calendar_version": calendar[1],
    }


def entry_row(clock: Ticking, entry: Entry) -> dict[str, Any]:
    made = row(
        ClockEntry, clock_id=clock.id, at=entry.at, kind=entry.kind, reason=entry.reason, due_was=entry.due_was,
        due_at=entry.due_at, percent=entry.percent, since=entry.since, was=stored(entry.was) if entry.was else {},
        **stored(entry.terms or clock.terms),
    )  # fmt: skip
    made.pop("id")
    return made


def told(number: int, clock: Ticking, entry: Entry, *, agent: int | None = None, **more: Any) -> dict[str, Any]:
    """The entry in the ticket's log."""
    given: dict[str, Any] = {"metric": clock.metric, "reason": entry.reason} | more
    for name in ("due_was", "due_at"):
        if (at := getattr(entry, name)) is not None:
            given[name] = at.isoformat()
    return feed.event(f"clock.{entry.kind}", entry.at, ticket=number, agent=agent, **given)


def _differ(had: Terms, terms: Terms) -> bool:
    one, other = (
        (each.target_s, each.policy and (each.policy.id, each.policy.version), each.calendar) for each in (had, terms)
    )
    return one != other


# -- for verbs ----------------------------------------------------------------------------------------------------------


async def apply(
    session: AsyncSession, ticket: Ticket, work: Callable[[Clocks], object], *, now: datetime, agent: int | None = None
) -> None:
    """Something happened to this ticket, which is locked and flushed: its clocks follow, and its next deadline."""
    await session.flush()
    unseen = any(name in session.info for name in UNSEEN)

    def run(connection: Connection) -> Clocks:
        clocks = Clocks(connection, now, agent=agent, unseen=unseen)
        clocks.load([ticket.id])
        work(clocks)
        clocks.events = feed.caused(session, clocks.events)
        if clocks.flush():
            feed.tell(session)
        return clocks

    clocks = await (await session.connection()).run_sync(run)
    ticket.due_at, ticket.policy_id = clocks.due(ticket.id), clocks.facts[ticket.id].policy_id
    await session.flush()


async def rematch(
    session: AsyncSession,
    numbers: Sequence[int],
    reason: str,
    *,
    now: datetime,
    agent: int | None,
    present: bool = False,
) -> int:
    """What policies ask of these tickets, which are locked, has changed (SLA4). How many have other deadlines now."""

    def run(connection: Connection) -> int:
        clocks = Clocks(connection, now, agent=agent, unseen=any(name in session.info for name in UNSEEN))
        clocks.load(numbers)
        changed = sum(clocks.rematch(number, reason, present=present) for number in numbers)
        clocks.flush()
        rows = [{"id": n, "due_at": clocks.due(n), "policy_id": clocks.facts[n].policy_id} for n in numbers]
        change(connection, Ticket, ["due_at", "policy_id"], rows)
        return changed

    await session.flush()
    feed.tell(session)
    return await (await session.connection()).run_sync(run)
