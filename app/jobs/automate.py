"""Rules: follows the event log, and looks at what time has come for. Everything is looked at with a read first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import clock, feed
from app.actions import automate as verbs
from app.actions import automations, readers
from app.actions.automate import Pair, Plan
from app.jobs.apart import Apart
from app.models import Event
from app.parts import Parts
from app.queries import automation as queries
from app.queries.automation import READER, Rule
from app.queries.readers import cursor as cursor_of

AT_ONCE = 200  # events with something to do in one transaction; tickets whose time has come; tickets of a walk
WRITE_EVERY = 5000  # events that no rule waits for: after so many the cursor is written all the same


class Automate:
    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._written = self._cursor = ""
        self._passed = 0
        self._failed = Apart(parts.database, "rule_event")

    async def step(self) -> int:
        async with self._database.read() as session:
            rules = await queries.rules(session)
            if not rules:
                return 0
            written = await cursor_of(session, READER) or ""
            if written != self._written:
                self._written = self._cursor = written
            events, cursor = await feed.tail(session, self._cursor)
        if events:
            return await self._follow(rules, events, cursor)
        return await self._again() or await self._time(rules) or await self._walk(rules)

    async def _again(self) -> int:
        """Events that failed alone, when it is time to try once more."""
        due = await self._failed.due()
        return await self._failed(due[:AT_ONCE], _redo) if due else 0

    async def _follow(self, rules: Sequence[Rule], events: Sequence[Event], cursor: str) -> int:
        """As many as fit in a transaction; what concerns nobody costs no write."""
        timed = any(rule.timed for rule in rules)
        wanted = [n for n, each in enumerate(events) if (timed and each.ticket_id) or verbs.concerns(each, rules)]
        if len(wanted) > AT_ONCE:
            events = events[: wanted[AT_ONCE - 1] + 1]
            cursor = feed.place(events[-1], cursor)
        async with self._database.read() as session:
            plan = await verbs.look(session, rules, events, (), clock.utcnow())
            known = await verbs.wakes_of(session, plan.pairs)
        changed = any(known.get(pair) != at for pair, at in plan.wakes.items())
        self._passed += len(events)
        if not plan.fits and not changed and self._passed < WRITE_EVERY:
            self._cursor = cursor
            return len(events)
        await self._pass_on(plan, events, cursor)
        return len(events)

    async def _pass_on(self, plan: Plan, events: Sequence[Event], cursor: str) -> None:
        """One transaction; when it fails, an event at a time, so that one bad event does not hold up the desk."""
        try:
            await self._write(plan, cursor)
        except (InterfaceError, OperationalError):  # the database's trouble, not the event's
            raise
        except Exception as bug:
            if len(events) == 1:
                await self._failed.fell(events[0].id, bug)
                await self._write(Plan(), cursor)
                return
            for each in events:
                pairs = {pair for pair in plan.pairs if pair[0] == each.ticket_id}
                alone = Plan([each] if each in plan.events else [], pairs)
                await self._pass_on(alone, [each], feed.place(each, cursor))

    async def _write(self, plan: Plan, cursor: str) -> None:
        async with self._database.write() as session:
            mine = await readers.lock(session, READER, self._written)
            if mine:
                await verbs.act(session, plan, clock.utcnow())
                await readers.move(session, READER, cursor)
        if mine:
            self._written = self._cursor = cursor
            self._passed = 0
        else:
            self._written = ""  # another process was first: read it again

    async def _time(self, rules: Sequence[Rule]) -> int:
        async with self._database.read() as session:
            due = await queries.due(session, clock.utcnow(), AT_ONCE)
        return await self._pairs(due) if due else 0

    async def _walk(self, rules: Sequence[Rule]) -> int:
        """A rule on time that was switched on looks at every ticket there is, piece by piece, once."""
        walking = next((rule for rule in rules if rule.walked is not None), None)
        if walking is None:
            return 0
        async with self._database.read() as session:
            numbers = await queries.behind(session, walking.walked or 0, AT_ONCE)
        await self._pairs([(number, walking.id) for number in numbers])
        async with self._database.write() as session:
            last = numbers[-1] if len(numbers) == AT_ONCE else None
            await automations.walked(session, walking.id, walking.version, last)
        return 1

    async def _pairs(self, pairs: Sequence[Pair]) -> int:
        try:
            async with self._database.write() as session:
                if not await readers.lock(session, READER, self._written):
                    self._written = ""
                    return 0
                await verbs.act(session, Plan(pairs=set(pairs)), clock.utcnow())
        except (InterfaceError, OperationalError):
            raise
        except Exception as bug:
            if len(pairs) > 1:
                return sum([await self._pairs([each]) for each in pairs])
            number, rule = pairs[0]
            retry_at = await Apart(self._database, f"rule.{rule}").fell(number, bug)
            async with self._database.write() as session:
                await verbs.later(session, pairs[0], retry_at)
        return len(pairs)


async def _redo(session: AsyncSession, numbers: Sequence[int], now: datetime) -> int:
    """What has run for them does not run again: each match has its key."""
    events = (await session.scalars(select(Event).where(col(Event.id).in_(numbers)).order_by(col(Event.id)))).all()
    plan = await verbs.look(session, await queries.rules(session), events, (), now)
    await verbs.act(session, plan, now)
    return len(events)
