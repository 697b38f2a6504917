"""The sample desk's rules and macros."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import automations, macros
from demo import desk_automation as desk


async def seed_automation(session: AsyncSession, tags: dict[str, int], now: datetime) -> None:
    """The tags must be there."""
    for given in desk.rules(tags):
        await automations.add(session, given, by=None, now=now)
    for macro in desk.macros(tags):
        await macros.add(session, macro, owner=None, by=None, now=now)
