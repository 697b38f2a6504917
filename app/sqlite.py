"""SQLite's connections: settings, and aiosqlite with one hop to its thread a statement instead of four.

aiosqlite hands every call of a cursor to the connection's thread: making it, executing, fetching, closing. Each hop costs
more than a small statement itself. Here a statement is executed and fetched in one hop, and the rest needs none.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged webhook survives a power cut
    "foreign_keys=ON",
    "busy_timeout=10000",
    "temp_store=MEMORY",
    "cache_size=-16000",
    "wal_autocheckpoint=16000",  # pages, the bound: a commit that finds more moves them itself
    "journal_size_limit=67108864",
)
AT_ONCE = frozenset({"BEGIN"})  # takes no lock yet and touches no file: not worth a hop


class Swift(aiosqlite.Cursor):
    """A cursor whose rows are fetched with the statement."""

    def __init__(self, connection: "OneHop") -> None:
        super().__init__(connection, connection.plain.cursor())
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Any = None) -> "Swift":
        if sql in AT_ONCE:
            self._cursor.execute(sql)
        else:
            in_thread: Callable[..., Awaitable[list[Any]]] = self._execute  # aiosqlite has no types for it
            self._rows = await in_thread(self._fetched, sql, parameters or ())
        return self

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description else []

    async def fetchall(self) -> Iterable[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left to close: a statement whose rows are all fetched is at rest."""


class OneHop(aiosqlite.Connection):
    """As aiosqlite's, with cursors that are there at once."""

    reads = False  # leaving a transaction writes nothing

    @property
    def plain(self) -> sqlite3.Connection:
        return self._conn

    def cursor(self) -> Any:
        """A `Swift`: the async context manager that SQLAlchemy asks for."""
        return Swift(self)

    async def rollback(self) -> None:
        """SQLAlchemy leaves a connection whose statement was given up by closing it: none runs here."""
        if self.reads:
            self._conn.rollback()
        else:
            await super().rollback()


async def _connected(path: str, *, reads: bool) -> OneHop:
    # The loop's thread makes and closes cursors; statements run in the connection's own.
    connection = OneHop(partial(sqlite3.connect, path, isolation_level=None, check_same_thread=False), 64)
    connection._thread.daemon = True  # as SQLAlchemy has it: a connection that is left open holds no process up
    connection.reads = reads
    await connection
    return connection


def async_engine(url: str, begin: str, pool: int) -> AsyncEngine:
    """Each transaction begins with `begin`."""
    path = make_url(url).database or ""
    creator = partial(_connected, path, reads=begin == "BEGIN")
    engine = create_async_engine(url, pool_size=pool, max_overflow=0, hide_parameters=True, async_creator=creator)
    _begin_by_hand(engine.sync_engine, begin)
    return engine


def plain_engine(url: str, begin: str) -> Engine:
    """One connection without aiosqlite, for one thread."""
    engine = create_engine(make_url(url).set(drivername="sqlite"), poolclass=StaticPool, hide_parameters=True)
    _begin_by_hand(engine, begin)
    return engine


def _begin_by_hand(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we begin ourselves: the driver would begin only at the first write
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)
