"""The index, written: tables of its own, made by whom it feeds, because all in it can be read again.

On SQLite it is a file beside the database: what it writes holds up no webhook. Documents, tokens and how far it has read
change in one transaction there, so that a kill loses nothing: the log is read again from where the file says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, text

from app.db import Database, Done
from app.queries.search.index import EXISTS, STATE, State
from app.rules.search.document import KINDS, VERSION, Entry, tokens_of

DROPPED = {
    "sqlite": (
        "DROP TABLE IF EXISTS search_fts",
        "DROP TABLE IF EXISTS search_doc",
        "DROP TABLE IF EXISTS search_state",
    ),
    "postgresql": ("DROP TABLE IF EXISTS search_doc", "DROP TABLE IF EXISTS search_state"),
}
STATE_TABLE = (
    "CREATE TABLE search_state (version TEXT NOT NULL, origin TEXT NOT NULL, cursor TEXT NOT NULL, kind TEXT NOT NULL,"
    " walked BIGINT NOT NULL)"
)
DOC_TABLE = (
    "CREATE TABLE search_doc (id {key}, kind TEXT NOT NULL, number BIGINT NOT NULL, folded TEXT NOT NULL,"
    " marks TEXT NOT NULL{tokens})"
)
MADE = {
    "sqlite": (
        STATE_TABLE,
        DOC_TABLE.format(key="INTEGER PRIMARY KEY", tokens=""),
        "CREATE UNIQUE INDEX uq_search_doc ON search_doc (kind, number)",
        # No positions: that pairs stand side by side is looked up in `folded`. Our own tokens: nothing is cut or folded.
        "CREATE VIRTUAL TABLE search_fts USING fts5(tokens, content='', columnsize=0, detail=none,"
        " tokenize=\"ascii tokenchars '_'\")",
    ),
    "postgresql": (
        STATE_TABLE,
        DOC_TABLE.format(key="BIGINT PRIMARY KEY", tokens=", tokens TSVECTOR NOT NULL"),
        "CREATE UNIQUE INDEX uq_search_doc ON search_doc (kind, number)",
        "CREATE INDEX ix_search_doc_tokens ON search_doc USING gin (tokens)",
        # Rare tokens are known as rare: 39 ms became 0.9 ms (performance.md).
        "ALTER TABLE search_doc ALTER COLUMN tokens SET STATISTICS 2000",
    ),
}
LOCKED = {"sqlite": "", "postgresql": " FOR UPDATE"}
KNOWN = "SELECT id, number, folded, marks FROM search_doc WHERE kind = :kind AND number IN ({numbers})"
UNLISTED = "INSERT INTO search_fts (search_fts, rowid, tokens) VALUES ('delete', :id, :tokens)"
LISTED = "INSERT INTO search_fts (rowid, tokens) VALUES (:id, :tokens)"
KEPT = {
    "sqlite": "INSERT INTO search_doc (id, kind, number, folded, marks) VALUES (:id, :kind, :number, :folded, :marks)",
    "postgresql": (
        "INSERT INTO search_doc (id, kind, number, folded, marks, tokens)"
        " VALUES (:id, :kind, :number, :folded, :marks, array_to_tsvector(CAST(:tokens AS text[])))"
    ),
}
WINDOW = 4096  # ids that are looked at for a free one

Ref = tuple[str, int]
Known = Mapping[Ref, tuple[int, str, str]]


async def start_anew(database: Database, origin: str, cursor: str, *, instead_of: State | None = None) -> State:
    """An empty index that will read everything: what is there piece by piece, what comes from this cursor on.

    When another process was first, and it is no longer the one that was to be replaced: theirs.
    """
    fresh = State(VERSION, origin, cursor, KINDS[0], 0)

    def work(connection: Connection) -> Done[State]:
        kind = connection.dialect.name
        if kind == "postgresql":  # processes that start together
            connection.execute(text("SELECT pg_advisory_xact_lock(7305446071)"))
        if connection.execute(EXISTS[kind]).scalar():
            found = connection.execute(STATE).first()
            if found and State(*found) != instead_of:
                return Done(State(*found), False, frozenset())
        for statement in (*DROPPED[kind], *MADE[kind]):
            connection.execute(text(statement))
        _write_state(connection, fresh)
        return Done(fresh, False, frozenset())

    return await database.bulk(work)


async def store(
    database: Database, known: State, then: State, *, entries: Sequence[Entry], refs: Iterable[Ref]
) -> bool:
    """The documents of these references are these entries and no others. False when another process was first: then
    nothing is changed."""
    wanted = list(refs)

    def work(connection: Connection) -> Done[bool]:
        kind = connection.dialect.name
        found = connection.execute(text(STATE.text + LOCKED[kind])).first()
        if found is None or State(*found) != known:
            return Done(False, False, frozenset())
        _replace(connection, wanted, entries)
        if then != known:
            _write_state(connection, then)
        return Done(True, False, frozenset())

    return await database.bulk(work)


def _write_state(connection: Connection, state: State) -> None:
    connection.execute(text("DELETE FROM search_state"))
    connection.execute(
        text("INSERT INTO search_state VALUES (:version, :origin, :cursor, :kind, :walked)"),
        {name: getattr(state, name) for name in State.__slots__},
    )


def _replace(connection: Connection, refs: Sequence[Ref], entries: Sequence[Entry]) -> None:
    known = _known(connection, refs)
    fresh = [each for each in entries if not _same(each, known.get((each.kind, each.number)))]
    kept = {(each.kind, each.number) for each in entries} - {(each.kind, each.number) for each in fresh}
    _remove(connection, [row for ref, row in known.items() if ref not in kept])
    _add(connection, fresh)


def _known(connection: Connection, refs: Sequence[Ref]) -> Known:
    found: dict[Ref, tuple[int, str, str]] = {}
    for kind in {kind for kind, _ in refs}:
        numbers = sorted({int(number) for each, number in refs if each == kind})
        for start in range(0, len(numbers), 500):
            listed = ",".join(map(str, numbers[start : start + 500]))
            for row in connection.execute(text(KNOWN.format(numbers=listed)), {"kind": kind}):
                found[kind, row.number] = row.id, row.folded, row.marks
    return found


def _same(entry: Entry, known: tuple[int, str, str] | None) -> bool:
    """Nothing that is found by has changed; the place is that of its time, but for who was there first."""
    return known is not None and known[1:] == (entry.folded, entry.marks) and known[0] >> 10 == entry.wanted_id >> 10


def _remove(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":  # a contentless table wants to be told what it holds
        gone = [{"id": number, "tokens": " ".join(tokens_of(folded, marks))} for number, folded, marks in sorted(rows)]
        connection.execute(text(UNLISTED), gone)
    connection.execute(text("DELETE FROM search_doc WHERE id = :id"), [{"id": row[0]} for row in rows])


def _add(connection: Connection, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    kind = connection.dialect.name
    rows: list[dict[str, Any]] = []
    for each in _placed(connection, entries):
        tokens = each.tokens
        row = {
            "id": each.wanted_id,
            "kind": each.kind,
            "number": each.number,
            "folded": each.folded,
            "marks": each.marks,
        }
        rows.append(row | {"tokens": " ".join(tokens) if kind == "sqlite" else tokens})
    rows.sort(key=lambda row: int(row["id"]))  # FTS5 writes a piece anew whenever ids fall
    if kind == "sqlite":
        connection.execute(text(KEPT[kind]), [{k: v for k, v in row.items() if k != "tokens"} for row in rows])
        connection.execute(text(LISTED), [{"id": row["id"], "tokens": row["tokens"]} for row in rows])
    else:
        connection.execute(text(KEPT[kind]), rows)


TAKEN = text("SELECT id FROM search_doc WHERE id IN :wanted").bindparams(bindparam("wanted", expanding=True))


def _placed(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Each at its time's id, or the next one that is free."""
    taken = set(connection.execute(TAKEN, {"wanted": [each.wanted_id for each in entries]}).scalars())
    placed: list[Entry] = []
    for each in entries:
        place = each.wanted_id
        if place in taken:
            place = _free(connection, place, taken)
        taken.add(place)
        placed.append(replace(each, wanted_id=place))
    return placed


def _free(connection: Connection, place: int, taken: set[int]) -> int:
    while True:
        query = text("SELECT id FROM search_doc WHERE id >= :low AND id < :high")
        near = taken.union(connection.execute(query, {"low": place, "high": place + WINDOW}).scalars())
        for each in range(place, place + WINDOW):
            if each not in near:
                return each
        place += WINDOW
