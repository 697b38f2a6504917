"""Health as it stands: the present scores of accounts, their formulas, and what has to be computed anew."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Health, HealthFormula, HealthOverride, HealthPast, HealthPulse
from app.models.columns import table_of
from app.models.health import STANDING
from app.rules.success.formula import Formula, Segment, formula
from app.rules.success.health import drivers

UNKNOWN = 101  # behind every score


@dataclass(frozen=True, slots=True)
class Shape:
    """An account's health for whoever shows it or goes by it."""

    score: int | None
    colour: str  # blue, yellow, red, grey
    trend: float | None  # points a week, over four weeks
    trend_long: float | None  # over eight
    contributions: list[dict[str, Any]]  # rules/success/health.py: what each measure gives and takes
    hard: list[dict[str, Any]]  # hard rules that hold
    since: datetime | None  # of the colour
    computed_at: datetime | None


NOTHING = Shape(None, "grey", None, None, [], [], None, None)


async def latest(session: AsyncSession, account_ids: Collection[int]) -> dict[int, Shape]:
    """The present health of these accounts; one that nobody has looked at yet is grey."""
    query = select(Health).where(col(Health.account_id).in_(account_ids))
    known = {
        each.account_id: Shape(
            each.score, each.colour, each.trend, each.trend_long, each.parts, each.hard, each.shown_since,
            each.computed_at,
        )
        for each in (await session.scalars(query)).all()
    }  # fmt: skip
    return {number: known.get(number, NOTHING) for number in account_ids}


def due(connection: Connection, now: datetime, most: int) -> list[int]:
    """Accounts that have to be computed anew, those that wait longest first."""
    query = select(col(Health.account_id)).where(col(Health.due_at) <= now).order_by(col(Health.due_at)).limit(most)
    return list(connection.execute(query).scalars())


def standing(connection: Connection, accounts: Collection[int]) -> dict[int, Any]:
    """The present rows, by account."""
    query = select(*table_of(Health).c).where(col(Health.account_id).in_(accounts))
    return {row.account_id: row for row in connection.execute(query)}


def by_hand(connection: Connection, accounts: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """Colours by hand that have not been ended, each with its end."""
    query = select(col(HealthOverride.account_id), col(HealthOverride.colour), col(HealthOverride.until))
    return {
        a: (c, u) for a, c, u in connection.execute(query.where(col(HealthOverride.account_id).in_(accounts), STANDING))
    }


def formulas(connection: Connection) -> list[tuple[Segment, Formula]]:
    """Those in use."""
    query = select(
        col(HealthFormula.id), col(HealthFormula.tier), col(HealthFormula.stage), col(HealthFormula.spec)
    ).where(col(HealthFormula.active))
    return [(Segment(tier, stage), formula(spec, number)) for number, tier, stage, spec in connection.execute(query)]


async def colours(session: AsyncSession, owner: int | None = None) -> dict[str, int]:
    """How many accounts there are of each colour."""
    query = select(col(Health.colour), func.count()).group_by(col(Health.colour))
    if owner is not None:
        query = query.join(Account, col(Account.id) == col(Health.account_id)).where(col(Account.owner_id) == owner)
    found = {"blue": 0, "yellow": 0, "red": 0, "grey": 0}
    for colour, number in await session.execute(query):
        found[colour] = number
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    colour: str | None = None
    owner: int | None = None
    after: tuple[int, int] | None = None  # the score (101: unknown) and the account of the last one that was shown
    limit: int = 50


async def listing(session: AsyncSession, asked: Asked) -> tuple[list[dict[str, Any]], bool]:
    """The lowest scores first, unknown ones last; whether there are more."""
    points = func.coalesce(col(Health.score), UNKNOWN)
    query = select(Health, Account, points).join(Account, col(Account.id) == col(Health.account_id))
    if asked.colour is not None:
        query = query.where(col(Health.colour) == asked.colour)
    if asked.owner is not None:
        query = query.where(col(Account.owner_id) == asked.owner)
    if asked.after is not None:
        query = query.where(tuple_(points, col(Health.account_id)) > asked.after)
    query = query.order_by(points, col(Health.account_id)).limit(asked.limit + 1)
    found = [_row(health, account) for health, account, _ in await session.execute(query)]
    return found[: asked.limit], len(found) > asked.limit


def _row(health: Health, account: Account) -> dict[str, Any]:
    names = ("id", "code", "name", "tier", "stage", "owner_id")
    worst = sorted((part for part in health.parts if part.get("lost", 0) >= 1), key=lambda part: -part["lost"])
    return {
        "account": {name: getattr(account, name) for name in names}, "score": health.score, "colour": health.colour,
        "trend": health.trend, "trend_long": health.trend_long, "since": health.shown_since, "hard": health.hard,
        "worst": [{"code": part["code"], "lost": part["lost"]} for part in worst[:3]],
    }  # fmt: skip


async def page(session: AsyncSession, account_id: int, now: datetime) -> dict[str, Any] | None:
    """One account's health with everything that explains it. None when there is no such account."""
    if await session.get(Account, account_id) is None:
        return None
    shape = (await latest(session, [account_id]))[account_id]
    row = await session.get(Health, account_id)
    used = await session.get(HealthFormula, row.formula_id) if row is not None and row.formula_id else None
    past = await history(session, account_id, now - timedelta(days=180))
    before = next((each for each in reversed(past) if each.at <= now - timedelta(days=28)), None)
    pulses = select(HealthPulse).where(col(HealthPulse.account_id) == account_id)
    hand = select(HealthOverride).where(col(HealthOverride.account_id) == account_id, STANDING)
    standing = (await session.scalars(hand.where(col(HealthOverride.until) > now))).first()
    return {
        **asdict(shape), "present": row.present if row is not None else 0.0,
        "formula": None if used is None else {n: getattr(used, n) for n in ("id", "tier", "stage", "version")},
        "history": [{"at": each.at, "score": each.score, "colour": each.colour} for each in past],
        "moved_since": before.at if before else None,
        "moved": [{"code": c, "points": p} for c, p in drivers(shape.contributions, before.parts)] if before else [],
        "pulses": [
            {n: getattr(each, n) for n in ("value", "note", "agent_id", "at", "expires_at")}
            for each in (await session.scalars(pulses.order_by(col(HealthPulse.at).desc()).limit(5))).all()
        ],
        "override": None if standing is None else {
            n: getattr(standing, n) for n in ("colour", "reason", "agent_id", "at", "until")
        },
    }  # fmt: skip


async def history(session: AsyncSession, account_id: int, since: datetime) -> Sequence[HealthPast]:
    """The oldest first."""
    query = select(HealthPast).where(col(HealthPast.account_id) == account_id, col(HealthPast.at) > since)
    return (await session.scalars(query.order_by(col(HealthPast.at), col(HealthPast.id)))).all()


async def versions(session: AsyncSession) -> Sequence[HealthFormula]:
    """All formulas: each segment's newest first."""
    order = col(HealthFormula.tier), col(HealthFormula.stage), col(HealthFormula.version).desc()
    return (await session.scalars(select(HealthFormula).order_by(*order))).all()
