"""What merging means for promises (SLA4): the master's count from the earliest start, and what ends by it is neither kept
nor broken."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions.clocks import Clocks
from app.models import Status, Ticket
from app.queries.sla import UNSEEN
from app.rules import sla
from app.rules.lifecycle import SOLVED
from app.rules.policies import ASSIGNMENT, CALLBACK, RESOLUTION, RESPONSES
from app.rules.sla import Ticking

Starts = Mapping[str, datetime]  # metric -> since when it counts
LASTING = (RESOLUTION, CALLBACK, ASSIGNMENT)


class CaseClocks(Clocks):
    """The clocks of tickets that become one, or two."""

    def starts(self, number: int) -> dict[str, datetime]:
        return {clock.metric: clock.started_at for clock in self._active(number)}

    def end(self, number: int) -> None:
        """The ticket is a part of another one now, which keeps its promises."""
        self.facts[number].waits_since = None
        for clock in self._active(number):
            self._note(number, clock, sla.hand_over(clock, self.now, "merged"))

    def take_over(self, number: int, starts: Starts) -> None:
        """The master's promises count from the earlier start."""
        given = self.facts[number]
        if given.status in (*SOLVED, Status.SPAM):
            return
        self.follow_turn(number, "merged", later=False)
        for metric in LASTING:
            since, clock = starts.get(metric), self._one(number, metric)
            if since is None or (clock is None and metric == ASSIGNMENT and given.assignee is not None):
                continue
            if clock is None:
                self._begin(given, metric, since)
            elif since < clock.started_at:
                self._again(number, clock, since, "merged")

    def give_back(self, number: int, own: Starts, part: Starts) -> None:
        """The master's promises count from its own beginnings again. `part`: what goes back with the other ticket."""
        self.follow_turn(number, "unmerged", later=True)
        for metric in LASTING:
            clock = self._one(number, metric)
            if clock is None:
                continue
            if metric in own:
                self._again(number, clock, own[metric], "unmerged")
            elif metric == CALLBACK and metric in part:
                self._note(number, clock, sla.hand_over(clock, self.now, "unmerged"))

    def revive(self, number: int, starts: Starts) -> None:
        """A ticket of its own again: what was promised in it goes on from where it began."""
        given = self.facts[number]
        if given.status in (*SOLVED, Status.SPAM):
            return
        if given.waits_since is not None:
            self.waits(number, given.waits_since)
        for metric, since in starts.items():
            if metric in LASTING and not (metric == ASSIGNMENT and given.assignee is not None):
                self._begin(given, metric, since)

    def follow_turn(self, number: int, reason: str, *, later: bool) -> None:
        """The promised answer counts from the oldest unanswered message, and is not owed when there is none."""
        since = self.facts[number].waits_since
        found = [clock for clock in self._active(number) if clock.metric in RESPONSES]
        for clock in found:
            if since is None:
                self._note(number, clock, sla.hand_over(clock, self.now, reason))
            elif later or since < clock.started_at:
                self._again(number, clock, since, reason)
        if since is not None and not found:
            self.waits(number, since)

    def _one(self, number: int, metric: str) -> Ticking | None:
        return next((clock for clock in self._active(number) if clock.metric == metric), None)

    def _again(self, number: int, clock: Ticking, since: datetime, reason: str) -> None:
        gaps = self._gaps([clock])
        self._note(number, clock, sla.begin_again(clock, since, gaps[clock.id or 0], self.now, reason))


async def apply(
    session: AsyncSession, tickets: Sequence[Ticket], work: Callable[[CaseClocks], object], *, now: datetime, agent: int
) -> None:
    """Something happened to these tickets together, which are locked: their clocks follow, and their next deadlines."""
    await session.flush()
    unseen = any(name in session.info for name in UNSEEN)

    def run(connection: Connection) -> CaseClocks:
        clocks = CaseClocks(connection, now, agent=agent, unseen=unseen)
        clocks.load([ticket.id for ticket in tickets])
        work(clocks)
        clocks.events = feed.caused(session, clocks.events)
        clocks.flush()
        return clocks

    clocks = await (await session.connection()).run_sync(run)
    feed.tell(session)
    for ticket in tickets:
        ticket.due_at, ticket.policy_id = clocks.due(ticket.id), clocks.facts[ticket.id].policy_id
    await session.flush()
