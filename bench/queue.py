"""The queue with 1,000,000 tickets and 5,000,000 messages: every list view and the badges, in the database."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, create_engine, text

from app.db import Database
from app.queries import tickets
from app.queries.tickets import Asked
from bench.data import AGENTS, CHANNELS, postgres_desk, sqlite_desk
from bench.stage import KEPT, Postgres, median, percentile
from bench.words import TEAMS

BY_DUE = ("open", "mine", "unassigned", "team")
VIEWS = (*BY_DUE, "pending", "snoozed", "resolved", "closed", "spam", "all")
AIM_MS, BADGES_MS = 20.0, 5.0
DEEP = 2000  # rows before a deep page


@dataclass(frozen=True, slots=True)
class Case:
    """One way to look at a view."""

    name: str
    asked: Asked


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    count = 20_000 if quick else 1_000_000
    path = sqlite_desk(count)
    with create_engine(f"sqlite:///{path}").connect() as connection:
        lines = _section("SQLite", connection, count, quick=quick)
    try:
        cluster = Postgres(KEPT / "cluster")
    except LookupError as missing:
        return [*lines, f"PostgreSQL was left out: {missing}."]
    KEPT.chmod(0o755)
    cluster.start()
    try:
        database = Database(_asyncpg(postgres_desk(cluster, count)))
        lines += asyncio.run(_in_postgres(database, f"PostgreSQL {cluster.version()}", count, quick=quick))
    finally:
        cluster.stop()
    return lines


def _asyncpg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")


async def _in_postgres(database: Database, name: str, count: int, *, quick: bool) -> list[str]:
    try:
        async with database.reader.connect() as connection:
            return await connection.run_sync(lambda c: _section(name, c, count, quick=quick))
    finally:
        await database.close()


def _section(name: str, connection: Connection, count: int, *, quick: bool) -> list[str]:
    turns = 10 if quick else 60
    floor = _timed(lambda n: _floor(connection, n * 997 % (count - 60)), turns * 4)
    lines = [
        f"### {name}, {count:,} tickets, {5 * count:,} messages",
        "",
        f"Floor: 51 rows by their primary key, the same way: p50 {median(floor):.2f} ms, p99 {percentile(floor, 0.99):.2f} ms.",
        "",
        "| view | ways | p50 | p99 | p50 / floor | slowest way (its p99) |",
        "|---|---|---|---|---|---|",
    ]
    for view in VIEWS:
        took = {case.name: _timed(partial(_page, connection, case.asked), turns) for case in _cases(connection, view)}
        worst = max(took, key=lambda each: percentile(took[each], 0.99))
        every = [ms for each in took.values() for ms in each]
        lines.append(
            f"| {view} | {len(took)} | {median(every):.2f} ms | {percentile(every, 0.99):.2f} ms"
            f" | {median(every) / median(floor):.1f} | {worst} ({percentile(took[worst], 0.99):.2f} ms) |"
        )
        print(f"  {name}: {lines[-1]}", flush=True)
    badges = _timed(lambda n: _badges(connection, n), turns)
    lines.append(
        f"| 12 badges together | 1 | {median(badges):.2f} ms | {percentile(badges, 0.99):.2f} ms"
        f" | {median(badges) / median(floor):.1f} | |"
    )
    print(f"  {name}: {lines[-1]}", flush=True)
    return [*lines, ""]


def _cases(connection: Connection, view: str) -> Iterator[Case]:
    """Both sorts, the filters, the first page and one far behind it."""
    base = Asked(view=view, agent_id=7, team=3 if view == "team" else None)
    for sort in ("due", "updated") if view in BY_DUE else ("updated",):
        for name, asked in (
            ("", base),
            ("channel", replace(base, channel="email")),
            ("team", replace(base, team=4)),
            ("team and channel", replace(base, team=4, channel="line")),
            ("priority", replace(base, priority="normal")),
        ):
            if view == "team" and name.startswith("team"):
                continue
            sorted_by = replace(asked, sort=sort)
            label = f"by {sort}{', ' + name if name else ''}"
            yield Case(f"{label}, first page", sorted_by)
            if deep := _deep(connection, sorted_by):
                yield Case(f"{label}, deep page", deep)


def _deep(connection: Connection, asked: Asked) -> Asked | None:
    """The page behind the row at `DEEP`, or at the middle of a shorter list."""
    found = connection.execute(tickets.page_query(replace(asked, limit=DEEP))).all()
    if len(found) < 2:
        return None
    at = found[-1] if len(found) > DEEP else found[len(found) // 2]
    key = at.due_at if asked.sort == "due" and asked.view in BY_DUE else at.updated_at
    return replace(asked, cursor=tickets.cursor_of(key, at.id))


def _page(connection: Connection, asked: Asked, turn: int) -> None:
    """Another agent's or team's list each time, where the list is theirs."""
    if asked.cursor is None and asked.view == "mine":
        asked = replace(asked, agent_id=1 + turn % AGENTS)
    elif asked.cursor is None and asked.view == "team":
        asked = replace(asked, team=1 + turn % TEAMS)
    connection.execute(tickets.page_query(asked)).all()


def _floor(connection: Connection, first: int) -> None:
    query = text("SELECT id, due_at, updated_at FROM ticket WHERE id BETWEEN :a AND :b ORDER BY id")
    connection.execute(query, {"a": first + 1, "b": first + 51}).all()


def _badges(connection: Connection, turn: int) -> None:
    """Mine, unassigned, open, snoozed, four teams, four channels."""
    teams = [1 + (turn + n) % TEAMS for n in range(4)]
    query, _ = tickets.counts_query(1 + turn % AGENTS, teams, CHANNELS)
    connection.execute(query).all()


def _timed(work: Callable[[int], Any], turns: int) -> list[float]:
    """Milliseconds of each turn, after three to warm up."""
    for turn in range(3):
        work(turn)
    took = []
    for turn in range(turns):
        begun = time.perf_counter()
        work(turn)
        took.append((time.perf_counter() - begun) * 1e3)
    return took
