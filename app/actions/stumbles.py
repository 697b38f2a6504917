"""One row that cannot be done must not hold up the others: it is set aside, and tried again later and later."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Stumble

FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=1)


async def known(session: AsyncSession, kind: str) -> dict[int, datetime]:
    """Those that failed, with when they are tried again."""
    query = select(col(Stumble.row_id), col(Stumble.retry_at)).where(col(Stumble.kind) == kind)
    rows = await session.execute(query)
    return {row[0]: row[1] for row in rows}


async def fell(session: AsyncSession, kind: str, row_id: int, error: str, now: datetime) -> datetime:
    """It failed: not before when it is tried again."""
    found = await session.get(Stumble, (kind, row_id))
    attempts = found.attempts + 1 if found else 1
    retry_at = now + min(FIRST * (1 << min(attempts - 1, 20)), LONGEST)
    if found is None:
        found = Stumble(kind=kind, row_id=row_id, error="", failed_at=now, retry_at=retry_at)
        session.add(found)
    found.attempts, found.error, found.failed_at, found.retry_at = attempts, error[:200], now, retry_at
    await session.flush()
    return retry_at


async def stands(session: AsyncSession, kind: str, row_ids: Collection[int]) -> None:
    """These went well."""
    await session.execute(delete(Stumble).where(col(Stumble.kind) == kind, col(Stumble.row_id).in_(row_ids)))
