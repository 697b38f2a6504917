"""When customers come, hour by hour of the week, and how many agents that takes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Ticket
from app.queries.reports import figures
from app.queries.reports.asked import Asked
from app.rules.erlang import Goal, needed, rostered, work_through

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the staffing must reach. `handling_s`: what an answer takes, when it is not measured."""

    share: float
    within_s: float
    occupancy: float
    shrinkage: float
    concurrency: float
    handling_s: float | None


async def week(session: AsyncSession, asked: Asked, plan: Plan) -> dict[str, Any]:
    """Calls when only they are asked for, by Erlang C; else every turn of a customer, by the work itself."""
    calls = asked.channel == "phone"
    found = await figures.by_hour(session, "offered" if calls else "turns", asked)
    handling, source = plan.handling_s, "given"
    if handling is None and calls:
        measured = (await figures.of_fact(session, ["aht"], asked)).get("aht")
        handling = measured.numerator / measured.denominator if measured and measured.denominator else None
        source = "measured"
    days = _weekdays(asked, await _begun(session, asked))
    cells = []
    for weekday in range(7):
        for hour in range(24):
            value = found.get((weekday, hour))
            # A weekday that was not yet, or is not in the period, is no data: never 0.
            each = (value.numerator if value else 0.0) / days[weekday] if days[weekday] else None
            agents = _agents(each, handling, plan, calls=calls)
            roster = rostered(agents, plan.shrinkage) if agents is not None else None
            cells.append({"weekday": weekday, "hour": hour, "arrivals": each, "agents": agents, "roster": roster})
    return {
        "handling_s": handling, "handling_from": source if handling else "none",
        "method": "erlang_c" if calls else "workload", "weeks": sum(days) / 7, "hours": cells,
    }  # fmt: skip


async def _begun(session: AsyncSession, asked: Asked) -> date | None:
    """The day of the desk's first ticket; None when there was none yet."""
    first: datetime | None = await session.scalar(select(func.min(col(Ticket.created_at))))
    return first.astimezone(ZoneInfo(asked.zone)).date() if first else None


def _weekdays(asked: Asked, begun: date | None) -> list[int]:
    """How often each weekday is in the period, as far as it has begun and the desk was there."""
    counts, day = [0] * 7, max(asked.first, begun or asked.last + timedelta(days=1))
    while day <= min(asked.last, asked.today):
        counts[day.weekday()] += 1
        day += timedelta(days=1)
    return counts


def _agents(each: float | None, handling: float | None, plan: Plan, *, calls: bool) -> int | None:
    if not handling or not each:
        return None
    if not calls:
        return ceil(
            work_through(
                each, interval_s=HOUR_S, handling_s=handling, occupancy=plan.occupancy, concurrency=plan.concurrency
            )
        )
    goal = Goal(plan.share, plan.within_s, plan.occupancy, plan.shrinkage)
    found = needed(each, interval_s=HOUR_S, handling_s=handling, goal=goal)
    return found.agents if found else None
