"""Who is writing: channels that tell names are asked once about each new address, and again while they cannot answer (L34)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Identity, Person, Thread
from app.models.people import UNASKED
from app.rules import retry
from channels.contract import Address

LEASE = timedelta(seconds=60)
MOST_TICKETS = 5  # whose screens hear of a new name


async def any_unasked(session: AsyncSession, now: datetime) -> bool:
    return (
        await session.scalar(select(col(Identity.id)).where(UNASKED, col(Identity.ask_at) <= now).limit(1)) is not None
    )


async def claim(session: AsyncSession, now: datetime, most: int) -> Sequence[tuple[Identity, int | None]]:
    """Identities to be asked about, ours for a minute, each with the inbox where it last wrote."""
    due = (
        select(col(Identity.id))
        .where(UNASKED, col(Identity.ask_at) <= now)
        .order_by(col(Identity.ask_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.scalars(due)).all())
    if not ids:
        return []
    mine = update(Identity).where(col(Identity.id).in_(ids))
    await session.execute(mine.values(asks=col(Identity.asks) + 1, ask_at=now + LEASE))
    latest = select(col(Thread.inbox_id)).where(col(Thread.identity_id) == col(Identity.id))
    latest = latest.order_by(col(Thread.id).desc()).limit(1)
    query = select(Identity, latest.scalar_subquery()).where(col(Identity.id).in_(ids)).order_by(col(Identity.id))
    return [(identity, inbox) for identity, inbox in (await session.execute(query)).all()]


async def told(session: AsyncSession, identity_id: int, found: Address | None, now: datetime) -> None:
    """The channel has answered; None: it does not tell, and is not asked again."""
    identity = await _locked(session, identity_id)
    identity.ask_at = None
    if found is None:
        await session.flush()
        return
    identity.name, identity.picture_url = found.name[:200], found.picture_url[:2000]
    person = await session.get_one(Person, identity.person_id)
    person.name = person.name or found.name[:200]
    person.language = person.language or found.language[:8]
    await session.flush()
    threads = select(col(Thread.ticket_id)).where(col(Thread.identity_id) == identity.id)
    for ticket in (await session.scalars(threads.order_by(col(Thread.id).desc()).limit(MOST_TICKETS))).all():
        await feed.record(session, feed.event("person.changed", now, ticket=ticket, person=person.id))


async def unanswered(session: AsyncSession, identity_id: int, now: datetime, *, after: float | None = None) -> None:
    """It could not answer now: it is asked again, for two days at most. `after`: what it said itself, in seconds."""
    identity = await _locked(session, identity_id)
    delay = retry.send_delay(identity.asks, after)
    identity.ask_at = None if delay is None else now + timedelta(seconds=delay)
    await session.flush()


async def _locked(session: AsyncSession, identity_id: int) -> Identity:
    return (await session.scalars(select(Identity).where(col(Identity.id) == identity_id).with_for_update())).one()
