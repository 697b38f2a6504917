"""The desk at this moment, as its lead watches it: who waits, what is due, who is there."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Call, CallState, Presence, Ticket
from app.models.ticket import UNSOLVED
from app.queries import crew, tickets

SOON, NEXT_HOUR = timedelta(minutes=15), timedelta(minutes=60)
MOST = 12  # tickets that are shown by name
WAITS = text("status IN ('open', 'pending') AND needs_reply_since IS NOT NULL")


async def now(session: AsyncSession, at: datetime, team: int | None) -> dict[str, Any]:
    """Everything but the day's figures. `team`: only its tickets, calls and members."""
    mine = [col(Ticket.team_id) == team] if team is not None else []
    return {
        "at": at,
        "waiting": await _waiting(session, mine),
        "due": await _due(session, mine, at),
        "first": await _first(session, mine),
        "agents": await _agents(session, team, at),
        "calls": await _calls(session, team),
    }


async def _waiting(session: AsyncSession, mine: list[Any]) -> list[dict[str, Any]]:
    """Customers who wait for an answer, by channel and team, with the one who has waited longest."""
    query = (
        select(
            col(Ticket.channel), col(Ticket.team_id), func.count(), func.min(Ticket.needs_reply_since),
            func.count().filter(col(Ticket.assignee_id).is_(None)),
        )
        .where(WAITS, *mine)
        .group_by(col(Ticket.channel), col(Ticket.team_id))
    )  # fmt: skip
    rows: Any = (await session.execute(query)).all()
    names = ("channel", "team_id", "count", "oldest", "unassigned")
    return [dict(zip(names, row, strict=True)) for row in sorted(rows, key=lambda each: -each[2])]


async def _due(session: AsyncSession, mine: list[Any], at: datetime) -> dict[str, int]:
    """Broken promises that still stand open, and what is due soon: by the index of what is due first."""

    def count(since: datetime | None, until: datetime) -> Select[int]:
        query = select(func.count()).select_from(Ticket).where(UNSOLVED, col(Ticket.due_at) <= until, *mine)
        return query.where(col(Ticket.due_at) > since) if since is not None else query

    found = {
        "breached": count(None, at), "in_15": count(at, at + SOON), "in_60": count(at, at + NEXT_HOUR),
    }  # fmt: skip
    return {name: await session.scalar(query) or 0 for name, query in found.items()}


async def _first(session: AsyncSession, mine: list[Any]) -> list[dict[str, Any]]:
    """What is due first."""
    query = select(col(Ticket.id)).where(UNSOLVED, *mine).order_by(col(Ticket.due_at), col(Ticket.id)).limit(MOST)
    return await tickets.rows(session, list((await session.scalars(query)).all()))


async def _agents(session: AsyncSession, team: int | None, at: datetime) -> list[dict[str, Any]]:
    query = select(Agent).where(col(Agent.active).is_(True)).order_by(col(Agent.name))
    if team is not None:
        query = query.where(col(Agent.id).in_(await crew.members(session, [team])))
    found = (await session.scalars(query)).all()
    phones = await crew.phones(session)
    there = [each.id for each in found if each.presence != Presence.OFFLINE or each.id in phones]
    loads = await crew.loads(session, there, await crew.setup(session), at, phones)
    return [
        {
            "id": each.id, "name": each.name, "presence": each.presence, "reason": each.presence_reason,
            "since": each.presence_at, "capacity": each.capacity, "load": loads.get(each.id, 0),
            "phone": phones.get(each.id, ""), "role": each.role,
        }
        for each in found
    ]  # fmt: skip


async def _calls(session: AsyncSession, team: int | None) -> dict[str, Any]:
    live: list[Any] = [text("call.state <> 'ended'"), col(Call.direction) == "in"]
    if team is not None:
        live.append(col(Call.team_id) == team)
    query = select(
        func.count().filter(col(Call.state) == CallState.WAITING),
        func.min(Call.started_at).filter(col(Call.state) == CallState.WAITING),
        func.count().filter(col(Call.state) == CallState.CONNECTED),
    ).where(*live)
    waiting, oldest, talking = (await session.execute(query)).one()
    return {"waiting": waiting, "oldest": oldest, "talking": talking}
