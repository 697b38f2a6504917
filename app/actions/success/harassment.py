"""Harassment is reported, taken over by a lead, arranged for, lifted (J6). A report keeps the evidence and blocks nobody."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.errors import Conflict, Missing
from app.models import Agent, Audit, Harassment, Message, Notification, Ticket
from app.queries.sla import staff
from app.queries.success import harassment as queries
from app.rules import policies
from app.rules.success.harassment import CATEGORIES, NeedsGrounds, ReviewPassed


class NoReport(Missing):
    """There is no such report."""


class ReportedAlready(Conflict):
    """This ticket was reported already, and the report stands."""


class Lifted(Conflict):
    """This report was lifted."""


async def report(
    session: AsyncSession, ticket: Ticket, category: str, *, reason: str, care: str, agent: Agent, now: datetime
) -> Harassment:
    """The leads hear of it at once. The ticket is locked. Raises NeedsGrounds, ReportedAlready."""
    if category not in CATEGORIES or not reason.strip():
        raise NeedsGrounds
    if await queries.standing(session, ticket.id) is not None:
        raise ReportedAlready
    made = Harassment(
        ticket_id=ticket.id, person_id=ticket.person_id, category=category, reason=reason.strip(), care=care.strip(),
        at=now, by_id=agent.id,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    people = await (await session.connection()).run_sync(staff)
    leads = policies.told(["leads"], people, assignee=None, team=ticket.team_id, owner=None)
    await _tell(session, made, "flagged", [each for each in leads if each != agent.id], agent, now)
    return made


async def standing(session: AsyncSession, report_id: int) -> Harassment:
    """Locked. Raises NoReport, Lifted."""
    query = select(Harassment).where(col(Harassment.id) == report_id).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None:
        raise NoReport
    if found.lifted_at is not None:
        raise Lifted
    return found


async def take(session: AsyncSession, found: Harassment, *, agent: Agent, now: datetime) -> None:
    """A lead takes the case over: the ticket is theirs from now on."""
    ticket = await desk.locked(session, found.ticket_id)
    found.taken_by, found.taken_at = agent.id, now
    had = ticket.assignee_id
    await desk.assign(session, ticket, agent_id=agent.id, by=agent.id, reason="harassment", now=now)
    told = {each for each in (had, found.by_id) if each is not None and each != agent.id}
    await _tell(session, found, "taken", sorted(told), agent, now)


async def arrange(
    session: AsyncSession, found: Harassment, words: str, review_on: date | None, *, agent: Agent, now: datetime
) -> None:
    """How this person is spoken with from now on, and when that is looked at again. Raises ReviewPassed."""
    if words.strip() and (review_on is None or review_on < now.date()):
        raise ReviewPassed
    found.arranged, found.arranged_by = words.strip(), agent.id
    found.review_on = review_on if words.strip() else None
    await _tell(session, found, "arranged", [], agent, now)


async def lift(session: AsyncSession, found: Harassment, why: str, *, agent: Agent, now: datetime) -> None:
    """It no longer stands; what was written stays. Raises NeedsGrounds."""
    if not why.strip():
        raise NeedsGrounds
    found.lifted_at, found.lifted_by, found.lifted_why = now, agent.id, why.strip()
    await _tell(session, found, "lifted", [found.by_id] if found.by_id not in (None, agent.id) else [], agent, now)


async def keep(session: AsyncSession, message: Message) -> None:
    """A customer takes a message back while a report stands: its words stay with the report, for designated staff only."""
    found = await queries.standing(session, message.ticket_id)
    if found is not None and (message.text or message.subject):
        said = {"message": message.id, "sent_at": message.sent_at.isoformat(), "text": message.original or message.text}
        found.evidence = [*found.evidence, said | ({"subject": message.subject} if message.subject else {})]
        await session.flush()


async def _tell(session: AsyncSession, found: Harassment, what: str, to: list[Any], by: Agent, now: datetime) -> None:
    """Never its words: who may see them reads them in the report."""
    kind, params = f"harassment.{what}", {"report": found.id}
    session.add(Audit(at=now, agent_id=by.id, code=kind, subject=f"#{found.ticket_id}"))
    for each in to:
        session.add(Notification(agent_id=each, kind=kind, ticket_id=found.ticket_id, params=params, created_at=now))
    await session.flush()
    await feed.record(session, feed.event(kind, now, ticket=found.ticket_id, agent=by.id, to=to, **params))
