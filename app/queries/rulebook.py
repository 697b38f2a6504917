"""Rules and macros as the screens show them, the log of what rules did, and what a rule would have done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Automation, AutomationRun, Event, Macro, Ticket, Webhook
from app.queries.automation import ABOUT_WORDS, Known, calendars, known
from app.rules.automation import evaluate, next_look

BACK = timedelta(days=30)
MOST_EVENTS, MOST_SCANNED, MOST_TICKETS, MOST_SHOWN, CHUNK = 2000, 200_000, 2000, 50, 500
FIELDS = (
    "id", "name", "position", "active", "version", "stop", "trigger", "conditions", "actions", "since", "runs", "ran_at",
    "created_at",
)  # fmt: skip


async def rules(session: AsyncSession) -> list[dict[str, Any]]:
    query = select(Automation).where(col(Automation.archived_at).is_(None))
    found = (await session.scalars(query.order_by(col(Automation.position), col(Automation.id)))).all()
    return [shown(each) for each in found]


def shown(each: Automation) -> dict[str, Any]:
    return {name: getattr(each, name) for name in FIELDS}


async def webhooks(session: AsyncSession) -> list[dict[str, Any]]:
    """Their names: what a rule can call. Where they lead is the owners' to see."""
    found = await session.execute(select(col(Webhook.id), col(Webhook.name)).order_by(col(Webhook.id)))
    return [{"id": number, "name": name} for number, name in found]


async def runs(
    session: AsyncSession, rule_id: int | None, *, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The latest first, of one rule or all, and whether there are older ones."""
    query = select(AutomationRun, col(Ticket.subject)).outerjoin(Ticket, col(Ticket.id) == col(AutomationRun.ticket_id))
    if rule_id is not None:
        query = query.where(col(AutomationRun.automation_id) == rule_id)
    if before is not None:
        query = query.where(col(AutomationRun.id) < before)
    rows: Sequence[Any] = (await session.execute(query.order_by(col(AutomationRun.id).desc()).limit(limit + 1))).all()
    fields = ("id", "automation_id", "version", "outcome", "did", "depth", "at")
    items = [
        {**{name: getattr(run, name) for name in fields}, "ticket": run.ticket_id, "subject": subject or ""}
        for run, subject in rows[:limit]
    ]
    return items, len(rows) > limit


async def macros(session: AsyncSession, agent_id: int) -> list[dict[str, Any]]:
    """Everybody's and one's own, the most used first."""
    mine = or_(col(Macro.agent_id).is_(None), col(Macro.agent_id) == agent_id)
    query = select(Macro).where(mine, col(Macro.archived_at).is_(None))
    found = (await session.scalars(query.order_by(col(Macro.uses).desc(), col(Macro.id)))).all()
    return [macro(each) for each in found]


def macro(each: Macro) -> dict[str, Any]:
    fields = ("id", "name", "text", "actions", "agent_id", "uses", "used_at", "created_at")
    return {name: getattr(each, name) for name in fields}


# -- what a rule would have done ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that a rule would look at, or for a rule on time a ticket."""

    ticket: int
    at: datetime
    kind: str
    message: int | None
    key: str


async def rehearse(
    session: AsyncSession, trigger: Mapping[str, Any], conditions: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What fits among the events of the last 30 days, judged by the tickets as they are now. Nothing is changed.

    Bounded: `capped` says that only the latest were looked at.
    """
    timed = "time" in trigger
    found, capped = await (_tickets(session, now) if timed else _events(session, trigger["on"], now))
    hits: list[dict[str, Any]] = []
    matched, later, seen = 0, 0, set()
    for chunk in _chunks(found):
        facts = await known(
            session, {each.ticket for each in chunk}, now, messages=[m for each in chunk if (m := each.message)],
            asked=calendars(conditions),
        )  # fmt: skip
        for each in chunk:
            if each.ticket not in facts.tickets or each.key in seen:
                continue
            given = facts.facts(each.ticket, each.message or _about(each, facts))
            if not evaluate(conditions, given):
                later += timed and next_look(conditions, given) is not None
                continue
            seen.add(each.key)
            matched += 1
            if len(hits) < MOST_SHOWN:
                hits.append(
                    {"ticket": each.ticket, "subject": given.values["subject"], "at": each.at, "kind": each.kind}
                )
    return {
        "since": now - BACK, "looked_at": len(found), "matched": matched, "later": later, "capped": capped, "items": hits,
    }  # fmt: skip


def _about(each: Candidate, facts: Known) -> int | None:
    return facts.first.get(each.ticket) if each.kind == "ticket.opened" else None


def _chunks(found: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    for begin in range(0, len(found), CHUNK):
        yield found[begin : begin + CHUNK]


async def _events(session: AsyncSession, kinds: Sequence[str], now: datetime) -> tuple[list[Candidate], bool]:
    """The latest first. Only the end of the log is read: it has no index by kind."""
    last = await session.scalar(select(func.max(col(Event.id)))) or 0
    query = (
        select(Event)
        .where(col(Event.id) > last - MOST_SCANNED, col(Event.at) >= now - BACK, col(Event.kind).in_(kinds))
        .where(col(Event.ticket_id).is_not(None))
        .order_by(col(Event.id).desc())
        .limit(MOST_EVENTS + 1)
    )
    rows = (await session.scalars(query)).all()
    earlier = select(col(Event.at)).where(col(Event.id) <= last - MOST_SCANNED).order_by(col(Event.id).desc()).limit(1)
    cut = await session.scalar(earlier) if last > MOST_SCANNED else None
    capped = len(rows) > MOST_EVENTS or (cut is not None and cut >= now - BACK)
    return [_candidate(each) for each in rows[:MOST_EVENTS]], capped


def _candidate(each: Event) -> Candidate:
    number, word = each.ticket_id or 0, each.kind in ABOUT_WORDS and each.message_id is not None
    key = f"message.{each.message_id}" if word else f"{each.kind}.{each.id}"
    return Candidate(number, each.at, each.kind, each.message_id, key)


async def _tickets(session: AsyncSession, now: datetime) -> tuple[list[Candidate], bool]:
    """The latest tickets of the last 30 days, and what is unsolved."""
    query = select(col(Ticket.id), col(Ticket.updated_at)).where(col(Ticket.updated_at) >= now - BACK)
    rows: Any = (await session.execute(query.order_by(col(Ticket.updated_at).desc()).limit(MOST_TICKETS + 1))).all()
    found = [Candidate(number, at, "time", None, f"time.{number}") for number, at in rows[:MOST_TICKETS]]
    return found, len(rows) > MOST_TICKETS
