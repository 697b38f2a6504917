"""How far somebody has followed the event log: begun once, moved by one process at a time."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import LogReader


async def start(session: AsyncSession, name: str, *, anew: bool = False) -> None:
    """From now on. `anew`: also for a reader that was there already and has rested."""
    cursor, known = await feed.now_cursor(session), await session.get(LogReader, name, with_for_update=True)
    if known is None:
        session.add(LogReader(name=name, cursor=cursor))
    elif anew:
        known.cursor = cursor
    await session.flush()


async def lock(session: AsyncSession, name: str, was: str) -> bool:
    """False when another process was first."""
    query = select(col(LogReader.cursor)).where(col(LogReader.name) == name).with_for_update()
    return await session.scalar(query) == was


async def move(session: AsyncSession, name: str, cursor: str) -> None:
    await session.execute(update(LogReader).where(col(LogReader.name) == name).values(cursor=cursor))
