"""Searching: an index gives the newest that fit, the database says which of them fit its filters, and what they are now.

What a caller may not open is no hit: their scopes stand in the index's own query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Identity, Message, Tag, Ticket, TicketTag
from app.queries.search import index
from app.queries.search.index import Hit
from app.queries.search.messages import agent_mark, identity_mark
from app.queries.search.sources import SOURCES, Source
from app.rules.search import fuzzy
from app.rules.search.document import Clause, any_of, end_id, first_id, lines, scope_mark
from app.rules.search.fold import fold
from app.rules.search.query import Query, Term, parse

CAP = 100  # "100+"
CHUNK, CHUNKS = 400, 25  # what an index gives at once when the database filters, and how often it is asked
MANY_PERSONS = 200
LIKE, ALIKE, CANDIDATES = 72.0, 10, 3000  # how alike a misspelt name is, how many are shown, how many are compared
OF_TICKETS = {"from", "channel", "status", "tag", "assignee"}
FILTERED = {"message": OF_TICKETS, "ticket": OF_TICKETS}  # what else there is has nothing to filter by but its time
NOBODY = "_i0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: what they may open, and who "me" is."""

    agent_id: int
    scopes: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The newest hits of a kind. `count` ends at CAP. `below`: where the next page begins; None at the end."""

    kind: str
    items: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    capped: bool = False
    below: int | None = None


@dataclass(slots=True)
class Filters:
    """What the filters of a query are in this database."""

    identities: list[int] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    agents: list[int] = field(default_factory=list)
    tags: list[list[int]] = field(default_factory=list)
    on_tickets: list[Any] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)


class Search:
    """One query of one caller, over the database and its index."""

    def __init__(self, main: AsyncSession, indexed: AsyncSession, caller: Caller, query: Query, zone: ZoneInfo) -> None:
        self._main, self._index = main, indexed
        self._caller, self._query, self._zone = caller, query, zone
        self._scopes = any_of(sorted(map(scope_mark, caller.scopes)))
        self._filters = Filters()

    async def prepare(self) -> list[tuple[str, str]]:
        """Looks up what the filters name. The filters that name nothing: then nothing is found."""
        given = self._query.filters
        self._filters.wrong = list(self._query.wrong)
        if names := given.get("from"):
            await self._authors(names)
        if "status" in given:
            self._filters.on_tickets.append(col(Ticket.status) == given["status"][0])
        if "assignee" in given:
            await self._assignee(given["assignee"][0])
        for name in given.get("tag", ()):
            await self._tag(name)
        return self._filters.wrong

    async def group(self, kind: str, limit: int, below: int | None = None) -> Group:
        """A page of a kind: counted up to CAP on the first."""
        source = SOURCES[kind]
        if self._filters.wrong or set(self._query.filters) - FILTERED.get(kind, set()):
            return Group(kind=kind)
        low, high = self._range(kind, below)
        most = limit + 1 if below is not None else max(CAP, limit) + 1
        hits, unread = await self._hits(source, low, high, most)
        page = hits[:limit]
        items = await self._items(source, [hit.number for hit in page])
        more = len(hits) > limit
        next_below = page[-1].id if more and page else unread
        return Group(
            kind=kind,
            items=items,
            count=min(len(hits), CAP),
            capped=len(hits) > CAP or unread is not None,
            below=next_below,
        )

    async def alike(self, kind: str) -> Group:
        """Names that are spelt nearly so, when none is spelt so."""
        name = " ".join(mark for mark in self._query.marks)
        if self._filters.wrong or self._query.filters or len(name) < 3:
            return Group(kind=kind)
        low, high = self._range(kind, None)
        found = await index.alike(self._index, name, [self._scopes], low=low, high=high, most=CANDIDATES)
        names = {number: _closest(name, folded) for number, folded in found}
        closest = fuzzy.closest(name, names, limit=ALIKE, cutoff=LIKE)
        items = await self._items(SOURCES[kind], [number for _, _, number in closest])
        return Group(kind=kind, items=[item | {"alike": True} for item in items], count=len(items))

    async def _items(self, source: Source, numbers: Sequence[int]) -> list[dict[str, Any]]:
        rows: Mapping[int, dict[str, Any]] = await source.shown(self._main, numbers, self._query.marks)
        return [{"kind": source.kind, "id": n, **rows[n], "alike": False} for n in numbers if n in rows]

    async def _hits(self, source: Source, low: int, high: int, most: int) -> tuple[list[Hit], int | None]:
        """The hits, and where it stopped looking when it did before the end."""
        clauses = self._clauses(source.kind)
        conditions = self._conditions(source.kind)
        if not conditions:
            return await index.find(self._index, self._query.terms, clauses, low=low, high=high, most=most), None
        found: list[Hit] = []
        for _ in range(CHUNKS):
            chunk = await index.find(self._index, self._query.terms, clauses, low=low, high=high, most=CHUNK)
            fits = await self._fitting(source, [hit.number for hit in chunk], conditions)
            found += [hit for hit in chunk if hit.number in fits]
            if len(chunk) < CHUNK or len(found) >= most:
                return found[:most], None
            high = chunk[-1].id
        return found, high

    async def _fitting(self, source: Source, numbers: Sequence[int], conditions: Sequence[Any]) -> set[int]:
        if source.kind == "ticket":
            query = select(col(Ticket.id)).where(col(Ticket.id).in_(numbers), *conditions)
        else:
            joined = select(col(Message.id)).join(Ticket, col(Ticket.id) == col(Message.ticket_id))
            query = joined.where(col(Message.id).in_(numbers), *conditions)
        return set((await self._main.scalars(query)).all())

    def _clauses(self, kind: str) -> list[Clause]:
        """What stands in the index itself: who may find it, and of a message who wrote it and where."""
        clauses = [self._scopes]
        if kind == "message":
            if channel := self._query.filters.get("channel"):
                clauses.append(any_of(f"_c{each}" for each in channel))
            if "from" in self._query.filters:
                authors = [*map(identity_mark, self._filters.identities), *map(agent_mark, self._filters.agents)]
                clauses.append(any_of(authors or [NOBODY]))
        return clauses

    def _conditions(self, kind: str) -> list[Any]:
        """What only the database knows: it changes without a change of the document."""
        conditions = list(self._filters.on_tickets)
        for tags in self._filters.tags:
            tagged = select(col(TicketTag.ticket_id)).where(col(TicketTag.tag_id).in_(tags))
            conditions.append(col(Ticket.id).in_(tagged))
        if kind == "ticket":
            if "from" in self._query.filters:
                conditions.append(col(Ticket.person_id).in_(self._filters.persons))
            if channel := self._query.filters.get("channel"):
                conditions.append(col(Ticket.channel) == channel[0])
        return conditions

    def _range(self, kind: str, below: int | None) -> tuple[int, int]:
        """The ids of the days that were asked for; they rise with the time."""
        low, high = first_id(kind), end_id(kind)
        if self._query.after:
            low = first_id(kind, self._midnight(self._query.after))
        if self._query.before:
            high = first_id(kind, self._midnight(self._query.before))
        return low, high if below is None else min(high, below)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)

    async def _authors(self, names: Sequence[str]) -> None:
        """Customers and colleagues by name or address."""
        for name in names:
            terms = parse(f"{name} ", date.min).terms
            hits = await self._persons(terms)
            self._filters.persons += [hit.number for hit in hits]
            wanted = fold(name)
            for number, called in await self._main.execute(select(col(Agent.id), col(Agent.name))):
                if wanted and wanted in fold(called):
                    self._filters.agents.append(number)
        own = select(col(Identity.id)).where(col(Identity.person_id).in_(self._filters.persons))
        self._filters.identities = list((await self._main.scalars(own)).all())
        if not (self._filters.persons or self._filters.agents):
            self._filters.wrong.append(("from", names[0]))

    async def _persons(self, terms: Sequence[Term]) -> list[Hit]:
        if not terms:
            return []
        low, high = first_id("person"), end_id("person")
        return await index.find(self._index, terms, [self._scopes], low=low, high=high, most=MANY_PERSONS)

    async def _assignee(self, name: str) -> None:
        wanted = fold(name)
        if wanted in ("me", fold("自分")):
            self._filters.on_tickets.append(col(Ticket.assignee_id) == self._caller.agent_id)
            return
        if wanted in ("none", fold("なし")):
            self._filters.on_tickets.append(col(Ticket.assignee_id).is_(None))
            return
        everybody = await self._main.execute(select(col(Agent.id), col(Agent.name)))
        agents = [number for number, called in everybody if wanted in fold(called)]
        if not agents:
            self._filters.wrong.append(("assignee", name))
        self._filters.on_tickets.append(col(Ticket.assignee_id).in_(agents))

    async def _tag(self, name: str) -> None:
        wanted = fold(name)
        known = await self._main.execute(select(col(Tag.id), col(Tag.name)))
        tags = [number for number, called in known if wanted in fold(called)]
        if not tags:
            self._filters.wrong.append(("tag", name))
        self._filters.tags.append(tags)


def _closest(name: str, text: str) -> str:
    """The line of a document that is most like the name: it holds several names and addresses."""
    return max(lines(text), key=lambda part: fuzzy.ratio(name, part), default="")
