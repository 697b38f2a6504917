"""Who is writing: channels that tell names are asked once about each new address, and again while they cannot answer (L34).

Set-based, because strangers come in crowds: each transaction of another kind is a turn that the doors wait for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.rows import change, insert
from app.db import Done
from app.models import Event, Identity, Person, Thread
from app.models.people import UNASKED
from app.rules import retry
from channels.contract import Address

LEASE = timedelta(seconds=60)
MOST_TICKETS = 5  # whose screens hear of a new name
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unasked:
    """An identity to be asked about, and the inbox where it last wrote."""

    id: int
    address: Address
    inbox_id: int | None


async def any_unasked(session: AsyncSession, now: datetime) -> bool:
    return (
        await session.scalar(select(col(Identity.id)).where(UNASKED, col(Identity.ask_at) <= now).limit(1)) is not None
    )


def claim(connection: Connection, *, now: datetime, most: int) -> Done[Sequence[Unasked]]:
    """Identities to be asked about, ours for a minute."""
    due = (
        select(col(Identity.id))
        .where(UNASKED, col(Identity.ask_at) <= now)
        .order_by(col(Identity.ask_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(due))
    if not ids:
        return Done([], news=False, work=NOBODY)
    mine = update(Identity).where(col(Identity.id).in_(ids))
    connection.execute(mine.values(asks=col(Identity.asks) + 1, ask_at=now + LEASE))
    latest = select(col(Thread.inbox_id)).where(col(Thread.identity_id) == col(Identity.id))
    inbox = latest.order_by(col(Thread.id).desc()).limit(1).scalar_subquery()
    who = select(col(Identity.id), col(Identity.kind), col(Identity.value), col(Identity.scope), inbox)
    found = connection.execute(who.where(col(Identity.id).in_(ids)).order_by(col(Identity.id)))
    asked = [Unasked(i, Address(kind=kind, value=value, scope=scope), inbox) for i, kind, value, scope, inbox in found]
    return Done(asked, news=False, work=NOBODY)


def told(connection: Connection, *, found: Mapping[int, Address | None], now: datetime) -> Done[None]:
    """What channels said of these identities; None: the channel does not tell, and is not asked again."""
    change(connection, Identity, ["ask_at"], [{"id": each, "ask_at": None} for each in sorted(found)])
    named = {each: said for each, said in sorted(found.items()) if said is not None}
    if not named:
        return Done(None, news=False, work=NOBODY)
    values = [{"id": i, "name": said.name[:200], "picture_url": said.picture_url[:2000]} for i, said in named.items()]
    change(connection, Identity, ["name", "picture_url"], values)
    owners = select(col(Identity.id), col(Identity.person_id)).where(col(Identity.id).in_(named))
    persons = {each.id: each.person_id for each in connection.execute(owners)}
    _name_persons(connection, {persons[identity]: said for identity, said in named.items()})
    insert(connection, Event, _news(connection, persons, now))
    return Done(None, news=True, work=NOBODY)


def _name_persons(connection: Connection, said: Mapping[int, Address]) -> None:
    """What an agent wrote stays."""
    query = select(col(Person.id), col(Person.name), col(Person.language)).where(col(Person.id).in_(said))
    known = connection.execute(query.order_by(col(Person.id)).with_for_update())
    values = [
        {"id": i, "name": name or said[i].name[:200], "language": language or said[i].language[:8]}
        for i, name, language in known
    ]
    change(connection, Person, ["name", "language"], values)


def _news(connection: Connection, persons: Mapping[int, int], now: datetime) -> list[dict[str, Any]]:
    """For the screens that show them. `persons`: identity -> person."""
    threads = select(col(Thread.identity_id), col(Thread.ticket_id)).where(col(Thread.identity_id).in_(persons))
    tickets: dict[int, list[int]] = {}
    for identity, ticket in connection.execute(threads.order_by(col(Thread.id).desc())):
        tickets.setdefault(identity, []).append(ticket)
    return [
        feed.event("person.changed", now, ticket=ticket, person=persons[identity])
        for identity, its in tickets.items()
        for ticket in its[:MOST_TICKETS]
    ]


def unanswered(connection: Connection, *, given: Mapping[int, float | None], now: datetime) -> Done[None]:
    """They could not be asked now: again later, for two days at most. `given`: after how many seconds, if it was said."""
    asks = select(col(Identity.id), col(Identity.asks)).where(col(Identity.id).in_(given)).order_by(col(Identity.id))
    delays = {i: retry.send_delay(count, given[i]) for i, count in connection.execute(asks.with_for_update())}
    change(connection, Identity, ["ask_at"], _later(delays.items(), now))
    return Done(None, news=False, work=NOBODY)


def _later(delays: Iterable[tuple[int, float | None]], now: datetime) -> list[dict[str, Any]]:
    return [{"id": i, "ask_at": None if delay is None else now + timedelta(seconds=delay)} for i, delay in delays]
