"""Asks how satisfied customers are, some time after their case was resolved."""

from app import clock
from app.actions import survey
from app.parts import Parts
from app.queries import survey as queries

AT_ONCE = 20  # resolutions in one transaction


class AskSurveys:
    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        """Returns how many resolutions were judged."""
        now = clock.utcnow()
        async with self._database.read() as session:
            if not await queries.any_asked(session):
                return 0
            if not await queries.due(session, await queries.setup(session), now, 1):
                return 0
        async with self._database.write() as session:
            return await survey.ask_due(session, now, AT_ONCE)
