"""A ticket's promises as the screens show them, and why each is due when it is."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Automation,
    Calendar,
    CalendarVersion,
    Clock,
    ClockEntry,
    Event,
    Policy,
    PolicyVersion,
    Recount,
    Ticket,
)
from app.models.columns import NEVER
from app.queries import ledger
from app.queries.sla import Versions, facts
from app.rules import hours as opening
from app.rules import policies, sla
from app.rules.hours import Hours
from app.rules.ledger import differences
from app.rules.policies import METRICS, Facts, Promises

MOST_STRETCHES, MOST_SKIPPED = 400, 60
FIELDS = (
    "id", "metric", "state", "started_at", "target_s", "priority", "met_at", "breached_at", "paused_at", "by_change", "left_s",
    "policy_id", "policy_version",
)  # fmt: skip


def shown(clock: Clock) -> dict[str, Any]:
    return {
        **{name: getattr(clock, name) for name in FIELDS},
        "due_at": None if clock.due_at == NEVER else clock.due_at,
    }


async def of_ticket(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    query = select(Clock).where(col(Clock.ticket_id) == number).order_by(col(Clock.id))
    return [shown(each) for each in (await session.scalars(query)).all()]


async def why(session: AsyncSession, number: int, metric: str, now: datetime) -> dict[str, Any] | None:
    """The latest promise of this kind in words of time: what counted, what did not, by which policy and calendar."""
    query = select(Clock).where(col(Clock.ticket_id) == number, col(Clock.metric) == metric)
    clock = (await session.scalars(query.order_by(col(Clock.id).desc()).limit(1))).first()
    if clock is None:
        return None
    entries = (
        await session.scalars(
            select(ClockEntry).where(col(ClockEntry.clock_id) == clock.id).order_by(col(ClockEntry.id))
        )
    ).all()
    calendar, hours = await _calendar(session, clock)
    told = (await (await session.connection()).run_sync(ledger.clocks, [number])).get(clock.id)
    gaps = sla.pauses([(each.kind, each.at) for each in entries])
    until = clock.met_at or clock.paused_at or (clock.due_at if clock.due_at != NEVER else now)
    stretches = sla.counted(hours, clock.started_at, until, gaps)[:MOST_STRETCHES]
    counted = sla.counted(hours, clock.started_at, clock.met_at or clock.paused_at or now, gaps)
    reasons = {each.at: each.reason for each in entries if each.kind in ("paused", "met")}
    ended = clock.state in (sla.MET, sla.CANCELLED)  # then nothing pauses any more
    return {
        "clock": shown(clock),
        "policy": await _policy(session, clock),
        "forced": (await policy_of(session, number))["forced"] if clock.state in (sla.RUNNING, sla.PAUSED) else None,
        "calendar": calendar,
        "stretches": [
            {"begin": begin, "end": end, "seconds": sla.between(hours, begin, end)} for begin, end in stretches
        ],
        "skipped": _skipped(hours, clock.started_at, until),
        "pauses": [{"begin": begin, "end": end, "reason": reasons[begin]} for begin, end in gaps if end or not ended],
        "counted_s": sum(sla.between(hours, *each) for each in counted),
        "entries": [_entry(each) for each in entries],
        "agrees": not differences(clock, told) if told is not None else None,
    }


async def policy_of(session: AsyncSession, number: int) -> dict[str, Any]:
    """The ticket's present policy, and who chose it when it is not by conditions. It must be there."""
    ticket = await session.get_one(Ticket, number)
    found = await session.get(Policy, ticket.policy_id) if ticket.policy_id is not None else None
    forced = await _forced(session, ticket)
    return {"id": ticket.policy_id, "name": found.name if found else "", "forced": forced}


async def _forced(session: AsyncSession, ticket: Ticket) -> dict[str, Any] | None:
    if ticket.forced_policy_id is None:
        return None
    said = select(Event).where(col(Event.ticket_id) == ticket.id, col(Event.kind) == "ticket.policy")
    last = (await session.scalars(said.order_by(col(Event.id).desc()).limit(1))).one()
    rule = last.params.get("automation")
    name = await session.scalar(select(col(Automation.name)).where(col(Automation.id) == rule)) if rule else None
    return {"at": last.at, "agent_id": last.agent_id, "rule": name or ""}


def _entry(each: ClockEntry) -> dict[str, Any]:
    fields = ("at", "kind", "reason", "due_was", "due_at", "target_s", "policy_version", "percent", "was")
    return {name: getattr(each, name) for name in fields}


async def _policy(session: AsyncSession, clock: Clock) -> dict[str, Any] | None:
    """As it was promised: the version that the clock keeps."""
    kept = select(Policy, PolicyVersion).join(PolicyVersion, col(PolicyVersion.policy_id) == col(Policy.id))
    kept = kept.where(col(Policy.id) == clock.policy_id, col(PolicyVersion.version) == clock.policy_version)
    found = (await session.execute(kept)).first()
    if found is None:
        return None
    policy, version = found
    return {
        "id": policy.id, "name": policy.name, "version": version.version, "present": policy.version,
        "since": version.created_at, "conditions": version.spec["conditions"],
    }  # fmt: skip


async def _calendar(session: AsyncSession, clock: Clock) -> tuple[dict[str, Any] | None, Hours | None]:
    kept = select(Calendar, CalendarVersion).join(CalendarVersion, col(CalendarVersion.calendar_id) == col(Calendar.id))
    kept = kept.where(col(Calendar.id) == clock.calendar_id, col(CalendarVersion.version) == clock.calendar_version)
    found = (await session.execute(kept)).first()
    if found is None:
        return None, None
    calendar, version = found
    key = (calendar.id, version.version)
    hours = await (await session.connection()).run_sync(_hours, key)
    return {"id": calendar.id, "name": calendar.name, "version": version.version, "zone": hours.zone}, hours


def _hours(connection: Connection, key: tuple[int, int]) -> Hours:
    versions = Versions(connection)
    versions.load([], [key])
    found = versions.calendar(*key)
    if found is None:
        raise LookupError(key)
    return found


def _skipped(hours: Hours | None, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """The dates on the way that were closed, and what for."""
    if hours is None:
        return []
    zone = ZoneInfo(hours.zone)
    day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    found: list[dict[str, Any]] = []
    while day <= last and len(found) < MOST_SKIPPED:
        known = opening.day(hours, day)
        if not known.open:
            found.append({"date": day, "why": known.why, "name": known.name})
        day += timedelta(days=1)
    return found


# -- policies -------------------------------------------------------------------------------------------------------------


async def listing(session: AsyncSession) -> list[dict[str, Any]]:
    """In their order, with their present spec; those put away last."""
    present = (col(PolicyVersion.policy_id) == col(Policy.id)) & (col(PolicyVersion.version) == col(Policy.version))
    query = select(Policy, PolicyVersion).join(PolicyVersion, present)
    query = query.order_by(col(Policy.archived_at).is_not(None), col(Policy.position), col(Policy.id))
    return [_listed(policy, version) for policy, version in await session.execute(query)]


async def one(session: AsyncSession, policy_id: int) -> dict[str, Any]:
    return next(each for each in await listing(session) if each["id"] == policy_id)


def _listed(policy: Policy, version: PolicyVersion) -> dict[str, Any]:
    return {
        "id": policy.id, "name": policy.name, "position": policy.position, "version": policy.version, "spec": version.spec,
        "created_at": policy.created_at, "changed_at": version.created_at, "archived_at": policy.archived_at,
    }  # fmt: skip


async def known_facts(session: AsyncSession, number: int) -> Facts | None:
    """Of one ticket."""
    found = await (await session.connection()).run_sync(facts, [number])
    return found.get(number)


async def preview(session: AsyncSession, given: Facts, now: datetime) -> dict[str, Any]:
    """Which policy would take such a ticket, and what a message now would be promised."""
    desk: Promises = await (await session.connection()).run_sync(lambda connection: Versions(connection).now)
    chosen = policies.chosen(desk, given)
    made = [(metric, policies.terms(desk, chosen, given, metric)) for metric in METRICS]
    due = [(metric, terms, sla.start(terms, metric, now).due_at) for metric, terms in made if terms is not None]
    return {
        "policy_id": chosen.id if chosen else None,
        "promises": [
            {
                "metric": metric, "target_s": terms.target_s, "due_at": None if at == NEVER else at,
                "calendar_id": terms.calendar[0] if terms.calendar else None,
            }
            for metric, terms, at in due
        ],
    }  # fmt: skip


async def latest_recount(session: AsyncSession) -> dict[str, Any] | None:
    found = (await session.scalars(select(Recount).order_by(col(Recount.id).desc()).limit(1))).first()
    fields = ("id", "agent_id", "created_at", "tickets", "changed", "done_at")
    return {name: getattr(found, name) for name in fields} if found else None
