"""The floor: the very rows that the server wrote, written again by the plain driver, set-based, 200 messages a transaction.

The rows are read from the server's database after its run; they go into a copy of that database as it was before. No
look-ups, no rules, no door: what no server of this schema can beat on this machine.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from app.actions.writing import HEARD, TOUCHED
from app.sqlite import PRAGMAS

BATCH = 200
INSERTED = ("person", "identity", "raw_hook", "ticket", "thread", "message", "episode", "clock", "event")
WRITTEN_BY_MESSAGES = ("ticket.opened", "message.received")  # the names that are asked for later are not the floor's

Row = dict[str, Any]


@dataclass(slots=True)
class Written:
    """What one run wrote, in batches: rows to insert a table, and tickets and threads to update."""

    messages: int = 0
    rows: int = 0
    batches: list[dict[str, list[Row]]] = field(default_factory=list)


def batches(tables: dict[str, list[Row]]) -> Written:
    """Deals the new rows of a run out to batches of messages, in the messages' order."""
    said = sorted(tables["message"], key=lambda row: row["id"])
    first_of: dict[tuple[str, int], int] = {}  # (table, row id) -> index of the first message that needs it
    for index, row in enumerate(said):
        for table, key in (("raw_hook", "raw_id"), ("thread", "thread_id"), ("identity", "identity_id")):
            first_of.setdefault((table, row[key]), index)
        first_of.setdefault(("ticket", row["ticket_id"]), index)
        first_of[("message", row["id"])] = index
    persons: dict[int, int] = {row["id"]: row["person_id"] for row in tables["identity"]}
    for (table, number), index in list(first_of.items()):
        if table == "identity" and number in persons:
            first_of.setdefault(("person", persons[number]), index)
    found = Written(messages=len(said), batches=[{} for _ in range(0, len(said), BATCH)])
    new = {table: {row["id"] for row in tables[table]} for table in ("ticket", "thread")}
    for table in INSERTED:
        for row in tables[table]:
            owner = _owner(table, row)
            if owner in first_of:
                found.batches[first_of[owner] // BATCH].setdefault(table, []).append(row)
    _updates(found, said, first_of, new)
    found.rows = sum(len(rows) for batch in found.batches for rows in batch.values())
    return found


def _owner(table: str, row: Row) -> tuple[str, int]:
    if table == "episode" or (table == "event" and row["message_id"] is not None):
        return ("message", row["message_id"])
    if table in ("clock", "event"):
        return ("ticket", row["ticket_id"])
    return (table, row["id"])


def _updates(
    found: Written, said: Sequence[Row], first_of: dict[tuple[str, int], int], new: dict[str, set[int]]
) -> None:
    """A ticket and a thread that were there before a batch are updated once in it."""
    for number, batch in enumerate(found.batches):
        for table, key in (("ticket", "ticket_id"), ("thread", "thread_id")):
            touched: dict[int, Row] = {}
            for row in said[number * BATCH : (number + 1) * BATCH]:
                born_here = row[key] in new[table] and first_of[(table, row[key])] // BATCH == number
                if not born_here:
                    touched[row[key]] = row
            batch[f"{table}:update"] = [{"id": i, "at": row["created_at"]} for i, row in touched.items()]


class SqliteFloor:
    """Plain sqlite3, the product's own pragmas."""

    def __init__(self, before: Path, after: Path) -> None:
        self._before, self._after = before, after

    def written(self) -> Written:
        old = sqlite3.connect(self._before)
        now = sqlite3.connect(self._after)
        now.row_factory = sqlite3.Row
        tables: dict[str, list[Row]] = {}
        for table in INSERTED:
            top = old.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()[0]
            wanted = f"SELECT * FROM {table} WHERE id > ?"
            if table == "event":
                wanted += f" AND kind IN {WRITTEN_BY_MESSAGES}"
            tables[table] = [dict(row) for row in now.execute(wanted, (top,))]
        values = {
            table: {row["id"]: dict(row) for row in now.execute(f"SELECT * FROM {table}")}
            for table in ("ticket", "thread")
        }
        old.close()
        now.close()
        found = batches(tables)
        _fill(found, values)
        return found

    def run(self, found: Written) -> float:
        """Seconds for all batches."""
        to = sqlite3.connect(self._before, isolation_level=None)
        for pragma in PRAGMAS:
            to.execute(f"PRAGMA {pragma}")
        work = [_statements(batch, lambda n: "?") for batch in found.batches]
        begun = time.perf_counter()
        for statements in work:
            to.execute("BEGIN IMMEDIATE")
            for statement, rows in statements:
                to.executemany(statement, rows)
            to.execute("COMMIT")
        took = time.perf_counter() - begun
        to.close()
        return took


class PostgresFloor:
    """asyncpg's executemany: prepared, binary, pipelined."""

    def __init__(self, before: str, after: str) -> None:
        self._before, self._after = before, after

    async def written(self) -> Written:
        old, now = await asyncpg.connect(self._before), await asyncpg.connect(self._after)
        tables: dict[str, list[Row]] = {}
        for table in INSERTED:
            top = await old.fetchval(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            wanted = f"SELECT * FROM {table} WHERE id > $1"
            if table == "event":
                wanted += f" AND kind IN {WRITTEN_BY_MESSAGES}"
            tables[table] = [dict(row) for row in await now.fetch(wanted, top)]
        values = {
            table: {row["id"]: dict(row) for row in await now.fetch(f"SELECT * FROM {table}")}
            for table in ("ticket", "thread")
        }
        await old.close()
        await now.close()
        found = batches(tables)
        _fill(found, values)
        return found

    async def run(self, found: Written) -> float:
        to = await asyncpg.connect(self._before)
        work = [_statements(batch, lambda n: f"${n}") for batch in found.batches]
        begun = time.perf_counter()
        for statements in work:
            async with to.transaction():
                for statement, rows in statements:
                    await to.executemany(statement, rows)
        took = time.perf_counter() - begun
        await to.close()
        return took


def _fill(found: Written, values: dict[str, dict[int, Row]]) -> None:
    for batch in found.batches:
        for table in ("ticket", "thread"):
            for row in batch[f"{table}:update"]:
                row.update({**values[table][row["id"]], **({"updated_at": row["at"]} if table == "ticket" else {})})


def _statements(batch: dict[str, list[Row]], mark: Any) -> list[tuple[str, list[tuple[Any, ...]]]]:
    made = []
    for table in INSERTED:
        rows = batch.get(table)
        if rows:
            names = list(rows[0])
            marks = ", ".join(mark(n) for n in range(1, len(names) + 1))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            made.append((statement, [tuple(r[n] for n in names) for r in rows]))
    for table, columns in (("ticket", TOUCHED), ("thread", HEARD)):
        rows = batch[f"{table}:update"]
        if rows:
            sets = ", ".join(f"{name} = {mark(n)}" for n, name in enumerate(columns, 1))
            statement = f"UPDATE {table} SET {sets} WHERE id = {mark(len(columns) + 1)}"
            made.append((statement, [tuple(r[c] for c in (*columns, "id")) for r in rows]))
    return made
