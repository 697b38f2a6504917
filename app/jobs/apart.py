"""A batch of rows in one transaction; when it fails, one by one, and the one that fails alone is set aside for a while."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app import clock, log
from app.actions import stumbles
from app.db import Database

logger = log.get("jobs")
Work = Callable[[AsyncSession, Sequence[int], datetime], Awaitable[int]]


class Apart:
    """Of one kind of row. Any number of processes may do this: the work itself locks what it changes."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self._kind = database, kind
        self._stumbled = True  # whether there may be rows aside: looked up once at the start, then after each failure

    async def __call__(self, rows: Sequence[int], work: Work) -> int:
        """How many were done."""
        wanted = await self._wanted(rows)
        return await self._try(wanted, work) if wanted else 0

    async def _wanted(self, rows: Sequence[int]) -> Sequence[int]:
        if not rows or not self._stumbled:
            return rows
        async with self._database.read() as session:
            known = await stumbles.known(session, self._kind)
        self._stumbled, now = bool(known), clock.utcnow()
        return [each for each in rows if each not in known or known[each] <= now]

    async def due(self) -> list[int]:
        """Those that are to be tried again now, when nothing else brings them back."""
        if not self._stumbled:
            return []
        async with self._database.read() as session:
            known = await stumbles.known(session, self._kind)
        self._stumbled, now = bool(known), clock.utcnow()
        return sorted(row for row, retry_at in known.items() if retry_at <= now)

    async def _try(self, rows: Sequence[int], work: Work) -> int:
        try:
            async with self._database.write() as session:
                done = await work(session, rows, clock.utcnow())
                if self._stumbled:
                    await stumbles.stands(session, self._kind, rows)
                return done
        except (InterfaceError, OperationalError):  # the database's trouble, not the row's
            raise
        except Exception as bug:
            if len(rows) > 1:
                return sum([await self._try([each], work) for each in rows])
            await self.fell(rows[0], bug)
            return 0

    async def fell(self, row: int, bug: Exception) -> datetime:
        """It is marked, and left alone until then."""
        self._stumbled = True
        error = f"{type(bug).__name__}: {bug}"
        async with self._database.write() as session:
            retry_at = await stumbles.fell(session, self._kind, row, error, clock.utcnow())
        logger.error("row.failed", kind=self._kind, row=row, error=error[:300], retry_at=retry_at.isoformat())
        return retry_at
