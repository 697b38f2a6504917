"""What one agent should know."""

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Notification
from app.models.sla import UNREAD

MOST_COUNTED = 100  # the badge says "99+"


async def page(
    session: AsyncSession, agent_id: int, *, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """The newest first, and where the next page begins."""
    query = select(Notification).where(col(Notification.agent_id) == agent_id)
    if before is not None:
        query = query.where(col(Notification.id) < before)
    found = (await session.scalars(query.order_by(col(Notification.id).desc()).limit(limit + 1))).all()
    fields = ("id", "kind", "ticket_id", "params", "created_at", "read_at")
    items = [{name: getattr(each, name) for name in fields} for each in found[:limit]]
    return items, items[-1]["id"] if len(found) > limit else None


async def unread(session: AsyncSession, agent_id: int) -> int:
    """Counted to 100 at most."""
    some = select(text("1")).select_from(Notification).where(col(Notification.agent_id) == agent_id, UNREAD)
    return await session.scalar(select(func.count()).select_from(some.limit(MOST_COUNTED).subquery())) or 0
