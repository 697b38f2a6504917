"""What time does by itself: a broken promise is written down, a snoozed ticket wakes."""

from datetime import datetime

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app import feed
from app.models import Clock, Status, Ticket

DUE = text(
    "SELECT EXISTS (SELECT 1 FROM clock WHERE state = 'running' AND breached_at IS NULL AND due_at <= :now)"
    " OR EXISTS (SELECT 1 FROM ticket WHERE status = 'snoozed' AND snoozed_until <= :now)"
).bindparams(bindparam("now", type_=UTCDateTime()))


async def anything_due(session: AsyncSession, now: datetime) -> bool:
    """Two index look-ups; a tick with nothing due takes no write lock."""
    return bool(await session.scalar(DUE, {"now": now}))


async def breach(session: AsyncSession, now: datetime, most: int = 200) -> int:
    """Marks what is due: breached at exactly the deadline, however late this runs. Costs what is due, not what is open."""
    due = (
        select(Clock)
        .where(text("state = 'running' AND breached_at IS NULL"), col(Clock.due_at) <= now)
        .order_by(col(Clock.due_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(due)).all()
    for clock in found:
        clock.breached_at = clock.due_at
    await session.flush()
    events = [feed.event("clock.breached", c.due_at, ticket=c.ticket_id, metric=c.metric) for c in found]
    await feed.record(session, *events)
    return len(found)


async def wake(session: AsyncSession, now: datetime, most: int = 200) -> int:
    """Snoozed tickets whose time has come are open again."""
    due = (
        select(col(Ticket.id))
        .where(text("status = 'snoozed'"), col(Ticket.snoozed_until) <= now)
        .order_by(col(Ticket.snoozed_until))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = list((await session.scalars(due)).all())
    if found:
        woken = update(Ticket).where(col(Ticket.id).in_(found))
        await session.execute(woken.values(status=Status.OPEN, snoozed_until=None, updated_at=now))
    events = [feed.event("ticket.status", now, ticket=number, was="snoozed", to="open", until=None) for number in found]
    await feed.record(session, *events)
    return len(found)
