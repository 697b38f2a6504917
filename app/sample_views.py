"""The sample desk's saved views."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import views
from app.models import Team
from app.rules.views import COLUMNS


async def seed_views(session: AsyncSession, tags: dict[str, int], now: datetime) -> None:
    """For everybody and for the first team. The tags and the teams must be there."""
    support = await session.scalar(select(func.min(col(Team.id))))
    kept: list[dict[str, Any]] = [
        {"name": "緊急 (担当なし)", "conditions": {"view": "unassigned", "priority": "urgent"}},
        *({"name": f"{name}のチケット", "conditions": {"tag": tag}} for name, tag in list(tags.items())[:1]),
        {
            "name": "LINE・お客様待ち",
            "conditions": {"view": "pending", "channel": "line"},
            "sort": "updated",
            "team_id": support,
        },
    ]
    for each in kept:
        await views.add(session, {"sort": "due", "columns": COLUMNS, **each}, by=None, now=now)
