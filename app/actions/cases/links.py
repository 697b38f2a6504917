"""Tickets that have to do with each other: related, or the children of an incident's ticket."""

from datetime import datetime
from typing import Literal

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.actions.cases import moves
from app.errors import Conflict, Invalid, Missing
from app.models import Agent, Ticket, TicketLink
from app.queries import cases as queries

Kin = Literal["related", "parent", "child"]  # what the other ticket is to this one
MIRRORED: dict[Kin, Kin] = {"related": "related", "parent": "child", "child": "parent"}


class LinksToItself(Invalid):
    """A ticket cannot be linked with itself, nor with what was merged into it."""


class HasParent(Conflict):
    """A ticket has one parent, and it has one already."""


class NestedCase(Conflict):
    """A child has no children, and a parent has no parent."""


class NoLink(Missing):
    """There is no such link."""


async def link(session: AsyncSession, number: int, other: int, kin: Kin, *, agent: Agent, now: datetime) -> TicketLink:
    """Says that `other` is related to a ticket, its parent or its child. The same again is the same link.

    A merged ticket stands for the one that it was merged into. Raises NoTicket, LinksToItself, HasParent, NestedCase.
    """
    here, there = await queries.root(session, number), await queries.root(session, other)
    if here == there:
        raise LinksToItself
    found = await moves.pair(session, here, there)
    if len(found) < 2:
        raise desk.NoTicket
    own, its = _ends(here, there, kin)
    kind = "related" if kin == "related" else "child"
    same = and_(col(TicketLink.kind) == kind, col(TicketLink.ticket_id) == own, col(TicketLink.other_id) == its)
    if (known := (await session.scalars(select(TicketLink).where(same))).first()) is not None:
        return known
    if kind == "child":
        await _one_level(session, own, its)
    made = TicketLink(kind=kind, ticket_id=own, other_id=its, at=now, agent_id=agent.id)
    session.add(made)
    await session.flush()
    await _tell(session, "ticket.linked", found[here], found[there], kin, agent=agent, now=now)
    return made


async def unlink(session: AsyncSession, number: int, link_id: int, *, agent: Agent, now: datetime) -> None:
    """Takes a link of this ticket away. Raises NoLink."""
    mine = or_(col(TicketLink.ticket_id) == number, col(TicketLink.other_id) == number)
    query = select(TicketLink).where(col(TicketLink.id) == link_id, mine).with_for_update()
    known = (await session.scalars(query)).first()
    if known is None:
        raise NoLink
    found = await moves.pair(session, known.ticket_id, known.other_id)
    kin: Kin = "related" if known.kind == "related" else "parent"
    await session.delete(known)
    await session.flush()
    await _tell(session, "ticket.unlinked", found[known.ticket_id], found[known.other_id], kin, agent=agent, now=now)


def _ends(number: int, other: int, kin: Kin) -> tuple[int, int]:
    """How it is written: a child first, its parent second; of related ones the lower number first."""
    if kin == "related":
        return min(number, other), max(number, other)
    return (number, other) if kin == "parent" else (other, number)


async def _one_level(session: AsyncSession, child: int, parent: int) -> None:
    """Both tickets are locked: two links at once are judged one after the other."""
    query = select(TicketLink).where(col(TicketLink.kind) == "child")
    touching = or_(col(TicketLink.ticket_id).in_((child, parent)), col(TicketLink.other_id) == child)
    for each in (await session.scalars(query.where(touching))).all():
        raise HasParent if each.ticket_id == child else NestedCase


async def _tell(
    session: AsyncSession, kind: str, ticket: Ticket, other: Ticket, kin: Kin, *, agent: Agent, now: datetime
) -> None:
    await feed.record(
        session,
        feed.event(kind, now, ticket=ticket.id, agent=agent.id, other=other.id, kin=kin),
        feed.event(kind, now, ticket=other.id, agent=agent.id, other=ticket.id, kin=MIRRORED[kin]),
    )
