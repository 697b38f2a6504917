"""The index, read: FTS5 in a file of its own on SQLite, a tsvector with GIN on PostgreSQL, over the same tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.rules.search.document import Clause, sharing
from app.rules.search.query import Term

EXISTS = {
    "sqlite": text("SELECT COUNT(*) FROM sqlite_master WHERE name = 'search_state'"),
    "postgresql": text("SELECT COUNT(to_regclass('search_state'))"),
}
STATE = text("SELECT version, origin, cursor, kind, walked FROM search_state")
FOUND = {
    "sqlite": (
        "SELECT d.id, d.number FROM search_fts f CROSS JOIN search_doc d ON d.id = f.rowid"
        " WHERE search_fts MATCH :match AND f.rowid >= :low AND f.rowid < :high {more} ORDER BY f.rowid DESC LIMIT :most"
    ),
    "postgresql": (
        "SELECT d.id, d.number FROM search_doc d WHERE d.tokens @@ CAST(:match AS tsquery)"
        " AND d.id >= :low AND d.id < :high {more} ORDER BY d.id DESC LIMIT :most"
    ),
}
STANDS = {"sqlite": "AND instr(d.folded, :whole{n}) > 0", "postgresql": "AND strpos(d.folded, :whole{n}) > 0"}
NAMES = {
    "sqlite": (
        "SELECT d.number, d.folded FROM search_fts f CROSS JOIN search_doc d ON d.id = f.rowid"
        " WHERE search_fts MATCH :match AND f.rowid >= :low AND f.rowid < :high ORDER BY f.rowid DESC LIMIT :most"
    ),
    "postgresql": (
        "SELECT d.number, d.folded FROM search_doc d WHERE d.tokens @@ CAST(:match AS tsquery)"
        " AND d.id >= :low AND d.id < :high ORDER BY d.id DESC LIMIT :most"
    ),
}


@dataclass(frozen=True, slots=True)
class State:
    """How far it is. `kind` and `walked`: what was there before is being read, up to this number; empty: all of it was."""

    version: str
    origin: str  # of which database
    cursor: str  # in the event log
    kind: str
    walked: int


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    number: int


def dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


async def state(session: AsyncSession) -> State | None:
    """None while there is no index."""
    if not await session.scalar(EXISTS[dialect(session)]):
        return None
    found = (await session.execute(STATE)).first()
    return State(*found) if found else None


async def find(
    session: AsyncSession, terms: Sequence[Term], clauses: Sequence[Clause], *, low: int, high: int, most: int
) -> list[Hit]:
    """The newest documents with all of the terms, and one of each clause, whose ids are in the range."""
    wanted = [*clauses, *(clause for term in terms for clause in _clauses(term))]
    if not all(wanted):  # a clause of which nothing would do: who holds no scope
        return []
    whole = {f"whole{n}": term.whole for n, term in enumerate(terms) if term.whole}
    kind = dialect(session)
    more = " ".join(STANDS[kind].format(n=name.removeprefix("whole")) for name in whole)
    given: dict[str, Any] = {"match": _written(kind, wanted), "low": low, "high": high, "most": most, **whole}
    rows = await session.execute(text(FOUND[kind].format(more=more)), given)
    return [Hit(*row) for row in rows]


async def alike(
    session: AsyncSession, name: str, clauses: Sequence[Clause], *, low: int, high: int, most: int
) -> list[tuple[int, str]]:
    """(number, folded text) of documents whose name has enough in common with this one to be compared."""
    shared = sharing(name)
    if not shared or not all(clauses):
        return []
    kind = dialect(session)
    both, either = (" AND ", " OR ") if kind == "sqlite" else (" & ", " | ")
    names = either.join("(" + both.join(_token(kind, mark, False) for mark in marks) + ")" for marks in shared)
    match = f"{_written(kind, clauses)}{both}({names})"
    rows = await session.execute(text(NAMES[kind]), {"match": match, "low": low, "high": high, "most": most})
    return [(number, folded) for number, folded in rows]


def _clauses(term: Term) -> list[Clause]:
    found: list[Clause] = [((token, False),) for token in term.tokens]
    return [*found, ((term.prefix, True),)] if term.prefix else found


def _written(kind: str, clauses: Sequence[Clause]) -> str:
    """As the database reads it. Tokens hold letters and digits only: nothing in them means anything to it."""
    both, either = (" AND ", " OR ") if kind == "sqlite" else (" & ", " | ")
    return both.join(
        "(" + either.join(_token(kind, token, begins) for token, begins in clause) + ")" for clause in clauses
    )


def _token(kind: str, token: str, begins: bool) -> str:
    if kind == "sqlite":
        return f'"{token}"{" *" if begins else ""}'
    return f"'{token}'{':*' if begins else ''}"
