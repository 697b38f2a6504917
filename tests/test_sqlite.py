"""SQLite's connections: one hop a statement, and what is given up holds nobody up."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db import Database


async def _made(path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{path}/desk.db", pool=2)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE jar (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"))
        await session.execute(text("INSERT INTO jar (name) VALUES (:name)"), [{"name": f"{n}"} for n in range(300)])
    return database


async def test_rows_results_and_errors_are_the_drivers(tmp_path: Path) -> None:
    database = await _made(tmp_path)
    async with database.write() as session:
        made = await session.execute(text("INSERT INTO jar (name) VALUES ('醤油') RETURNING id"))
        assert made.scalar_one() == 301
        changed = await (await session.connection()).execute(text("UPDATE jar SET name = name || '!' WHERE id <= 10"))
        assert changed.rowcount == 10
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(text("INSERT INTO jar (name) VALUES ('lost')"))
            await session.execute(text("INSERT INTO jar (name) VALUES ('醤油')"))
    async with database.read() as session:
        names = list(await session.scalars(text("SELECT name FROM jar ORDER BY id")))
        assert len(names) == 301 and names[0] == "0!" and names[-1] == "醤油"
        assert (await session.execute(text("SELECT 1 WHERE 0"))).all() == []
    await database.close()


async def test_a_reader_sees_one_state_of_things_until_it_leaves(tmp_path: Path) -> None:
    database = await _made(tmp_path)
    count = text("SELECT COUNT(*) FROM jar")
    async with database.read() as before:
        assert await before.scalar(count) == 300
        async with database.write() as session:
            await session.execute(text("DELETE FROM jar WHERE id > 100"))
        assert await before.scalar(count) == 300
    async with database.read() as after:
        assert await after.scalar(count) == 100
    await database.close()


async def test_a_statement_that_its_caller_gave_up_holds_neither_the_loop_nor_its_connection_up(tmp_path: Path) -> None:
    database = await _made(tmp_path)
    begun, go_on, over = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow() -> int:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(20)
        over.set()
        return 1

    async def ask() -> None:
        async with database.read() as session:
            raw = await (await session.connection()).get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.create_function("slow", 0, slow)
            await session.execute(text("SELECT slow()"))

    asking = asyncio.create_task(ask())
    await begun.wait()
    asking.cancel()
    async with database.read() as session:  # the loop is free, while the statement still runs
        assert await session.scalar(text("SELECT COUNT(*) FROM jar")) == 300
    assert not over.is_set()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for _ in range(4):  # every connection of the pool serves again
        async with database.read() as one, database.read() as two:
            assert await one.scalar(text("SELECT 1")) == await two.scalar(text("SELECT 1")) == 1
    await database.close()
