"""Mailboxes that are polled, and doors that channels open themselves (SMTP, LMTP)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import col

from app import clock, log
from app.actions.inboxes import clear_alarm, raise_alarm
from app.models import Inbox
from app.parts import Parts
from app.queries.inboxes import Open
from channels.contract import Forged, Hook, Listens, Polls, TryAgain, Undeliverable

logger = log.get("poll")
EVERY = timedelta(seconds=15)
LEASE = timedelta(minutes=3)  # longer than a batch takes; one that takes longer is read twice and kept once
Stop = Callable[[], Awaitable[None]]


class Poll:
    """Each polled inbox belongs to one process at a time, by a lease on its row; after an empty batch all of them rest."""

    def __init__(self, parts: Parts, every: timedelta = EVERY) -> None:
        self._parts, self._every = parts, every
        self._next: dict[int, float] = {}

    async def step(self) -> int:
        at = clock.monotonic()
        mine = [
            o for o in await self._parts.inboxes.all()
            if o.row.enabled and isinstance(o.channel, Polls) and self._next.get(o.row.id, 0) <= at
        ]  # fmt: skip
        return sum(await asyncio.gather(*[self._inbox(each) for each in mine]))

    async def _inbox(self, opened: Open) -> int:
        """One batch. Behind one that had mails the next may follow at once."""
        until, found = clock.utcnow() + LEASE, 0
        if await self._lease(opened.row.id, until):
            try:
                found = await self._batch(opened)
            finally:
                await self._release(opened.row.id, until, rests=not found)
        if not found:
            self._next[opened.row.id] = clock.monotonic() + self._every.total_seconds()
        return found

    async def _batch(self, opened: Open) -> int:
        assert isinstance(opened.channel, Polls)
        try:
            hooks, cursor = await opened.channel.poll(await self._cursor(opened.row.id))
        except (TryAgain, Undeliverable) as failed:
            await self._failed(opened, failed)
            return 0
        await self._take(opened, hooks, cursor)
        return len(hooks)

    async def _take(self, opened: Open, hooks: list[Hook], cursor: dict[str, object]) -> None:
        """Each mail is committed by itself; the cursor goes with the last: after a crash some come twice, none is lost."""
        assert opened.channel is not None
        for number, hook in enumerate(hooks, 1):
            last = cursor if number == len(hooks) else None
            await self._parts.take(opened.brief, opened.channel, hook, cursor=last)
        if not hooks:
            async with self._parts.database.write() as session:
                await session.execute(update(Inbox).where(col(Inbox.id) == opened.row.id).values(cursor=cursor))
        if opened.row.alarm == "mailbox":
            async with self._parts.database.write() as session:
                await clear_alarm(session, await session.get_one(Inbox, opened.row.id), clock.utcnow())

    async def _cursor(self, inbox_id: int) -> dict[str, object]:
        async with self._parts.database.read() as session:
            return (await session.get_one(Inbox, inbox_id)).cursor

    async def _lease(self, inbox_id: int, until: datetime) -> bool:
        """On one machine there is nobody to share with, and no write is needed."""
        if self._parts.database.is_sqlite:
            return True
        free = or_(col(Inbox.polled_until).is_(None), col(Inbox.polled_until) <= clock.utcnow())
        async with self._parts.database.write() as session:
            claim = update(Inbox).where(col(Inbox.id) == inbox_id, free).values(polled_until=until)
            taken = await session.execute(claim.returning(col(Inbox.id)))
            return taken.first() is not None

    async def _release(self, inbox_id: int, until: datetime, *, rests: bool) -> None:
        """A lease that ran out meanwhile may be another process's by now: that one stays."""
        if self._parts.database.is_sqlite:
            return
        again_at = clock.utcnow() + self._every if rests else None
        async with self._parts.database.write() as session:
            own = col(Inbox.id) == inbox_id, col(Inbox.polled_until) == until
            await session.execute(update(Inbox).where(*own).values(polled_until=again_at))

    async def _failed(self, opened: Open, failed: TryAgain | Undeliverable) -> None:
        logger.warning("poll.failed", inbox=opened.row.id, code=failed.code)
        if opened.row.alarm:
            return
        async with self._parts.database.write() as session:
            inbox = await session.get_one(Inbox, opened.row.id)
            await raise_alarm(session, inbox, "mailbox", f"{failed.code} {failed.detail}".strip(), clock.utcnow())
        await self._parts.inboxes.refresh()


class Doors:
    """The doors that channels open: one a process for each inbox that wants one, opened anew when settings change."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._open: dict[int, tuple[object, Stop]] = {}

    async def step(self) -> int:
        wanted = {
            o.row.id: o for o in await self._parts.inboxes.all() if o.row.enabled and isinstance(o.channel, Listens)
        }
        for inbox_id in [
            i for i, (channel, _) in self._open.items() if i not in wanted or wanted[i].channel is not channel
        ]:
            _, stop = self._open.pop(inbox_id)
            await stop()
        for inbox_id, opened in wanted.items():
            if inbox_id not in self._open:
                await self._listen(opened)
        return 0

    async def _listen(self, opened: Open) -> None:
        channel = opened.channel
        assert channel is not None and isinstance(channel, Listens)

        async def take(hook: Hook) -> None:
            channel.verify(hook)
            await self._parts.take(opened.brief, channel, hook)

        try:
            self._open[opened.row.id] = (channel, await channel.listen(take))
        except (OSError, TryAgain, Undeliverable, Forged) as failed:
            logger.error("door.failed", inbox=opened.row.id, error=str(failed)[:200])
            if opened.row.alarm != "door":
                async with self._parts.database.write() as session:
                    inbox = await session.get_one(Inbox, opened.row.id)
                    await raise_alarm(session, inbox, "door", str(failed), clock.utcnow())

    async def close(self) -> None:
        for _, stop in self._open.values():
            await stop()
        self._open.clear()
