"""What a visitor does besides writing."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Message, Thread


async def seen(session: AsyncSession, thread_id: int, seq: int, now: datetime) -> None:
    """W6: the visitor has seen our messages up to `seq`. Twice or backwards changes nothing."""
    unread = (
        select(col(Message.id))
        .where(
            col(Message.thread_id) == thread_id,
            col(Message.direction) == "out",
            col(Message.seq) <= seq,
            col(Message.read_at).is_(None),
        )
        .order_by(col(Message.seq))
    )
    ids = list((await session.scalars(unread)).all())
    if not ids:
        return
    await session.execute(update(Message).where(col(Message.id).in_(ids)).values(read_at=now))
    thread = await session.get_one(Thread, thread_id)
    thread.seen_at = now
    await feed.record(session, feed.event("message.read", now, ticket=thread.ticket_id, message=ids[-1]))


async def read_by_agent(session: AsyncSession, ticket_id: int, now: datetime) -> None:
    """An agent has the ticket before them: what the customer wrote is read. Twice changes nothing."""
    unread = (
        select(col(Message.id))
        .where(col(Message.ticket_id) == ticket_id, col(Message.direction) == "in", col(Message.read_at).is_(None))
        .order_by(col(Message.id))
    )
    ids = list((await session.scalars(unread)).all())
    if ids:
        await session.execute(update(Message).where(col(Message.id).in_(ids)).values(read_at=now))
        await feed.record(session, feed.event("message.seen", now, ticket=ticket_id, message=ids[-1]))
