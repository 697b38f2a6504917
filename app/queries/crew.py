"""The agents as routing and presence see them: what they are, what they can, and how full their hands are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Agent,
    AgentSkill,
    Call,
    CallState,
    Mode,
    Offer,
    Presence,
    RoutingSetup,
    Status,
    TeamMember,
    TeamRouting,
    Ticket,
)
from app.models.ticket import MINE
from app.queries import hours
from app.rules.hours import is_open
from app.rules.permissions import may
from app.rules.presence import AT_WORK, Now
from app.rules.routing import LONG_AGO, WEIGHTS, Seat, weight_of

LIVE_CALL = text("call.state <> 'ended'")


async def setup(session: AsyncSession) -> RoutingSetup:
    """What holds for the whole desk; the defaults while nobody has changed anything."""
    found = await session.get(RoutingSetup, 1)
    return found or RoutingSetup(id=1, weights=dict(WEIGHTS))


async def routed(session: AsyncSession) -> frozenset[int]:
    """The teams whose tickets are not left to people alone."""
    found = await session.scalars(select(col(TeamRouting.team_id)).where(col(TeamRouting.mode) != Mode.OFF))
    return frozenset(found.all())


async def members(session: AsyncSession, teams: Collection[int]) -> dict[int, frozenset[int]]:
    """agent id -> those of these teams that they are in."""
    if not teams:
        return {}
    query = select(col(TeamMember.agent_id), col(TeamMember.team_id)).where(col(TeamMember.team_id).in_(teams))
    found: dict[int, set[int]] = defaultdict(set)
    for agent, team in await session.execute(query):
        found[agent].add(team)
    return {agent: frozenset(in_teams) for agent, in_teams in found.items()}


async def phones(session: AsyncSession) -> dict[int, str]:
    """agent id -> "ringing" or "call". Live calls are few: found by their partial index."""
    at_it = (CallState.CONNECTING, CallState.DIALLING, CallState.CONNECTED)
    query = select(col(Call.agent_id), col(Call.state)).where(LIVE_CALL, col(Call.agent_id).is_not(None))
    found: dict[int, str] = {}
    rows: Any = await session.execute(query.where(col(Call.state).in_(at_it)))
    for agent, state in rows:
        found[agent] = "call" if state == CallState.CONNECTED else found.get(agent, "ringing")
    return found


async def loads(
    session: AsyncSession,
    agents: Collection[int],
    desk: RoutingSetup,
    now: datetime,
    on_phone: Iterable[int],
    *,
    live: bool = False,
) -> dict[int, int]:
    """R4: what of each agent's capacity is taken: open tickets, open offers, calls.

    A ticket that waits for the customer takes nothing: it is pending or snoozed, or answered and quiet for a while.
    `live`: as a caller sees it, only what cannot be left lying: chats, and calls.
    """
    found = dict.fromkeys(agents, 0)
    if not found:
        return found
    busy = or_(
        col(Ticket.needs_reply_since).is_not(None), col(Ticket.updated_at) > now - timedelta(seconds=desk.rest_after_s)
    )
    held = (
        select(col(Ticket.assignee_id), col(Ticket.channel), func.count())
        .where(MINE, col(Ticket.status) == Status.OPEN, col(Ticket.assignee_id).in_(found), busy)
        .group_by(col(Ticket.assignee_id), col(Ticket.channel))
    )
    offered = select(col(Offer.agent_id), func.sum(Offer.weight)).where(text("offer.state = 'open'"))
    if live:
        held = held.where(col(Ticket.channel) == "chat")
        offered = offered.join(Ticket, col(Ticket.id) == col(Offer.ticket_id))
        offered = offered.where(or_(col(Offer.call_id).is_not(None), col(Ticket.channel) == "chat"))
    rows: Any = await session.execute(held)
    for agent, channel, count in rows:
        found[agent] += count * weight_of(channel, desk.weights)
    for agent, weight in await session.execute(offered.group_by(col(Offer.agent_id))):
        if agent in found:
            found[agent] += int(weight)
    for agent in on_phone:
        if agent in found:
            found[agent] += desk.weights.get("phone", WEIGHTS["phone"])
    return found


async def seats(
    session: AsyncSession,
    teams: Collection[int],
    desk: RoutingSetup,
    now: datetime,
    *,
    lock: bool = False,
    live: bool = False,
) -> dict[int, Seat]:
    """The members of these teams. `lock`: nobody else decides about them until the commit (R4). `live`: for a call."""
    in_teams = await members(session, teams)
    query = select(Agent).where(col(Agent.id).in_(in_teams), col(Agent.active).is_(True)).order_by(col(Agent.id))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    agents = (await session.scalars(query)).all()
    ids = [agent.id for agent in agents]
    at_work = [agent.id for agent in agents if agent.presence in AT_WORK]
    taken = await loads(session, at_work, desk, now, await phones(session), live=live)
    shifts = await _shifts(session, agents, now)
    able: dict[int, dict[int, int]] = defaultdict(dict)
    for skill in (await session.scalars(select(AgentSkill).where(col(AgentSkill.agent_id).in_(ids)))).all():
        able[skill.agent_id][skill.skill_id] = skill.level
    return {
        each.id: Seat(
            id=each.id, teams=in_teams[each.id], presence=_presence(each, live=live),
            since=each.presence_at or LONG_AGO, given_at=each.given_at or LONG_AGO,
            channels_off=frozenset(each.channels_off), capacity=each.capacity, load=taken.get(each.id, 0),
            skills=able[each.id], permitted=may(each.role, "ticket.reply"),
            on_shift=shifts[each.calendar_id] if each.calendar_id is not None else None,
        )
        for each in agents
    }  # fmt: skip


def _presence(agent: Agent, *, live: bool) -> str:
    """Whose hands are full of what was written is there for a call."""
    written = live and agent.presence == Presence.BUSY and agent.presence_reason == "full"
    return Presence.AVAILABLE if written else agent.presence


async def _shifts(session: AsyncSession, agents: Iterable[Agent], now: datetime) -> dict[int, bool]:
    """Whether each of the calendars that agents have of their own is open."""
    found = {}
    for calendar in {each.calendar_id for each in agents if each.calendar_id is not None}:
        known = await hours.current(session, calendar)
        found[calendar] = known is None or is_open(known[1], now)
    return found


async def everybody(
    session: AsyncSession, now: datetime, *, lock: Collection[int] | None = None
) -> dict[int, tuple[Agent, Now]]:
    """Who is not offline, or on the telephone all the same. `lock`: only these, and until the commit."""
    calls = await phones(session)
    there = or_(col(Agent.presence) != Presence.OFFLINE, col(Agent.id).in_(calls))
    query = select(Agent).where(there if lock is None else col(Agent.id).in_(lock)).order_by(col(Agent.id))
    if lock is not None:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    agents = (await session.scalars(query)).all()
    full = await _full(session, agents, now, calls)
    return {each.id: (each, as_of_now(each, calls.get(each.id, ""), full=each.id in full)) for each in agents}


async def _full(session: AsyncSession, agents: Iterable[Agent], now: datetime, calls: Any) -> set[int]:
    """Only where routing counts: elsewhere people choose for themselves how much they take."""
    counted = await members(session, await routed(session))
    by_id = {each.id: each for each in agents if each.id in counted and each.presence in AT_WORK}
    if not by_id:
        return set()
    taken = await loads(session, by_id, await setup(session), now, calls)
    return {agent for agent, load in taken.items() if load >= by_id[agent].capacity}


def as_of_now(agent: Agent, phone: str = "", *, full: bool = False) -> Now:
    return Now(
        state=agent.presence, reason=agent.presence_reason, before=agent.presence_before, until=agent.presence_until,
        live_at=agent.live_at, active=agent.active, phone=phone, full=full,
    )  # fmt: skip
