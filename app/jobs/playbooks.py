"""Playbooks: starts what an event starts, and wakes the runs whose waits, branches and exits are to be looked at."""

from contextlib import suppress
from datetime import datetime, timedelta

from app import clock
from app.actions.success import playbooks as verbs
from app.parts import Parts
from app.queries.success import playbooks as queries

LOOK_EVERY = timedelta(minutes=1)  # for what starts by itself: days count, not seconds
AT_ONCE = 50


class RunPlaybooks:
    """A run is claimed in one transaction and goes on in another: one that fails holds up no other for longer than a lease."""

    def __init__(self, parts: Parts) -> None:
        self._database, self._zone = parts.database, parts.settings.timezone
        self._looked_at: datetime | None = None

    async def step(self) -> int:
        """How much was done: a run that went on, or runs that began."""
        now = clock.utcnow()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            if begun := await self._begin(now):
                return begun
        async with self._database.read() as session:
            if not await queries.any_due(session, now):
                return 0
        async with self._database.write() as session:
            number = await verbs.claim(session, now)
        if number is None:
            return 0
        async with self._database.write() as session:
            await verbs.wake(session, number, await queries.desk_hours(session, self._zone), now)
        return 1

    async def _begin(self, now: datetime) -> int:
        """Another process may have been first: then there is nothing left to begin."""
        async with self._database.read() as session:
            if not await queries.to_start(session, now.date(), AT_ONCE):
                return 0
        begun = 0
        async with self._database.write() as session:
            hours = await queries.desk_hours(session, self._zone)
            for each in await queries.to_start(session, now.date(), AT_ONCE):
                with suppress(verbs.RunsAlready):  # two contracts of one account may be due on the same day
                    await verbs.start(session, each.account, each.playbook, hours, now, cause=each.cause)
                    begun += 1
        return begun
