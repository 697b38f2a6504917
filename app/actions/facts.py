"""The facts that reports are counted from, written when they happen: an answer, a resolution, a hand-over."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Assignment, Episode, Event, Resolution, Ticket
from app.queries import worked
from app.rules.history import lapse

MOVES = ("ticket.status", "ticket.reopened")


async def answered(
    session: AsyncSession, ticket: Ticket, *, at: datetime, agent_id: int | None, message_id: int
) -> None:
    """The customer waits no more: how long they did, by the clock and while the team was open."""
    if ticket.needs_reply_since is None:
        return
    since = min(ticket.needs_reply_since, at)
    between = await worked.between(session)
    waits = col(Episode.answered_at).is_(None), col(Episode.void).is_(False)
    await session.execute(
        update(Episode)
        .where(col(Episode.ticket_id) == ticket.id, *waits)
        .values(
            answered_at=at, answer_id=message_id, agent_id=agent_id, team_id=ticket.team_id,
            waited_s=round((at - since).total_seconds()), worked_s=round(between(ticket.team_id, since, at)),
        )
    )  # fmt: skip


async def resolved(session: AsyncSession, ticket: Ticket, *, agent_id: int | None, now: datetime) -> None:
    of_ticket = col(Resolution.ticket_id) == ticket.id
    before = await session.scalar(select(func.count()).select_from(Resolution).where(of_ticket))
    turns = select(func.count()).select_from(Episode)
    turns = turns.where(col(Episode.ticket_id) == ticket.id, col(Episode.answered_at).is_not(None))
    between = await worked.between(session)
    took, open_s = lapse(between, ticket.team_id, ticket.created_at, now, await _moves(session, ticket.id))
    session.add(
        Resolution(
            ticket_id=ticket.id, resolved_at=now, agent_id=agent_id, channel=ticket.channel, inbox_id=ticket.inbox_id,
            team_id=ticket.team_id, initial=not before, turns=await session.scalar(turns) or 0,
            transfers=ticket.transfers, took_s=took, worked_s=open_s,
        )
    )  # fmt: skip


async def _moves(session: AsyncSession, number: int) -> list[tuple[datetime, str]]:
    """When the ticket got which status, from its log."""
    moves = col(Event.ticket_id) == number, col(Event.kind).in_(MOVES)
    query = select(col(Event.at), col(Event.params)).where(*moves).order_by(col(Event.id))
    found: Any = (await session.execute(query)).all()
    return [(at, params.get("to", "open")) for at, params in found]


async def handed_over(session: AsyncSession, ticket: Ticket, *, before: int | None, to: int | None) -> None:
    """Another agent has it now than the last one who did, back in the queue meanwhile or not."""
    if to is None:
        return
    if before is None:
        last = select(col(Assignment.agent_id)).where(
            col(Assignment.ticket_id) == ticket.id, col(Assignment.agent_id).is_not(None)
        )
        before = await session.scalar(last.order_by(col(Assignment.id).desc()).limit(1))
    ticket.transfers += before not in (None, to)
