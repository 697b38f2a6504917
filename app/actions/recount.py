"""The present policies and calendars applied to open tickets, because somebody chose so (SLA2): in batches, crash-safe."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.clocks import Clocks
from app.actions.rows import change
from app.models import Audit, Recount, Status, Ticket

UNSOLVED = (Status.OPEN, Status.PENDING, Status.SNOOZED)


async def start(session: AsyncSession, agent_id: int, now: datetime) -> Recount:
    """Tickets that come later have the present promises by themselves."""
    last = await session.scalar(select(func.max(col(Ticket.id))))
    made = Recount(agent_id=agent_id, created_at=now, last_ticket=last or 0)
    session.add_all([made, Audit(at=now, agent_id=agent_id, code="policy.applied", subject=f"#1-#{last or 0}")])
    await session.flush()
    await feed.record(session, feed.event("recount.begun", now, agent=agent_id, recount=made.id))
    return made


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
    changed = await (await session.connection()).run_sync(_rematch, numbers, one.agent_id, now)
    one.done_until, one.tickets, one.changed = numbers[-1], one.tickets + len(numbers), one.changed + changed
    await session.flush()
    feed.tell(session)
    return len(numbers)


def _rematch(connection: Connection, numbers: Sequence[int], agent: int | None, now: datetime) -> int:
    clocks = Clocks(connection, now, agent=agent)
    clocks.load(numbers)
    changed = sum(clocks.rematch(number, "policy", present=True) for number in numbers)
    clocks.flush()
    rows = [
        {"id": number, "due_at": clocks.due(number), "policy_id": clocks.facts[number].policy_id} for number in numbers
    ]
    change(connection, Ticket, ["due_at", "policy_id"], rows)
    return changed
