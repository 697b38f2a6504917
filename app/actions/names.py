"""Who is writing: channels that tell names are asked once about each new address, and again while they cannot answer (L34)."""

from collections.abc import Iterable, Mapping, Sequence
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


async def told(session: AsyncSession, found: Mapping[int, Address | None], now: datetime) -> None:
    """What channels said of these identities, in a few statements for all; None: it does not tell, and is not asked again."""
    identities = await _locked(session, found)
    persons = await _persons(session, {each.person_id for each in identities})
    for identity in identities:
        identity.ask_at = None
        said = found[identity.id]
        if said is not None:
            identity.name, identity.picture_url = said.name[:200], said.picture_url[:2000]
            person = persons[identity.person_id]
            person.name = person.name or said.name[:200]
            person.language = person.language or said.language[:8]
    await session.flush()
    named = {identity.id: identity.person_id for identity in identities if found[identity.id] is not None}
    await _tell_screens(session, named, now)


async def _tell_screens(session: AsyncSession, named: Mapping[int, int], now: datetime) -> None:
    """`named`: identity -> person."""
    threads = select(col(Thread.identity_id), col(Thread.ticket_id)).where(col(Thread.identity_id).in_(named))
    tickets: dict[int, list[int]] = {}
    for identity, ticket in await session.execute(threads.order_by(col(Thread.id).desc())):
        tickets.setdefault(identity, []).append(ticket)
    events = [
        feed.event("person.changed", now, ticket=ticket, person=named[identity])
        for identity, its in tickets.items() for ticket in its[:MOST_TICKETS]
    ]  # fmt: skip
    await feed.record(session, *events, clocks=frozenset())


async def unanswered(session: AsyncSession, identity_id: int, now: datetime, *, after: float | None = None) -> None:
    """It could not answer now: it is asked again, for two days at most. `after`: what it said itself, in seconds."""
    (identity,) = await _locked(session, [identity_id])
    delay = retry.send_delay(identity.asks, after)
    identity.ask_at = None if delay is None else now + timedelta(seconds=delay)
    await session.flush()


async def _locked(session: AsyncSession, ids: Iterable[int]) -> Sequence[Identity]:
    query = select(Identity).where(col(Identity.id).in_(ids)).order_by(col(Identity.id)).with_for_update()
    return (await session.scalars(query)).all()


async def _persons(session: AsyncSession, ids: Iterable[int]) -> dict[int, Person]:
    query = select(Person).where(col(Person.id).in_(ids)).order_by(col(Person.id)).with_for_update()
    return {person.id: person for person in (await session.scalars(query)).all()}
