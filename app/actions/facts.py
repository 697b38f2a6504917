"""The facts that reports are counted from, written when they happen: an answer, a resolution, a hand-over, a call."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.models import Assignment, Call, Episode, Event, PresenceSpan, Resolution, Ticket
from app.queries import worked
from app.queries.reports.asked import words
from app.rules.call_history import LATE, SOON
from app.rules.history import lapse
from app.rules.kpi import REPEAT_S, SINGLE_CONTACT_DAYS

LONG_CALL = timedelta(hours=24)
AGAIN = """
UPDATE call SET repeated = true WHERE NOT repeated AND id IN (
  SELECT c.id FROM call AS c JOIN ticket AS q ON q.id = c.ticket_id
  WHERE c.direction = 'in' AND c.started_at >= :since AND c.started_at <= {longest} AND EXISTS (
    SELECT 1 FROM call AS b JOIN ticket AS p ON p.id = b.ticket_id
    WHERE b.direction = 'in' AND p.person_id = q.person_id AND {begins}
  )
)
"""
FOLLOWED = """
UPDATE resolution SET followed = true WHERE id IN (
  SELECT r.id FROM resolution AS r JOIN ticket AS t ON t.id = r.ticket_id
  JOIN ticket AS n ON n.person_id = t.person_id AND n.id <> t.id
  WHERE r.resolved_at >= :since AND r.resolved_at < :until AND n.origin = 'inbound'
  AND n.created_at > r.resolved_at AND n.created_at <= {latest}
)
"""
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


async def talked(session: AsyncSession, call: Call) -> None:
    """An answered call is over: no wrap-up yet. Of an agent of whom no presence is known nobody knows."""
    if call.answered_at is None or call.ended_at is None or call.wrap_s is not None:
        return
    there = col(PresenceSpan.agent_id) == call.agent_id, col(PresenceSpan.began_at) <= call.ended_at
    if await session.scalar(select(col(PresenceSpan.id)).where(*there).limit(1)) is not None:
        call.wrap_s = 0


async def wrapped_up(session: AsyncSession, agent_id: int, *, began: datetime, ended: datetime) -> None:
    """The wrap-up belongs to the call that ended when it began."""
    query = select(Call).where(
        col(Call.agent_id) == agent_id, col(Call.answered_at).is_not(None), col(Call.started_at) > began - LONG_CALL,
        col(Call.ended_at) > began - SOON, col(Call.ended_at) <= began + LATE,
    )  # fmt: skip
    call = (await session.scalars(query.order_by(col(Call.ended_at).desc()).limit(1))).first()
    if call is not None:
        call.wrap_s = round((ended - began).total_seconds())
        await session.flush()


def called_again(connection: Connection, since: datetime, until: datetime) -> None:
    """Which calls that began between these two are repeats: known when they begin, also of those that come out of order."""
    said = words(connection)
    begins = f"{said.plus('c.started_at', -REPEAT_S)} <= b.started_at AND (b.started_at, b.id) < (c.started_at, c.id)"
    statement = text(AGAIN.format(begins=begins, longest=said.plus(":until", REPEAT_S)))
    times = [bindparam(name, at, type_=UTCDateTime()) for name, at in (("since", since), ("until", until))]
    connection.execute(statement.bindparams(*times))


def followed(connection: Connection, persons: Collection[int], now: datetime) -> None:
    """These persons began another ticket: what was resolved for them within the last days may not have been."""
    query = (
        select(col(Resolution.id))
        .join(Ticket, col(Ticket.id) == col(Resolution.ticket_id))
        .where(col(Ticket.person_id).in_(persons), col(Resolution.followed).is_(False))
        .where(col(Resolution.resolved_at) >= now - timedelta(days=SINGLE_CONTACT_DAYS))
    )
    if found := connection.execute(query).scalars().all():
        connection.execute(update(Resolution).where(col(Resolution.id).in_(found)).values(followed=True))


def followed_up(connection: Connection, since: datetime, until: datetime) -> None:
    """The same of everything that was resolved between these two."""
    said = words(connection)
    statement = text(FOLLOWED.format(latest=said.plus("r.resolved_at", SINGLE_CONTACT_DAYS * 86400)))
    times = [bindparam(name, at, type_=UTCDateTime()) for name, at in (("since", since), ("until", until))]
    connection.execute(statement.bindparams(*times))
