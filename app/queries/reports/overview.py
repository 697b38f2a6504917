"""Everything that one page of reports shows: each kind of row is read beside the others, on a connection of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.db import Database
from app.models import Agent, Inbox, Tag, Team
from app.queries import hours
from app.queries.reports import backlog, figures
from app.queries.reports.asked import Asked
from app.rules.kpi import FIGURES, Value, change, result

SLOWEST = ("call", "resolution", "clock", "episode")
AT_ONCE = 3  # readers of one page: the desk's own reads need some too


async def zone_of(session: AsyncSession, team: int | None, otherwise: str) -> str:
    """A team's days are those of its calendar."""
    calendar = await session.scalar(select(col(Team.calendar_id)).where(col(Team.id) == team)) if team else None
    found = await hours.current(session, calendar) if calendar is not None else None
    return found[1].zone if found else otherwise


def before(asked: Asked) -> Asked:
    """The period of the same length that ended where this one begins."""
    days = asked.last - asked.first + timedelta(days=1)
    return replace(asked, first=asked.first - days, last=asked.last - days)


async def all_figures(database: Database, codes: Collection[str], *periods: Asked) -> list[dict[str, Value]]:
    """Of each period. What the filters do not apply to, and what nobody wrote down, is left out.

    Percentiles only of the first: the others are what it is compared with, and of them the mean is told.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        kinds[FIGURES[code].fact].append(code)
    room = asyncio.Semaphore(AT_ONCE)

    async def read(fact: str, asked: Asked) -> dict[str, Value]:
        async with room, database.read() as session:
            if fact != "snapshot":
                return await figures.of_fact(session, kinds[fact], asked, spreads=asked is periods[0])
            found = await backlog.total(session, asked)
            return {"backlog": found} if found is not None else {}

    # What takes longest begins first: at the end nothing waits for it alone.
    told = sorted(kinds, key=lambda fact: SLOWEST.index(fact) if fact in SLOWEST else len(SLOWEST))
    said = await asyncio.gather(*(read(fact, asked) for fact in told for asked in periods))
    return [
        {code: value for each in said[n :: len(periods)] for code, value in each.items()} for n in range(len(periods))
    ]


async def one(session: AsyncSession, code: str, asked: Asked) -> Value | None:
    if code == "backlog":
        return await backlog.total(session, asked)
    return (await figures.of_fact(session, [code], asked)).get(code)


async def table(session: AsyncSession, code: str, asked: Asked, by: str) -> list[tuple[Any, Value]]:
    """One figure told apart, the largest first; days in their order, those without rows too."""
    if by == "day":
        found = await (backlog.by_day(session, asked) if code == "backlog" else figures.by_day(session, code, asked))
        empty = None if code == "backlog" else Value()
        return [(day, value) for day in days(asked) if (value := found.get(day, empty)) is not None]
    told = await (
        backlog.told_apart(session, asked, by) if code == "backlog" else figures.told_apart(session, code, asked, by)
    )
    return sorted(told.items(), key=lambda each: (-max(each[1].denominator, each[1].numerator), str(each[0])))


def days(asked: Asked) -> list[date]:
    """Those of the period that have begun."""
    last = min(asked.last, asked.today)
    return [asked.first + timedelta(days=n) for n in range((last - asked.first).days + 1)]


def shown(code: str, value: Value | None, earlier: Value | None = None) -> dict[str, Any]:
    """A figure as the API gives it: with what it was made of, and what it was before."""
    kind = FIGURES[code].kind
    now, past = (result(kind, each) if each is not None else None for each in (value, earlier))
    given = value or Value()
    return {
        "value": now, "numerator": given.numerator, "denominator": given.denominator, "p50": given.p50,
        "p90": given.p90, "before": past, "change": change(kind, now, past),
    }  # fmt: skip


async def names(session: AsyncSession, by: str) -> dict[Any, str]:
    """What the keys of a dimension are called."""
    model: Any = {"team": Team, "agent": Agent, "inbox": Inbox, "tag": Tag}.get(by)
    if model is None:
        return {}
    found: Any = await session.execute(select(col(model.id), col(model.name)))
    return {each[0]: each[1] for each in found}
