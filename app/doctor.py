"""What is wrong with an installation: its database, its outbox, what could not be read, and its inboxes."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app.db import database_name
from app.models import Delivery, HookState, Message, RawHook
from app.parts import Parts
from app.queries.inboxes import Open
from channels.contract import Checks

LATE = timedelta(minutes=5)  # the clocks look twice a second
Finding = tuple[bool, str]  # is it well, and in words


async def examine(parts: Parts, now: datetime) -> AsyncIterator[Finding]:
    """One finding after the other; the providers are asked too."""
    yield True, f"database {database_name(parts.settings.database)}"
    yield await _outbox(parts, now)
    yield await _letters(parts)
    for opened in await parts.inboxes.all():
        async for well, words in _inbox(opened):
            yield well, f"inbox {opened.row.id} {opened.row.name}: {words}"


async def _outbox(parts: Parts, now: datetime) -> Finding:
    under_way = col(Message.state).in_((Delivery.QUEUED, Delivery.SENDING))
    due_at = func.coalesce(col(Message.retry_at), col(Message.created_at))
    async with parts.database.read() as session:
        waiting = await session.scalar(select(func.count()).where(under_way))
        late = await session.scalar(select(func.count()).where(under_way, due_at < now - LATE))
    if late:
        return False, f"{late} messages are {LATE.seconds // 60} minutes late: do the clocks run?"
    return True, f"{waiting} messages wait to be sent"


async def _letters(parts: Parts) -> Finding:
    async with parts.database.read() as session:
        letters = await session.scalar(select(func.count()).where(col(RawHook.state) == HookState.FAILED))
    return not letters, f"{letters} hooks could not be read (python -m app replay)"


async def _inbox(opened: Open) -> AsyncIterator[Finding]:
    if opened.channel is None:
        yield False, "its settings do not fit"
        return
    if opened.row.alarm:
        yield False, f"{opened.row.alarm} {opened.row.alarm_detail}"
    if isinstance(opened.channel, Checks):
        for finding in await opened.channel.check():
            yield finding.ok, f"{finding.code} {finding.detail}"
