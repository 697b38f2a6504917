"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigInt = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # "no deadline": sorts last, so keyset pages need no NULL rule


def table_of(model: type[SQLModel]) -> Table:
    """A model's table: for statements that want rows, not objects."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def pk() -> Any:
    """The primary key: a bigint that the database, or a batch, allocates."""
    return Field(default=None, primary_key=True, sa_type=BigInt)


def fk(target: str, *, index: bool = False, cascade: bool = False) -> Any:
    """A required reference."""
    key = ForeignKey(target, ondelete="CASCADE" if cascade else "RESTRICT")
    return Field(sa_type=BigInt, sa_column_args=[key], index=index, nullable=False)


def key(target: str, *, index: bool = False) -> Any:
    """One half of a link table's primary key."""
    return Field(primary_key=True, sa_type=BigInt, sa_column_args=[ForeignKey(target, ondelete="CASCADE")], index=index)


def opt(target: str, *, index: bool = False) -> Any:
    """An optional reference, emptied when its target goes."""
    key = ForeignKey(target, ondelete="SET NULL")
    return Field(default=None, sa_type=BigInt, sa_column_args=[key], index=index, nullable=True)


def goes_with(target: str) -> Any:
    """An optional reference; the row goes when its target goes."""
    return Field(default=None, sa_type=BigInt, sa_column_args=[ForeignKey(target, ondelete="CASCADE")], nullable=True)


def kept(target: str) -> Any:
    """An optional reference to what is archived, never removed.

    Without a rule for its removal SQLite can add such a column in place. A batch would copy the table and drop the old
    one, and that empties every reference to it.
    """
    return Field(default=None, sa_type=BigInt, sa_column_args=[ForeignKey(target)], nullable=True)


def json_object() -> Any:
    """A JSON object. Not mutation-tracked: assign a new dict."""
    return Field(default_factory=dict, sa_type=Json, nullable=False)


def json_list() -> Any:
    return Field(default_factory=list, sa_type=Json, nullable=False)
