"""The database: one write transaction at a time on SQLite, and the only place that commits."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger

from app import sqlite

T = TypeVar("T")
R = TypeVar("R")

# A report's statement is compiled to machine code for a second, and then runs for a second.
POSTGRES_SETTINGS = {"jit": "off"}
EVERYBODY = frozenset({"*"})  # of the clocks
MOVE_EVERY = 64  # commits of the doors between two checkpoints beside them


class current_xid(FunctionElement[int]):
    """The transaction id that orders the event log: PostgreSQL's own; 0 on SQLite, whose writes are serial."""

    type = BigInteger()
    inherit_cache = True
    SQL: ClassVar[dict[str, str]] = {"sqlite": "0", "postgresql": "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"}


@compiles(current_xid)
def _xid(element: Any, compiler: Any, **kw: Any) -> str:
    return current_xid.SQL[compiler.dialect.name]


class Turns:
    """Who writes next on SQLite. The doors and everybody else take turns, so that neither waits for the other's queue."""

    def __init__(self) -> None:
        self._taken = False
        self._lines: tuple[deque[asyncio.Future[None]], deque[asyncio.Future[None]]] = deque(), deque()

    @asynccontextmanager
    async def one(self, *, door: bool) -> AsyncIterator[None]:
        if self._taken:
            await self._wait(self._lines[door])
        self._taken = True
        try:
            yield
        finally:
            self._pass_on(not door)

    async def _wait(self, line: deque[asyncio.Future[None]]) -> None:
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():  # it was our turn already
                self._pass_on(True)
            raise

    def _pass_on(self, first: bool) -> None:
        for line in (self._lines[first], self._lines[not first]):
            while line:
                called = line.popleft()
                if not called.done():
                    called.set_result(None)
                    return
        self._taken = False


class Database:
    """Engines for one database, and the ways to use them: `read`, `write` and, for sets, `look` and `bulk`."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # Called after a commit that recorded events, with the names of the clocks that may have something to do.
        self.on_news: list[Callable[[frozenset[str]], None]] = []
        self._turns = Turns()
        self._thread: _SqliteThread | None = None
        self._viewer: _SqliteViewer | None = None
        if self.is_sqlite:
            # A second writing connection would only wait: BEGIN IMMEDIATE takes the lock at the start, so that no
            # read-modify-write is lost.
            self.writer = sqlite.async_engine(url, "BEGIN IMMEDIATE", 1)
            self.reader = sqlite.async_engine(url, "BEGIN", pool)
        else:
            self.writer = self.reader = create_async_engine(
                url, pool_size=pool, max_overflow=pool, hide_parameters=True, pool_pre_ping=True,
                connect_args={"server_settings": POSTGRES_SETTINGS},
            )  # fmt: skip

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with (
            self._turn(door=False),
            AsyncSession(self.writer, expire_on_commit=False, autoflush=False) as session,
        ):
            async with session.begin():
                yield session
            news = session.info.pop("news", None)
        if news is not None:
            self._tell(news)

    async def bulk(self, work: Callable[[Connection], "Done[R]"]) -> R:
        """One transaction of set-based statements. On SQLite it is one hop to a thread (aiosqlite takes one a statement).

        `work` runs beside the event loop there: it may touch nothing but its arguments and the connection.
        """
        async with self._turn(door=True):
            if self.is_sqlite:
                self._thread = self._thread or _SqliteThread(self.url)
                done = await self._thread.run(work)
            else:
                async with self.writer.begin() as connection:
                    done = await connection.run_sync(work)
        if done.news:
            self._tell(done.work)
        return done.result

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A consistent view; nothing that is changed in it is kept."""
        async with AsyncSession(self.reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    async def look(self, work: Callable[[Connection], R]) -> R:
        """A consistent view for set-based reads. On SQLite it is one hop to a thread, as in `bulk`, under the same rule."""
        if self.is_sqlite:
            self._viewer = self._viewer or _SqliteViewer(self.url)
            return await self._viewer.run(work)
        async with self.reader.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        if self._thread is not None:
            await self._thread.close()
            self._thread = None
        if self._viewer is not None:
            await self._viewer.close()
            self._viewer = None
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()

    @asynccontextmanager
    async def _turn(self, *, door: bool) -> AsyncIterator[None]:
        if not self.is_sqlite:
            yield
            return
        async with self._turns.one(door=door):
            yield

    def _tell(self, work: frozenset[str]) -> None:
        for tell in self.on_news:
            tell(work)


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """What set-based work did. `news`: it recorded events. `work`: the clocks that it left something for."""

    result: R
    news: bool
    work: frozenset[str]


class _SqliteThread:
    """A writing connection with a thread of its own, and another that moves the log into the database meanwhile.

    A passive checkpoint beside the writer spares a commit now and then 10 to 100 ms. Alone it would let the log grow for
    ever, because the writer never pauses: `wal_autocheckpoint` bounds it, and finds nearly everything moved already.
    """

    def __init__(self, url: str) -> None:
        self._engine = sqlite.plain_engine(url, "BEGIN IMMEDIATE")
        self._thread = ThreadPoolExecutor(1, "writer")
        self._path = self._engine.url.database or ""
        self._mover = ThreadPoolExecutor(1, "mover")
        self._moving: Future[None] | None = None
        self._commits = 0

    async def run(self, work: Callable[[Connection], Done[R]]) -> Done[R]:
        """Waits for the transaction's end even when it is cancelled: the next turn begins after it."""
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise

    def _transaction(self, work: Callable[[Connection], Done[R]]) -> Done[R]:
        with self._engine.begin() as connection:
            done = work(connection)
        self._commits += 1
        if self._commits % MOVE_EVERY == 0 and (self._moving is None or self._moving.done()):
            self._moving = self._mover.submit(self._move)
        return done

    def _move(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._mover, int)  # what is being moved is finished
        await loop.run_in_executor(self._thread, self._engine.dispose)
        self._mover.shutdown()
        self._thread.shutdown()


class _SqliteViewer:
    """A reading connection with a thread of its own."""

    def __init__(self, url: str) -> None:
        self._engine = sqlite.plain_engine(url, "BEGIN")
        self._thread = ThreadPoolExecutor(1, "viewer")

    async def run(self, work: Callable[[Connection], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._view, work)

    def _view(self, work: Callable[[Connection], R]) -> R:
        with self._engine.connect() as connection:
            return work(connection)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def fetch(connection: Connection, statement: str, given: Sequence[Any] = ()) -> list[Any]:
    """Rows as the driver gives them. For set-based work: SQLAlchemy's result costs more than such a statement itself."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def execute_many(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """One statement for many rows, straight to the driver."""
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(statement, rows)
    finally:
        cursor.close()


def database_name(url: str) -> str:
    """The URL without its password, for people."""
    return make_url(url).render_as_string(hide_password=True)


class GroupCommit(Generic[T, R]):
    """One writer for many doors: what arrives while a commit runs shares the next transaction. No timer.

    `work(session, items)` returns a result an item, in order. When it raises, the batch is rolled back and its members
    go one by one; one that fails alone goes to `rescue(session, item, error)`, whose result it gets instead.
    `swift(items)` may give set-based work that does the same for these items without a session.
    """

    def __init__(
        self,
        database: Database,
        work: Callable[[AsyncSession, Sequence[T]], Awaitable[list[R]]],
        rescue: Callable[[AsyncSession, T, Exception], Awaitable[R]],
        *,
        swift: Callable[[Sequence[T]], Callable[[Connection], Done[list[R]]] | None] = lambda items: None,
        most: int = 256,
    ) -> None:
        self._database, self._work, self._rescue, self._most = database, work, rescue, most
        self._swift = swift
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
        if (set_based := self._swift(items)) is not None:
            return await self._database.bulk(set_based)
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
