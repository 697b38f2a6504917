"""The views that an agent sees, and how much is in them: counted to 100, and never among more than some thousand rows."""

from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import SavedView, TeamMember, Ticket
from app.queries import tickets
from app.queries.tickets import CAP, Asked
from app.rules import views as rules

LOOKED_AT = 2_000  # rows of the list, for a badge
BADGES = 20


def visible(agent_id: int, *, shares: bool) -> Any:
    """Their own, everybody's, and their teams'; who may share views sees those of every team."""
    teams = select(col(TeamMember.team_id)).where(col(TeamMember.agent_id) == agent_id)
    of_team = col(SavedView.team_id).is_not(None)
    return or_(
        col(SavedView.agent_id) == agent_id,
        and_(col(SavedView.agent_id).is_(None), col(SavedView.team_id).is_(None)),
        of_team if shares else col(SavedView.team_id).in_(teams),
    )


async def of(session: AsyncSession, agent_id: int, *, shares: bool) -> list[SavedView]:
    """Their own first, then their teams', then everybody's, each in the order that people gave them."""
    mine = case((col(SavedView.agent_id).is_not(None), 0), (col(SavedView.team_id).is_not(None), 1), else_=2)
    query = select(SavedView).where(visible(agent_id, shares=shares))
    return list((await session.scalars(query.order_by(mine, col(SavedView.position), col(SavedView.id)))).all())


def shape(view: SavedView) -> dict[str, Any]:
    names = ("id", "agent_id", "team_id", "name", "conditions", "sort", "columns")
    return {name: getattr(view, name) for name in names}


async def counts(session: AsyncSession, agent_id: int, *, shares: bool) -> tuple[dict[str, int], list[str]]:
    """The badges in one round trip, and those of them that are "at least so many": not all rows were looked at."""
    wanted = [each for each in await of(session, agent_id, shares=shares) if rules.counted(each.conditions)][:BADGES]
    if not wanted:
        return {}, []
    found = (await session.execute(union_all(*(count_query(each, agent_id) for each in wanted)))).all()
    least = [f"saved:{place}" for place, count, seen in found if count < CAP and seen > LOOKED_AT]
    return {f"saved:{place}": min(count, CAP) for place, count, _ in found}, least


def count_query(view: SavedView, agent_id: int) -> Select[int, int, int]:
    """(id, how many fit, how many were looked at)."""
    more = rules.beyond(view.conditions)
    given = {"agent_id": agent_id, **rules.within(view.conditions), "sort": view.sort}
    rows = tickets.page_query(Asked(**given, limit=LOOKED_AT if more else CAP - 1)).subquery()
    if not more:
        return select(literal(view.id), func.count(), literal(0)).select_from(rows)
    fits = and_(*tickets.filters(Asked(**more)))
    return select(literal(view.id), func.count().filter(fits), func.count()).select_from(
        rows.join(Ticket, col(Ticket.id) == rows.c.id)
    )
