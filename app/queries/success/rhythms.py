"""What accounts do again and again: the days of each thing, and the rhythms that were found in them (C10)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Text, and_, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Rhythm, UsageEvent
from app.models.columns import table_of
from app.queries.success.facts import BILL, HELP, SIGN_IN

BACK, FEWEST, MOST = 500, 4, 400  # days that are looked at; times of one thing that may be a rhythm
DUE = ("hint", "overdue")

Done = dict[int, dict[str, list[tuple[date, float | None]]]]


def done(connection: Connection, accounts: Collection[int], at: datetime) -> Done:
    """By account and thing: the days, with the quantities that were told. Only what may be a rhythm."""
    when, name, account = col(UsageEvent.at), col(UsageEvent.name), col(UsageEvent.account_id)
    mine = and_(account.in_(accounts), col(UsageEvent.kind) == "track", when > at - timedelta(days=BACK), when <= at)
    often = select(account, name).where(mine).group_by(account, name).having(func.count().between(FEWEST, MOST))
    pairs = [
        (a, n) for a, n in connection.execute(often) if not n.startswith((HELP, BILL)) and n.lower() not in SIGN_IN
    ]
    found: Done = defaultdict(lambda: defaultdict(list))
    for some in (pairs[n : n + 500] for n in range(0, len(pairs), 500)):
        # As text: nearly none of them tells a quantity, and a document is dear to read.
        told = cast(col(UsageEvent.properties), Text)
        query = select(account, name, _day(connection), told).where(mine, tuple_(account, name).in_(some))
        rows: Sequence[Any] = connection.execute(query).all()
        for number, thing, day, words in rows:
            on = day if isinstance(day, date) else date.fromisoformat(day)
            found[number][thing].append((on, _quantity(words) if '"quantity"' in words else None))
    return found


def _day(connection: Connection) -> Any:
    """The UTC day of an event, without a time that nobody needs."""
    if connection.dialect.name == "sqlite":
        return func.date(col(UsageEvent.at))
    return func.date(func.timezone("UTC", col(UsageEvent.at)))


def _quantity(told: str) -> float | None:
    amount = orjson.loads(told).get("quantity")
    return float(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else None


def known(connection: Connection, accounts: Collection[int]) -> dict[tuple[int, str], Any]:
    query = select(*table_of(Rhythm).c).where(col(Rhythm.account_id).in_(accounts))
    return {(row.account_id, row.item): row for row in connection.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    owner: int | None = None
    account: int | None = None
    due: bool = False  # only those that are late, with nothing against it, and that nobody has settled
    limit: int = 200


async def listing(session: AsyncSession, asked: Asked, now: datetime) -> list[dict[str, Any]]:
    """The latest first."""
    query = select(Rhythm, Account).join(Account, col(Account.id) == col(Rhythm.account_id))
    if asked.owner is not None:
        query = query.where(col(Account.owner_id) == asked.owner)
    if asked.account is not None:
        query = query.where(col(Rhythm.account_id) == asked.account)
    if asked.due:
        query = query.where(col(Rhythm.state).in_(DUE), col(Rhythm.settled_at).is_(None))
    found = await session.execute(query.order_by(col(Rhythm.expected_at), col(Rhythm.id)).limit(asked.limit))
    return [_shown(rhythm, account, now) for rhythm, account in found]


def _shown(each: Rhythm, account: Account, now: datetime) -> dict[str, Any]:
    names = (
        "id", "item", "count", "every_days", "spread_days", "last_at", "expected_at", "overdue_at", "state", "why",
        "settled", "settled_at", "settled_by",
    )  # fmt: skip
    now_days = (now.date() - each.last_at.date()).days
    return {name: getattr(each, name) for name in names} | {
        "now_days": now_days, "is_settled": each.settled_at is not None,
        "account": {"id": account.id, "name": account.name, "owner_id": account.owner_id},
    }  # fmt: skip
