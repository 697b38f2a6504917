"""Formulas of health: a new version is kept beside the old ones, and switched on when somebody says so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict, Invalid, Missing
from app.models import Audit, HealthFormula, HealthSetup
from app.rules.success import alerts
from app.rules.success.formula import Segment, faults


class ImpossibleFormula(Invalid):
    """This formula is impossible."""


class NoFormula(Missing):
    """There is no such formula."""


class FormulaInUse(Conflict):
    """This formula is in use already."""


class NoSuchRule(Invalid):
    """There is no such rule."""


def check(spec: Mapping[str, Any]) -> None:
    """Raises ImpossibleFormula: with what is wrong, and where."""
    if found := faults(spec):
        raise ImpossibleFormula(faults=[{"where": where, "why": why} for where, why in found])


async def add(
    session: AsyncSession, segment: Segment, spec: Mapping[str, Any], note: str, *, by: int, now: datetime
) -> HealthFormula:
    """A new version. It is not in use. Raises ImpossibleFormula."""
    check(spec)
    mine = col(HealthFormula.tier) == segment.tier, col(HealthFormula.stage) == segment.stage
    await session.get_one(HealthSetup, 1, with_for_update=True)  # one at a time: versions are counted
    latest = await session.scalar(select(func.max(col(HealthFormula.version))).where(*mine))
    made = HealthFormula(
        tier=segment.tier, stage=segment.stage, version=(latest or 0) + 1, spec=dict(spec), note=note, agent_id=by,
        created_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made


async def activate(session: AsyncSession, number: int, *, by: int, now: datetime) -> HealthFormula:
    """All accounts of its segment are computed anew. Raises NoFormula, FormulaInUse."""
    await session.get_one(HealthSetup, 1, with_for_update=True)
    found = await session.get(HealthFormula, number)
    if found is None:
        raise NoFormula
    if found.active:
        raise FormulaInUse
    mine = col(HealthFormula.tier) == found.tier, col(HealthFormula.stage) == found.stage
    others = update(HealthFormula).where(*mine, col(HealthFormula.active)).values(active=False)
    await session.execute(others, execution_options={"synchronize_session": False})
    found.active, found.activated_at = True, now
    about = f"{found.tier or '*'}/{found.stage or '*'} v{found.version}"
    session.add(Audit(at=now, agent_id=by, code="health.formula", subject=about))
    await session.flush()
    await feed.record(session, feed.event("health.formula", now, agent=by, formula=found.id))
    return found


async def configure(session: AsyncSession, given: Mapping[str, Any], *, by: int, now: datetime) -> None:
    """Which rules warn, from where on, and how many at a time. Raises NoSuchRule."""
    if unknown := set(given.get("rules", {})) - set(alerts.RULES):
        raise NoSuchRule(rules=sorted(unknown))
    setup = await session.get_one(HealthSetup, 1, with_for_update=True)
    setup.alerts = dict(given)
    session.add(Audit(at=now, agent_id=by, code="alerts.configured"))
    await session.flush()
    await feed.record(session, feed.event("health.formula", now, agent=by))
