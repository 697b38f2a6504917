"""Deadlines, snoozes, and deadlines that are counted anew: one look a second at what is due."""

from app import clock
from app.actions import recount, timers
from app.parts import Parts


class Watch:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        async with self._parts.database.read() as session:
            if not await timers.anything_due(session, clock.utcnow()):
                return 0
        async with self._parts.database.write() as session:
            now = clock.utcnow()
            done = await timers.ring(session, now) + await timers.wake(session, now)
            return done + await recount.step(session, now)
