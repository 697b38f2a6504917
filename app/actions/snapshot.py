"""The unsolved tickets at a day's end, written down once."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.rows import put, row
from app.models import Account, Snapshot, SnapshotPart, Ticket
from app.models.ticket import UNSOLVED
from app.rules.kpi import age


async def taken(session: AsyncSession, day: date) -> bool:
    return await session.scalar(select(col(Snapshot.day)).where(col(Snapshot.day) == day)) is not None


async def take(session: AsyncSession, day: date, now: datetime) -> bool:
    """False when another process was first."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made: Any = insert(Snapshot).values(day=day, taken_at=now, total=0)
    if await session.scalar(made.on_conflict_do_nothing().returning(col(Snapshot.day))) is None:
        return False
    query = (
        select(
            col(Ticket.id), col(Ticket.created_at), col(Ticket.team_id), col(Ticket.inbox_id), col(Ticket.channel),
            col(Ticket.assignee_id), func.coalesce(col(Account.tier), ""),
        )
        .outerjoin(Account, col(Account.id) == col(Ticket.account_id))
        .where(UNSOLVED)
        .order_by(col(Ticket.id))
    )  # fmt: skip
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, created, *place in (await session.execute(query)).all():
        groups[(*place, age((now - created).total_seconds()))].append(number)
    names = ("team_id", "inbox_id", "channel", "agent_id", "tier", "age")
    parts = [
        row(SnapshotPart, day=day, count=len(tickets), tickets=tickets, **dict(zip(names, place, strict=True)))
        for place, tickets in groups.items()
    ]
    for each in parts:
        each.pop("id")
    await put(session, SnapshotPart, parts)
    head = await session.get_one(Snapshot, day)
    head.total = sum(len(tickets) for tickets in groups.values())
    await session.flush()
    return True
