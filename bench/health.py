"""Health of 100,000 accounts computed anew: the clock's own steps, beside a floor that reads and writes the same rows."""

import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import col

from app import clock
from app.actions.success import health
from app.db import Database
from app.jobs.health import ComputeHealth
from app.models import Account, Contract, Health, Ticket, UsageEvent
from bench.data import migrate
from bench.stage import KEPT, Postgres
from bench.words import BASE_S, Words

AIM_S, USES, CASES = 60.0, 20, 3  # events and cases of each account
DAY = 86_400
PIECE = 1000


class Parts:
    """What the clock needs of the parts."""

    def __init__(self, database: Database) -> None:
        self.database = database


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    count = 5_000 if quick else 100_000
    lines = [
        "| database | accounts | events of use | cases | computed anew | each | floor (read and write the rows) | ratio | aim |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="health-", dir=KEPT))
    try:
        lines.append(asyncio.run(_measured("SQLite", _sqlite(folder, count), count)))
    finally:
        shutil.rmtree(folder)
    try:
        cluster = Postgres(KEPT / "cluster")
    except LookupError as missing:
        return [*lines, "", f"PostgreSQL was left out: {missing}.", ""]
    KEPT.chmod(0o755)
    cluster.start()
    try:
        lines.append(asyncio.run(_measured(f"PostgreSQL {cluster.version()}", _postgres(cluster, count), count)))
        cluster.sql("DROP DATABASE health")
    finally:
        cluster.stop()
    return [*lines, ""]


def _rows(words: Words, count: int) -> list[str]:
    """Accounts with a contract of eight seats; use by up to seven people over sixteen weeks; some cases are open."""
    account = f"(i % {count} + 1)"
    begun, long_ago = words.at("0"), words.at(f"{-400 * DAY}")
    day = "date(1760000000, 'unixepoch')" if words.sqlite else "to_timestamp(1760000000)::date"
    used = words.at(f"- (i * 7919 % {112 * DAY})")
    return [
        words.insert(Account, count, id="i", name="'Account ' || i", tier="'low'", stage="'steady'", created_at=begun),
        words.insert(
            Contract, count, id="i", account_id="i", code="'K'", seats="8", value="1000", starts_on=day, created_at=begun
        ),
        words.insert(
            UsageEvent, count * USES, id="i", key="'k' || i", kind="'track'", name="'thing ' || (i % 4)",
            account_code="''", account_id=account, member="'m' || (i % 7)", at=used, received_at=used,
        ),
        words.insert(
            Ticket, count * CASES, id="i", channel="'line'", inbox_id="1", person_id="1", account_id=account,
            created_at=words.at(f"- (i * 104729 % {112 * DAY})"), updated_at=long_ago,
            status="CASE WHEN i % 9 = 0 THEN 'open' ELSE 'resolved' END",
            resolved_at=f"CASE WHEN i % 9 = 0 THEN NULL ELSE {begun} END",
        ),
    ]  # fmt: skip


def _sqlite(folder: Path, count: int) -> str:
    path = folder / "health.db"
    migrate(f"sqlite:///{path}")
    to = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
        to.execute(f"PRAGMA {pragma}")
    for statement in _rows(Words("sqlite"), count):
        to.execute(statement)
    to.close()
    return f"sqlite+aiosqlite:///{path}"


def _postgres(cluster: Postgres, count: int) -> str:
    cluster.sql("DROP DATABASE IF EXISTS health")
    cluster.sql("CREATE DATABASE health")
    migrate(cluster.url("health"))
    script = ["SET session_replication_role = replica", *_rows(Words("postgresql"), count)]
    cluster.script("; ".join(script), "health")
    cluster.sql("VACUUM (ANALYZE)", "health")
    return cluster.url("health").replace("postgresql://", "postgresql+asyncpg://")


async def _measured(name: str, url: str, count: int) -> str:
    database = Database(url)
    now = datetime.fromtimestamp(BASE_S, UTC)
    told, clock.utcnow = clock.utcnow, lambda: now
    try:
        await _compute(database, count, now)  # all for the first time: rows and their past are made
        clock.utcnow = lambda: now + timedelta(days=1)
        took = await _compute(database, count, now + timedelta(days=1))
        floor = await _floor(database, count)
    finally:
        clock.utcnow = told
        await database.close()
    return (
        f"| {name} | {count:,} | {count * USES:,} | {count * CASES:,} | {took:.1f} s | {took / count * 1e6:.0f} µs"
        f" | {floor:.1f} s | {took / floor:.1f} | {AIM_S:.0f} s |"
    )


async def _compute(database: Database, count: int, now: datetime) -> float:
    """Seconds from the mark to the last account."""
    parts: Any = Parts(database)
    compute, done, begun = ComputeHealth(parts), 0, time.perf_counter()
    async with database.write() as session:
        await health.mark_all(session, now)
    while step := await compute.step():
        done += step
    if done != count:
        raise SystemExit(f"{done} of {count} accounts were computed")
    return time.perf_counter() - begun


async def _floor(database: Database, count: int) -> float:
    """The same rows of use read in groups, and each account's row written, without any judgment."""
    begun, dice = time.perf_counter(), random.Random(1)
    query = select(
        col(UsageEvent.account_id),
        col(UsageEvent.name),
        col(UsageEvent.member),
        func.count(),
        func.max(col(UsageEvent.at)),
    ).group_by(col(UsageEvent.account_id), col(UsageEvent.name), col(UsageEvent.member))
    for first in range(1, count + 1, PIECE):
        last = first + PIECE - 1
        async with database.read() as session:
            mine = col(UsageEvent.account_id).between(first, last)
            (await session.execute(query.where(mine))).all()
            (await session.execute(select(Health).where(col(Health.account_id).between(first, last)))).all()
        async with database.write() as session:
            write = text("UPDATE health SET score = :score WHERE account_id = :id")
            rows = [{"id": n, "score": dice.randrange(101)} for n in range(first, min(last, count) + 1)]
            await session.execute(write, rows)
    return time.perf_counter() - begun
