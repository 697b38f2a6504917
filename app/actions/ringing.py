"""Waiting calls ring with those who should take them (R1, R4, R6, T17), and with nobody else. Every turn is a decision."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import presence, routing
from app.errors import Conflict
from app.models import Agent, Call, CallState, CallWait, Offer, Ticket
from app.queries import ringing as known
from app.rules import ringing as rules
from app.rules.permissions import may
from app.rules.ringing import Turn
from app.rules.routing import Plan


class RingsElsewhere(Conflict):
    """This call does not ring for you. A lead may take it over."""


async def look(session: AsyncSession, now: datetime) -> bool:
    """Whether there is something to write down about a waiting call."""
    if not await known.anything(session):
        return False
    here = await known.scene(session, now)
    return bool(here.stale) or any(turn.is_news for turn in rules.turns(here.callers, here.plans, here.seats, now))


async def settle(session: AsyncSession, now: datetime) -> int:
    """Takes the turns of all waiting calls. Returns how many: another process may have been first.

    The ticket first, then its call, then the agents in the order of their ids, as everywhere.
    """
    held = await _locked(session)
    here = await known.scene(session, now, locked=list(held))
    await _withdraw(session, here.stale, now)
    found = [turn for turn in rules.turns(here.callers, here.plans, here.seats, now) if turn.is_news]
    for turn in found:
        await _take(session, turn, held[turn.caller.call], here.plans[turn.caller.waiting.team], now)
    over = select(col(Call.id)).where(col(Call.state) == CallState.ENDED)
    await session.execute(delete(CallWait).where(col(CallWait.call_id).in_(over)))
    await session.flush()
    return len(found) + len(here.stale)


async def _locked(session: AsyncSession) -> dict[int, Ticket]:
    """The waiting calls with their tickets, but those that somebody works on just now: the next look takes their turn."""
    about = select(col(Call.ticket_id)).where(*known.WAITS)
    query = select(Ticket).where(col(Ticket.id).in_(about)).order_by(col(Ticket.id))
    query = query.with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
    tickets = {each.id: each for each in (await session.scalars(query)).all()}
    calls = select(col(Call.id), col(Call.ticket_id)).where(*known.WAITS, col(Call.ticket_id).in_(tickets))
    rows = (await session.execute(calls.order_by(col(Call.id)).with_for_update())).all()
    return {call: tickets[number] for call, number in rows}


async def _take(session: AsyncSession, turn: Turn, ticket: Ticket, plan: Plan, now: datetime) -> None:
    waits = await _enrolled(session, turn, ticket, now)
    team, reasons = waits.team_id, turn.verdict.reasons()
    for ring, state in turn.ended:
        offer = await session.get_one(Offer, ring.offer, populate_existing=True)
        await routing.ended(session, offer, state, now)
        if state == "expired":
            routing.decided(session, ticket, "expired", now, why="no_answer", agent_id=ring.agent, team_id=team)
            await presence.unanswered(session, ring.agent, now)
    if turn.step is not None:
        await _overflows(session, turn, ticket, waits, now)
    elif turn.over is not None:
        await _crowded(session, turn, ticket, waits, plan, now)
    elif turn.rings:
        to = turn.rings[0] if turn.weight else None
        heard = {} if turn.weight else {"rings": list(turn.rings)}
        routing.decided(
            session, ticket, "offered", now, why=turn.verdict.why, agent_id=to, team_id=team, reasons=reasons | heard
        )
        await _ring(session, turn, ticket, now)
    elif turn.waits and waits.waiting_key != turn.verdict.key:
        waits.waiting_key = turn.verdict.key
        routing.decided(session, ticket, "waiting", now, why=turn.verdict.why, team_id=team, reasons=reasons)
    await session.flush()


async def _enrolled(session: AsyncSession, turn: Turn, ticket: Ticket, now: datetime) -> CallWait:
    """Its row; one that began in another team of the ticket's begins anew."""
    team = turn.caller.waiting.team
    waits = await session.get(CallWait, turn.caller.call, populate_existing=True)
    if waits is None:
        waits = CallWait(call_id=turn.caller.call, entered_id=team, team_id=team, since=now)
        session.add(waits)
    elif waits.entered_id != ticket.team_id:
        waits.entered_id = waits.team_id = team
        waits.since, waits.step, waits.widened, waits.waiting_key = now, 0, False, ""
    return waits


async def _ring(session: AsyncSession, turn: Turn, ticket: Ticket, now: datetime) -> None:
    for agent in turn.rings:
        made = Offer(
            ticket_id=ticket.id, call_id=turn.caller.call, agent_id=agent, weight=turn.weight, offered_at=now,
            expires_at=turn.until,
        )  # fmt: skip
        session.add(made)
        await session.flush()
        await feed.record(
            session, feed.event("offer.made", now, ticket=ticket.id, offer=made.id, to=agent, call=turn.caller.call)
        )
    if turn.weight:
        await session.execute(update(Agent).where(col(Agent.id).in_(turn.rings)).values(given_at=now))


async def _overflows(session: AsyncSession, turn: Turn, ticket: Ticket, waits: CallWait, now: datetime) -> None:
    """R6: skills no longer count, or the call waits in the next team; the ticket stays where it is."""
    if turn.step is None:
        return
    reasons = {"after_s": turn.step.after_s, "from": waits.team_id}
    if turn.step.team_id is None:
        waits.widened, waits.step = True, waits.step + 1
    else:
        await _moves(session, turn, waits, turn.step.team_id, now)
    why = "widened" if turn.step.team_id is None else "team"
    routing.decided(session, ticket, "overflowed", now, why=why, team_id=waits.team_id, reasons=reasons)


async def _crowded(
    session: AsyncSession, turn: Turn, ticket: Ticket, waits: CallWait, plan: Plan, now: datetime
) -> None:
    size = await known.size(session, waits.team_id)
    reasons = {"over": turn.over, "size": size, "from": waits.team_id}
    if plan.crowd_team_id is None:
        waits.widened = True
    else:
        await _moves(session, turn, waits, plan.crowd_team_id, now)
    why = "crowd" if plan.crowd_team_id is None else "crowd_team"
    routing.decided(session, ticket, "overflowed", now, why=why, team_id=waits.team_id, reasons=reasons)


async def _moves(session: AsyncSession, turn: Turn, waits: CallWait, team: int, now: datetime) -> None:
    """It waits anew in this team, and rings no more where it was."""
    waits.team_id, waits.since, waits.step, waits.widened, waits.waiting_key = team, now, 0, False, ""
    await _withdraw(session, [ring.offer for ring in turn.caller.rings], now)


async def _withdraw(session: AsyncSession, offer_ids: Sequence[int], now: datetime) -> None:
    query = select(Offer).where(col(Offer.id).in_(offer_ids), known.RINGS).order_by(col(Offer.id))
    for each in (await session.scalars(query.with_for_update())).all():
        await routing.ended(session, each, "withdrawn", now)


# -- what agents do with a call that rings; its ticket and the call are locked --------------------------------------------


async def taken(session: AsyncSession, call: Call, agent: Agent, now: datetime) -> None:
    """This agent answers: those with whom it rings may, and leads. Nobody else hears it any more. Raises RingsElsewhere."""
    team, chosen = await known.team_of(session, call)
    rings = (await session.scalars(select(Offer).where(known.RINGS, col(Offer.call_id) == call.id))).all()
    mine = next((each for each in rings if each.agent_id == agent.id), None)
    if mine is None and not may(agent.role, "call.take") and (chosen or not await known.hears(session, agent.id, team)):
        raise RingsElsewhere(agents=[each.agent_id for each in rings])
    for each in rings:
        await routing.ended(session, each, "accepted" if each is mine else "withdrawn", now)
    if chosen:
        ticket = await session.get_one(Ticket, call.ticket_id)
        why = "accepted" if mine is not None else "took_over"
        routing.decided(session, ticket, "assigned", now, why=why, agent_id=agent.id, team_id=team)


async def decline(session: AsyncSession, call: Call, agent: Agent, now: datetime) -> None:
    """Somebody else is asked. A call that does not ring with them is none of their business."""
    query = select(Offer).where(known.RINGS, col(Offer.call_id) == call.id, col(Offer.agent_id) == agent.id)
    offer = (await session.scalars(query)).first()
    if offer is None:
        return
    team, _ = await known.team_of(session, call)
    await routing.ended(session, offer, "declined", now)
    ticket = await session.get_one(Ticket, call.ticket_id)
    routing.decided(session, ticket, "declined", now, why="declined", agent_id=agent.id, team_id=team)
    await session.flush()


async def failed(session: AsyncSession, call: Call, now: datetime) -> None:
    """Who took it was not reached: the call rings with others, and with them only after a while."""
    team, chosen = await known.team_of(session, call)
    if chosen and call.agent_id is not None:
        ticket = await session.get_one(Ticket, call.ticket_id)
        routing.decided(session, ticket, "returned", now, why="no_pick_up", agent_id=call.agent_id, team_id=team)
