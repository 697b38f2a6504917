"""What routing decides on: the plans, the queue, and what is known of each ticket in it. And what it decided, for readers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Assignment,
    Call,
    Decision,
    Inbox,
    Mode,
    Offer,
    Person,
    Queued,
    Requirement,
    RoutingSetup,
    Skill,
    Status,
    TeamRouting,
    Ticket,
    TicketTag,
    TouchDecision,
)
from app.models.columns import NEVER
from app.models.ticket import QUEUED
from app.queries import crew, hours
from app.rules.hours import is_open
from app.rules.routing import BARRED, STICKY_DAYS, Plan, Seat, Step, Waiting, judge, weight_of

MOST_DUE, MOST_UNDATED = (
    60,
    20,
)  # tickets of a team that one look takes: the first ones, and the oldest without a deadline
OUT = ("declined", "expired", "returned")  # decisions after which the agent is left alone for a while

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision depends on."""

    plans: Mapping[int, Plan]
    seats: Mapping[int, Seat]
    queue: Sequence[Waiting]
    queued: Mapping[int, Queued]  # of tickets that are known to wait
    full: Mapping[int, Place]  # where the next look begins, for teams whose queue is longer than one


async def plans(session: AsyncSession, now: datetime) -> dict[int, Plan]:
    """The teams that are routed."""
    rows = (await session.scalars(select(TeamRouting).where(col(TeamRouting.mode) != Mode.OFF))).all()
    return {row.team_id: await plan(session, row, now) for row in rows}


async def modes(session: AsyncSession) -> dict[int, str]:
    """team id -> how its tickets find their agents, where they do not only by hand."""
    query = select(col(TeamRouting.team_id), col(TeamRouting.mode)).where(col(TeamRouting.mode) != Mode.OFF)
    return await _pairs(session, query)


async def plan(session: AsyncSession, row: TeamRouting, now: datetime) -> Plan:
    known = await hours.current(session, row.calendar_id) if row.calendar_id is not None else None
    return Plan(
        team_id=row.team_id, mode=row.mode, strategy=row.strategy, offer_timeout_s=row.offer_timeout_s,
        return_after_s=row.return_after_s, sticky_s=row.sticky_s, on_shift=known is None or is_open(known[1], now),
        overflow=tuple(Step(after_s=step["after_s"], team_id=step.get("team_id")) for step in row.overflow),
        crowd_over=row.crowd_over, crowd_team_id=row.crowd_team_id,
    )  # fmt: skip


async def situation(
    session: AsyncSession,
    now: datetime,
    *,
    teams: Collection[int] | None = None,
    after: Mapping[int, Place] | None = None,
) -> Situation:
    """What waits now, a bounded piece of each team's queue. `teams`: of the routed ones, only these."""
    known = await plans(session, now)
    wanted = {team: each for team, each in known.items() if teams is None or team in teams}
    found: list[Any] = []
    full: dict[int, Place] = {}
    for team in wanted:
        rows, behind = await _slice(session, team, (after or {}).get(team))
        found += rows
        if behind is not None:
            full[team] = behind
    desk = await crew.setup(session)
    if not found:
        return Situation(wanted, {}, (), {}, full)
    queue, queued = await _waiting(session, found, desk, now)
    return Situation(wanted, await crew.seats(session, wanted, desk, now), queue, queued, full)


async def locked(session: AsyncSession, numbers: Collection[int], now: datetime) -> Situation:
    """The same for these tickets, as far as they still wait, held together with the agents until the commit.

    Tickets first, without waiting for those that somebody else holds, then agents in the order of their ids: two processes
    never wait for each other in a circle.
    """
    known = await plans(session, now)
    query = _columns().where(QUEUED, col(Ticket.id).in_(numbers), col(Ticket.team_id).in_(known))
    rows = (
        await session.execute(query.order_by(col(Ticket.id)).with_for_update(key_share=True, skip_locked=True))
    ).all()
    teams = {row.team_id for row in rows}
    desk = await crew.setup(session)
    seats = await crew.seats(session, teams, desk, now, lock=True)
    queue, queued = await _waiting(session, rows, desk, now)
    return Situation({team: known[team] for team in teams}, seats, queue, queued, {})


def _columns() -> Select[Any]:
    columns: Any = (
        Ticket.id, Ticket.team_id, Ticket.channel, Ticket.inbox_id, Ticket.person_id, Ticket.due_at, Ticket.priority
    )  # fmt: skip
    return select(*columns)


async def _slice(session: AsyncSession, team: int, after: Place | None) -> tuple[list[Any], Place | None]:
    """The next ones in the order of deadlines, straight from the queue's own index, and where it goes on. At the queue's head
    also the oldest without a deadline, which stand last there: their patience ends too (R3).
    """
    mine = _columns().where(QUEUED, col(Ticket.team_id) == team).order_by(col(Ticket.due_at), col(Ticket.id))
    following = mine if after is None else mine.where(tuple_(col(Ticket.due_at), col(Ticket.id)) > after)
    found = list((await session.execute(following.limit(MOST_DUE))).all())
    behind = (found[-1].due_at, found[-1].id) if len(found) == MOST_DUE else None
    if after is None and behind is not None and behind[0] < NEVER:
        found += (await session.execute(mine.where(col(Ticket.due_at) == NEVER).limit(MOST_UNDATED))).all()
    return found, behind


async def _waiting(
    session: AsyncSession, rows: Sequence[Any], desk: RoutingSetup, now: datetime
) -> tuple[list[Waiting], dict[int, Queued]]:
    """Without tickets that are offered to somebody, or to the success team, or whose caller is on the line: a waiting call
    rings by itself.
    """
    numbers = [row.id for row in rows]
    offered = select(col(Offer.ticket_id)).where(text("offer.state = 'open'"), col(Offer.ticket_id).in_(numbers))
    calling = select(col(Call.ticket_id)).where(crew.LIVE_CALL, col(Call.ticket_id).in_(numbers))
    held = select(col(TouchDecision.ticket_id)).where(
        col(TouchDecision.held_until) > now, col(TouchDecision.ticket_id).in_(numbers)
    )
    elsewhere = {each for query in (offered, calling, held) for each in (await session.scalars(query)).all()}
    rows = [row for row in rows if row.id not in elsewhere]
    queued = await _queued(session, rows)
    needs, barred, last = (
        await needs_of(session, rows),
        await barred_from(session, rows, now),
        await last_agents(session, rows, now),
    )
    queue = []
    for row in rows:
        here = queued.get(row.id)
        queue.append(Waiting(
            ticket=row.id, team=row.team_id, channel=row.channel, weight=weight_of(row.channel, desk.weights),
            since=here.since if here else now, due_at=row.due_at, priority=row.priority, needs=needs[row.id],
            widened=here is not None and here.widened, last_agent=last.get(row.person_id),
            barred=frozenset(barred[row.id]),
        ))  # fmt: skip
    return queue, queued


async def _queued(session: AsyncSession, rows: Sequence[Any]) -> dict[int, Queued]:
    """Those that have waited in this team since. Whoever was assigned meanwhile begins to wait anew."""
    teams = {row.id: row.team_id for row in rows}
    found = (await session.scalars(select(Queued).where(col(Queued.ticket_id).in_(teams)))).all()
    assigned: Any = (
        select(col(Assignment.ticket_id), func.max(Assignment.at))
        .where(col(Assignment.ticket_id).in_(teams))
        .group_by(col(Assignment.ticket_id))
    )
    latest = await _pairs(session, assigned)
    return {
        each.ticket_id: each for each in found
        if each.team_id == teams[each.ticket_id] and each.given_at is None
        and (each.ticket_id not in latest or latest[each.ticket_id] <= each.since)
    }  # fmt: skip


async def needs_of(session: AsyncSession, rows: Sequence[Any]) -> dict[int, dict[int, int]]:
    """Skills by team, inbox and tag, and the customer's language where somebody has said who speaks it."""
    found: dict[int, dict[int, int]] = {row.id: {} for row in rows}
    tags: dict[int, set[int]] = defaultdict(set)
    rules = (await session.scalars(select(Requirement))).all()
    if any(rule.tag_id is not None for rule in rules):
        links = select(col(TicketTag.ticket_id), col(TicketTag.tag_id)).where(col(TicketTag.ticket_id).in_(found))
        for ticket, tag in await session.execute(links):
            tags[ticket].add(tag)
    for number, language in (await _languages(session, rows)).items():
        found[number][language] = 1
    for row in rows:
        for rule in rules:
            if rule.team_id == row.team_id or rule.inbox_id == row.inbox_id or rule.tag_id in tags[row.id]:
                found[row.id][rule.skill_id] = max(rule.level, found[row.id].get(rule.skill_id, 0))
    return found


async def _languages(session: AsyncSession, rows: Sequence[Any]) -> dict[int, int]:
    """ticket id -> the skill that is its language: what the person speaks, where that is known, else what the inbox does."""
    skills = await _pairs(session, select(col(Skill.code), col(Skill.id)).where(col(Skill.kind) == "language"))
    if not skills:
        return {}
    theirs = select(col(Person.id), col(Person.language)).where(col(Person.id).in_({row.person_id for row in rows}))
    ours = select(col(Inbox.id), col(Inbox.language)).where(col(Inbox.id).in_({row.inbox_id for row in rows}))
    people, inboxes = await _pairs(session, theirs), await _pairs(session, ours)
    spoken = {row.id: (people.get(row.person_id) or inboxes[row.inbox_id]).partition("-")[0] for row in rows}
    return {number: skills[code] for number, code in spoken.items() if code in skills}


def _line(plan: Plan) -> Select[Any]:
    """Whoever waits in this team for anybody at all, as far as somebody has looked at it; not who is offered or calls."""
    offered = select(col(Offer.ticket_id)).where(text("offer.state = 'open'"), col(Offer.ticket_id) == col(Ticket.id))
    calling = select(col(Call.ticket_id)).where(crew.LIVE_CALL, col(Call.ticket_id) == col(Ticket.id))
    mine = col(Ticket.team_id) == plan.team_id, col(Queued.team_id) == plan.team_id, col(Queued.given_at).is_(None)
    columns: Any = (Ticket.id, Ticket.due_at, Queued.widened)
    query: Select[Any] = select(*columns).join(Queued, col(Queued.ticket_id) == col(Ticket.id))
    return query.where(QUEUED, *mine, ~offered.exists(), ~calling.exists())


async def size(session: AsyncSession, plan: Plan) -> int:
    """How many wait."""
    return await session.scalar(select(func.count()).select_from(_line(plan).subquery())) or 0


async def behind(session: AsyncSession, plan: Plan, most: int) -> list[int]:
    """The tickets behind as many as may wait, for which nothing was done yet (R6): the latest deadlines."""
    if plan.crowd_over is None:
        return []
    last = _line(plan).order_by(col(Ticket.due_at), col(Ticket.id)).offset(plan.crowd_over).subquery()
    query = select(last.c.id).order_by(last.c.due_at, last.c.id).limit(most)
    if plan.crowd_team_id is None:
        query = query.where(last.c.widened.is_(False))
    return list((await session.scalars(query)).all())


async def _pairs(session: AsyncSession, query: Any) -> dict[Any, Any]:
    return {row[0]: row[1] for row in await session.execute(query)}


async def barred_from(
    session: AsyncSession, rows: Sequence[Any], now: datetime, lately: timedelta = BARRED
) -> dict[int, set[int]]:
    """Who let go of each of these so lately that they are left alone with it."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(col(Decision.ticket_id), col(Decision.agent_id)).where(
        col(Decision.ticket_id).in_([row.id for row in rows]), col(Decision.outcome).in_(OUT),
        col(Decision.at) > now - lately, col(Decision.agent_id).is_not(None),
    )  # fmt: skip
    answers: Any = await session.execute(query)
    for ticket, agent in answers:
        found[ticket].add(agent)
    return found


async def last_agents(session: AsyncSession, rows: Sequence[Any], now: datetime) -> dict[int, int]:
    """R7: person id -> who had their latest ticket."""
    lately = now - timedelta(days=STICKY_DAYS)
    latest = (
        select(func.max(Ticket.id))
        .where(
            col(Ticket.person_id).in_({row.person_id for row in rows}), col(Ticket.assignee_id).is_not(None),
            col(Ticket.updated_at) > lately,
        )
        .group_by(col(Ticket.person_id))
    )  # fmt: skip
    query: Any = select(col(Ticket.person_id), col(Ticket.assignee_id)).where(col(Ticket.id).in_(latest))
    return await _pairs(session, query)


# -- for readers --------------------------------------------------------------------------------------------------------


async def decisions(session: AsyncSession, number: int, limit: int = 50) -> list[dict[str, Any]]:
    """Newest first."""
    query = select(Decision).where(col(Decision.ticket_id) == number).order_by(col(Decision.id).desc()).limit(limit)
    fields = ("id", "at", "outcome", "why", "team_id", "agent_id", "reasons")
    return [{name: getattr(each, name) for name in fields} for each in (await session.scalars(query)).all()]


async def offers_to(session: AsyncSession, agent_id: int) -> Sequence[Offer]:
    mine = text("offer.state = 'open'"), col(Offer.call_id).is_(None), col(Offer.agent_id) == agent_id
    query = select(Offer).where(*mine).order_by(col(Offer.id))
    return (await session.scalars(query)).all()


async def standing(session: AsyncSession, number: int, now: datetime) -> dict[str, Any] | None:
    """Where a ticket stands with routing at this moment. None when there is no such ticket."""
    ticket = await session.get(Ticket, number)
    if ticket is None:
        return None
    at = await session.get(Queued, number)
    to = select(col(Offer.agent_id)).where(text("offer.state = 'open'"), col(Offer.ticket_id) == number)
    plan = (await plans(session, now)).get(ticket.team_id or 0)
    waits = plan is not None and ticket.status == Status.OPEN and ticket.assignee_id is None
    here = at if at is not None and plan is not None and at.team_id == ticket.team_id else None
    return {
        "mode": plan.mode if plan else Mode.OFF,
        "team_id": ticket.team_id,
        "since": here.since if here and waits else None,
        "overflow_at": here.overflow_at if here else None,
        "returns_at": here.returns_at if here else None,
        "offered_to": await session.scalar(to),
        "now": await _at_this_moment(session, number, plan, now) if plan and waits else None,
    }


async def _at_this_moment(session: AsyncSession, number: int, plan: Plan, now: datetime) -> dict[str, Any] | None:
    """Nothing while it is offered to somebody, or its caller is on the line."""
    row = (await session.execute(_columns().where(col(Ticket.id) == number))).one()
    desk = await crew.setup(session)
    queue, _ = await _waiting(session, [row], desk, now)
    if not queue:
        return None
    verdict = judge(queue[0], plan, (await crew.seats(session, [plan.team_id], desk, now)).values(), now)
    return {"agent_id": verdict.agent, "why": verdict.why, "reasons": verdict.reasons()}
