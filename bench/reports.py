"""Reports over the large desk: every page of them, for a month, a quarter and the whole of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from app.db import Database
from app.queries.reports import arrivals, lists, overview
from app.queries.reports.asked import Asked
from app.rules.kpi import FIGURES
from bench.data import postgres_desk, sqlite_desk
from bench.facts import days
from bench.stage import KEPT, Postgres
from bench.words import BASE_S

AIMS_S = {"SQLite": 5.0, "PostgreSQL": 2.0}
TURNS = 3
PLAN = arrivals.Plan(0.8, 20.0, 0.85, 0.3, 1.0, 300.0)
Page = Callable[[Database, Asked], Awaitable[object]]


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    count = 20_000 if quick else 1_000_000
    lines = [
        f"{count:,} tickets, {5 * count:,} messages, {count * 3 // 2:,} episodes, {2 * count:,} promises, {count // 4:,} calls;"
        " both periods of a page are read. Seconds, the slowest of three.",
        "",
        "| database | period | every figure | one figure: days, parts, list | by agent, percentiles | arrivals | aim |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += asyncio.run(_measured("SQLite", f"sqlite+aiosqlite:///{sqlite_desk(count)}", count))
    try:
        cluster = Postgres(KEPT / "cluster")
    except LookupError as missing:
        return [*lines, "", f"PostgreSQL was left out: {missing}.", ""]
    cluster.start()
    try:
        url = postgres_desk(cluster, count).replace("postgresql://", "postgresql+asyncpg://")
        lines += asyncio.run(_measured("PostgreSQL", url, count))
    finally:
        cluster.stop()
    return [*lines, ""]


async def _measured(name: str, url: str, count: int) -> list[str]:
    database = Database(url)
    end = datetime.fromtimestamp(BASE_S, UTC).date() + timedelta(days=days(count))
    lines = []
    try:
        for length in (28, 90, days(count)):
            asked = _asked(end, length)
            took = [await _slowest(page, database, asked) for page in (_overview, _figure, _by_agent, _arrivals)]
            lines.append(
                f"| {name} | {length} days | " + " | ".join(f"{s:.2f}" for s in took) + f" | {AIMS_S[name]:.0f} |"
            )
            print(f"  {lines[-1]}", flush=True)
    finally:
        await database.close()
    return lines


def _asked(end: date, length: int) -> Asked:
    now = datetime.combine(end, datetime.min.time(), UTC)
    return Asked(first=end - timedelta(days=length - 1), last=end, zone="Asia/Tokyo", now=now)


async def _slowest(page: Page, database: Database, asked: Asked) -> float:
    took = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        await page(database, asked)
        took.append(time.perf_counter() - begun)
    return max(took)


async def _overview(database: Database, asked: Asked) -> None:
    await overview.all_figures(database, list(FIGURES), asked, overview.before(asked))


async def _figure(database: Database, asked: Asked) -> None:
    async with database.read() as session:
        for by in ("day", "channel"):
            await overview.table(session, "response_rate", asked, by)
        await overview.one(session, "response_rate", overview.before(asked))
        await lists.page(session, "response_rate", asked, which="miss", cursor=None, limit=50)


async def _by_agent(database: Database, asked: Asked) -> None:
    async with database.read() as session:
        await overview.table(session, "first_response", asked, "agent")


async def _arrivals(database: Database, asked: Asked) -> None:
    async with database.read() as session:
        await arrivals.week(session, asked, PLAN)
