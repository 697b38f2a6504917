"""How a caller is asked how it was, when the agent has hung up and they stay on the line: 1 to 5 on their telephone."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import survey as surveys
from app.models import Call, Inbox, Message, Person, Status, Survey, Ticket
from app.queries import survey as queries
from app.rules.survey import keyed
from channels.contract import CallUpdate


async def wanted(session: AsyncSession, call: Call, now: datetime) -> bool:
    """Whether this caller is asked: the inbox asks, they called us, and nobody asked them in the last 30 days."""
    inbox, ticket = await session.get_one(Inbox, call.inbox_id), await session.get_one(Ticket, call.ticket_id)
    if not inbox.surveyed or call.direction != "in" or ticket.status == Status.SPAM:
        return False
    return not await queries.rests(session, ticket.person_id, now)


async def heard(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> dict[str, Any]:
    """They hear the question, or pressed a key: what the channel has to know of it. The call and its ticket are locked."""
    survey = await _asked(session, call, now)
    score = keyed(item.reason) if item.event == "rated" else None
    if score is not None:
        await surveys.rated(session, survey, score, now)
    return {"language": survey.language, "rated": score is not None}


async def _asked(session: AsyncSession, call: Call, now: datetime) -> Survey:
    """Once for a call, whichever word of it comes first."""
    known = (await session.scalars(select(Survey).where(col(Survey.call_id) == call.id))).first()
    if known is not None:
        return known
    ticket = await session.get_one(Ticket, call.ticket_id)
    person, inbox = await session.get_one(Person, ticket.person_id), await session.get_one(Inbox, call.inbox_id)
    message = await session.get_one(Message, call.message_id)
    made = Survey(
        call_id=call.id, ticket_id=ticket.id, person_id=person.id, thread_id=message.thread_id, message_id=message.id,
        agent_id=call.agent_id, channel=inbox.kind, inbox_id=inbox.id, team_id=ticket.team_id,
        language=person.language or inbox.language, asked_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    told = feed.event("survey.asked", now, ticket=ticket.id, message=message.id, survey=made.id)
    await feed.record(session, told)
    return made
