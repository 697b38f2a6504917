"""Health as it stands: the present scores of accounts, their formulas, and what has to be computed anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Health, HealthFormula, HealthOverride
from app.models.columns import table_of
from app.models.health import STANDING
from app.rules.success.formula import Formula, Segment, formula


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
