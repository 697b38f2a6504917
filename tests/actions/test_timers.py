"""What time does by itself: breached at exactly the deadline, snoozed until exactly then."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app.actions import desk, timers
from app.db import Database
from app.models import Clock, Event, Person, Status, Ticket
from tests.cast import START, Cast, inbox


async def _ticket(database: Database, cast: Cast) -> int:
    async with database.write() as session:
        box = await inbox(session)
        person = Person(created_at=START)
        session.add(person)
        await session.flush()
        made = Ticket(channel="line", inbox_id=box.id, person_id=person.id, created_at=START, updated_at=START)
        session.add(made)
        await session.flush()
        due = START + timedelta(hours=1)
        session.add(
            Clock(
                ticket_id=made.id, metric="first_response", started_at=START, target_s=3600, due_at=due, counts_from=START,
                left_s=3600, wake_at=due,
            )
        )  # fmt: skip
        return made.id


async def test_SLA_a_breach_is_stamped_with_the_deadline_however_late_it_is_noticed(
    database: Database, cast: Cast
) -> None:
    number, due = await _ticket(database, cast), START + timedelta(hours=1)
    async with database.write() as session:
        assert not await timers.anything_due(session, due - timedelta(seconds=1))
        assert await timers.ring(session, due - timedelta(seconds=1)) == 0
        assert await timers.anything_due(session, due + timedelta(minutes=7))
        assert await timers.ring(session, due + timedelta(minutes=7)) == 1
    async with database.write() as session:
        assert await timers.ring(session, due + timedelta(days=1)) == 0  # once
        clock = (await session.scalars(select(Clock).where(col(Clock.ticket_id) == number))).one()
        assert clock.breached_at == due and clock.state == "running"
        told = select(Event).where(col(Event.kind) == "clock.breached")
        assert [(e.ticket_id, e.at, e.params["metric"]) for e in (await session.scalars(told)).all()] == [
            (number, due, "first_response")
        ]


async def test_a_met_or_cancelled_clock_is_never_breached(database: Database, cast: Cast) -> None:
    number = await _ticket(database, cast)
    async with database.write() as session:
        ticket = await desk.locked(session, number)
        await desk.set_status(session, ticket, Status.CLOSED, agent_id=cast.hanako.id, now=START)
        assert await timers.ring(session, START + timedelta(days=2)) == 0


async def test_a_snoozed_ticket_wakes_at_its_time(database: Database, cast: Cast) -> None:
    number, until = await _ticket(database, cast), START + timedelta(hours=3)
    async with database.write() as session:
        ticket = await desk.locked(session, number)
        await desk.set_status(session, ticket, Status.SNOOZED, agent_id=cast.hanako.id, now=START, until=until)
    async with database.write() as session:
        assert await timers.wake(session, until - timedelta(seconds=1)) == 0
        assert await timers.wake(session, until) == 1
        assert await timers.wake(session, until) == 0
    async with database.read() as session:
        woken = await session.get_one(Ticket, number)
        assert (woken.status, woken.snoozed_until) == (Status.OPEN, None)
