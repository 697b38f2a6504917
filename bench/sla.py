"""The watch over promises with 1,000,000 open tickets: a look when nothing is due, and the cost of what is."""

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import timers
from app.db import Database
from app.models import Clock, Ticket
from bench.data import migrate
from bench.stage import KEPT, Postgres, median, percentile
from bench.words import BASE_S, Words

AIM_MS, DUE, AT_ONCE = 20.0, 10_000, 500
LATER_S = 10_000_000  # nothing but what is made due is due before
NEEDED = ("ix_ticket_snoozed", "ix_clock_wake", "ix_clock_ticket_id", "uq_clock_active")
NOW = datetime.fromtimestamp(BASE_S, UTC)


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    count = 20_000 if quick else 1_000_000
    lines = [
        "| database | open tickets | look, nothing due: p50 | p99 | floor (one row by its key) | ratio | aim"
        f" | {DUE:,} due at once, each |",
        "|---|---|---|---|---|---|---|---|",
    ]
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="sla-", dir=KEPT))
    try:
        lines.append(asyncio.run(_measured("SQLite", _sqlite(folder, count), count, quick=quick)))
    finally:
        shutil.rmtree(folder)
    try:
        cluster = Postgres(KEPT / "cluster")
    except LookupError as missing:
        return [*lines, "", f"PostgreSQL was left out: {missing}.", ""]
    KEPT.chmod(0o755)
    cluster.start()
    try:
        url = _postgres(cluster, count)
        lines.append(asyncio.run(_measured(f"PostgreSQL {cluster.version()}", url, count, quick=quick)))
        cluster.sql("DROP DATABASE sla")
    finally:
        cluster.stop()
    return [*lines, ""]


def _rows(words: Words, count: int) -> list[str]:
    """Open tickets, an answer and a solution promised in each; the solution is paused in every fourth."""
    due, resolved = words.at(f"i + {LATER_S}"), words.at(f"i * 7 % {count} + {LATER_S}")
    begun, paused = words.at("0"), words.literal(None)
    common = {"started_at": begun, "counts_from": begun, "left_s": "3600", "target_s": "3600", "paused_at": paused}
    return [
        words.insert(
            Ticket, count, id="i", channel="'line'", inbox_id="1", person_id="1", created_at=begun, updated_at=begun
        ),
        words.insert(
            Clock, count, id="i", ticket_id="i", metric="'next_response'", due_at=due, wake_at=due, **common
        ),
        words.insert(
            Clock, count, id=f"i + {count}", ticket_id="i", metric="'resolution'", due_at=resolved, wake_at=resolved,
            state="CASE WHEN i % 4 = 0 THEN 'paused' ELSE 'running' END", **common,
        ),
    ]  # fmt: skip


def _sqlite(folder: Path, count: int) -> str:
    path = folder / "sla.db"
    migrate(f"sqlite:///{path}")
    to = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
        to.execute(f"PRAGMA {pragma}")
    known = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('ticket', 'clock')"
    indexes = to.execute(known).fetchall()
    for statement in (
        *(f"DROP INDEX {name}" for name, _ in indexes),
        *_rows(Words("sqlite"), count),
        *(sql for name, sql in indexes if name in NEEDED),
    ):
        to.execute(statement)
    to.close()
    return f"sqlite+aiosqlite:///{path}"


def _postgres(cluster: Postgres, count: int) -> str:
    cluster.sql("DROP DATABASE IF EXISTS sla")
    cluster.sql("CREATE DATABASE sla")
    migrate(cluster.url("sla"))
    cluster.script("; ".join(["SET session_replication_role = replica", *_rows(Words("postgresql"), count)]), "sla")
    cluster.sql("VACUUM (ANALYZE)", "sla")
    return cluster.url("sla").replace("postgresql://", "postgresql+asyncpg://")


async def _measured(name: str, url: str, count: int, *, quick: bool) -> str:
    database = Database(url)
    try:
        turns = 50 if quick else 300
        look = await _timed(database, lambda session: timers.anything_due(session, NOW), turns)
        one = text("SELECT EXISTS (SELECT 1 FROM ticket WHERE id = 1)")
        floor = await _timed(database, lambda session: session.scalar(one), turns)
        each = await _due(database, 1000 if quick else DUE)
    finally:
        await database.close()
    return (
        f"| {name} | {count:,} | {median(look):.2f} ms | {percentile(look, 0.99):.2f} ms | {median(floor):.2f} ms"
        f" | {median(look) / median(floor):.1f} | {AIM_MS:.0f} ms | {each * 1e6:.0f} µs |"
    )


async def _timed(database: Database, work: Callable[[AsyncSession], Awaitable[object]], turns: int) -> list[float]:
    """Milliseconds of each, with its session, after some to warm up."""
    took = []
    for _ in range(turns + 5):
        begun = time.perf_counter()
        async with database.read() as session:
            await work(session)
        took.append((time.perf_counter() - begun) * 1e3)
    return took[5:]


async def _due(database: Database, many: int) -> float:
    """Seconds of each breach, all due at once."""
    now, done = datetime.fromtimestamp(BASE_S + LATER_S + many, UTC), 0
    begun = time.perf_counter()
    while done < many:
        async with database.write() as session:
            done += await timers.ring(session, now, AT_ONCE)
    return (time.perf_counter() - begun) / done
