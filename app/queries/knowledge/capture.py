"""What stands about knowledge at a case: what its team is asked, what is linked, why nothing is."""

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import ArticleLink, ArticleWaiver, Team, TeamCapture, Ticket
from app.queries.knowledge.flow import linked
from app.rules.knowledge import capture

Json = dict[str, Any]


async def mode_of(session: AsyncSession, team_id: int | None) -> str:
    """A ticket that no team has is asked nothing."""
    if team_id is None:
        return capture.OFF
    return await session.scalar(select(col(TeamCapture.mode)).where(col(TeamCapture.team_id) == team_id)) or capture.OFF


async def is_open(session: AsyncSession, ticket: Ticket, mode: str) -> bool:
    held = select(exists().where(col(ArticleLink.ticket_id) == ticket.id))
    waived = await session.get(ArticleWaiver, ticket.id) is not None
    return capture.is_open(mode, linked=bool(await session.scalar(held)), waived=waived)


async def shown(session: AsyncSession, ticket: Ticket) -> Json:
    mode, waiver = await mode_of(session, ticket.team_id), await session.get(ArticleWaiver, ticket.id)
    fields = ("reason", "comment", "agent_id", "at")
    return {
        "mode": mode, "open": await is_open(session, ticket, mode), "linked": await linked(session, ticket.id),
        "waiver": {name: getattr(waiver, name) for name in fields} if waiver else None,
    }  # fmt: skip


async def teams(session: AsyncSession) -> list[Json]:
    """Every team with what it is asked."""
    query = select(col(Team.id), col(Team.name), col(TeamCapture.mode)).outerjoin(
        TeamCapture, col(TeamCapture.team_id) == col(Team.id)
    )
    found = (await session.execute(query.order_by(col(Team.id)))).all()
    return [{"team_id": number, "name": name, "mode": mode or capture.OFF} for number, name, mode in found]
