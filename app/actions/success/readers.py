"""How far somebody has followed the event log: begun once, moved by one process at a time."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import LogReader


async def start(session: AsyncSession, name: str) -> None:
    """From now on."""
    if await session.get(LogReader, name) is None:
        session.add(LogReader(name=name, cursor=await feed.now_cursor(session)))
        await session.flush()


async def move(session: AsyncSession, name: str, was: str, cursor: str) -> bool:
    """False when another process was first."""
    query = select(col(LogReader.cursor)).where(col(LogReader.name) == name).with_for_update()
    if await session.scalar(query) != was:
        return False
    await session.execute(update(LogReader).where(col(LogReader.name) == name).values(cursor=cursor))
    return True
