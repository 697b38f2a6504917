"""The desk at this moment, as its lead watches it: who waits, what is due, who is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Call, CallState, Presence, Ticket
from app.models.ticket import UNSOLVED
from app.queries import crew, tickets
from app.queries.reports.asked import NOBODY

SOON, NEXT_HOUR = timedelta(minutes=15), timedelta(minutes=60)
MOST = 12  # tickets that are shown by name
WAITS = text("status IN ('open', 'pending') AND needs_reply_since IS NOT NULL")
LIVE = text("call.state <> 'ended'")
CALLS = {"calls": CallState.WAITING, "talking": CallState.CONNECTED}
Listed = tuple[list[dict[str, Any]], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which tickets or calls of which tile: waiting, breached, in_15, in_60, calls, talking. NOBODY as team: of no team."""

    tile: str
    at: datetime
    team: int | None = None
    channel: str | None = None
    unassigned: bool = False
    cursor: str | None = None
    limit: int = 50


async def now(session: AsyncSession, at: datetime, team: int | None) -> dict[str, Any]:
    """Everything but the day's figures. `team`: only its tickets, calls and members."""
    mine = _of_team(Ticket, team)
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
    found = {}
    for tile in ("breached", "in_15", "in_60"):
        query = select(func.count()).select_from(Ticket).where(*_due_by(tile, at), *mine)
        found[tile] = await session.scalar(query) or 0
    return found


def _due_by(tile: str, at: datetime) -> list[Any]:
    if tile == "breached":
        return [UNSOLVED, col(Ticket.due_at) <= at]
    return [UNSOLVED, col(Ticket.due_at) > at, col(Ticket.due_at) <= at + (SOON if tile == "in_15" else NEXT_HOUR)]


async def behind(session: AsyncSession, asked: Behind) -> Listed:
    """Exactly what a tile counts, the longest waiting or the first due at the top. Raises WrongCursor."""
    of_calls = asked.tile in CALLS
    at, number = (col(Call.started_at), col(Call.id)) if of_calls else (_since(asked.tile), col(Ticket.id))
    ticket = col(Call.ticket_id) if of_calls else col(Ticket.id)
    query = select(at.label("at"), number.label("id"), ticket.label("ticket")).where(*_counted(asked))
    if asked.cursor:
        query = query.where(tuple_(at, number) > tickets.place_of(asked.cursor))
    found = (await session.execute(query.order_by(at, number).limit(asked.limit + 1))).all()
    page = found[: asked.limit]
    shown = {each["number"]: each for each in await tickets.rows(session, [each.ticket for each in page])}
    rows = [{"at": each.at, "ticket": shown[each.ticket]} for each in page]
    return rows, tickets.cursor_of(page[-1].at, page[-1].id) if len(found) > asked.limit else None


def _since(tile: str) -> Any:
    return col(Ticket.needs_reply_since) if tile == "waiting" else col(Ticket.due_at)


def _counted(asked: Behind) -> list[Any]:
    if asked.tile in CALLS:
        return [LIVE, col(Call.direction) == "in", col(Call.state) == CALLS[asked.tile], *_of_team(Call, asked.team)]
    found = [WAITS] if asked.tile == "waiting" else _due_by(asked.tile, asked.at)
    if asked.channel is not None:
        found.append(col(Ticket.channel) == asked.channel)
    if asked.unassigned:
        found.append(col(Ticket.assignee_id).is_(None))
    return found + _of_team(Ticket, asked.team)


def _of_team(model: type[Ticket] | type[Call], team: int | None) -> list[Any]:
    if team is None:
        return []
    return [col(model.team_id).is_(None) if team == NOBODY else col(model.team_id) == team]


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
    live: list[Any] = [LIVE, col(Call.direction) == "in", *_of_team(Call, team)]
    query = select(
        func.count().filter(col(Call.state) == CallState.WAITING),
        func.min(Call.started_at).filter(col(Call.state) == CallState.WAITING),
        func.count().filter(col(Call.state) == CallState.CONNECTED),
    ).where(*live)
    waiting, oldest, talking = (await session.execute(query)).one()
    return {"waiting": waiting, "oldest": oldest, "talking": talking}
