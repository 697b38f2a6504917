"""What was unsolved at the ends of days: read from the snapshots, never counted again from the present."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Snapshot, SnapshotPart
from app.queries.reports.asked import NOBODY, Asked
from app.rules.kpi import Value

COLUMNS = {
    "channel": SnapshotPart.channel, "team": SnapshotPart.team_id, "agent": SnapshotPart.agent_id,
    "inbox": SnapshotPart.inbox_id, "tier": SnapshotPart.tier, "age": SnapshotPart.age,
}  # fmt: skip


def _fits(asked: Asked) -> list[ColumnElement[bool]] | None:
    """None when a filter does not apply: nobody wrote down the tags of that day."""
    found: list[ColumnElement[bool]] = []
    for name, value in asked.filters.items():
        if name not in COLUMNS:
            return None
        column = col(COLUMNS[name])
        found.append(column.is_(None) if value == NOBODY and name != "tier" else column == value)
    return found


async def latest(session: AsyncSession, asked: Asked) -> date | None:
    """The period's last day of which a snapshot was taken."""
    within = col(Snapshot.day) >= asked.first, col(Snapshot.day) <= asked.last
    day: date | None = await session.scalar(select(func.max(Snapshot.day)).where(*within))
    return day


async def by_day(session: AsyncSession, asked: Asked) -> dict[date, Value]:
    """Each day's end that was written down."""
    fits = _fits(asked)
    if fits is None:
        return {}
    query = (
        select(col(Snapshot.day), func.coalesce(func.sum(SnapshotPart.count), 0))
        .outerjoin(SnapshotPart, and_(col(SnapshotPart.day) == col(Snapshot.day), *fits))
        .where(col(Snapshot.day) >= asked.first, col(Snapshot.day) <= asked.last)
        .group_by(col(Snapshot.day))
    )
    return {day: Value(count) for day, count in (await session.execute(query)).all()}


async def total(session: AsyncSession, asked: Asked) -> Value | None:
    """At the end of the last day; None when none was written down."""
    fits, day = _fits(asked), await latest(session, asked)
    if fits is None or day is None:
        return None
    query = select(func.coalesce(func.sum(SnapshotPart.count), 0)).where(col(SnapshotPart.day) == day, *fits)
    return Value(await session.scalar(query) or 0)


async def told_apart(session: AsyncSession, asked: Asked, by: str) -> dict[Any, Value]:
    fits, day = _fits(asked), await latest(session, asked)
    if fits is None or day is None or by not in COLUMNS:
        return {}
    column = col(COLUMNS[by])
    query = select(column, func.sum(SnapshotPart.count)).where(col(SnapshotPart.day) == day, *fits).group_by(column)
    found: Any = (await session.execute(query)).all()
    return {key: Value(count) for key, count in found}


async def numbers(session: AsyncSession, asked: Asked) -> tuple[datetime | None, list[int]]:
    """When the last snapshot was taken, and the tickets in it, the youngest first."""
    fits, day = _fits(asked), await latest(session, asked)
    if fits is None or day is None:
        return None, []
    taken: datetime | None = await session.scalar(select(col(Snapshot.taken_at)).where(col(Snapshot.day) == day))
    query = select(col(SnapshotPart.tickets)).where(col(SnapshotPart.day) == day, *fits)
    lists: Sequence[list[int]] = (await session.scalars(query)).all()
    return taken, sorted((number for each in lists for number in each), reverse=True)
