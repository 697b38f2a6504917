"""Presence and routing: what changes by itself, and tickets on their way to agents. Woken by news, so within a moment."""

import asyncio
from datetime import datetime

from app import clock
from app.actions import offers, overflow, presence, ringing, routing
from app.jobs.apart import Apart
from app.parts import Parts
from app.queries.routing import Place

REST_S = 0.2  # between two looks: under load each commit would bring one
IN_VAIN_S = 0.5  # the same after a look that found nothing to do
STRANDED_S = 5.0  # between two looks at tickets whose agent is not here


class Route:
    """Each look is a read; the writing lock is taken only when there is something to write."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._after: dict[int, Place] = {}
        self._rests_until = self._stranded_at = 0.0
        kinds = ("offer", "overflow", "stranded", "ticket", "presence")
        self._offers, self._waits, self._left, self._routed, self._agents = (Apart(parts.database, k) for k in kinds)

    async def step(self) -> int:
        await asyncio.sleep(max(0.0, self._rests_until - clock.monotonic()))
        began, now = clock.monotonic(), clock.utcnow()
        done = await self._presence(now) + await self._calls(now) + await self._time(now) + await self._tickets(now)
        done += await self._crowds(clock.utcnow())
        self._rests_until = began + (REST_S if done else IN_VAIN_S)
        return done

    async def _presence(self, now: datetime) -> int:
        async with self._database.read() as session:
            agents = await presence.due(session, now)
        return await self._agents(agents, presence.settle)

    async def _calls(self, now: datetime) -> int:
        """Callers first: they hold the line."""
        async with self._database.read() as session:
            if not await ringing.look(session, now):
                return 0
        async with self._database.write() as session:
            return await ringing.settle(session, clock.utcnow())

    async def _time(self, now: datetime) -> int:
        async with self._database.read() as session:
            ended, passed = await offers.over(session, now), await overflow.due(session, now)
            left = await overflow.stranded(session, now) if self._stranded() else []
        done = await self._offers(ended, offers.finish) + await self._waits(passed, overflow.step)
        return done + await self._left(left, overflow.rescue)

    def _stranded(self) -> bool:
        at = clock.monotonic()
        if at < self._stranded_at:
            return False
        self._stranded_at = at + STRANDED_S
        return True

    async def _tickets(self, now: datetime) -> int:
        """The heads of the queues each time; when nobody there can be served, what stands behind them, piece by piece."""
        async with self._database.read() as session:
            numbers, behind = await routing.look(session, now, {})
            if not numbers:
                numbers, self._after = await routing.look(session, now, self._after or behind) if behind else ([], {})
        if not numbers:
            return len(self._after)
        return await self._routed(numbers, routing.route)

    async def _crowds(self, now: datetime) -> int:
        """After the agents who are free had their turn: what is left over is too much for this team."""
        async with self._database.read() as session:
            if not await overflow.crowds(session, now):
                return 0
        async with self._database.write() as session:
            return await overflow.spread(session, now)
