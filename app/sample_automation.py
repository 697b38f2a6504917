"""The sample desk's rules, macros and views."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import automations, macros
from app.models import Policy
from app.sample_views import seed_views
from demo import desk_automation as desk


async def seed_automation(session: AsyncSession, tags: dict[str, int], now: datetime) -> None:
    """The tags and the policies must be there."""
    for given in desk.rules(tags):
        await automations.rehearsed(session, given, by=None, now=now)
        await automations.add(session, given, by=None, now=now)
    policies = {each.name: each.id for each in (await session.scalars(select(Policy))).all()}
    for macro in desk.macros(tags, policies):
        await macros.add(session, macro, owner=None, by=None, now=now)
    await seed_views(session, tags, now)
