"""What agents do with a ticket: answer it, move it through its life, say who works on it."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import clocks, facts
from app.errors import Conflict, Invalid, Missing
from app.models import Agent, Assignment, Episode, Resolution, Status, Tag, Team, Ticket, TicketTag
from app.rules import lifecycle


class NoTicket(Missing):
    """There is no such ticket."""


class TicketMerged(Conflict):
    """This ticket was merged into another one: work on that."""


class AlreadyAssigned(Conflict):
    """Somebody else works on this ticket."""


class NoSuchAgent(Invalid):
    """There is no such agent, or they are not active."""


class NoSuchTeam(Invalid):
    """There is no such team."""


class NoSuchTag(Invalid):
    """There is no such tag."""


class UnknownPriority(Invalid):
    """There is no such priority."""


async def locked(session: AsyncSession, number: int) -> Ticket:
    """The ticket, locked for this transaction. NoTicket."""
    found = (await session.scalars(select(Ticket).where(col(Ticket.id) == number).with_for_update())).first()
    if found is None:
        raise NoTicket
    return found


async def workable(session: AsyncSession, number: int) -> Ticket:
    """The same, for who works on it. Raises TicketMerged: what is asked of it belongs to the ticket that it is a part of."""
    found = await locked(session, number)
    if found.merged_into_id is not None:
        raise TicketMerged(merged_into=found.merged_into_id)
    return found


async def answered(
    session: AsyncSession,
    ticket: Ticket,
    *,
    at: datetime,
    agent_id: int | None,
    message_id: int,
    by_call: bool = False,
) -> None:
    """A human's public answer at `at`: the episode ends, the clock is met then, whenever it is noticed (SLA3)."""
    await facts.answered(session, ticket, at=at, agent_id=agent_id, message_id=message_id)
    ticket.needs_reply_since, ticket.first_response_at = None, ticket.first_response_at or at
    await clocks.apply(session, ticket, lambda c: c.answered(ticket.id, at, by_call=by_call), now=at)


async def set_status(
    session: AsyncSession,
    ticket: Ticket,
    status: str,
    *,
    agent_id: int | None,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Raises UnknownStatus or SnoozeNeedsTime. The same status again changes nothing, but for a new snooze time."""
    lifecycle.check(status, until, now)
    before = ticket.status
    if before == status and (status != Status.SNOOZED or until == ticket.snoozed_until):
        return
    ticket.status, ticket.updated_at = status, now
    ticket.snoozed_until = until if status == Status.SNOOZED else None
    if status in lifecycle.SOLVED and before not in lifecycle.SOLVED:
        ticket.resolved_at = now
        await facts.resolved(session, ticket, agent_id=agent_id, now=now)
    elif before in lifecycle.SOLVED and status not in lifecycle.SOLVED:
        await _reopened(session, ticket, now)
    if status in (*lifecycle.SOLVED, Status.SPAM):
        await _no_answer_needed(session, ticket)
    by = "agent" if agent_id is not None else "automation"
    moved = partial(clocks.Clocks.moved, number=ticket.id, was=before, to=status, reason=by)
    await clocks.apply(session, ticket, moved, now=now, agent=agent_id)
    params: dict[str, Any] = {"was": before, "to": status, "until": until.isoformat() if until else None}
    await feed.record(session, feed.event("ticket.status", now, ticket=ticket.id, agent=agent_id, **params))


async def _reopened(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    ticket.resolved_at = None
    ticket.reopened += 1
    await session.execute(
        update(Resolution)
        .where(col(Resolution.ticket_id) == ticket.id, col(Resolution.reopened_at).is_(None))
        .values(reopened_at=now, reopened_by="agent")
    )


async def _no_answer_needed(session: AsyncSession, ticket: Ticket) -> None:
    """Resolved, closed or spam without an answer."""
    await session.execute(
        update(Episode).where(col(Episode.ticket_id) == ticket.id, col(Episode.answered_at).is_(None)).values(void=True)
    )
    ticket.needs_reply_since = None


async def assign(
    session: AsyncSession, ticket: Ticket, *, agent_id: int | None, by: int | None, reason: str, now: datetime
) -> None:
    """`by`: empty for the machine. Raises NoSuchAgent."""
    if ticket.assignee_id == agent_id:
        return
    if agent_id is not None:
        found = await session.get(Agent, agent_id)
        if found is None or not found.active:
            raise NoSuchAgent
    before, ticket.assignee_id, ticket.updated_at = ticket.assignee_id, agent_id, now
    await facts.handed_over(session, ticket, before=before, to=agent_id)
    session.add(
        Assignment(
            ticket_id=ticket.id, agent_id=agent_id, team_id=ticket.team_id, by_agent_id=by, reason=reason, at=now
        )
    )
    await clocks.apply(session, ticket, lambda c: c.assigned(ticket.id, agent_id), now=now, agent=by)
    await feed.record(
        session,
        feed.event("ticket.assigned", now, ticket=ticket.id, agent=by, to=agent_id, was=before, reason=reason),
    )


async def claim(session: AsyncSession, ticket: Ticket, agent: Agent, now: datetime) -> None:
    """Takes a ticket that nobody has. Raises AlreadyAssigned."""
    if ticket.assignee_id not in (None, agent.id):
        raise AlreadyAssigned(agent_id=ticket.assignee_id)
    await assign(session, ticket, agent_id=agent.id, by=agent.id, reason="claimed", now=now)


async def set_team(
    session: AsyncSession, ticket: Ticket, team_id: int | None, *, by: int | None, now: datetime
) -> None:
    if team_id == ticket.team_id:
        return
    if team_id is not None and await session.get(Team, team_id) is None:
        raise NoSuchTeam
    before, ticket.team_id, ticket.updated_at = ticket.team_id, team_id, now
    ticket.transfers += before is not None and ticket.assignee_id is not None
    await clocks.apply(session, ticket, lambda c: c.rematch(ticket.id, "team"), now=now, agent=by)
    await feed.record(session, feed.event("ticket.team", now, ticket=ticket.id, agent=by, to=team_id, was=before))


async def set_priority(session: AsyncSession, ticket: Ticket, priority: str, *, by: int | None, now: datetime) -> None:
    if priority not in ("urgent", "high", "normal", "low"):
        raise UnknownPriority
    if priority == ticket.priority:
        return
    before, ticket.priority, ticket.updated_at = ticket.priority, priority, now
    await clocks.apply(session, ticket, lambda c: c.rematch(ticket.id, "priority"), now=now, agent=by)
    await feed.record(session, feed.event("ticket.priority", now, ticket=ticket.id, agent=by, to=priority, was=before))


async def set_subject(session: AsyncSession, ticket: Ticket, subject: str, *, by: int, now: datetime) -> None:
    if subject == ticket.subject:
        return
    before, ticket.subject, ticket.updated_at = ticket.subject, subject, now
    await session.flush()
    await feed.record(session, feed.event("ticket.subject", now, ticket=ticket.id, agent=by, to=subject, was=before))


async def set_tags(session: AsyncSession, ticket: Ticket, tag_ids: set[int], *, by: int | None, now: datetime) -> None:
    """Raises NoSuchTag."""
    held = set(
        (await session.scalars(select(col(TicketTag.tag_id)).where(col(TicketTag.ticket_id) == ticket.id))).all()
    )
    if tag_ids == held:
        return
    known = set((await session.scalars(select(col(Tag.id)).where(col(Tag.id).in_(tag_ids)))).all())
    if known != tag_ids:
        raise NoSuchTag
    for tag in held - tag_ids:
        await session.delete(await session.get_one(TicketTag, (ticket.id, tag)))
    session.add_all([TicketTag(ticket_id=ticket.id, tag_id=tag) for tag in tag_ids - held])
    ticket.updated_at = now
    await clocks.apply(session, ticket, lambda c: c.rematch(ticket.id, "tags"), now=now, agent=by)
    changes = [("ticket.tagged", tag) for tag in tag_ids - held] + [("ticket.untagged", tag) for tag in held - tag_ids]
    await feed.record(session, *[feed.event(k, now, ticket=ticket.id, agent=by, tag=tag) for k, tag in changes])
