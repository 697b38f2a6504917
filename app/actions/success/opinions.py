"""What people say of an account's health: the manager's pulse, which expires, and a colour by hand, which ends."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success import health
from app.actions.success.accounts import locked
from app.errors import Conflict, Invalid
from app.models import HealthOverride, HealthPulse
from app.models.health import STANDING

LONGEST = timedelta(days=90)


class OverrideTooLong(Invalid):
    """A colour by hand ends in the future, and within ninety days."""


class NoOverride(Conflict):
    """No colour by hand stands."""


async def feel(
    session: AsyncSession, account_id: int, value: int, note: str, lasts: timedelta, *, by: int, now: datetime
) -> HealthPulse:
    """Raises NoAccount."""
    await locked(session, account_id)
    made = HealthPulse(
        account_id=account_id, value=value, note=note, agent_id=by, at=now, expires_at=now + lasts
    )  # fmt: skip
    session.add(made)
    await _said(session, account_id, "health.pulse", by=by, now=now, value=value)
    return made


async def override(
    session: AsyncSession, account_id: int, colour: str, reason: str, until: datetime, *, by: int, now: datetime
) -> HealthOverride:
    """In the place of the one that stands. Raises NoAccount, OverrideTooLong."""
    if not now < until <= now + LONGEST:
        raise OverrideTooLong
    await locked(session, account_id)
    await _end(session, account_id, now)
    made = HealthOverride(
        account_id=account_id, colour=colour, reason=reason, agent_id=by, at=now, until=until
    )  # fmt: skip
    session.add(made)
    await _said(session, account_id, "health.override", by=by, now=now, colour=colour)
    return made


async def take_back(session: AsyncSession, account_id: int, *, by: int, now: datetime) -> None:
    """The score decides again. Raises NoAccount, NoOverride."""
    await locked(session, account_id)
    if not await _end(session, account_id, now):
        raise NoOverride
    await _said(session, account_id, "health.override", by=by, now=now, colour="")


async def _end(session: AsyncSession, account_id: int, now: datetime) -> bool:
    standing = update(HealthOverride).where(col(HealthOverride.account_id) == account_id, STANDING)
    ended = await session.execute(standing.values(ended_at=now).returning(col(HealthOverride.until)))
    return any(until > now for (until,) in ended)


async def _said(session: AsyncSession, account_id: int, kind: str, *, by: int, now: datetime, **more: Any) -> None:
    """Marked at once: who said it does not wait for the log to be read."""
    await session.flush()
    await health.mark(session, [account_id], now)
    await feed.record(session, feed.event(kind, now, agent=by, account=account_id, **more))
