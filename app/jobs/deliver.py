"""Sends what agents wrote: claims, sends, writes the result. Retries live here and nowhere else."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from app import clock, log
from app.actions import outbox
from app.actions.inboxes import raise_alarm
from app.actions.success import letters
from app.models import Inbox, Message, Order
from app.parts import Parts
from app.queries import outgoing
from app.queries.inboxes import Open
from channels.contract import Outbound, Sent, TryAgain, Unconfirmed, Undeliverable

logger = log.get("deliver")
AT_ONCE = 20
ALARMS = frozenset({"credentials", "quota_exhausted"})  # failures that are the channel's, not the message's


class Deliver:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._site = outgoing.Site(parts.settings.public_url, parts.vault, parts.files)

    async def step(self) -> int:
        """Sends one batch. Returns how many were due."""
        async with self._parts.database.read() as session:
            if not await outbox.anything_due(session, clock.utcnow()):
                return 0
        async with self._parts.database.write() as session:
            messages = await outbox.claim(session, clock.utcnow(), AT_ONCE)
            orders = await outbox.claim_orders(session, clock.utcnow(), AT_ONCE)
        await asyncio.gather(*[self._message(each) for each in messages], *[self._order(each) for each in orders])
        return len(messages) + len(orders)

    async def _message(self, message_id: int) -> None:
        now = clock.utcnow()
        async with self._parts.database.write() as session:
            message = await session.get_one(Message, message_id)
            if letters.is_letter(message) and await letters.withheld(session, message, now):
                return
            opened = await self._parts.inboxes.by_id(message.inbox_id or 0)
            if opened and opened.channel and opened.channel.limits.handle_life_s:
                await outbox.take_handle(session, message, opened.channel.limits.handle_life_s, now)
            language = opened.row.language if opened else "ja"
            out = await outgoing.outbound(session, message, language, self._site, now)
            if opened and opened.channel:
                out = outgoing.with_choices(out, message, opened.channel.limits, self._site)
        result = await self._send(opened, out, message.attempts)
        async with self._parts.database.write() as session:
            if isinstance(result, Sent):
                await outbox.sent(session, message_id, result, clock.utcnow())
            else:
                await outbox.failed(session, message_id, result, clock.utcnow())
                await self._alarm(session, opened, result)
        if isinstance(result, Sent) and opened:
            self._parts.quotas.spent(opened.row.id, result.cost)

    async def _order(self, order_id: int) -> None:
        now = clock.utcnow()
        async with self._parts.database.read() as session:
            order = await session.get_one(Order, order_id)
            opened = await self._parts.inboxes.by_id(order.inbox_id)
            out = await outgoing.order(session, order, opened.row.language if opened else "ja", now)
        result = await self._send(opened, out, order.attempts)
        async with self._parts.database.write() as session:
            error = None if isinstance(result, Sent) else result
            leg = result.external_ids[0] if isinstance(result, Sent) and result.external_ids else ""
            await outbox.order_done(session, order_id, error, clock.utcnow(), leg=leg)
            if error:
                await self._alarm(session, opened, error)

    async def _send(self, opened: Open | None, out: Outbound, attempts: int) -> Sent | Exception:
        if opened is None or opened.channel is None:
            return TryAgain("inbox_disabled")
        # Orders about calls are judged by their channel: it knows which of them may be repeated.
        if attempts > 1 and out.kind == "message" and not opened.channel.limits.idempotent:
            return Unconfirmed("died_sending")
        try:
            return await opened.channel.send(out)
        except (TryAgain, Undeliverable, Unconfirmed) as said:
            logger.info("send.failed", message=out.message, kind=out.kind, code=said.code)
            return said
        except Exception as bug:
            logger.error("send.bug", message=out.message, kind=out.kind, error=type(bug).__name__)
            return bug

    async def _alarm(self, session: AsyncSession, opened: Open | None, error: Exception) -> None:
        code = error.code if isinstance(error, TryAgain | Undeliverable) else ""
        if opened is None or code not in ALARMS:
            return
        inbox = await session.get(Inbox, opened.row.id)
        if inbox is not None and inbox.alarm != code:
            await raise_alarm(session, inbox, code, "", clock.utcnow())
