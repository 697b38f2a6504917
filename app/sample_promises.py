"""The sample desk's policies."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import policies
from app.models import Calendar
from demo.desk_hours import STANDARD
from demo.desk_promises import policies as promised


async def seed_promises(session: AsyncSession, now: datetime) -> None:
    """Makes the policies. The calendars must be there."""
    calendar = (await session.scalars(select(col(Calendar.id)).where(col(Calendar.name) == STANDARD))).one()
    for name, spec in promised(calendar).items():
        await policies.add(session, name=name, spec=spec, agent_id=None, now=now)
