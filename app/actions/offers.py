"""Offers: taken, declined, run out, withdrawn."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import desk, presence, routing
from app.errors import Conflict, Missing
from app.models import Agent, Offer, Status, Ticket
from app.rules.presence import AT_WORK

OPEN = text("offer.state = 'open' AND offer.call_id IS NULL")  # calls ring: actions/ringing.py


class NoOffer(Missing):
    """There is no such offer to you."""


class OfferOver(Conflict):
    """This offer is over."""


async def accept(session: AsyncSession, offer_id: int, agent: Agent, now: datetime) -> int:
    """The ticket is theirs. Raises NoOffer, OfferOver. To accept twice is to have accepted."""
    ticket, offer = await _locked(session, offer_id, agent)
    if offer.state == "accepted" and ticket.assignee_id == agent.id:
        return ticket.id
    if offer.state != "open" or ticket.assignee_id is not None or ticket.status != Status.OPEN:
        raise OfferOver
    await routing.ended(session, offer, "accepted", now)
    await routing.accepted(session, ticket, offer, now)
    return ticket.id


async def decline(session: AsyncSession, offer_id: int, agent: Agent, now: datetime) -> None:
    """The next one is asked. Raises NoOffer."""
    ticket, offer = await _locked(session, offer_id, agent)
    if offer.state == "open":
        await routing.ended(session, offer, "declined", now)
        routing.decided(session, ticket, "declined", now, why="declined", agent_id=agent.id)
        await session.flush()


async def over(session: AsyncSession, now: datetime) -> list[int]:
    """Open offers whose time is up, whose ticket needs nobody any more, or whose agent is not there any more."""
    gone = or_(col(Ticket.assignee_id).is_not(None), col(Ticket.status) != Status.OPEN)
    absent = or_(col(Agent.active).is_(False), col(Agent.presence).not_in(AT_WORK))
    query = (
        select(col(Offer.id))
        .join(Ticket, col(Ticket.id) == col(Offer.ticket_id))
        .join(Agent, col(Agent.id) == col(Offer.agent_id))
        .where(OPEN, or_(col(Offer.expires_at) <= now, gone, absent))
        .order_by(col(Offer.expires_at), col(Offer.id))
        .limit(routing.AT_ONCE)
    )
    return list((await session.scalars(query)).all())


async def finish(session: AsyncSession, offer_ids: Sequence[int], now: datetime) -> int:
    """Ends these. Who let an offer run out is not there: they are away until they say otherwise."""
    about = select(col(Offer.ticket_id)).where(col(Offer.id).in_(offer_ids))
    query = select(Ticket).where(col(Ticket.id).in_(about)).order_by(col(Ticket.id))
    tickets = (await session.scalars(query.with_for_update(key_share=True, skip_locked=True))).all()
    mine = and_(OPEN, col(Offer.id).in_(offer_ids), col(Offer.ticket_id).in_([each.id for each in tickets]))
    offers = {each.ticket_id: each for each in (await session.scalars(select(Offer).where(mine))).all()}
    for ticket in tickets:
        offer = offers.get(ticket.id)
        if offer is None:
            continue
        wanted = ticket.assignee_id is None and ticket.status == Status.OPEN
        ran_out = wanted and offer.expires_at <= now
        await routing.ended(session, offer, "expired" if ran_out else "withdrawn", now)
        if ran_out:
            routing.decided(session, ticket, "expired", now, why="no_answer", agent_id=offer.agent_id)
            await presence.unanswered(session, offer.agent_id, now)
    await session.flush()
    return len(offers)


async def _locked(session: AsyncSession, offer_id: int, agent: Agent) -> tuple[Ticket, Offer]:
    """The ticket first, as everywhere."""
    number = await session.scalar(
        select(col(Offer.ticket_id)).where(
            col(Offer.id) == offer_id, col(Offer.agent_id) == agent.id, col(Offer.call_id).is_(None)
        )
    )
    if number is None:
        raise NoOffer
    ticket = await desk.locked(session, number)
    return ticket, await session.get_one(Offer, offer_id, populate_existing=True)
