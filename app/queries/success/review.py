"""The review pack (C13): what a period was like for an account, for the talk with its people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Background, Clock, PlaybookRun, PlaybookStep, Status, Survey, Ticket, UsageEvent
from app.models.ticket import LETTER
from app.queries.success import accounts, health, playbooks, renewals
from app.rules.success import playbooks as playbook_rules

AHEAD = timedelta(days=400)
MOST = 12


@dataclass(frozen=True, slots=True)
class Asked:
    account: int
    first: date
    last: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        after = datetime.combine(self.last + timedelta(days=1), time(), UTC)
        return datetime.combine(self.first, time(), UTC), after

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The period of the same length that ended where this one begins."""
        begin, end = self.span
        return begin - (end - begin), begin


async def pack(session: AsyncSession, asked: Asked, now: datetime, language: str) -> dict[str, Any] | None:
    """None when there is no such account."""
    found = await accounts.rows(session, [asked.account], now.date())
    if not found:
        return None
    shape = (await health.latest(session, [asked.account]))[asked.account]
    due = renewals.Asked(now.date(), now.date() + AHEAD, account=asked.account, most=MOST)
    return {
        "account": found[0], "first": asked.first, "last": asked.last,
        "health": {"score": shape.score, "colour": shape.colour, "trend": shape.trend},
        "usage": await _usage(session, asked), "tickets": await _tickets(session, asked),
        "promises": await _promises(session, asked), "satisfaction": await _satisfaction(session, asked),
        "renewals": await renewals.listing(session, due, now.date()),
        "next": await _next(session, asked.account, language),
    }  # fmt: skip


async def _usage(session: AsyncSession, asked: Asked) -> dict[str, Any]:
    """How often each thing was done, beside the period before."""
    mine = col(UsageEvent.account_id) == asked.account, col(UsageEvent.kind) == "track"
    told: list[dict[str, int]] = []
    for begin, end in (asked.span, asked.before):
        within = col(UsageEvent.at) >= begin, col(UsageEvent.at) < end
        query = select(col(UsageEvent.name), func.count()).where(*mine, *within).group_by(col(UsageEvent.name))
        told.append(dict((await session.execute(query)).all()))
    begin, end = asked.span
    people = select(func.count(col(UsageEvent.member).distinct())).where(
        *mine, col(UsageEvent.at) >= begin, col(UsageEvent.at) < end
    )
    names = sorted(told[0].keys() | told[1].keys(), key=lambda name: (-told[0].get(name, 0), name))[:MOST]
    done = [{"name": name, "count": told[0].get(name, 0), "before": told[1].get(name, 0)} for name in names]
    return {"done": done, "members": await session.scalar(people) or 0}


def _begun(asked: Asked) -> list[Any]:
    begin, end = asked.span
    return [
        col(Ticket.account_id) == asked.account, col(Ticket.status) != Status.SPAM, col(Ticket.created_at) >= begin,
        col(Ticket.created_at) < end, col(Ticket.merged_into_id).is_(None), col(Ticket.origin) != LETTER,
    ]  # fmt: skip


async def _tickets(session: AsyncSession, asked: Asked) -> dict[str, Any]:
    cause = func.coalesce(col(Background.cause), "")
    query = select(cause, func.count(), func.count(col(Ticket.resolved_at))).outerjoin(
        Background, col(Background.ticket_id) == col(Ticket.id)
    )
    rows = (
        await session.execute(query.where(*_begun(asked)).group_by(cause).order_by(func.count().desc(), cause))
    ).all()
    causes = [{"cause": name, "count": count} for name, count, _ in rows]
    return {"count": sum(row[1] for row in rows), "resolved": sum(row[2] for row in rows), "causes": causes[:MOST]}


async def _promises(session: AsyncSession, asked: Asked) -> list[dict[str, Any]]:
    """Of each kind of promise that came to its end: how many were kept in time."""
    kept = func.count(col(Clock.id)).filter(col(Clock.met_at).is_not(None), col(Clock.breached_at).is_(None))
    ended = col(Clock.met_at).is_not(None) | col(Clock.breached_at).is_not(None)
    query = (
        select(col(Clock.metric), kept, func.count(col(Clock.id)))
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(*_begun(asked), ended)
        .group_by(col(Clock.metric))
        .order_by(col(Clock.metric))
    )
    return [{"metric": metric, "kept": good, "count": count} for metric, good, count in await session.execute(query)]


async def _satisfaction(session: AsyncSession, asked: Asked) -> dict[str, Any]:
    begin, end = asked.span
    query = (
        select(func.count(col(Survey.score)), func.avg(col(Survey.score)))
        .join(Ticket, col(Ticket.id) == col(Survey.ticket_id))
        .where(col(Ticket.account_id) == asked.account, col(Survey.answered_at) >= begin, col(Survey.answered_at) < end)
    )
    count, mean = (await session.execute(query)).one()
    return {"answers": count, "mean": None if mean is None else round(float(mean), 2)}


async def _next(session: AsyncSession, account: int, language: str) -> list[dict[str, Any]]:
    """What is open of the account's playbooks."""
    query = (
        select(PlaybookStep, PlaybookRun)
        .join(PlaybookRun, col(PlaybookRun.id) == col(PlaybookStep.run_id))
        .where(col(PlaybookRun.account_id) == account, col(PlaybookStep.state) == "open")
        .order_by(col(PlaybookStep.due_at))
        .limit(MOST)
    )
    found = []
    for step, run in (await session.execute(query)).all():
        spec = await playbooks.spec_of(session, run.playbook_id, run.version)
        said = next(each for each in spec["steps"] if each["key"] == step.key)
        if step.kind != "internal":  # what is the team's own is not shown to the customer
            found.append({"title": playbook_rules.words(said["title"], language), "due_at": step.due_at})
    return found
