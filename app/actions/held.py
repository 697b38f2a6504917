"""未承認の返信 (E7): somebody who is not in the conversation wrote to its signed reply address. An agent lets them in, or not."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import clocks, desk
from app.actions.reply import NoMessage
from app.errors import Conflict
from app.models import Agent, Audience, Delivery, Episode, Identity, Message, Status, Thread, Ticket
from app.text import preview

HELD = (Delivery.HELD, Delivery.REFUSED)


class NotHeld(Conflict):
    """This reply is not waiting for approval."""


async def approve(session: AsyncSession, message_id: int, *, agent: Agent, now: datetime) -> None:
    """It is a message like any other, and who wrote it is in the conversation from now on: our answers go to them too.

    One that was refused may still be let in. Raises NoMessage, NotHeld.
    """
    ticket, message = await _locked(session, message_id, HELD)
    message.state = Delivery.RECEIVED
    thread = (await session.scalars(select(Thread).where(col(Thread.id) == message.thread_id).with_for_update())).one()
    thread.customer_at = max(thread.customer_at or message.sent_at, message.sent_at)
    writer = await session.get_one(Identity, message.identity_id)
    if writer.value not in {each["value"] for each in thread.participants}:
        thread.participants = [*thread.participants, {"value": writer.value, "name": writer.name}]
    if not message.auto:
        await _waits(session, ticket, message, agent, now)
    await _done(session, ticket, "message.approved", message, agent, now)


async def refuse(session: AsyncSession, message_id: int, *, agent: Agent, now: datetime) -> None:
    """It stays where it is, folded, and is no part of the conversation. Raises NoMessage, NotHeld."""
    ticket, message = await _locked(session, message_id, (Delivery.HELD,))
    message.state = Delivery.REFUSED
    await _done(session, ticket, "message.refused", message, agent, now)


async def _locked(session: AsyncSession, message_id: int, states: tuple[str, ...]) -> tuple[Ticket, Message]:
    number = await session.scalar(select(col(Message.ticket_id)).where(col(Message.id) == message_id))
    if number is None:
        raise NoMessage
    ticket = await desk.locked(session, number)
    message = (await session.scalars(select(Message).where(col(Message.id) == message_id).with_for_update())).one()
    if message.state not in states:
        raise NotHeld
    return ticket, message


async def _waits(session: AsyncSession, ticket: Ticket, message: Message, agent: Agent, now: datetime) -> None:
    """A customer waits, and has since they wrote. What is solved stays so: whoever looks at it decides."""
    if ticket.status in (Status.PENDING, Status.SNOOZED):
        await desk.set_status(session, ticket, Status.OPEN, agent_id=agent.id, now=now)
    if ticket.status != Status.OPEN or ticket.needs_reply_since is not None:
        return
    since = ticket.needs_reply_since = min(message.sent_at, now)
    session.add(
        Episode(
            ticket_id=ticket.id, message_id=message.id, channel=ticket.channel, opened_at=since,
            inbox_id=message.inbox_id, team_id=ticket.team_id, initial=ticket.first_response_at is None,
        )
    )  # fmt: skip
    await clocks.apply(session, ticket, lambda c: c.waits(ticket.id, since), now=now, agent=agent.id)


async def _done(
    session: AsyncSession, ticket: Ticket, kind: str, message: Message, agent: Agent, now: datetime
) -> None:
    """The list no longer says that something is held, unless something else is."""
    await session.flush()
    query = select(Message).where(
        col(Message.ticket_id) == ticket.id,
        col(Message.audience) == Audience.PUBLIC,
        col(Message.state).not_in((Delivery.REFUSED, Delivery.DISCARDED)),
    )
    latest = (
        await session.scalars(query.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1))
    ).first()
    ticket.updated_at = now
    if latest is not None:
        ticket.preview, ticket.preview_from = preview(latest.text), latest.author
        ticket.preview_kind = "held" if latest.state == Delivery.HELD else latest.kind
    await session.flush()
    await feed.record(session, feed.event(kind, now, ticket=ticket.id, message=message.id, agent=agent.id))
