"""The touch-point matrix that holds, its versions, and what it decided; the tickets of the past that a new one is tried on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.db import fetch
from app.models import Account, Background, Policy, SuccessSetup, Team, Ticket, TouchDecision, TouchVersion
from app.queries.sla import UNSEEN, Versions
from app.rules.hours import is_open
from app.rules.policies import Promises
from app.rules.success import kinds
from app.rules.success.touch import Case, Cell, Past
from channels import KINDS as CHANNELS

BACK = timedelta(days=90)
MOST_PAST = 100_000
ACTIVE = "SELECT touch_id, accept_s FROM success_setup WHERE id = 1 AND touch_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The version that holds."""

    version: int
    cells: Sequence[Cell]
    accept_s: int  # so long success may take to accept


_kept: WeakKeyDictionary[Engine, dict[int, Sequence[Cell]]] = WeakKeyDictionary()


def active(connection: Connection) -> Matrix | None:
    """None when no matrix is switched on. Versions never change: what was read once stays in memory."""
    found = fetch(connection, ACTIVE)
    if not found:
        return None
    number, accept_s = found[0]
    known = _kept.setdefault(connection.engine, {})
    if number not in known:
        query = select(col(TouchVersion.cells)).where(col(TouchVersion.id) == number)
        known[number] = connection.execute(query).scalar_one()
    return Matrix(number, known[number], accept_s)


def hours(promises: Promises, team: int | None, at: datetime) -> str:
    """By the team's calendar; a team without one is always there."""
    calendar = promises.team_calendars.get(team) if team is not None else None
    return "in" if calendar is None or is_open(promises.calendars[calendar][1], at) else "out"


def cases(connection: Connection, tickets: Collection[Mapping[str, Any]], *, unseen: bool = False) -> dict[int, Case]:
    """By ticket number: {"id", "account_id", "channel", "team_id", "created_at"}. Tickets of no account are left out."""
    mine = [each for each in tickets if each["account_id"] is not None]
    if not mine:
        return {}
    accounts = {each["account_id"] for each in mine}
    query = select(col(Account.id), col(Account.tier)).where(col(Account.id).in_(accounts))
    tiers = {each.id: each.tier for each in connection.execute(query)}
    about = select(col(Background.ticket_id), col(Background.kind))
    said = connection.execute(about.where(col(Background.ticket_id).in_([each["id"] for each in mine])))
    kind = {each.ticket_id: each.kind for each in said}
    promises = Versions(connection, unseen=unseen).now
    return {
        each["id"]: Case(
            tier=tiers.get(each["account_id"], ""), kind=kind.get(each["id"], ""), channel=each["channel"],
            hours=hours(promises, each["team_id"], each["created_at"]),
        )
        for each in mine
    }  # fmt: skip


async def versions(session: AsyncSession, limit: int = 50) -> list[dict[str, Any]]:
    """The latest first."""
    query = select(TouchVersion).order_by(col(TouchVersion.id).desc()).limit(limit)
    return [shown(each) for each in (await session.scalars(query)).all()]


def shown(version: TouchVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ("id", "note", "cells", "made_at", "made_by")}


async def setup(session: AsyncSession) -> SuccessSetup:
    return await session.get_one(SuccessSetup, 1)


async def inquiry_kinds(session: AsyncSession) -> list[kinds.Kind]:
    return kinds.listed((await setup(session)).kinds)


async def of_ticket(session: AsyncSession, number: int) -> dict[str, Any] | None:
    found = await session.get(TouchDecision, number)
    if found is None:
        return None
    return {name: getattr(found, name) for name in ("version_id", "cell", "facts", "policy_id", "held_until", "at")}


async def words(session: AsyncSession) -> dict[str, Collection[str]]:
    """What a cell may name."""
    return {"kinds": {each["code"] for each in await inquiry_kinds(session)}, "channels": set(CHANNELS)}


async def unknown(session: AsyncSession, cells: Sequence[Cell]) -> list[str]:
    """The places that name a team or a policy that is not there, or was put away."""
    teams = set((await session.scalars(select(col(Team.id)))).all())
    here = select(col(Policy.id)).where(col(Policy.archived_at).is_(None))
    policies = set((await session.scalars(here)).all())
    known = {"team_id": teams, "policy_id": policies}
    return [
        f"{at}.{name}" for at, each in enumerate(cells) for name, ids in known.items()
        if each[name] is not None and each[name] not in ids
    ]  # fmt: skip


async def past(session: AsyncSession, now: datetime) -> list[Past]:
    """The accounts' tickets of the last 90 days that customers opened, with the tier and the kind that they have today."""
    connection = await session.connection()
    unseen = any(name in session.info for name in UNSEEN)
    return await connection.run_sync(_past, now - BACK, unseen)


def _past(connection: Connection, since: datetime, unseen: bool) -> list[Past]:
    promises = Versions(connection, unseen=unseen).now
    kind = func.coalesce(col(Background.kind), "").label("kind")
    query = (
        select(
            col(Ticket.id), col(Ticket.channel), col(Ticket.team_id), col(Ticket.created_at), col(Account.tier),
            col(Account.owner_id), kind,
        )
        .join(Account, col(Account.id) == col(Ticket.account_id))
        .outerjoin(Background, col(Background.ticket_id) == col(Ticket.id))
        .where(col(Ticket.created_at) > since, col(Ticket.origin) == "inbound", col(Ticket.merged_into_id).is_(None))
        .order_by(col(Ticket.created_at).desc())
        .limit(MOST_PAST)
    )  # fmt: skip
    return [
        Past(
            number=each.id, manager=each.owner_id, team=each.team_id,
            case=Case(
                tier=each.tier, kind=each.kind, channel=each.channel,
                hours=hours(promises, each.team_id, each.created_at),
            ),
        )
        for each in connection.execute(query)
    ][::-1]  # fmt: skip
