"""What can be found: for each kind, how its documents are read, which events change them, and what is shown of a hit.

Another kind is one more Source in SOURCES, and its name in rules.search.document.KINDS.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app.models import Account, Agent, Article, Event, Message, Person, Ticket
from app.models.columns import table_of
from app.queries.search import accounts, articles, messages, persons, tickets
from app.rules.search.document import Document

Rows = dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """`permission`: who may find any of it. `concerned`: the numbers of the rows that these events may have changed.
    `walked_after`: kinds of events after which all rows are read again."""

    kind: str
    permission: str
    model: type[SQLModel]
    documents: Callable[[AsyncSession, Sequence[int]], Awaitable[list[Document]]]
    concerned: Callable[[AsyncSession, Sequence[Event]], Awaitable[set[int]]]
    shown: Callable[[AsyncSession, Sequence[int], Sequence[str]], Awaitable[Rows]]
    walked_after: frozenset[str] = frozenset()


IMPORTED = frozenset({"account.imported"})
SOURCES: dict[str, Source] = {
    each.kind: each
    for each in (
        Source("message", "ticket.read", Message, messages.documents, messages.concerned, messages.shown),
        Source("ticket", "ticket.read", Ticket, tickets.documents, tickets.concerned, tickets.shown),
        Source("person", "person.read", Person, persons.documents, persons.concerned, persons.shown, IMPORTED),
        Source("account", "person.read", Account, accounts.documents, accounts.concerned, accounts.shown, IMPORTED),
        Source("article", "ticket.read", Article, articles.documents, articles.concerned, articles.shown),
    )
}


async def behind(session: AsyncSession, source: Source, after: int, most: int) -> list[int]:
    """The next numbers of a kind, rising."""
    key = table_of(source.model).c.id
    return list((await session.scalars(select(key).where(key > after).order_by(key).limit(most))).all())


async def origin(session: AsyncSession) -> str:
    """Which database this is: an index of another says nothing about it."""
    first = (
        await session.execute(select(col(Agent.id), col(Agent.created_at)).order_by(col(Agent.id)).limit(1))
    ).first()
    return f"{first[0]} {first[1].isoformat()}" if first else ""
