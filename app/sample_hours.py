"""The sample desk's business hours."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import hours
from app.models import Team
from demo.desk_hours import calendars


async def seed_hours(session: AsyncSession, teams: Mapping[str, str], now: datetime) -> None:
    """Makes the calendars. `teams`: the calendar of each team, by name. They must be there."""
    today = now.astimezone(ZoneInfo("Asia/Tokyo")).date()
    made = {
        name: await hours.add(session, name=name, spec=spec, agent_id=None, now=now)
        for name, spec in calendars(today).items()
    }
    for team, calendar in teams.items():
        row = (await session.scalars(select(Team).where(col(Team.name) == team))).one()
        await hours.choose(session, row, made[calendar].id)
    await session.flush()
