"""Rules at work. What fits is found with reads; then one transaction writes the effects, the runs and the cursor.

So each match has its effect exactly once: the run's key is unique, and the cursor moves with it. All rules' work takes the
cursor's lock first: processes take turns. Tickets are locked in the order of their numbers, as the doors lock them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.effects import Doer, perform
from app.models import Automation, AutomationRun, AutomationWake, Event, Ticket
from app.queries import automation as queries
from app.queries.automation import Known, Rule
from app.rules.automation import FIELDS, MOST_DEPTH, TIMES, evaluate, fold, next_look

ALIASES = {"message.approved": "message.received"}  # a stranger's word counts from when it was let in
Pair = tuple[int, int]  # ticket, rule


@dataclass(slots=True)
class Plan:
    """What a look found."""

    events: list[Event] = field(default_factory=list)  # those that a rule waits for
    pairs: set[Pair] = field(default_factory=set)  # whom rules on time have to look at
    known: Known | None = None
    fits: bool = False
    wakes: dict[Pair, datetime | None] = field(default_factory=dict)  # what the rules on time will want


def kind_of(event: Event) -> str:
    return ALIASES.get(event.kind, event.kind)


def concerns(event: Event, rules: Iterable[Rule]) -> bool:
    """Whether some rule waits for this."""
    return event.ticket_id is not None and any(kind_of(event) in rule.kinds for rule in rules)


async def look(
    session: AsyncSession, rules: Sequence[Rule], events: Sequence[Event], pairs: Collection[Pair], now: datetime
) -> Plan:
    """Reads what these events and pairs need, and judges. Nothing is written."""
    plan = Plan([each for each in events if concerns(each, rules)], set(pairs))
    timed = [rule for rule in rules if rule.timed]
    plan.pairs |= {(e.ticket_id, rule.id) for e in events for rule in timed if e.ticket_id is not None}
    numbers = {number for number, _ in plan.pairs} | {e.ticket_id for e in plan.events if e.ticket_id is not None}
    if not numbers:
        return plan
    plan.known = known = await _known(session, rules, numbers, plan.events, now)
    plan.fits = any(_fits(rule, each, known) for each in plan.events for rule in rules)
    for number, rule in _present(plan.pairs, rules, known):
        facts = known.facts(number)
        plan.fits = plan.fits or evaluate(rule.conditions, facts)
        plan.wakes[number, rule.id] = _wake(rule, known, number)
    return plan


async def _known(
    session: AsyncSession, rules: Iterable[Rule], numbers: Collection[int], events: Iterable[Event], now: datetime
) -> Known:
    said = {each.message_id for each in events if each.message_id is not None}
    asked = {calendar for rule in rules for calendar in rule.calendars}
    return await queries.known(session, numbers, now, messages=said, asked=asked)


def _present(pairs: Iterable[Pair], rules: Iterable[Rule], known: Known) -> list[tuple[int, Rule]]:
    by_id = {rule.id: rule for rule in rules}
    return [(n, by_id[rule]) for n, rule in sorted(pairs) if n in known.tickets and rule in by_id]


def _fits(rule: Rule, event: Event, known: Known) -> bool:
    number, message = event.ticket_id, known.about(event)
    if number not in known.tickets or kind_of(event) not in rule.kinds or event.at < rule.since:
        return False
    if message in known.held or (event.kind == "message.queued" and event.agent_id is None):
        return False  # nobody has let it in yet; an automatic answer is not an agent's
    return evaluate(rule.conditions, known.facts(number, message))


def _wake(rule: Rule, known: Known, number: int) -> datetime | None:
    """When time alone may make it fit; never while what does not change by itself says no."""
    facts = known.facts(number)
    moving = (*TIMES, "open")
    still = fold(
        rule.conditions,
        lambda leaf: None if FIELDS[leaf["field"]].type in moving else evaluate({"all": [leaf]}, facts),
    )
    return None if still is False else next_look(rule.conditions, facts)


async def wakes_of(session: AsyncSession, pairs: Collection[Pair]) -> dict[Pair, datetime]:
    """What is written down for these tickets."""
    numbers = {number for number, _ in pairs}
    query = select(AutomationWake).where(col(AutomationWake.ticket_id).in_(numbers))
    found = (await session.scalars(query)).all() if numbers else []
    return {(each.ticket_id, each.automation_id): each.at for each in found}


# -- writing ------------------------------------------------------------------------------------------------------------


async def forget(session: AsyncSession, pair: Pair) -> None:
    """No look at this ticket until something happens to it."""
    own = col(AutomationWake.ticket_id) == pair[0], col(AutomationWake.automation_id) == pair[1]
    await session.execute(delete(AutomationWake).where(*own))


async def later(session: AsyncSession, pair: Pair, at: datetime) -> None:
    """The next look at this ticket is then, whatever happens to it until then."""
    await forget(session, pair)
    session.add(AutomationWake(ticket_id=pair[0], automation_id=pair[1], at=at))
    await session.flush()


async def act(session: AsyncSession, plan: Plan, now: datetime) -> int:
    """Does what fits now, under the lock. How many rules ran."""
    rules = await queries.rules(session)
    numbers = {number for number, _ in plan.pairs} | {e.ticket_id for e in plan.events if e.ticket_id is not None}
    work = Work(session, rules, now)
    await work.open(sorted(numbers), plan.events)
    for event in plan.events:
        await work.event(event)
    for number, rule in _present(plan.pairs, rules, work.known):
        await work.time(number, rule)
    await work.sleep(plan.pairs)
    return work.ran


class Work:
    """One transaction's rules over some tickets."""

    def __init__(self, session: AsyncSession, rules: Sequence[Rule], now: datetime) -> None:
        self._session, self._rules, self._now = session, rules, now
        self._tickets: dict[int, Ticket] = {}
        self._events: Sequence[Event] = ()
        self.known = Known(now)
        self.ran = 0

    async def open(self, numbers: Sequence[int], events: Sequence[Event]) -> None:
        query = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id)).with_for_update()
        self._tickets = {each.id: each for each in (await self._session.scalars(query)).all()}
        self._events = events
        self.known = await _known(self._session, self._rules, self._tickets, events, self._now)

    async def event(self, event: Event) -> None:
        """Each rule in turn, until one that fits says stop. A rule sees what the ones before it did."""
        depth = int(event.params.get("depth", 0))
        for rule in self._rules:
            if not _fits(rule, event, self.known):
                continue
            await self._run(rule, event.ticket_id or 0, self._key(event, depth), event=event, depth=depth)
            if rule.stop:
                break

    def _key(self, event: Event, depth: int) -> str:
        """What a match is: a customer's word, an event, or all that one of them led to at this depth. So whatever chases
        whatever, a rule runs at most once at each depth.
        """
        if depth:
            return f"{event.params['root']}+{depth}"
        message = self.known.about(event)
        word = kind_of(event) in queries.ABOUT_WORDS and message is not None
        return f"message.{message}" if word else f"event.{event.id}"

    async def time(self, number: int, rule: Rule) -> None:
        """Once for a ticket in each of its episodes."""
        if evaluate(rule.conditions, self.known.facts(number)):
            await self._run(rule, number, f"time.{number}.{self.known.episodes[number]}")

    async def sleep(self, pairs: Collection[Pair]) -> None:
        """Writes down when rules on time have to look again."""
        known = await wakes_of(self._session, pairs)
        wanted: Mapping[Pair, datetime | None] = {
            (number, rule.id): _wake(rule, self.known, number)
            for number, rule in _present(pairs, self._rules, self.known)
        }
        fresh = []
        for pair in sorted(pairs):
            at = wanted.get(pair)
            if known.get(pair) == at:
                continue
            await forget(self._session, pair)
            if at is not None:
                fresh.append({"ticket_id": pair[0], "automation_id": pair[1], "at": at})
        if fresh:
            await self._session.execute(insert(AutomationWake), fresh)

    async def _run(self, rule: Rule, number: int, key: str, *, event: Event | None = None, depth: int = 0) -> None:
        own = col(AutomationRun.automation_id) == rule.id, col(AutomationRun.version) == rule.version
        same = select(col(AutomationRun.id)).where(*own, col(AutomationRun.match_key) == key)
        if await self._session.scalar(same) is not None:
            return
        run = AutomationRun(
            automation_id=rule.id, version=rule.version, match_key=key, ticket_id=number, depth=depth,
            event_id=event.id if event else None, at=self._now, outcome="stopped" if depth >= MOST_DEPTH else "done",
        )  # fmt: skip
        if depth >= MOST_DEPTH:
            stopped: dict[str, Any] = {"automation": rule.id, "depth": depth}
            told = feed.event("automation.stopped", self._now, ticket=number, **stopped)
            await feed.record(self._session, told, clocks=frozenset())
        else:
            cause = {"automation": rule.id, "depth": depth + 1, "root": key.partition("+")[0]}
            run.did = await self._effects(rule, self._tickets[number], cause)
        self._session.add(run)
        counted = {"runs": col(Automation.runs) + 1, "ran_at": self._now}
        await self._session.execute(update(Automation).where(col(Automation.id) == rule.id).values(**counted))
        await self._session.flush()
        self.ran += 1
        await self._again(number)

    async def _effects(self, rule: Rule, ticket: Ticket, cause: Mapping[str, Any]) -> list[Any]:
        self._session.info["cause"] = cause
        try:
            return [await perform(self._session, ticket, each, Doer(rule=rule.id), self._now) for each in rule.actions]
        finally:
            del self._session.info["cause"]

    async def _again(self, number: int) -> None:
        """What is known of a ticket after something was done to it."""
        fresh = await _known(self._session, self._rules, [number], self._events, self._now)
        self.known.tickets |= fresh.tickets
        self.known.episodes |= fresh.episodes
        self.known.latest |= fresh.latest
