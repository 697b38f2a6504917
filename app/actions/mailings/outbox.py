"""The letters' outbox: a copy for each reader, claimed with a lease, and what became of it.

A mail server may have taken a mail whose sender died before it wrote that down. Such a copy is not sent again by itself: it is
"unconfirmed", and a person decides.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict, Missing
from app.models import CopyState, Mailing, MailingCopy
from app.models.mailing import WAITING
from app.rules import retry
from app.rules.mailings.letter import Letter
from channels.contract import TryAgain, Unconfirmed, Undeliverable

LEASE = timedelta(minutes=5)
KEPT = timedelta(days=90)  # what is older is removed when something new is written


class NoCopy(Missing):
    """There is no such mail."""


class CopyOnItsWay(Conflict):
    """This mail has been sent, or is about to be."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a copy goes to; without an agent: somebody outside the desk."""

    agent_id: int | None
    address: str


async def post(
    session: AsyncSession, mailing: Mailing, letter: Letter, people: Sequence[Reader], now: datetime
) -> Mailing:
    """Writes a letter with its copies; they go out after the commit."""
    await session.execute(delete(Mailing).where(col(Mailing.created_at) < now - KEPT))
    mailing.subject, mailing.text, mailing.html = letter.subject, letter.text, letter.html
    mailing.files = list(letter.files)
    session.add(mailing)
    await session.flush()
    session.add_all([
        MailingCopy(
            mailing_id=mailing.id, agent_id=each.agent_id, address=each.address, send_key=str(uuid.uuid4()), retry_at=now
        )
        for each in people
    ])  # fmt: skip
    await session.flush()
    feed.tell(session, frozenset({"mailings"}))
    return mailing


async def claim(session: AsyncSession, now: datetime, most: int) -> list[int]:
    """Copies that are due, ours for five minutes. One whose lease ran out while it was sent becomes unconfirmed."""
    due = (
        select(MailingCopy)
        .where(WAITING, col(MailingCopy.retry_at) <= now)
        .order_by(col(MailingCopy.retry_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ours = []
    for copy in (await session.scalars(due)).all():
        if copy.state == CopyState.SENDING:
            copy.state, copy.failure, copy.retry_at = CopyState.UNCONFIRMED, "died_sending", None
            continue
        copy.state, copy.attempts, copy.retry_at = CopyState.SENDING, copy.attempts + 1, now + LEASE
        ours.append(copy.id)
    await session.flush()
    return ours


async def sent(session: AsyncSession, copy_id: int, now: datetime) -> None:
    await _settle(session, copy_id, state=CopyState.SENT, sent_at=now, failure="", detail="")


async def dropped(session: AsyncSession, copy_id: int) -> None:
    """Its reader was let go, or may not read this any more."""
    await _settle(session, copy_id, state=CopyState.DROPPED, failure="not_allowed", detail="")


async def failed(session: AsyncSession, copy_id: int, attempts: int, error: Exception, now: datetime) -> None:
    """Tried again for two days, unless another attempt would fail too."""
    code = error.code if isinstance(error, TryAgain | Undeliverable | Unconfirmed) else "bug"
    detail = error.detail if isinstance(error, TryAgain | Undeliverable | Unconfirmed) else type(error).__name__
    asked = error.after if isinstance(error, TryAgain) else None
    delay = None if isinstance(error, Undeliverable | Unconfirmed) else retry.send_delay(attempts, asked)
    state = CopyState.QUEUED if delay is not None else CopyState.FAILED
    if isinstance(error, Unconfirmed):
        state = CopyState.UNCONFIRMED
    retry_at = now + timedelta(seconds=delay) if delay is not None else None
    await _settle(session, copy_id, state=state, failure=code, detail=detail[:300], retry_at=retry_at)


async def _settle(session: AsyncSession, copy_id: int, **values: object) -> None:
    """Only what is being sent; the letter may be gone."""
    mine = update(MailingCopy).where(col(MailingCopy.id) == copy_id, col(MailingCopy.state) == CopyState.SENDING)
    await session.execute(mine.values(**{"retry_at": None, **values}), execution_options={"synchronize_session": False})


async def again(session: AsyncSession, report_id: int, copy_id: int, now: datetime) -> None:
    """A person sends once more what failed or is unconfirmed. Raises NoCopy, CopyOnItsWay."""
    query = select(MailingCopy).join(Mailing, col(Mailing.id) == col(MailingCopy.mailing_id))
    query = query.where(col(MailingCopy.id) == copy_id, col(Mailing.report_id) == report_id)
    copy = (await session.scalars(query.with_for_update(of=MailingCopy))).first()
    if copy is None:
        raise NoCopy
    if copy.state not in (CopyState.FAILED, CopyState.UNCONFIRMED):
        raise CopyOnItsWay
    copy.state, copy.attempts, copy.retry_at = CopyState.QUEUED, 0, now
    copy.failure = copy.detail = ""
    await session.flush()
    feed.tell(session, frozenset({"mailings"}))
