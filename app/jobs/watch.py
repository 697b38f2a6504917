"""Deadlines and snoozes: one look a second at what is due."""

from app import clock
from app.actions import timers
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
            return await timers.ring(session, now) + await timers.wake(session, now)
