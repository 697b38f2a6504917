"""The present policies and calendars applied to open tickets, because somebody chose so (SLA2): in batches, crash-safe."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.clocks import rematch
from app.models import Audit, Recount, Ticket
from app.rules.threads import UNSOLVED


async def start(session: AsyncSession, agent_id: int, now: datetime) -> Recount:
    """Tickets that come later have the present promises by themselves."""
    last = await session.scalar(select(func.max(col(Ticket.id))))
    made = Recount(agent_id=agent_id, created_at=now, last_ticket=last or 0)
    session.add_all([made, Audit(at=now, agent_id=agent_id, code="policy.applied", subject=f"#1-#{last or 0}")])
    await session.flush()
    await feed.record(session, feed.event("recount.begun", now, agent=agent_id, recount=made.id))
    return made


async def anything(session: AsyncSession) -> bool:
    """Whether one goes on."""
    return await session.scalar(select(col(Recount.id)).where(col(Recount.done_at).is_(None)).limit(1)) is not None


async def step(session: AsyncSession, now: datetime, most: int = 200) -> int:
    """One batch of one recount. How far it came is written with what it changed: a crash repeats nothing."""
    query = select(Recount).where(col(Recount.done_at).is_(None)).order_by(col(Recount.id)).limit(1)
    one = (await session.scalars(query.with_for_update(skip_locked=True))).first()
    if one is None:
        return 0
    here = col(Ticket.id) > one.done_until, col(Ticket.id) <= one.last_ticket, col(Ticket.status).in_(UNSOLVED)
    tickets = select(col(Ticket.id)).where(*here).order_by(col(Ticket.id)).limit(most).with_for_update()
    numbers = (await session.scalars(tickets)).all()
    if not numbers:
        one.done_at = now
        await session.flush()
        await feed.record(session, feed.event("recount.done", now, agent=one.agent_id, recount=one.id))
        return 1
    changed = await rematch(session, numbers, "policy", now=now, agent=one.agent_id, present=True)
    one.done_until, one.tickets, one.changed = numbers[-1], one.tickets + len(numbers), one.changed + changed
    await session.flush()
    return len(numbers)
