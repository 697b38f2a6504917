"""What success has to do with a ticket follows its conversations into another one, and goes back with them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Agent, Background, Handover, Harassment, Ticket
from app.models.handover import OPEN
from app.models.harassment import STANDS
from app.queries.success import harassment
from app.queries.success.handovers import BACKGROUND


async def carry(session: AsyncSession, part: Ticket, master: Ticket, *, agent: Agent, now: datetime) -> dict[str, Any]:
    """Both are locked. What is over stays where it was. Returns what `give_back` wants."""
    mine, theirs = await _open(session, part.id), await _open(session, master.id)
    moved = []
    for each in mine:
        rivals = [other for other in theirs if _clash(each, other)]
        if any(other.state == "accepted" or each.state != "accepted" for other in rivals):
            await _end(session, each, master.id, agent=agent, now=now)
            continue
        for other in rivals:  # the one that somebody has accepted goes before those that are only offered
            await _end(session, other, part.id, agent=agent, now=now)
            theirs.remove(other)
        moved.append(each.id)
    await session.flush()
    await session.execute(update(Handover).where(col(Handover.id).in_(moved)).values(ticket_id=master.id))
    reports = await _reports(session, part.id) if await harassment.standing(session, master.id) is None else []
    await session.execute(update(Harassment).where(col(Harassment.id).in_(reports)).values(ticket_id=master.id))
    await _describe(session, part, master, now)
    return {"handovers": moved, "reports": reports}


async def give_back(session: AsyncSession, was: Mapping[str, Collection[int]], part: int, master: int) -> None:
    for model, name in ((Handover, "handovers"), (Harassment, "reports")):
        mine = col(model.id).in_(was.get(name, ())), col(model.ticket_id) == master
        await session.execute(update(model).where(*mine).values(ticket_id=part))


async def _open(session: AsyncSession, number: int) -> list[Handover]:
    query = select(Handover).where(col(Handover.ticket_id) == number, OPEN).order_by(col(Handover.id))
    return list((await session.scalars(query.with_for_update())).all())


async def _reports(session: AsyncSession, number: int) -> list[int]:
    query = select(col(Harassment.id)).where(col(Harassment.ticket_id) == number, STANDS)
    return list((await session.scalars(query)).all())


def _clash(one: Handover, other: Handover) -> bool:
    """A case has one open hand-over of a cause, and one that writes to its customer."""
    return one.cause == other.cause or (one.form == other.form == "transfer")


async def _end(session: AsyncSession, handover: Handover, number: int, *, agent: Agent, now: datetime) -> None:
    """The other ticket has the same: this one says where."""
    handover.state, handover.ended_at, handover.outcome, handover.answer = "closed", now, "none", f"→ #{number}"
    params: dict[str, Any] = {
        "handover": handover.id, "cause": handover.cause, "form": handover.form, "account": handover.account_id,
        "to_id": handover.to_id, "taken_by": handover.taken_by, "outcome": "none", "answer": handover.answer,
    }  # fmt: skip
    await session.flush()
    told = feed.event("handover.closed", now, ticket=handover.ticket_id, agent=agent.id, to=[], **params)
    await feed.record(session, told)


async def _describe(session: AsyncSession, part: Ticket, master: Ticket, now: datetime) -> None:
    """What was known only of the part is known of the whole."""
    behind, whole = await session.get(Background, part.id), await session.get(Background, master.id)
    if behind is None:
        return
    whole = whole or Background(ticket_id=master.id, changed_at=now)
    for name in BACKGROUND:
        setattr(whole, name, getattr(whole, name) or getattr(behind, name))
    session.add(whole)
    await session.flush()
