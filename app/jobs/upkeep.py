"""Listens to the inboxes' silence (L12) and follows their allowance (L22)."""

import asyncio

from app import clock, log
from app.actions.upkeep import allowance, hearing
from app.parts import Parts
from app.queries.inboxes import Open
from app.rules.upkeep import hearing as rules
from channels.contract import Quota, TryAgain, Undeliverable
from channels.reach import Reaches

logger = log.get("upkeep")
QUOTA_EVERY_S = 600.0


class Upkeep:
    """One look a minute. Each provider's questions run beside the others': a slow one holds up nobody."""

    def __init__(self, parts: Parts, *, first_after_s: float = 0.0) -> None:
        """`first_after_s`: providers are asked about allowances later than that, because a start has enough to do."""
        self._parts = parts
        self._counts_from = clock.monotonic() + first_after_s
        self._next: dict[int, float] = {}  # when an inbox's allowance is asked for again

    async def step(self) -> int:
        mine = [each for each in await self._parts.inboxes.all() if each.row.enabled]
        await asyncio.gather(*[self._listen(each) for each in mine], *[self._count(each) for each in mine])
        return 0

    async def _listen(self, opened: Open) -> None:
        row, now = opened.row, clock.utcnow()
        if hearing.over(row):
            async with self._parts.database.write() as session:
                await hearing.settle(session, row.id, now)
            self._parts.inboxes.expire()
        elif isinstance(opened.channel, Reaches) and rules.asks(row.news_at, row.listened_at, now):
            await self._ask(opened, opened.channel)

    async def _ask(self, opened: Open, channel: Reaches) -> None:
        before = opened.row.listened_at
        async with self._parts.database.write() as session:
            if not await hearing.claim(session, opened.row.id, clock.utcnow()):
                return
        found = await channel.reached()
        if found is None:  # a provider that does not answer at all says nothing of our webhook
            return
        if not found.ok:
            logger.warning("inbox.unreached", inbox=opened.row.id, code=found.code)
        async with self._parts.database.write() as session:
            await hearing.judge(session, opened.row.id, found, asked_before=before, now=clock.utcnow())
        self._parts.inboxes.expire()

    async def _count(self, opened: Open) -> None:
        at = clock.monotonic()
        if not isinstance(opened.channel, Quota) or self._next.get(opened.row.id, self._counts_from) > at:
            return
        if opened.row.heard_at is None:  # nobody has written yet: there is nobody to whom anything was sent
            return
        self._next[opened.row.id] = at + QUOTA_EVERY_S
        try:
            quota = await opened.channel.quota()
        except (TryAgain, Undeliverable) as unknown:
            logger.info("quota.unknown", inbox=opened.row.id, code=unknown.code)
            return
        self._parts.quotas.learn(opened.row.id, quota)
        if allowance.news(opened.row, quota):
            async with self._parts.database.write() as session:
                await allowance.note(session, opened.row.id, quota, clock.utcnow())
            self._parts.inboxes.expire()
