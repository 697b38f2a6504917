"""Deadlines, snoozes, and deadlines that are counted anew: one look a second at what is due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app import clock
from app.actions import recount, timers
from app.jobs.apart import Apart
from app.parts import Parts


class Watch:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._clocks, self._snoozes = Apart(parts.database, "clock"), Apart(parts.database, "snooze")

    async def step(self) -> int:
        async with self._parts.database.read() as session:
            now = clock.utcnow()
            if not await timers.anything_due(session, now):
                return 0
            clocks, tickets = await timers.due(session, now), await timers.asleep(session, now)
        done = await self._clocks(clocks, _ring) + await self._snoozes(tickets, _wake)
        async with self._parts.database.read() as session:
            if not await recount.anything(session):
                return done
        async with self._parts.database.write() as session:
            return done + await recount.step(session, clock.utcnow())


async def _ring(session: AsyncSession, clocks: Sequence[int], now: datetime) -> int:
    return await timers.ring(session, now, clocks=clocks)


async def _wake(session: AsyncSession, tickets: Sequence[int], now: datetime) -> int:
    return await timers.wake(session, now, tickets=tickets)
