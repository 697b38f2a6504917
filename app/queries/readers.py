"""How far somebody has followed the event log."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import LogReader


async def cursor(session: AsyncSession, name: str) -> str | None:
    """None: they have not begun."""
    return await session.scalar(select(col(LogReader.cursor)).where(col(LogReader.name) == name))
