"""The database: one write transaction at a time on SQLite, and the only place that commits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger

T = TypeVar("T")
R = TypeVar("R")

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged webhook survives a power cut
    "foreign_keys=ON",
    "busy_timeout=10000",
    "temp_store=MEMORY",
    "cache_size=-16000",
)


class current_xid(FunctionElement[int]):
    """The transaction id that orders the event log: PostgreSQL's own; 0 on SQLite, whose writes are serial."""

    type = BigInteger()
    inherit_cache = True


@compiles(current_xid)
def _no_xid(element: Any, compiler: Any, **kw: Any) -> str:
    return "0"


@compiles(current_xid, "postgresql")
def _postgres_xid(element: Any, compiler: Any, **kw: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"


class Database:
    """Engines for one database, and the two ways to use them: `read` and `write`."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.on_news: list[Callable[[], None]] = []  # called after a commit that recorded events
        if self.is_sqlite:
            # A second writing connection would only wait: BEGIN IMMEDIATE takes the lock at the start, so that no
            # read-modify-write is lost.
            self.writer = _sqlite_engine(url, "BEGIN IMMEDIATE", 1)
            self.reader = _sqlite_engine(url, "BEGIN", pool)
        else:
            self.writer = self.reader = create_async_engine(
                url, pool_size=pool, max_overflow=pool, hide_parameters=True, pool_pre_ping=True
            )

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with AsyncSession(self.writer, expire_on_commit=False, autoflush=False) as session:
            async with session.begin():
                yield session
            if session.info.pop("news", False):
                for tell in self.on_news:
                    tell()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A consistent view; nothing that is changed in it is kept."""
        async with AsyncSession(self.reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    async def close(self) -> None:
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def _sqlite_engine(url: str, begin: str, pool: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we begin ourselves: the driver would begin only at the first write
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def database_name(url: str) -> str:
    """The URL without its password, for people."""
    return make_url(url).render_as_string(hide_password=True)


class GroupCommit(Generic[T, R]):
    """One writer for many doors: what arrives while a commit runs shares the next transaction. No timer.

    `work(session, items)` returns a result an item, in order. When it raises, the batch is rolled back and its members
    go one by one; one that fails alone goes to `rescue(session, item, error)`, whose result it gets instead.
    """

    def __init__(
        self,
        database: Database,
        work: Callable[[AsyncSession, Sequence[T]], Awaitable[list[R]]],
        rescue: Callable[[AsyncSession, T, Exception], Awaitable[R]],
        *,
        most: int = 256,
    ) -> None:
        self._database, self._work, self._rescue, self._most = database, work, rescue, most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        """Waits until the item is committed. Raises what `rescue` raised: then nothing of it is kept."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def drain(self) -> None:
        """Returns when nothing waits any more."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                results = await self._commit([item for item, _ in batch])
            except Exception:
                await self._one_by_one(batch)
                continue
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)

    async def _commit(self, items: Sequence[T]) -> list[R]:
        async with self._database.write() as session:
            return await self._work(session, items)

    async def _one_by_one(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        for item, done in batch:
            try:
                result = await self._alone(item)
            except Exception as lost:
                if not done.done():
                    done.set_exception(lost)
            else:
                if not done.done():
                    done.set_result(result)

    async def _alone(self, item: T) -> R:
        try:
            return (await self._commit([item]))[0]
        except Exception as error:
            async with self._database.write() as session:
                return await self._rescue(session, item, error)
