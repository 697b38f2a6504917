"""Health: accounts are marked when something of them changes, and what was computed is written, set by set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import rows
from app.actions.success import alerts, rhythms
from app.db import EVERYBODY, Done
from app.models import Account, Event, Health, HealthPast
from app.models.columns import table_of
from app.rules.success.alerts import Found
from app.rules.success.standing import COLUMNS, After

PAST = ("score", "colour", "present", "parts", "hard", "formula_id")


async def mark(session: AsyncSession, accounts: Collection[int], now: datetime) -> None:
    """Something of these accounts has changed: they are computed anew. What is being computed now is not written."""
    if not accounts:
        return
    due = update(Health).where(col(Health.account_id).in_(accounts))
    await session.execute(
        due.values(stamp=col(Health.stamp) + 1, due_at=now), execution_options={"synchronize_session": False}
    )
    await _begin(session, col(Account.id).in_(accounts), now)


async def mark_all(session: AsyncSession, now: datetime) -> None:
    """A formula has changed, or a file came in."""
    await session.execute(
        update(Health).values(stamp=col(Health.stamp) + 1, due_at=now), execution_options={"synchronize_session": False}
    )
    await _begin(session, col(Account.id) > 0, now)


async def _begin(session: AsyncSession, which: Any, now: datetime) -> None:
    """The rows of accounts that have none."""
    known = select(col(Health.account_id)).where(col(Health.account_id) == col(Account.id)).exists()
    first = rows.row(Health, account_id=None, due_at=now, colour="grey")
    names = [name for name in first if name != "account_id"]
    table = table_of(Health)
    made = select(col(Account.id), *(literal(first[name], table.c[name].type) for name in names)).where(which, ~known)
    await session.execute(insert(Health).from_select(["account_id", *names], made, include_defaults=False))


@dataclass(frozen=True, slots=True)
class Computed:
    """What was found of some accounts: their health, what to warn of, and their rhythms."""

    health: Mapping[int, After]
    warnings: Mapping[int, Sequence[Found]]
    rhythms: rhythms.Judged
    given: Mapping[str, Any]  # what is configured for alerts


def write(connection: Connection, computed: Computed, now: datetime) -> Done[int]:
    """Those of whom nothing was heard since they were read. How many."""
    table, found = table_of(Health), computed.health
    stamps = select(table.c.account_id, table.c.stamp).where(table.c.account_id.in_(found)).with_for_update()
    fresh = {
        number: found[number]
        for number, stamp in connection.execute(stamps)
        if found[number].values["stamp"] == stamp + 1
    }
    changed = [{"account_id": number, **each.values} for number, each in fresh.items()]
    rows.change(connection, Health, COLUMNS, changed, by="account_id")
    told = [(number, each) for number, each in fresh.items() if each.noted]
    rows.insert(connection, HealthPast, [_past(number, each, now) for number, each in told])
    news = [_event(number, each, now) for number, each in fresh.items() if each.changed]
    news += alerts.write(connection, {number: computed.warnings[number] for number in fresh}, computed.given, now)
    news += rhythms.write(connection, list(fresh), computed.rhythms, now)
    rows.insert(connection, Event, news)
    return Done(len(fresh), bool(news), EVERYBODY if news else frozenset())


def _past(number: int, each: After, now: datetime) -> dict[str, Any]:
    return {"account_id": number, "at": now} | {name: each.values[name] for name in PAST}


def _event(number: int, each: After, now: datetime) -> dict[str, Any]:
    told = {"account": number, "from": each.was, "to": each.values["colour"], "score": each.values["score"]}
    return feed.event("health.changed", now, **told)
