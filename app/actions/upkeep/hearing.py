"""The silence of an inbox (L12): asked about by one process at a time, told once, over with the next news."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.inboxes import clear_alarm, raise_alarm
from app.models import Inbox
from app.rules.upkeep import hearing
from channels.contract import Finding

UNREACHED, SILENT = "unreached", "silent"  # the provider does not reach us; it does, but nothing comes


async def claim(session: AsyncSession, inbox_id: int, now: datetime) -> bool:
    """The question is ours. False when another process has asked just now."""
    rested = or_(col(Inbox.listened_at).is_(None), col(Inbox.listened_at) <= now - hearing.ASK_EVERY)
    mine = update(Inbox).where(col(Inbox.id) == inbox_id, rested).values(listened_at=now)
    return (await session.execute(mine.returning(col(Inbox.id)))).first() is not None


async def judge(
    session: AsyncSession, inbox_id: int, found: Finding, *, asked_before: datetime | None, now: datetime
) -> None:
    """What the provider said. An alarm about something else stays. `asked_before`: when it was asked the last time."""
    inbox = await _locked(session, inbox_id)
    if inbox is None or inbox.news_at is None or inbox.alarm not in ("", UNREACHED, SILENT):
        return
    if not found.ok:
        if inbox.alarm != UNREACHED:
            await raise_alarm(session, inbox, UNREACHED, f"{found.code} {found.detail}".strip(), now)
        return
    if inbox.alarm == UNREACHED:
        await clear_alarm(session, inbox, now)
    unusual = hearing.unusual_at(inbox.created_at, inbox.news_at, inbox.quiet_s)
    told = asked_before is not None and asked_before >= unusual  # whoever has taken the alarm away knows of it
    if now >= unusual and not told and not inbox.alarm:
        await raise_alarm(session, inbox, SILENT, f"{(now - inbox.news_at) // timedelta(hours=1)} h", now)


def over(inbox: Inbox) -> bool:
    """It speaks again."""
    if inbox.alarm not in (UNREACHED, SILENT) or inbox.alarm_at is None or inbox.news_at is None:
        return False
    return inbox.news_at >= inbox.alarm_at


async def settle(session: AsyncSession, inbox_id: int, now: datetime) -> None:
    inbox = await _locked(session, inbox_id)
    if inbox is not None and over(inbox):
        await clear_alarm(session, inbox, now)


async def _locked(session: AsyncSession, inbox_id: int) -> Inbox | None:
    return (await session.scalars(select(Inbox).where(col(Inbox.id) == inbox_id).with_for_update())).first()
