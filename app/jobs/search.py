"""The search index follows the event log, and reads what was there before it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from app import clock, feed, log
from app.actions.search import index
from app.actions.search.index import Ref
from app.models import Event
from app.parts import Parts
from app.queries.search import index as queries
from app.queries.search import sources
from app.queries.search.index import State
from app.queries.search.sources import SOURCES
from app.rules.search.document import KINDS, VERSION, Document, Entry, entry

logger = log.get("search")
AT_ONCE = 200  # events, or rows of a walk, in one transaction
REST = 5.0  # rests so many times as long as it worked: messages come first, finding them may wait a moment
DONE = ""


class FeedSearch:
    """`rest`: leaves the processor to others between two pieces; the command line does not."""

    def __init__(self, parts: Parts, *, rest: bool = True) -> None:
        self._main, self._index = parts.database, parts.search
        self._rest = rest

    async def step(self) -> int:
        began = clock.monotonic()
        state = await self._state()
        done = await self._follow(state) or await self._walk(state)
        if done and self._rest:
            await asyncio.sleep((clock.monotonic() - began) * REST)
        return done

    async def anew(self) -> None:
        """Everything is read again."""
        async with self._index.read() as session:
            known = await queries.state(session)
        await self._start(known)

    async def _state(self) -> State:
        async with self._index.read() as session:
            known = await queries.state(session)
        async with self._main.read() as session:
            origin = await sources.origin(session)
            fits = known is not None and known.version == VERSION and known.origin == origin
            if known is not None and fits and await _is_of_the_past(session, known.cursor):
                return known
        return await self._start(known)

    async def _start(self, known: State | None) -> State:
        async with self._main.read() as session:
            origin, cursor = await sources.origin(session), await feed.now_cursor(session)
        logger.info("search.begun", instead_of=known.version if known else "")
        return await index.start_anew(self._index, origin, cursor, instead_of=known)

    async def _follow(self, state: State) -> int:
        async with self._main.read() as session:
            events, cursor = await feed.tail(session, state.cursor, AT_ONCE)
            if not events:
                return 0
            refs = await _concerned(session, events)
            documents = await _documents(session, refs)
        await self._store(state, _again(replace(state, cursor=cursor), events), refs, documents)
        return len(events)

    async def _walk(self, state: State) -> int:
        """What was there when the index was begun, kind by kind, the oldest first."""
        if state.kind == DONE:
            return 0
        source = SOURCES.get(state.kind)
        async with self._main.read() as session:
            numbers = await sources.behind(session, source, state.walked, AT_ONCE) if source else []
            documents = await source.documents(session, numbers) if source else []
        if numbers:
            then = replace(state, walked=numbers[-1])
        else:
            rest = KINDS[KINDS.index(state.kind) + 1 :]
            then = replace(state, kind=rest[0] if rest else DONE, walked=0)
        await self._store(state, then, [(state.kind, number) for number in numbers], documents)
        return len(numbers) or 1

    async def _store(self, state: State, then: State, refs: Sequence[Ref], documents: Sequence[Document]) -> None:
        entries = await asyncio.to_thread(_entries, documents)
        await index.store(self._index, state, then, entries=entries, refs=refs)


async def _is_of_the_past(session: AsyncSession, cursor: str) -> bool:
    """A database that was put back to an earlier day: its log has not come to this cursor yet."""
    if "." in cursor:  # PostgreSQL: index and log go back together
        return True
    return int(cursor) <= int(await feed.now_cursor(session))


def _again(state: State, events: Sequence[Event]) -> State:
    """Kinds of which an event says only that many changed are walked once more."""
    seen = {each.kind for each in events}
    for kind in KINDS:
        if kind in SOURCES and seen & SOURCES[kind].walked_after:
            later = state.kind == DONE or KINDS.index(state.kind) >= KINDS.index(kind)
            return replace(state, kind=kind, walked=0) if later else state
    return state


async def _concerned(session: AsyncSession, events: Sequence[Event]) -> list[Ref]:
    return [(kind, n) for kind, source in SOURCES.items() for n in sorted(await source.concerned(session, events))]


async def _documents(session: AsyncSession, refs: Sequence[Ref]) -> list[Document]:
    found: list[Document] = []
    for kind, source in SOURCES.items():
        if numbers := [number for each, number in refs if each == kind]:
            found += await source.documents(session, numbers)
    return found


def _entries(documents: Sequence[Document]) -> list[Entry]:
    return [entry(each) for each in documents]


async def catch_up(parts: Parts, *, anew: bool = False) -> int:
    """Until nothing is left to read; how many pieces it took. For the command line and for tests."""
    feeding = FeedSearch(parts, rest=False)
    if anew:
        await feeding.anew()
    pieces = 0
    while await feeding.step():
        pieces += 1
    return pieces
