"""Tickets find their agents: given, offered, asked for, handed back. Every decision is a row with its reasons (R1)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.models import Agent, Decision, Mode, Offer, Queued, Ticket
from app.queries import routing as known
from app.queries.routing import Place, Situation
from app.rules import routing as rules
from app.rules.routing import Plan, Verdict, Waiting

AT_ONCE = 50  # tickets of one transaction
MACHINE = frozenset({Mode.PUSH, Mode.OFFER})


async def look(session: AsyncSession, now: datetime, after: Mapping[int, Place]) -> tuple[list[int], dict[int, Place]]:
    """The tickets for which there is something to write down, the first ones first; and where the next look begins in
    queues that are longer than one: where everybody waits, a later ticket may be one that somebody can take.
    """
    here = await known.situation(session, now, after=after)
    news = {each.ticket for each in here.queue if each.ticket not in here.queued}
    for verdict in _verdicts(here, now):
        at = here.queued.get(verdict.waiting.ticket)
        if at is not None and (verdict.agent is not None or at.waiting_key != verdict.key):
            news.add(verdict.waiting.ticket)
    return [each.ticket for each in rules.order(here.queue) if each.ticket in news], dict(here.full)


async def route(session: AsyncSession, numbers: Sequence[int], now: datetime) -> int:
    """Decides about these tickets. Returns how many still waited: another process may have been first."""
    here = await known.locked(session, numbers[:AT_ONCE], now)
    queued = {
        each.ticket: here.queued.get(each.ticket) or await _enrol(session, each, here, now) for each in here.queue
    }
    for verdict in _verdicts(here, now):
        at = queued[verdict.waiting.ticket]
        if verdict.agent is None:
            _wait(session, verdict, at, now)
        elif here.plans[at.team_id].mode == Mode.PUSH:
            await give(session, verdict, at, here.plans[at.team_id], now)
        else:
            await _offer(session, verdict, verdict.agent, here.plans[at.team_id], now)
    await session.flush()
    return len(here.queue)


async def next_ticket(session: AsyncSession, agent: Agent, now: datetime) -> int | None:
    """Pull: the next ticket that this agent can take, and it is theirs. None when there is none for them."""
    plans = await known.plans(session, now)
    pulled = [team for team, plan in plans.items() if plan.mode == Mode.PULL]
    after: dict[int, Place] = {}
    while True:
        here = await known.situation(session, now, teams=pulled, after=after)
        seat = here.seats.get(agent.id)
        if seat is None:
            return None
        left = list(here.queue)
        while verdict := rules.next_for(seat, left, here.plans, now):
            if await _taken(session, verdict.waiting.ticket, agent, now):
                return verdict.waiting.ticket
            left.remove(verdict.waiting)
        if not here.full:
            return None
        after = dict(here.full)


async def _taken(session: AsyncSession, number: int, agent: Agent, now: datetime) -> bool:
    """Whether it could still be taken, now that nobody else decides about it."""
    here = await known.locked(session, [number], now)
    seat = here.seats.get(agent.id)
    verdict = rules.next_for(seat, here.queue, here.plans, now) if seat else None
    if verdict is None:
        return False
    at = here.queued.get(number) or await _enrol(session, verdict.waiting, here, now)
    await give(session, verdict, at, here.plans[at.team_id], now, by=agent.id)
    return True


async def give(
    session: AsyncSession, verdict: Verdict, at: Queued, plan: Plan, now: datetime, *, by: int | None = None
) -> None:
    """The ticket is the agent's. From now on they are expected to do something with it."""
    ticket = await session.get_one(Ticket, at.ticket_id, populate_existing=True)
    reason = "pulled" if by is not None else "routed"
    await desk.assign(session, ticket, agent_id=verdict.agent, by=by, reason=reason, now=now)
    decided(session, ticket, "assigned", now, why=verdict.why, agent_id=verdict.agent, reasons=verdict.reasons())
    await _settle(session, at, plan, verdict.agent, now)


async def accepted(session: AsyncSession, ticket: Ticket, offer: Offer, now: datetime) -> None:
    """The agent took what they were offered."""
    await desk.assign(session, ticket, agent_id=offer.agent_id, by=offer.agent_id, reason="accepted", now=now)
    decided(session, ticket, "assigned", now, why="accepted", agent_id=offer.agent_id)
    plan = (await known.plans(session, now)).get(ticket.team_id or 0)
    at = await session.get(Queued, ticket.id)
    if plan is not None and at is not None:
        await _settle(session, at, plan, offer.agent_id, now)


async def _settle(session: AsyncSession, at: Queued, plan: Plan, agent_id: int | None, now: datetime) -> None:
    at.given_at, at.overflow_at, at.waiting_key = now, None, ""
    at.returns_at = now + timedelta(seconds=plan.return_after_s) if plan.return_after_s else None
    await session.execute(update(Agent).where(col(Agent.id) == agent_id).values(given_at=now))


async def back(
    session: AsyncSession, ticket: Ticket, plan: Plan | None, now: datetime, *, why: str, reasons: dict[str, Any]
) -> None:
    """Back into the queue, where it waits anew; whoever had it is left alone with it for a while."""
    had = ticket.assignee_id
    await desk.assign(session, ticket, agent_id=None, by=None, reason="returned", now=now)
    decided(session, ticket, "returned", now, why=why, agent_id=had, reasons=reasons)
    if plan is not None:
        await waits(session, ticket.id, plan, now)


async def waits(session: AsyncSession, number: int, plan: Plan, now: datetime) -> Queued:
    """The ticket begins to wait in this team."""
    at = await session.get(Queued, number, populate_existing=True)
    if at is None:
        at = Queued(ticket_id=number, team_id=plan.team_id, since=now)
        session.add(at)
    at.team_id, at.since, at.step, at.widened, at.waiting_key = plan.team_id, now, 0, False, ""
    at.given_at = at.returns_at = None
    at.overflow_at = rules.overflow_at(plan, now, 0)
    await session.flush()
    return at


async def forget(session: AsyncSession, numbers: Collection[int]) -> None:
    """Time does nothing more with these by itself; if one waits again, it begins anew."""
    for at in (await session.scalars(select(Queued).where(col(Queued.ticket_id).in_(numbers)))).all():
        await session.delete(at)


def decided(
    session: AsyncSession,
    ticket: Ticket,
    outcome: str,
    now: datetime,
    *,
    why: str,
    agent_id: int | None = None,
    team_id: int | None = None,
    reasons: dict[str, Any] | None = None,
) -> None:
    """One row of the log of decisions. `team_id`: where its caller waits, when that is not the ticket's team."""
    session.add(
        Decision(
            ticket_id=ticket.id, at=now, outcome=outcome, why=why, team_id=team_id or ticket.team_id,
            agent_id=agent_id, reasons=reasons or {},
        )
    )  # fmt: skip


async def ended(session: AsyncSession, offer: Offer, state: str, now: datetime) -> None:
    """This offer is over, and its agent's screens hear of it."""
    offer.state, offer.ended_at = state, now
    await session.flush()
    told = feed.event("offer.ended", now, ticket=offer.ticket_id, offer=offer.id, to=offer.agent_id, state=state)
    await feed.record(session, told)


def _verdicts(here: Situation, now: datetime) -> list[Verdict]:
    """Of the teams in which the machine chooses."""
    ours = [each for each in here.queue if here.plans[each.team].mode in MACHINE]
    return rules.decide(ours, here.plans, here.seats, now)


async def _enrol(session: AsyncSession, waiting: Waiting, here: Situation, now: datetime) -> Queued:
    return await waits(session, waiting.ticket, here.plans[waiting.team], now)


def _wait(session: AsyncSession, verdict: Verdict, at: Queued, now: datetime) -> None:
    """Why it waits is written once, and again when the reasons are others."""
    if at.waiting_key == verdict.key:
        return
    at.waiting_key = verdict.key
    waiting = verdict.waiting
    session.add(
        Decision(
            ticket_id=waiting.ticket, at=now, outcome="waiting", why=verdict.why, team_id=waiting.team,
            reasons=verdict.reasons(),
        )
    )  # fmt: skip


async def _offer(session: AsyncSession, verdict: Verdict, to: int, plan: Plan, now: datetime) -> None:
    ticket = await session.get_one(Ticket, verdict.waiting.ticket)
    made = Offer(
        ticket_id=ticket.id, agent_id=to, weight=verdict.waiting.weight, offered_at=now,
        expires_at=now + timedelta(seconds=plan.offer_timeout_s),
    )  # fmt: skip
    session.add(made)
    decided(session, ticket, "offered", now, why=verdict.why, agent_id=to, reasons=verdict.reasons())
    await session.execute(update(Agent).where(col(Agent.id) == to).values(given_at=now))
    await session.flush()
    await feed.record(session, feed.event("offer.made", now, ticket=ticket.id, offer=made.id, to=to))
