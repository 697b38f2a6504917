"""Open time of teams, as reports measure it: by the calendar that the team has at that moment."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from app.queries.sla import UNSEEN, Versions
from app.rules.history import Between
from app.rules.hours import elapsed


async def between(session: AsyncSession) -> Between:
    """Open seconds of a team between two moments. A team without a calendar is always open."""
    unseen = any(name in session.info for name in UNSEEN)
    return await (await session.connection()).run_sync(of_now, unseen)


def of_now(connection: Connection, unseen: bool) -> Between:
    promises = Versions(connection, unseen=unseen).now

    def count(team: int | None, begin: datetime, end: datetime) -> float:
        calendar = promises.team_calendars.get(team) if team is not None else None
        if calendar is None:
            return (end - begin).total_seconds()
        return elapsed(promises.calendars[calendar][1], begin, end)

    return count
