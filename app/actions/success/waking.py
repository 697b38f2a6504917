"""Whisper: whose hours are which, and what becomes of a message that waits for the morning."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.reply import NoMessage
from app.errors import Conflict, Invalid, Missing
from app.models import Account, Delivery, Message, Person, Waking


class NoZone(Invalid):
    """There is no such time zone."""


class NobodyToWake(Missing):
    """There is no such person or account."""


class NotWaiting(Conflict):
    """This message is not waiting for the morning."""


async def set_hours(
    session: AsyncSession, *, person: int | None = None, account: int | None = None, given: Waking | None
) -> None:
    """None: nothing of their own any more. Raises NoZone, NobodyToWake."""
    if await session.get(Person, person) is None if person is not None else await session.get(Account, account) is None:
        raise NobodyToWake
    if given is not None and given.zone:
        try:
            ZoneInfo(given.zone)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise NoZone from unknown
    mine = col(Waking.person_id) == person if person is not None else col(Waking.account_id) == account
    await session.execute(delete(Waking).where(mine))
    if given is not None:
        session.add(given)
    await session.flush()


async def _waiting(session: AsyncSession, message_id: int, now: datetime) -> Message:
    found = (await session.scalars(select(Message).where(col(Message.id) == message_id).with_for_update())).first()
    if found is None:
        raise NoMessage
    waits = found.state == Delivery.QUEUED and not found.attempts and found.retry_at is not None
    if not waits or found.retry_at is None or found.retry_at <= now or found.audience != "public":
        raise NotWaiting
    return found


async def hasten(session: AsyncSession, message_id: int, *, by: int, now: datetime) -> None:
    """It goes now. Raises NoMessage, NotWaiting."""
    message = await _waiting(session, message_id, now)
    message.retry_at = now
    await session.flush()
    told = feed.event("message.retried", now, ticket=message.ticket_id, message=message.id, agent=by)
    await feed.record(session, told)


async def drop(session: AsyncSession, message_id: int, *, by: int, now: datetime) -> None:
    """It never goes. Raises NoMessage, NotWaiting."""
    message = await _waiting(session, message_id, now)
    message.state, message.retry_at = Delivery.DISCARDED, None
    await session.flush()
    told = feed.event("message.discarded", now, ticket=message.ticket_id, message=message.id, agent=by)
    await feed.record(session, told)
