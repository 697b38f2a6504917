"""Asks providers what became of calls whose words were lost, once a minute for each (T6, T16)."""

import asyncio

from sqlalchemy import update
from sqlmodel import col

from app import clock, log
from app.actions import calls
from app.actions.legs import step_key
from app.models import Call
from app.parts import Parts
from app.queries import calls as live
from app.queries.inboxes import Open
from channels.contract import CallUpdate, TryAgain, Undeliverable
from channels.telephony import Dials, Follows

logger = log.get("calls")
AT_ONCE = 20
RING_S = 60  # of a channel that does not tell


class FollowCalls:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        """Asks for one batch. Returns how many."""
        async with self._parts.database.read() as session:
            if not await live.any_doubtful(session, clock.utcnow()):
                return 0
        found = await self._claim()
        await asyncio.gather(*[self._follow(each) for each in found])
        return len(found)

    async def _claim(self) -> list[Call]:
        """Ours for this time: `asked_at` is written before the question goes out, in any number of processes."""
        now = clock.utcnow()
        async with self._parts.database.write() as session:
            due = live.doubtful(now).limit(AT_ONCE).with_for_update(skip_locked=True)
            ids = list((await session.scalars(due)).all())
            await session.execute(update(Call).where(col(Call.id).in_(ids)).values(asked_at=now))
            return list(await live.taken(session, ids))

    async def _follow(self, call: Call) -> None:
        opened = await self._parts.inboxes.by_id(call.inbox_id)
        if opened is None:
            return
        told = await self._ask(opened, call)
        channel, now = opened.channel, clock.utcnow()
        async with self._parts.database.write() as session:
            for word in told or ():
                await calls.progress(session, opened.brief, word, now)
            await calls.watch(
                session, call.id, asked=told is not None, now=now,
                ring_s=channel.ring_s if isinstance(channel, Follows) else RING_S,
                dial_s=channel.dial_s if isinstance(channel, Dials) else RING_S,
            )  # fmt: skip

    async def _ask(self, opened: Open, call: Call) -> list[CallUpdate] | None:
        """None when there is no answer now: the next minute asks again."""
        if not isinstance(opened.channel, Follows):
            return None
        params = live.followed(call, step_key(call, "dial"), clock.utcnow())
        try:
            return await opened.channel.follow(call.external_id, params)
        except (TryAgain, Undeliverable) as unknown:
            logger.info("follow.failed", call=call.id, code=unknown.code)
        except Exception as bug:
            logger.error("follow.bug", call=call.id, error=type(bug).__name__)
        return None
