"""Rows for bulk statements: the hot path writes sets, not objects (performance.md)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

_DEFAULTS: dict[type[SQLModel], tuple[dict[str, Any], dict[str, Callable[[], Any]]]] = {}


def row(model: type[SQLModel], **values: Any) -> dict[str, Any]:
    """A complete row: the model's own defaults, and these values."""
    if model not in _DEFAULTS:
        fields = {n: f for n, f in model.model_fields.items() if not f.is_required()}
        plain = {n: f.default for n, f in fields.items() if f.default_factory is None}
        made: dict[str, Any] = {n: f.default_factory for n, f in fields.items() if f.default_factory is not None}
        _DEFAULTS[model] = plain, made
    plain, made = _DEFAULTS[model]
    return {**plain, **{name: make() for name, make in made.items()}, **values}


async def put(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts whole rows, one statement."""
    if rows:
        table = model.__table__  # type: ignore[attr-defined]
        await session.execute(insert(table), list(rows))


async def change(
    session: AsyncSession, model: type[SQLModel], columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Sets these columns in the rows, by id, one statement."""
    if rows:
        table = model.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("_id")).values({c: bindparam(c) for c in columns})
        await session.execute(statement, [{"_id": r["id"], **{c: r[c] for c in columns}} for r in rows])


async def allocate(session: AsyncSession, counts: Mapping[str, int]) -> dict[str, list[int]]:
    """Fresh ids a table, one statement: on SQLite behind the largest, on PostgreSQL from the sequences."""
    wanted = {table: n for table, n in counts.items() if n}
    if not wanted:
        return {}
    # The names are our own tables', never a request's.
    if session.get_bind().dialect.name == "sqlite":
        largest = [f'(SELECT COALESCE(MAX(id), 0) FROM "{table}")' for table in wanted]  # noqa: S608
        found = (await session.execute(text("SELECT " + ", ".join(largest)))).one()
        return {t: list(range(top + 1, top + 1 + n)) for (t, n), top in zip(wanted.items(), found, strict=True)}
    sequences = [
        f"ARRAY(SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {n}))"  # noqa: S608
        for table, n in wanted.items()
    ]
    found = (await session.execute(text("SELECT " + ", ".join(sequences)))).one()
    return {table: list(ids) for table, ids in zip(wanted, found, strict=True)}
