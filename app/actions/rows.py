"""Rows for bulk statements: the hot path writes sets, not objects (performance.md).

Set-based work takes a synchronous Connection: on SQLite it runs whole in the writer's thread, on PostgreSQL under the
asynchronous driver. Values are converted here once, straight to what the driver takes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, Connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from app.db import current_xid, execute_many, fetch
from app.models.columns import table_of

Convert = Callable[[Any], Any]
_DEFAULTS: dict[type[SQLModel], tuple[dict[str, Any], dict[str, Callable[[], Any]]]] = {}


def row(model: type[SQLModel], **values: Any) -> dict[str, Any]:
    """A complete row: the model's own defaults, and these values."""
    if model not in _DEFAULTS:
        fields = {n: f for n, f in model.model_fields.items() if not f.is_required()}
        plain = {
            n: f.default.value if isinstance(f.default, Enum) else f.default
            for n, f in fields.items()
            if f.default_factory is None
        }
        made: dict[str, Any] = {n: f.default_factory for n, f in fields.items() if f.default_factory is not None}
        _DEFAULTS[model] = plain, made
    plain, made = _DEFAULTS[model]
    return {**plain, **{name: make() for name, make in made.items()}, **values}


async def put(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """`insert` in a session's transaction."""
    if rows:
        connection = await session.connection()
        await connection.run_sync(insert, model, rows)


def insert(connection: Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts whole rows, one statement. A row without an id gets it from the database."""
    if rows:
        names = tuple(rows[0])
        _many(connection, *_inserting(model, names, connection.dialect.name), names, rows)


def change(
    connection: Connection,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: str = "id",
) -> None:
    """Sets these columns in the rows, by their key, one statement."""
    if rows:
        names = (*columns, by)
        _many(connection, *_updating(model, names, connection.dialect.name), names, rows)


def _many(
    connection: Connection,
    statement: str,
    converts: Sequence[tuple[int, Convert]],
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    pick = itemgetter(*names)
    given = []
    for each in rows:
        values = list(pick(each))
        for place, convert in converts:
            if values[place] is not None:
                values[place] = convert(values[place])
        given.append(tuple(values))
    execute_many(connection, statement, given)


# The names below are our own tables' and columns', never a request's.


@lru_cache
def _inserting(model: type[SQLModel], names: tuple[str, ...], dialect: str) -> tuple[str, list[tuple[int, Convert]]]:
    table = table_of(model)
    columns, marks = list(names), [_mark(n, dialect) for n in range(1, len(names) + 1)]
    if "xid" in table.c:
        columns.append("xid")
        marks.append(current_xid.SQL[dialect])
    quoted = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join(marks)})', _converts(model, names, dialect)  # noqa: S608


@lru_cache
def _updating(model: type[SQLModel], names: tuple[str, ...], dialect: str) -> tuple[str, list[tuple[int, Convert]]]:
    table = table_of(model)
    sets = ", ".join(f'"{name}" = {_mark(n, dialect)}' for n, name in enumerate(names[:-1], 1))
    statement = f'UPDATE "{table.name}" SET {sets} WHERE "{names[-1]}" = {_mark(len(names), dialect)}'  # noqa: S608
    return statement, _converts(model, names, dialect)


def _mark(number: int, dialect: str) -> str:
    return "?" if dialect == "sqlite" else f"${number}"


def _converts(model: type[SQLModel], names: Sequence[str], dialect: str) -> list[tuple[int, Convert]]:
    table = table_of(model)
    found: list[tuple[int, Convert]] = []
    for place, name in enumerate(names):
        kind = table.c[name].type
        if isinstance(kind, JSON):
            found.append((place, _json))
        elif isinstance(kind, UTCDateTime):
            found.append((place, _sqlite_time if dialect == "sqlite" else _time))
    return found


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode() if value else "[]" if type(value) is list else "{}"
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value)


def _time(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value


@lru_cache(4096)  # a batch says the same few times again and again
def _sqlite_time(value: datetime) -> str:
    """As SQLAlchemy writes it: UTC, microseconds, no zone."""
    if value.tzinfo is not UTC:
        value = _time(value).astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def allocate(connection: Connection, counts: Mapping[str, int]) -> dict[str, list[int]]:
    """Fresh ids a table, one statement: on SQLite behind the largest, on PostgreSQL from the sequences.

    The tables' names are our own, as above.
    """
    wanted = {table: n for table, n in counts.items() if n}
    if not wanted:
        return {}
    if connection.dialect.name == "sqlite":
        largest = [f'(SELECT COALESCE(MAX(id), 0) FROM "{table}")' for table in wanted]  # noqa: S608
        found = fetch(connection, "SELECT " + ", ".join(largest))[0]
        return {t: list(range(top + 1, top + 1 + n)) for (t, n), top in zip(wanted.items(), found, strict=True)}
    sequences = [
        f"ARRAY(SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, CAST(${place} AS INT)))"  # noqa: S608
        for place, table in enumerate(wanted, 1)
    ]
    found = fetch(connection, "SELECT " + ", ".join(sequences), list(wanted.values()))[0]
    return {table: list(ids) for table, ids in zip(wanted, found, strict=True)}
