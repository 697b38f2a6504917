"""Answers that wait for a lead: of a ticket, and whether somebody's next one would."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.models import Agent, Approval, Attachment, Team, Ticket
from app.models.approval import WAITING
from app.models.columns import table_of
from app.rules import approval

SHOWN = (
    "id", "ticket_id", "agent_id", "thread_id", "text", "html", "then", "when", "state", "asked_at", "decided_at", "decided_by",
    "comment", "message_id",
)  # fmt: skip
# Of the rows on a screen, since when something has waited: few have any, and those are found by a partial index.
SINCE = (
    select(table_of(Approval).c.ticket_id, func.min(table_of(Approval).c.asked_at, type_=UTCDateTime()))
    .where(table_of(Approval).c.ticket_id.in_(bindparam("numbers", expanding=True)), WAITING)
    .group_by(table_of(Approval).c.ticket_id)
)


async def is_needed(session: AsyncSession, ticket: Ticket, agent: Agent) -> bool:
    """Whether this agent's answer to this ticket waits for a lead."""
    team = await session.get(Team, ticket.team_id) if ticket.team_id is not None else None
    of_team = team is not None and team.needs_approval
    return approval.is_needed(agent.role, of_agent=agent.needs_approval, of_team=of_team)


def waits() -> Any:
    """Tickets in which an answer waits: few, and found by their partial index."""
    return col(Ticket.id).in_(select(col(Approval.ticket_id)).where(WAITING))


def since(connection: Connection, asked: Mapping[str, Sequence[int]]) -> list[tuple[int, datetime]]:
    return [(number, at) for number, at in connection.execute(SINCE, asked)]


async def of_ticket(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """What waits or was returned, the oldest first."""
    query = select(Approval).where(col(Approval.ticket_id) == number, col(Approval.state).in_(("waiting", "returned")))
    return [await shown(session, each) for each in (await session.scalars(query.order_by(col(Approval.id)))).all()]


async def shown(session: AsyncSession, each: Approval) -> dict[str, Any]:
    files = select(Attachment).where(col(Attachment.public_id).in_(each.attachments)).order_by(col(Attachment.id))
    named = [
        {"id": file.public_id, "name": file.name, "media_type": file.media_type, "size": file.size}
        for file in ((await session.scalars(files)).all() if each.attachments else ())
    ]
    return {**{name: getattr(each, name) for name in SHOWN}, "files": named}
