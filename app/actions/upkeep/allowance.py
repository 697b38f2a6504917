"""The month's counted messages (L22): a warning at each step, once; a new month or a larger plan takes it away."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.inboxes import clear_alarm, raise_alarm
from app.models import Inbox
from app.rules.upkeep import allowance

EXHAUSTED = "quota_exhausted"


def news(inbox: Inbox, quota: Mapping[str, int | None]) -> bool:
    """There is something to write down."""
    limit, used = quota.get("limit"), quota.get("used")
    refilled = inbox.alarm == EXHAUSTED and not allowance.gone(limit, used)
    return refilled or allowance.level(limit, used) != inbox.quota_told


async def note(session: AsyncSession, inbox_id: int, quota: Mapping[str, int | None], now: datetime) -> None:
    """An alarm about something else stays, and this one is told when that is over."""
    inbox = (await session.scalars(select(Inbox).where(col(Inbox.id) == inbox_id).with_for_update())).first()
    if inbox is None or not news(inbox, quota):
        return
    limit, used = quota.get("limit"), quota.get("used")
    reached, ours = allowance.level(limit, used), {*allowance.WARNINGS.values()}
    if inbox.alarm == EXHAUSTED and not allowance.gone(limit, used):
        await clear_alarm(session, inbox, now)
        inbox.quota_told = 0
    if reached < inbox.quota_told:
        inbox.quota_told = reached
        if inbox.alarm in ours:
            await clear_alarm(session, inbox, now)
    elif reached > inbox.quota_told and (not inbox.alarm or inbox.alarm in ours):
        inbox.quota_told = reached
        await raise_alarm(session, inbox, allowance.WARNINGS[reached], f"{used} / {limit}", now)
    await session.flush()
