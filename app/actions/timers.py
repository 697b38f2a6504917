"""What time does by itself: a warning is given, a broken promise is written down, a snoozed ticket wakes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app import feed
from app.actions.clocks import Clocks, told
from app.actions.rows import change, insert, row
from app.models import Account, Clock, Notification, Status, Ticket
from app.models.columns import table_of
from app.queries.sla import staff
from app.rules import policies
from app.rules.mailings.warnings import SETTLE
from app.rules.sla import Entry, Ticking

# The earliest of each, from the end of its index. Asked with EXISTS, PostgreSQL takes a third of all rows for due and
# would rather read the table until it meets one.
DUE = text(
    "SELECT COALESCE((SELECT MIN(wake_at) FROM clock WHERE state = 'running') <= :now, false)"
    " OR COALESCE((SELECT MIN(snoozed_until) FROM ticket WHERE status = 'snoozed') <= :now, false)"
    " OR EXISTS (SELECT 1 FROM recount WHERE done_at IS NULL)"
).bindparams(bindparam("now", type_=UTCDateTime()))


async def anything_due(session: AsyncSession, now: datetime) -> bool:
    """Index look-ups; a tick with nothing due takes no write lock."""
    return bool(await session.scalar(DUE, {"now": now}))


async def due(session: AsyncSession, now: datetime, most: int = 500) -> list[int]:
    """The clocks whose time has come, the longest due first."""
    query = select(col(Clock.id)).where(text("clock.state = 'running'"), col(Clock.wake_at) <= now)
    return list((await session.scalars(query.order_by(col(Clock.wake_at)).limit(most))).all())


async def asleep(session: AsyncSession, now: datetime, most: int = 200) -> list[int]:
    """The snoozed tickets whose time has come."""
    query = select(col(Ticket.id)).where(text("status = 'snoozed'"), col(Ticket.snoozed_until) <= now)
    return list((await session.scalars(query.order_by(col(Ticket.snoozed_until)).limit(most))).all())


async def ring(session: AsyncSession, now: datetime, most: int = 500, *, clocks: Collection[int] | None = None) -> int:
    """Breaches, at exactly the deadline however late this runs, and warnings. Costs what is due, not what is open.

    Clocks are locked with their tickets, and one that somebody works on at this moment is left for the next look: a verb
    locks the ticket first, and its event would wait for us while we wait for it. `clocks`: of what is due, only these.
    """
    due = (
        select(
            table_of(Clock),
            col(Ticket.assignee_id),
            col(Ticket.team_id),
            col(Account.owner_id),
        )
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .outerjoin(Account, col(Account.id) == col(Ticket.account_id))
        .where(text("clock.state = 'running'"), col(Clock.wake_at) <= now)
        .order_by(col(Clock.wake_at))
        .limit(most)
        .with_for_update(of=(Clock, Ticket), skip_locked=True)
    )
    if clocks is not None:
        due = due.where(col(Clock.id).in_(clocks))
    found = (await session.execute(due)).mappings().all()
    if not found:
        return 0
    if await (await session.connection()).run_sync(_ring, found, now):
        feed.tell(session)
    return len(found)


def _ring(connection: Connection, found: Sequence[Any], now: datetime) -> bool:
    clocks = Clocks(connection, now)
    warnings = clocks.ring(found)
    if warnings:
        _warn(connection, clocks, warnings, {each["ticket_id"]: each for each in found}, now)
    return clocks.flush()


def _warn(
    connection: Connection,
    clocks: Clocks,
    warnings: Sequence[tuple[int, Ticking, Entry]],
    tickets: dict[int, Any],
    now: datetime,
) -> None:
    people, notes = staff(connection), []
    for number, clock, entry in warnings:
        ticket, policy = tickets[number], clock.terms.policy
        steps = policy.steps_of(clock.metric) if policy else ()
        wanted = [each for step in steps if step.percent == entry.percent for each in step.to]
        to = policies.told(
            wanted, people, assignee=ticket["assignee_id"], team=ticket["team_id"], owner=ticket["owner_id"]
        )
        clocks.events.append(told(number, clock, entry, percent=entry.percent, to=to))
        notes += [_notification(each, number, clock, entry, now) for each in to]
    insert(connection, Notification, notes)


def _notification(agent: int, number: int, clock: Ticking, entry: Entry, now: datetime) -> dict[str, Any]:
    params = {"metric": clock.metric, "percent": entry.percent, "due_at": clock.due_at.isoformat()}
    made = row(
        Notification, agent_id=agent, kind="clock.warned", ticket_id=number, params=params, created_at=now,
        mail_at=now + SETTLE,
    )  # fmt: skip
    made.pop("id")
    return made


async def wake(session: AsyncSession, now: datetime, most: int = 200, *, tickets: Collection[int] | None = None) -> int:
    """Snoozed tickets whose time has come are open again. `tickets`: only these."""
    due = (
        select(col(Ticket.id))
        .where(text("status = 'snoozed'"), col(Ticket.snoozed_until) <= now)
        .order_by(col(Ticket.snoozed_until))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if tickets is not None:
        due = due.where(col(Ticket.id).in_(tickets))
    found = list((await session.scalars(due)).all())
    if found:
        woken = update(Ticket).where(col(Ticket.id).in_(found))
        await session.execute(woken.values(status=Status.OPEN, snoozed_until=None, updated_at=now))
        await (await session.connection()).run_sync(_resume, found, now)
    events = [feed.event("ticket.status", now, ticket=number, was="snoozed", to="open", until=None) for number in found]
    await feed.record(session, *events)
    return len(found)


def _resume(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    clocks = Clocks(connection, now)
    clocks.load(numbers)
    for number in numbers:
        clocks.moved(number, Status.SNOOZED, Status.OPEN, reason="snooze_over")
    clocks.flush()
    change(connection, Ticket, ["due_at"], [{"id": number, "due_at": clocks.due(number)} for number in numbers])
