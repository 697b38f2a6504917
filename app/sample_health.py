"""The sample desk's health: what its accounts did, and what was computed of it week by week, as the clocks would have."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import alerts, health, opinions, usage
from app.jobs.health import judge, look
from app.models import Account, Alert
from app.models.health import OPEN_ALERT
from demo import desk_health as sample

WEEKS = 12


async def seed_health(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    await usage.take(session, [
        {
            "key": f"past-{code}-{name}-{member}-{day}", "kind": "track", "name": name, "account_code": code,
            "member": f"{code}-{member}", "at": now - timedelta(days=day, hours=member % 7), "properties": {},
        }
        for code, name, people, every, begin, end in sample.PAST
        for day in range(end, begin + 1, every) for member in range(people)
    ], now)  # fmt: skip
    accounts = {code: number for number, code in await session.execute(select(col(Account.id), col(Account.code)))}
    for week in range(WEEKS, 0, -1):
        await compute(session, now - timedelta(weeks=week))
    await say(session, accounts, agents["mori"], now)
    await compute(session, now)
    await settle(session, accounts, agents["mori"], now)


async def compute(session: AsyncSession, at: datetime) -> None:
    await health.mark_all(session, at)
    connection = await session.connection()
    read = await connection.run_sync(look, at)
    if read is not None:
        await connection.run_sync(health.write, judge(read, at), at)


async def say(session: AsyncSession, accounts: Mapping[str, int], by: int, now: datetime) -> None:
    for code, value, words, ago in sample.PULSES:
        told = now - timedelta(days=ago)
        await opinions.feel(session, accounts[code], value, words, timedelta(days=30), by=by, now=told)
    for code, colour, why, ahead in sample.OVERRIDES:
        until = now + timedelta(days=ahead)
        await opinions.override(session, accounts[code], colour, why, until, by=by, now=now - timedelta(hours=5))


async def settle(session: AsyncSession, accounts: Mapping[str, int], by: int, now: datetime) -> None:
    for code, rule, outcome, note in sample.OUTCOMES:
        mine = col(Alert.account_id) == accounts[code], col(Alert.rule) == rule, OPEN_ALERT
        for number in (await session.scalars(select(col(Alert.id)).where(*mine))).all():
            await alerts.close(session, number, outcome, note, by=by, now=now - timedelta(days=1))
