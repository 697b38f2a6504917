"""Rhythms: what was found is written beside the health of the same accounts; people settle what is due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import rows
from app.errors import Conflict, Missing
from app.models import Rhythm
from app.models.columns import table_of
from app.queries.success import rhythms as queries
from app.rules.success.cadence import Around, Beat, beat, why_quiet
from app.rules.success.measures import Facts

COLUMNS = (
    "count", "every_days", "spread_days", "last_at", "expected_at", "overdue_at", "state", "why", "looked_at",
    "settled", "settled_at", "settled_by",
)  # fmt: skip
Judged = dict[tuple[int, str], dict[str, Any]]


class NoRhythm(Missing):
    """There is no such rhythm."""


class NothingDue(Conflict):
    """Nothing is due in this rhythm."""


def judge(done: queries.Done, facts: Mapping[int, Facts], given: Mapping[str, Any], now: datetime) -> Judged:
    """The rhythms of these accounts as they stand now."""
    found: Judged = {}
    for number, things in done.items():
        known = facts[number]
        around = Around(complaint=bool(known.urgent or known.aged), contact=known.contact)
        for item, days in things.items():
            pulse = beat(days, given)
            if pulse is not None:
                found[number, item] = _row(pulse, [day for day, _ in days], around, now)
    return found


def _row(pulse: Beat, days: list[date], around: Around, now: datetime) -> dict[str, Any]:
    state = pulse.state(now.date())
    seen = replace(around, stopped=pulse.stopped(now.date()))
    why = "" if state == "kept" else why_quiet(sorted(set(days)), seen, now.date())
    return {
        "count": pulse.count, "every_days": pulse.every, "spread_days": pulse.spread, "last_at": _at(pulse.last),
        "expected_at": _at(pulse.expected), "overdue_at": _at(pulse.overdue), "state": "quiet" if why else state,
        "why": why, "looked_at": now,
    }  # fmt: skip


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def write(connection: Connection, accounts: list[int], found: Judged, now: datetime) -> list[dict[str, Any]]:
    """What is new, changed or no rhythm any more. Returns events of those that became due."""
    before = queries.known(connection, accounts)
    mine = set(accounts)
    found = {key: values for key, values in found.items() if key[0] in mine}
    fresh = [
        rows.row(Rhythm, account_id=a, item=i, **values) for (a, i), values in found.items() if (a, i) not in before
    ]
    for each in fresh:
        each.pop("id")
    rows.insert(connection, Rhythm, fresh)
    changed = [_settled(before[key], values) for key, values in found.items() if key in before]
    rows.change(connection, Rhythm, COLUMNS, changed)
    if gone := [row.id for key, row in before.items() if key not in found]:
        table = table_of(Rhythm)
        connection.execute(delete(table).where(table.c.id.in_(gone)))
    return [
        _event(key, values["state"], now)
        for key, values in found.items()
        if values["state"] in queries.DUE and (key not in before or before[key].state != values["state"])
    ]


def _settled(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What somebody said of a rhythm is over when the thing has been done again."""
    same = row.last_at == values["last_at"]
    said = {"settled": row.settled, "settled_at": row.settled_at, "settled_by": row.settled_by}
    return {"id": row.id, **values, **(said if same else {"settled": "", "settled_at": None, "settled_by": None})}


def _event(key: tuple[int, str], state: str, now: datetime) -> dict[str, Any]:
    return feed.event("rhythm.due", now, account=key[0], item=key[1], state=state)


async def settle(session: AsyncSession, rhythm_id: int, how: str, *, by: int, now: datetime) -> Rhythm:
    """Somebody dealt with it: it is quiet until the thing is done the next time. Raises NoRhythm, NothingDue."""
    found = (await session.scalars(select(Rhythm).where(col(Rhythm.id) == rhythm_id).with_for_update())).first()
    if found is None:
        raise NoRhythm
    if found.state not in queries.DUE:
        raise NothingDue
    found.settled, found.settled_at, found.settled_by = how, now, by
    await session.flush()
    settled = feed.event("rhythm.settled", now, agent=by, account=found.account_id, item=found.item, how=how)
    await feed.record(session, settled, clocks=frozenset())
    return found
