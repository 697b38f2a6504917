"""Health: follows the log for what changes an account's, and computes what is due, set by set."""

import asyncio
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import clock, feed
from app.actions import readers
from app.actions.success import alerts as waking
from app.actions.success import health, rhythms
from app.actions.success.health import Computed
from app.parts import Parts
from app.queries.readers import cursor as cursor_of
from app.queries.success import alerts as alert_queries
from app.queries.success import health as queries
from app.queries.success import marks
from app.queries.success import rhythms as rhythm_queries
from app.queries.success.facts import facts
from app.rules.success import alerts
from app.rules.success.alerts import Found
from app.rules.success.formula import Formula, Segment, chosen
from app.rules.success.measures import Facts
from app.rules.success.standing import After, Before, after

AT_ONCE = 1000
WRITE_EVERY = 5000  # events that are about nobody: after so many the cursor is written all the same
KEPT = tuple(each.name for each in fields(Before))


class FollowHealth:
    """Whoever an event is about is marked, in the transaction that moves the cursor."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._written = self._cursor = ""
        self._passed = 0

    async def step(self) -> int:
        async with self._database.read() as session:
            written = await cursor_of(session, marks.READER)
            if written is not None:
                if written != self._written:
                    self._written = self._cursor = written
                events, cursor = await feed.tail(session, self._cursor)
                accounts, everybody = await marks.touched(session, events)
        if written is None:
            await self._start()
            return 1
        self._cursor, self._passed = cursor, self._passed + len(events)
        if accounts or everybody or self._passed >= WRITE_EVERY:
            await self._pass_on(accounts, everybody, cursor)
        return len(events)

    async def _start(self) -> None:
        """All that is known already is computed once."""
        async with self._database.write() as session:
            await readers.start(session, marks.READER)
            await health.mark_all(session, clock.utcnow())

    async def _pass_on(self, accounts: set[int], everybody: bool, cursor: str) -> None:
        now = clock.utcnow()
        async with self._database.write() as session:
            mine = await readers.lock(session, marks.READER, self._written)
            if mine:
                await readers.move(session, marks.READER, cursor)
            if mine and everybody:
                await health.mark_all(session, now)
            elif mine:
                await health.mark(session, sorted(accounts), now)
        self._written, self._passed = (cursor, 0) if mine else ("", 0)


class ComputeHealth:
    """A look that keeps nobody waiting, a judgment beside the loop, and one short transaction for a thousand accounts."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        now = clock.utcnow()
        read = await self._database.look(lambda connection: look(connection, now))
        if read is None:
            return 0
        found = await asyncio.to_thread(judge, read, now)
        return await self._database.bulk(lambda connection: health.write(connection, found, now))


@dataclass(frozen=True, slots=True)
class Read:
    """What some accounts are judged by, as one look found it."""

    facts: dict[int, Facts]
    before: dict[int, Any]
    hands: dict[int, tuple[str, datetime]]
    formulas: list[tuple[Segment, Formula]]
    done: rhythm_queries.Done
    alerts: dict[str, Any]
    rhythms: dict[str, Any]


def look(connection: Connection, now: datetime) -> Read | None:
    numbers = queries.due(connection, now, AT_ONCE)
    if not numbers:
        return None
    # What stood there is read first: who is marked meanwhile has another stamp when it is written.
    before = queries.standing(connection, numbers)
    hands = queries.by_hand(connection, numbers)
    done = rhythm_queries.done(connection, numbers, now)
    return Read(
        facts(connection, numbers, now), before, hands, queries.formulas(connection), done,
        *alert_queries.setup(connection),
    )  # fmt: skip


def judge(read: Read, now: datetime) -> Computed:
    """Nobody's health is unknown for want of a formula: the one of no segment is always in use."""
    found: dict[int, After] = {}
    warnings: dict[int, list[Found]] = {}
    for number, each in read.facts.items():
        formula, row = chosen(read.formulas, each.tier, each.stage), read.before[number]
        if formula is None:
            continue
        was = Before(**{name: getattr(row, name) for name in KEPT})
        found[number] = after(was, formula, each, now, hand=read.hands.get(number))
        values = found[number].values
        warnings[number] = alerts.found(
            each, colour=values["colour"], score=values["score"], trend=values["trend"], given=read.alerts
        )
    return Computed(found, warnings, rhythms.judge(read.done, read.facts, read.rhythms, now), read.alerts)


class WatchAlerts:
    """Those that were put off, and those that were kept back."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        now = clock.utcnow()
        given, _ = await self._database.look(alert_queries.setup)
        async with self._database.write() as session:
            return await waking.wake(session, given, now)
