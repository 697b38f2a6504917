"""A newer library knows newly announced public holidays: calendars that keep them get a new version, once a day."""

from app import clock
from app.actions import hours as verbs
from app.parts import Parts
from app.queries import hours

EVERY_S = 86400.0
FIRST_S = 120.0  # a process that has just started has better things to do


class Holidays:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next = clock.monotonic() + FIRST_S

    async def step(self) -> int:
        if clock.monotonic() < self._next:
            return 0
        self._next = clock.monotonic() + EVERY_S
        async with self._parts.database.read() as session:
            if not await hours.outdated(session):
                return 0
        async with self._parts.database.write() as session:
            return await verbs.refresh(session, clock.utcnow())
