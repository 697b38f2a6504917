"""Conversations go from one ticket to another, with the facts that are counted from their messages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Audience, Call, Delivery, Episode, Message, Thread, Ticket
from app.queries.intake import MOVES_KEY
from app.rules.cases import Word
from app.text import preview

WAITS = col(Episode.answered_at).is_(None), col(Episode.void).is_(False)


async def alone(session: AsyncSession) -> None:
    """Until the commit nobody else moves conversations, and no customer's message is placed. On SQLite writes are serial."""
    if (await session.connection()).dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(MOVES_KEY)))


async def pair(session: AsyncSession, *numbers: int) -> dict[int, Ticket]:
    """These tickets, locked in the order of their numbers: two who want the same ones never wait in a circle."""
    query = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id))
    locked = query.with_for_update().execution_options(populate_existing=True)
    return {each.id: each for each in (await session.scalars(locked)).all()}


async def carry(session: AsyncSession, was: int, to: int, threads: Sequence[int], notes: Sequence[int]) -> None:
    """These threads of one ticket with all that is in them, and these notes. Episodes follow their messages."""
    in_them = col(Message.ticket_id) == was, or_(col(Message.thread_id).in_(threads), col(Message.id).in_(notes))
    moved = select(col(Message.id)).where(*in_them)
    taken = select(col(Message.client_id)).where(col(Message.ticket_id) == to, col(Message.client_id).is_not(None))
    # A program may name its messages alike in both: the name has done its duty, the message stays.
    await session.execute(update(Message).where(*in_them, col(Message.client_id).in_(taken)).values(client_id=None))
    await session.execute(update(Episode).where(col(Episode.message_id).in_(moved)).values(ticket_id=to))
    await session.execute(update(Call).where(col(Call.message_id).in_(moved)).values(ticket_id=to))
    await session.execute(update(Message).where(*in_them).values(ticket_id=to))
    await session.execute(update(Thread).where(col(Thread.id).in_(threads)).values(ticket_id=to))


async def turn(session: AsyncSession, ticket: Ticket, first: Word | None, now: datetime) -> None:
    """The customer waits since this word, or not at all. Its episode is the ticket's only one that waits."""
    waiting = (await session.scalars(select(Episode).where(col(Episode.ticket_id) == ticket.id, *WAITS))).all()
    if first is None:
        for each in waiting:
            each.void = True
        ticket.needs_reply_since = None
        await session.flush()
        return
    ticket.needs_reply_since = since = min(first.at, now)
    for each in waiting:
        each.opened_at = since
    if not waiting:
        await _open(session, ticket, first.id, since)
    await session.flush()


async def _open(session: AsyncSession, ticket: Ticket, message_id: int, since: datetime) -> None:
    known = (await session.scalars(select(Episode).where(col(Episode.message_id) == message_id))).first()
    if known is not None and known.answered_at is None:
        known.void, known.ticket_id = False, ticket.id
    elif known is None:
        message = await session.get_one(Message, message_id)
        session.add(
            Episode(
                ticket_id=ticket.id, message_id=message_id, channel=ticket.channel, inbox_id=message.inbox_id,
                opened_at=since, team_id=ticket.team_id, initial=ticket.first_response_at is None,
            )
        )  # fmt: skip


async def freshen(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """The row of the list says what was said last in what the ticket has now."""
    ticket.updated_at = now
    query = select(Message, Thread).join(Thread, col(Thread.id) == col(Message.thread_id))
    query = query.where(
        col(Message.ticket_id) == ticket.id,
        col(Message.audience) == Audience.PUBLIC,
        col(Message.state).not_in((Delivery.REFUSED, Delivery.DISCARDED)),
    )
    latest = (
        await session.execute(query.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1))
    ).first()
    if latest is not None:
        message, thread = latest
        ticket.channel, ticket.preview, ticket.preview_from = thread.channel, preview(message.text), message.author
        ticket.preview_kind = "held" if message.state == Delivery.HELD else message.kind
    await session.flush()
