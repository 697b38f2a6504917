"""At the end of each day on the desk's clock, what is unsolved is written down: the backlog of the reports."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from app import clock
from app.actions import snapshot
from app.parts import Parts

LATE = timedelta(hours=6)  # later than that it would be another day's: a gap is shown instead


class TakeSnapshot:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        now = clock.utcnow()
        zone = ZoneInfo(self._parts.settings.timezone)
        day = now.astimezone(zone).date() - timedelta(days=1)
        if (now - LATE).astimezone(zone).date() != day:
            return 0
        async with self._parts.database.read() as session:
            if await snapshot.taken(session, day):
                return 0
        async with self._parts.database.write() as session:
            return int(await snapshot.take(session, day, now))
