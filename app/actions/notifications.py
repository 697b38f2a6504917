"""An agent has read what they were told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Notification
from app.models.sla import UNREAD


async def read(session: AsyncSession, agent_id: int, ids: Sequence[int] | None, now: datetime) -> None:
    """These, or all. Twice, or somebody else's, changes nothing."""
    mine = update(Notification).where(col(Notification.agent_id) == agent_id, UNREAD)
    if ids is not None:
        mine = mine.where(col(Notification.id).in_(ids))
    found = (await session.scalars(mine.values(read_at=now).returning(col(Notification.id)))).all()
    if found:
        await feed.record(session, feed.event("notification.read", now, agent=agent_id), clocks=frozenset())
