"""Customer success: follows the log for what hands a case over, and what becomes due by time alone."""

from collections.abc import Sequence

from sqlalchemy.exc import InterfaceError, OperationalError

from app import clock, feed, log
from app.actions import readers
from app.actions.success import accounts, follow, handovers
from app.actions.success.follow import Found
from app.parts import Parts
from app.queries.readers import cursor as cursor_of
from app.queries.success import accounts as account_queries
from app.queries.success import handovers as queries

logger = log.get("success")
AT_ONCE = 200
WRITE_EVERY = 5000  # events that nobody waits for: after so many the cursor is written all the same


class WatchAccounts:
    """Tiers by hand end on their day; each day the rule looks at all; what nobody accepts goes to the leads."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        now = clock.utcnow()
        async with self._database.read() as session:
            tiers = await account_queries.tiers_due(session, now)
            late = await queries.overdue(session, now, AT_ONCE)
        if not tiers and not late:
            return 0
        async with self._database.write() as session:
            done = await handovers.remind(session, late, now)
            return (
                done + await accounts.expire(session, now, AT_ONCE) + await accounts.retier_some(session, now, AT_ONCE)
            )


class FollowSuccess:
    """Each look is a read; what fits is written with the cursor."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._written = self._cursor = ""
        self._passed = 0

    async def step(self) -> int:
        async with self._database.read() as session:
            written = await cursor_of(session, follow.READER)
            if written is not None:
                if written != self._written:
                    self._written = self._cursor = written
                events, cursor = await feed.tail(session, self._cursor)
                found = await follow.look(session, events)
        if written is None:
            async with self._database.write() as session:
                await readers.start(session, follow.READER)
            return 1
        self._passed += len(events)
        if not events:
            return 0
        self._cursor = cursor
        if found or self._passed >= WRITE_EVERY:
            await self._pass_on(found, cursor)
        return len(events)

    async def _pass_on(self, found: Sequence[Found], cursor: str) -> None:
        """One transaction; when it fails, a case at a time, so that one bad case does not hold up the others."""
        try:
            await self._write(found, cursor)
        except (InterfaceError, OperationalError):
            self._written = ""
            raise
        except Exception as bug:
            if len(found) > 1:
                for each in found:
                    await self._pass_on([each], cursor if each is found[-1] else self._written)
                return
            logger.error(
                "success.bug", seen=[each.event for each in found], error=type(bug).__name__, detail=str(bug)[:300]
            )
            await self._write([], cursor)

    async def _write(self, found: Sequence[Found], cursor: str) -> None:
        async with self._database.write() as session:
            mine = await readers.lock(session, follow.READER, self._written)
            if mine:
                await follow.act(session, found, clock.utcnow())
                await readers.move(session, follow.READER, cursor)
        self._written, self._passed = (cursor, 0) if mine else ("", self._passed)
