"""Calls that wait in routed teams: where each waits, with whom it rings, and what is known of both."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Call, CallState, CallWait, Mode, Offer, TeamMember, TeamRouting, Ticket
from app.queries import crew
from app.queries import routing as known
from app.rules.ringing import BARRED, WEIGHT, Caller, Ring
from app.rules.routing import Plan, Seat, Waiting

MACHINE = (Mode.PUSH, Mode.OFFER)  # elsewhere a call rings with the whole team
WAITS = col(Call.state) == CallState.WAITING, col(Call.direction) == "in", crew.LIVE_CALL
RINGS = text("offer.state = 'open' AND offer.call_id IS NOT NULL")


def team_of_call() -> ColumnElement[int | None]:
    """Where a call waits: in the ticket's team, unless it went on from there. With Call, Ticket and, outer, CallWait."""
    here = col(CallWait.entered_id) == col(Ticket.team_id)
    return case((here, col(CallWait.team_id)), else_=col(Ticket.team_id))


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that ringing depends on."""

    callers: Sequence[Caller]
    plans: Mapping[int, Plan]
    seats: Mapping[int, Seat]
    stale: Sequence[int]  # offers whose call waits no more, or not in a routed team


async def scene(session: AsyncSession, now: datetime, *, locked: Collection[int] | None = None) -> Scene:
    """Every waiting call. `locked`: only these, whose tickets are held, with the agents held until the commit, too."""
    plans = {team: plan for team, plan in (await known.plans(session, now)).items() if plan.mode in MACHINE}
    query = _waiting().where(team_of_call().in_(plans))
    if locked is not None:
        query = query.where(col(Call.id).in_(locked))
    rows, stale = (await session.execute(query)).all(), await _stale(session, plans)
    if not rows:
        return Scene((), plans, {}, stale)
    desk = await crew.setup(session)
    teams = {row.team_id for row in rows}
    seats = await crew.seats(session, teams, desk, now, lock=locked is not None, live=True)
    return Scene(await _callers(session, rows, now), plans, seats, stale)


def _waiting() -> Select[Any]:
    columns: Any = (
        Ticket.id, Ticket.person_id, Ticket.assignee_id, Ticket.priority, Call.inbox_id, Call.started_at,
        col(Call.id).label("call_id"), team_of_call().label("team_id"), CallWait.since, CallWait.step, CallWait.widened,
        CallWait.waiting_key, (col(CallWait.entered_id) == col(Ticket.team_id)).label("known"),
        literal_column("'phone'").label("channel"),
    )  # fmt: skip
    query: Select[Any] = select(*columns).join(Ticket, col(Ticket.id) == col(Call.ticket_id))
    return query.outerjoin(CallWait, col(CallWait.call_id) == col(Call.id)).where(*WAITS).order_by(col(Call.id))


async def _callers(session: AsyncSession, rows: Sequence[Any], now: datetime) -> list[Caller]:
    rings: dict[int, list[Ring]] = defaultdict(list)
    open_ones = select(Offer).where(RINGS, col(Offer.call_id).in_([row.call_id for row in rows]))
    for offer in (await session.scalars(open_ones.order_by(col(Offer.id)))).all():
        rings[offer.call_id or 0].append(Ring(offer.id, offer.agent_id, offer.expires_at))
    needs, last = await known.needs_of(session, rows), await known.last_agents(session, rows, now)
    barred = await known.barred_from(session, rows, now, BARRED)
    return [
        Caller(
            call=row.call_id, step=row.step if row.known else 0, rings=tuple(rings[row.call_id]),
            waiting_key=row.waiting_key if row.known else "",
            waiting=Waiting(
                ticket=row.id, team=row.team_id, channel="phone", weight=WEIGHT, since=row.since if row.known else now,
                due_at=row.started_at, priority=row.priority, needs=needs[row.id],
                widened=bool(row.known and row.widened), last_agent=row.assignee_id or last.get(row.person_id),
                barred=frozenset(barred[row.id]),
            ),
        )
        for row in rows
    ]  # fmt: skip


async def _stale(session: AsyncSession, plans: Collection[int]) -> list[int]:
    waiting = _waiting().where(team_of_call().in_(plans)).with_only_columns(col(Call.id)).order_by(None)
    query = select(col(Offer.id)).where(RINGS, col(Offer.call_id).not_in(waiting))
    return list((await session.scalars(query.order_by(col(Offer.id)).limit(200))).all())


async def team_of(session: AsyncSession, call: Call) -> tuple[int | None, bool]:
    """Where a call waits, and whether the machine chooses there with whom it rings."""
    query = (
        select(team_of_call())
        .select_from(Ticket)
        .outerjoin(CallWait, col(CallWait.call_id) == call.id)
        .where(col(Ticket.id) == call.ticket_id)
    )
    team = await session.scalar(query)
    mode = await session.scalar(select(col(TeamRouting.mode)).where(col(TeamRouting.team_id) == team))
    return team, mode in MACHINE


async def hears(session: AsyncSession, agent_id: int, team: int | None) -> bool:
    """Whether a call of a team where people choose rings with this agent: with its members, or, without any, with all."""
    members = select(col(TeamMember.agent_id)).where(col(TeamMember.team_id) == team)
    if team is None or await session.scalar(members.limit(1)) is None:
        return True
    return await session.scalar(members.where(col(TeamMember.agent_id) == agent_id)) is not None


async def size(session: AsyncSession, team: int) -> int:
    """How many calls wait there."""
    waiting = _waiting().where(team_of_call() == team).order_by(None)
    return await session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


# -- for the screens ----------------------------------------------------------------------------------------------------


def ringing(connection: Connection, calls: Collection[int]) -> dict[int, dict[str, Any]]:
    """call id -> where it waits, and with whom it rings; nobody in particular where people choose."""
    query = (
        select(col(Call.id), team_of_call().label("team_id"), col(TeamRouting.mode))
        .join(Ticket, col(Ticket.id) == col(Call.ticket_id))
        .outerjoin(CallWait, col(CallWait.call_id) == col(Call.id))
        .outerjoin(TeamRouting, col(TeamRouting.team_id) == team_of_call())
        .where(col(Call.id).in_(calls))
    )
    found: dict[int, dict[str, Any]] = {}
    for call, team, mode in connection.execute(query):
        found[call] = {"team_id": team, "rings": [] if mode in MACHINE else None}
    offers = select(col(Offer.call_id), col(Offer.agent_id)).where(RINGS, col(Offer.call_id).in_(calls))
    for number, agent in connection.execute(offers.order_by(col(Offer.id))):
        if number in found and found[number]["rings"] is not None:
            found[number]["rings"].append(agent)
    return found


async def anything(session: AsyncSession) -> bool:
    """Whether a call waits, or rings still. Index look-ups."""
    waits = select(col(Call.id)).where(*WAITS).limit(1)
    rings = select(col(Offer.id)).where(RINGS).limit(1)
    return await session.scalar(waits) is not None or await session.scalar(rings) is not None
