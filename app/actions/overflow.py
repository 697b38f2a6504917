"""What time and crowds do with tickets of routed teams: overflow, back from who does nothing or is not here (R6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import desk, routing
from app.models import Agent, Assignment, Event, Offer, Queued, Status, TeamMember, Ticket
from app.models.routing import OVERFLOWS, RETURNS
from app.models.ticket import MINE
from app.queries import routing as known
from app.rules import routing as rules
from app.rules.presence import AT_WORK
from app.rules.routing import Plan


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Tickets whose next overflow step, or whose return, is due: two index look-ups."""
    overflows = select(col(Queued.ticket_id)).where(OVERFLOWS, col(Queued.overflow_at) <= now)
    returns = select(col(Queued.ticket_id)).where(RETURNS, col(Queued.returns_at) <= now)
    return list((await session.scalars(overflows.union(returns).limit(routing.AT_ONCE))).all())


async def step(session: AsyncSession, numbers: Sequence[int], now: datetime) -> int:
    """Does what is due for these. Returns how many."""
    plans = await known.plans(session, now)
    tickets = await _locked(session, numbers)
    rows = select(Queued).where(col(Queued.ticket_id).in_([each.id for each in tickets]))
    queued = {each.ticket_id: each for each in (await session.scalars(rows)).all()}
    for ticket in tickets:
        at = queued.get(ticket.id)
        plan = plans.get(ticket.team_id or 0)
        if at is None:
            continue
        if plan is None or ticket.status != Status.OPEN or at.team_id != ticket.team_id:
            await routing.forget(session, [ticket.id])
        elif at.returns_at is not None and at.returns_at <= now:
            await _returns(session, ticket, at, plan, now)
        elif at.overflow_at is not None and at.overflow_at <= now:
            await _overflows(session, ticket, at, plans, now)
    await session.flush()
    return len(tickets)


async def _returns(session: AsyncSession, ticket: Ticket, at: Queued, plan: Plan, now: datetime) -> None:
    """Only what the machine gave, and only when the customer waits and nothing was done."""
    had, at.returns_at = ticket.assignee_id, None
    if had is None or ticket.needs_reply_since is None or at.given_at is None:
        return
    latest = await session.scalar(select(func.max(Assignment.at)).where(col(Assignment.ticket_id) == ticket.id))
    acted = select(col(Event.id)).where(
        col(Event.ticket_id) == ticket.id, col(Event.agent_id) == had, col(Event.at) > at.given_at
    )
    if (latest is not None and latest > at.given_at) or await session.scalar(acted.limit(1)) is not None:
        return
    waited = {"after_s": plan.return_after_s}
    await routing.back(session, ticket, plan, now, why="no_action", reasons=waited)


async def _overflows(session: AsyncSession, ticket: Ticket, at: Queued, plans: dict[int, Plan], now: datetime) -> None:
    """R6: skills no longer count, or the next team has it."""
    plan = plans[at.team_id]
    offered = await session.scalar(
        select(col(Offer.expires_at)).where(text("offer.state = 'open'"), col(Offer.ticket_id) == ticket.id)
    )
    if ticket.assignee_id is not None or at.step >= len(plan.overflow):
        at.overflow_at = None
        return
    if offered is not None:
        at.overflow_at = max(offered, now) + timedelta(seconds=1)
        return
    what = plan.overflow[at.step]
    reasons = {"after_s": what.after_s, "from": at.team_id}
    if what.team_id is None:
        at.widened, at.step = True, at.step + 1
        at.overflow_at = rules.overflow_at(plan, at.since, at.step)
        routing.decided(session, ticket, "overflowed", now, why="widened", reasons=reasons)
    else:
        await _to_team(session, ticket, what.team_id, plans, now)
        routing.decided(session, ticket, "overflowed", now, why="team", reasons=reasons)


async def _to_team(session: AsyncSession, ticket: Ticket, team: int, plans: dict[int, Plan], now: datetime) -> None:
    await desk.set_team(session, ticket, team, by=None, now=now)
    if team in plans:
        await routing.waits(session, ticket.id, plans[team], now)
    else:  # that team is not routed any more: people there find it
        await routing.forget(session, [ticket.id])


# -- too many wait --------------------------------------------------------------------------------------------------------


async def crowds(session: AsyncSession, now: datetime) -> bool:
    """Whether more wait in some team than it lets wait."""
    for plan in (await known.plans(session, now)).values():
        if await known.behind(session, plan, 1):
            return True
    return False


async def spread(session: AsyncSession, now: datetime) -> int:
    """R6: those that stand behind as many as may wait go on at once. Returns how many."""
    plans, done = await known.plans(session, now), 0
    for plan in plans.values():
        tickets = await _locked(session, await known.behind(session, plan, routing.AT_ONCE))
        still = await known.behind(session, plan, routing.AT_ONCE)  # now that nobody else moves them
        size = await known.size(session, plan) if tickets else 0
        for ticket in tickets:
            if ticket.id in still:
                await _leaves(session, ticket, plan, plans, size=size, now=now)
                done += 1
    await session.flush()
    return done


async def _leaves(
    session: AsyncSession, ticket: Ticket, plan: Plan, plans: dict[int, Plan], *, size: int, now: datetime
) -> None:
    reasons = {"over": plan.crowd_over, "size": size, "from": plan.team_id}
    if plan.crowd_team_id is None:
        at = await session.get_one(Queued, ticket.id, populate_existing=True)
        at.widened = True
    else:
        await _to_team(session, ticket, plan.crowd_team_id, plans, now)
    why = "crowd" if plan.crowd_team_id is None else "crowd_team"
    routing.decided(session, ticket, "overflowed", now, why=why, reasons=reasons)


# -- who does nothing, who is not here ------------------------------------------------------------------------------------


async def stranded(session: AsyncSession, now: datetime) -> list[int]:
    """Tickets of who was let go, and those whose customer waits for somebody who is not here while colleagues are."""
    left = select(col(Agent.id)).where(col(Agent.active).is_(False))
    found = list((await session.scalars(_held(left))).all())
    for plan in (await known.plans(session, now)).values():
        if plan.return_after_s and plan.on_shift and await _somebody(session, plan.team_id):
            waits = col(Ticket.needs_reply_since) <= now - timedelta(seconds=plan.return_after_s)
            mine = _held(_absent()).where(col(Ticket.team_id) == plan.team_id, col(Ticket.status) == Status.OPEN, waits)
            found += (await session.scalars(mine)).all()
    return found


async def rescue(session: AsyncSession, numbers: Sequence[int], now: datetime) -> int:
    """Puts these back into the queue, of whatever team."""
    plans = await known.plans(session, now)
    tickets = await _locked(session, numbers[: routing.AT_ONCE])
    for ticket in tickets:
        agent = await session.get(Agent, ticket.assignee_id, populate_existing=True) if ticket.assignee_id else None
        if agent is None or (agent.active and agent.presence in AT_WORK):
            continue
        why = "absent" if agent.active else "left"
        await routing.back(session, ticket, plans.get(ticket.team_id or 0), now, why=why, reasons={})
    return len(tickets)


def _held(agents: Select[int]) -> Select[int]:
    return select(col(Ticket.id)).where(MINE, col(Ticket.assignee_id).in_(agents)).limit(routing.AT_ONCE)


def _absent() -> Select[int]:
    return select(col(Agent.id)).where(col(Agent.active).is_(True), col(Agent.presence).not_in(AT_WORK))


async def _somebody(session: AsyncSession, team: int) -> bool:
    there = (
        select(col(Agent.id))
        .join(TeamMember, col(TeamMember.agent_id) == col(Agent.id))
        .where(col(TeamMember.team_id) == team, col(Agent.active).is_(True), col(Agent.presence).in_(AT_WORK))
    )
    return await session.scalar(there.limit(1)) is not None


async def _locked(session: AsyncSession, numbers: Sequence[int]) -> Sequence[Ticket]:
    query = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id))
    return (await session.scalars(query.with_for_update(key_share=True, skip_locked=True))).all()
