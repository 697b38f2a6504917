"""When a ticket's customer may be written to, and how they usually answer."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import HealthSetup, Message, Thread, Ticket
from app.models import Waking as Row
from app.rules.success.waking import Waking, asleep, habit, wakes_at
from channels import channel_type

BACK = timedelta(days=180)
MOST = 500  # of their latest messages


async def hours(session: AsyncSession, person: int, account: int | None) -> tuple[Waking, str]:
    """The person's own, else their account's, else the desk's; and whose they are."""
    setup = await session.get_one(HealthSetup, 1)
    query = select(Row).where(or_(col(Row.person_id) == person, col(Row.account_id) == account))
    found = (await session.scalars(query)).all()
    own = next((each for each in found if each.person_id is not None), None)
    row = own or next(iter(found), None)
    if row is None:
        return Waking(setup.zone, setup.awake_from, setup.awake_to), "desk"
    return Waking(row.zone or setup.zone, row.awake_from, row.awake_to), "person" if own else "account"


async def wrote_at(session: AsyncSession, person: int) -> datetime | None:
    """The latest message of theirs, on any channel."""
    query = select(func.max(col(Message.sent_at))).join(Ticket, col(Ticket.id) == col(Message.ticket_id))
    return await session.scalar(query.where(col(Ticket.person_id) == person, col(Message.direction) == "in"))


async def until(session: AsyncSession, ticket: Ticket, now: datetime) -> datetime | None:
    """When they wake; None: they are awake."""
    return await until_awake(session, ticket.person_id, ticket.account_id, now)


async def until_awake(session: AsyncSession, person: int, account: int | None, now: datetime) -> datetime | None:
    """When this person wakes; None: they are awake."""
    given, _ = await hours(session, person, account)
    return wakes_at(given, now) if asleep(given, now, await wrote_at(session, person)) else None


async def whisper(session: AsyncSession, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """What the composer says before something is sent."""
    given, whose = await hours(session, ticket.person_id, ticket.account_id)
    query = (
        select(col(Thread.channel), col(Message.sent_at))
        .join(Thread, col(Thread.id) == col(Message.thread_id))
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id))
        .where(col(Ticket.person_id) == ticket.person_id, col(Message.direction) == "in")
        .where(col(Message.sent_at) > now - BACK, ~col(Message.auto))
        .order_by(col(Message.id).desc())
        .limit(MOST)
    )
    wrote = [(channel, at) for channel, at in await session.execute(query)]
    usual = habit(wrote, given.zone)
    latest = max((at for _, at in wrote), default=None)
    return {
        "asleep": asleep(given, now, latest), "wakes_at": wakes_at(given, now), "zone": given.zone,
        "awake_from": given.begins, "awake_to": given.ends, "whose": whose,
        "usual": asdict(usual) if usual is not None else None,
        "silent": [kind for kind in sorted({channel for channel, _ in wrote} | {ticket.channel}) if can_whisper(kind)],
    }  # fmt: skip


def can_whisper(kind: str) -> bool:
    return channel_type(kind).limits.silent
