"""The watch over promises: exactly one outcome whoever dies, however many watch, however much is due (SLA2, SLA9)."""

import asyncio
import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.actions import desk, recount, timers
from app.actions.rows import insert
from app.config import Settings
from app.db import Database, Done
from app.jobs.watch import Watch
from app.models import Clock, ClockEntry, Event, Notification, Recount, Ticket
from app.parts import Parts
from tests import servers
from tests.actions.promised import Promised, every
from tests.actions.world import World, arrival, at, said
from tests.cast import START, Cast, inbox
from tests.conftest import Hands

STEPS = [{"percent": 75, "metrics": [], "to": ["assignee"]}, {"percent": 100, "metrics": [], "to": ["leads"]}]


@pytest.fixture
async def world(database: Database, cast: Cast) -> World:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return World(database=database, cast=cast, **kinds)


@pytest.fixture
def desk_of(world: World) -> Promised:
    return Promised(world)


async def write_to_us(world: World, many: int) -> None:
    await world.batch([arrival(world.line, said(n, who=f"p{n}")) for n in range(many)])


def dies_before_it_commits(settings: Settings, verb: str, now: datetime) -> None:
    """A process that does `verb` and is killed (-9) when all is written and nothing committed."""
    script = f"""
import asyncio, os, signal
from datetime import datetime
from app.actions import recount, timers
from app.db import Database
async def main():
    async with Database({settings.database!r}).write() as session:
        assert await {verb}(session, datetime.fromisoformat({now.isoformat()!r}), 50)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=servers.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


# -- warnings and breaches ------------------------------------------------------------------------------------------------


async def test_SLA9_a_warning_and_a_breach_are_told_once_to_whom_it_concerns(
    world: World, desk_of: Promised, parts: Parts, hands: Hands
) -> None:
    await desk_of.policy(targets={"first_response": every(600)}, steps=STEPS)
    await world.take(said(0))
    await desk_of.assign(world.cast.hanako.id, START)
    watch = Watch(parts)
    hands.now = at(449.9)
    assert await watch.step() == 0
    for hands.now in (at(450), at(451), at(452)):
        await watch.step()
    (note,) = await world.all(Notification)
    assert note.mail_at == at(510), "judged a minute later whether it goes by mail too"
    assert (note.agent_id, note.ticket_id, note.created_at, note.read_at) == (world.cast.hanako.id, 1, at(450), None)
    assert note.params == {"metric": "first_response", "percent": 75, "due_at": at(600).isoformat()}
    (warned,) = await desk_of.told("clock.warned")
    assert (warned.at, warned.params["to"], warned.params["percent"]) == (at(450), [world.cast.hanako.id], 75)
    for hands.now in (at(599.9), at(605), at(700)):  # five seconds late: the deadline is the deadline
        await watch.step()
    clock = await desk_of.clock("first_response")
    assert (clock.breached_at, clock.step, clock.state) == (at(600), 100, "running")
    (breach,) = await desk_of.told("clock.breached")
    assert breach.at == at(600)
    assert [n.agent_id for n in await world.all(Notification)] == [world.cast.hanako.id, world.cast.lead.id]
    assert [(e.kind, e.at) for e in await world.all(ClockEntry)] == [
        ("started", at(0)), ("warned", at(450)), ("breached", at(600)), ("warned", at(600)),
    ]  # fmt: skip


async def test_SLA9_who_was_let_go_is_not_told(world: World, desk_of: Promised) -> None:
    await desk_of.policy(steps=[{"percent": 50, "metrics": ["resolution"], "to": ["assignee"]}])
    await world.take(said(0))
    await world.set(Ticket, 1, assignee_id=world.cast.outsider.id)
    await desk_of.ring(at(1800))
    assert [note.agent_id for note in await world.all(Notification)] == [world.cast.lead.id]


async def test_a_tick_with_nothing_due_is_only_a_look(world: World, desk_of: Promised) -> None:
    await desk_of.policy(steps=STEPS)
    await write_to_us(world, 5)
    await world.status(1, "pending", now=at(10))
    async with world.database.read() as session:
        assert not await timers.anything_due(session, at(449))
        assert await timers.anything_due(session, at(450))


async def test_killed_between_the_breach_and_its_event_leaves_one_of_each(
    world: World, desk_of: Promised, settings: Settings
) -> None:
    await desk_of.policy(targets={"first_response": every(600)}, steps=STEPS)
    await write_to_us(world, 3)
    dies_before_it_commits(settings, "timers.ring", at(900))
    assert await desk_of.told("clock.breached") == [] and await world.all(Notification) == []
    assert [clock.breached_at for clock in await world.clocks()] == [None] * 3
    assert (await desk_of.ring(at(900)), await desk_of.ring(at(901))) == (3, 0)
    assert [event.ticket_id for event in await desk_of.told("clock.breached")] == [1, 2, 3]
    assert len(await world.all(Notification)) == 3


async def test_two_watchers_at_once_tell_everything_once(world: World, desk_of: Promised, settings: Settings) -> None:
    await desk_of.policy(targets={"first_response": every(600)}, steps=STEPS)
    await write_to_us(world, 200)
    other = Database(settings.database)

    async def watch(database: Database) -> int:
        done = 0
        for _ in range(60):
            async with database.write() as session:
                done += await timers.ring(session, at(900), most=10)
        return done

    done = await asyncio.gather(watch(world.database), watch(other))
    await other.close()
    assert sum(done) == 200
    told = [event.ticket_id for event in await desk_of.told("clock.breached")]
    assert sorted(told) == list(range(1, 201)) and len(await world.all(Notification)) == 200


async def test_a_ticket_that_somebody_works_on_is_left_for_the_next_look(
    world: World, desk_of: Promised, settings: Settings
) -> None:
    """Neither waits for the other: PostgreSQL would end one of them. SQLite's writers go one after the other anyway."""
    await world.take(said(0))
    await world.take(said(1, who="suzuki"))
    if world.database.is_sqlite:
        assert await desk_of.ring(at(4000)) == 2
        return
    other = Database(settings.database)
    async with other.write() as session:
        ticket = await desk.locked(session, 1)
        assert await desk_of.ring(at(4000)) == 1
        await desk.answered(session, ticket, at=at(3600), agent_id=1, message_id=1)
    await other.close()
    assert await desk_of.ring(at(4001)) == 0
    assert [(c.state, c.breached_at) for c in await world.clocks()] == [("met", None), ("running", at(3600))]


async def test_ten_thousand_due_at_once(world: World, desk_of: Promised) -> None:
    policy = await desk_of.policy(targets={"first_response": every(600)}, steps=STEPS)
    await world.take(said(0))
    (clock,) = await world.clocks()
    many, whole = 9_999, await world.ticket()
    tickets = [{**whole.model_dump(), "id": n + 2} for n in range(many)]
    clocks = [{**clock.model_dump(), "id": n + 2, "ticket_id": n + 2} for n in range(many)]

    def write(connection: object) -> Done[None]:
        insert(connection, Ticket, tickets)  # type: ignore[arg-type]
        insert(connection, Clock, clocks)  # type: ignore[arg-type]
        return Done(None, news=False, work=False)

    await world.database.bulk(write)
    steps = 0
    while await desk_of.ring(at(3000)):
        steps += 1
    assert steps == 20
    async with world.database.read() as session:
        counted = (
            await session.execute(
                text(
                    "SELECT (SELECT COUNT(*) FROM clock WHERE breached_at IS NOT NULL), (SELECT COUNT(*) FROM clock_entry),"
                    " (SELECT COUNT(*) FROM notification), (SELECT COUNT(*) FROM event WHERE kind LIKE 'clock.%')"
                )
            )
        ).one()
    assert tuple(counted) == (10_000, 20_001, 10_000, 20_000), "one clock began here; the others were copied"
    assert policy.version == 1


# -- counted anew ---------------------------------------------------------------------------------------------------------


async def test_SLA2_applied_by_choice_in_batches_that_survive_a_kill(
    world: World, desk_of: Promised, settings: Settings, hands: Hands
) -> None:
    policy = await desk_of.policy()
    await write_to_us(world, 120)
    await world.status(7, "resolved", now=at(20))
    await desk_of.change(policy, targets={"first_response": every(1200)})
    async with world.database.write() as session:
        await recount.start(session, world.cast.lead.id, at(30))
    await world.take(said(500, who="later"))
    dies_before_it_commits(settings, "recount.step", at(31))
    assert (await world.one(Recount)).done_until == 0
    assert not await desk_of.told("clock.retargeted")
    assert await desk_of.recount(at(32), begin=False, most=50) == 4
    done = await world.one(Recount)
    assert (done.tickets, done.changed, done.last_ticket, done.done_at) == (119, 119, 120, at(32))
    assert len(await desk_of.told("clock.retargeted")) == 119
    assert {ticket.due_at for ticket in await world.tickets() if ticket.id != 7} == {at(1200)}
    assert [entry.kind for entry in await world.all(ClockEntry, reason="policy")].count("cancelled") == 119
    audit = await world.one(Event, kind="recount.done")
    assert audit.agent_id == world.cast.lead.id


async def test_two_processes_count_anew_once(world: World, desk_of: Promised, settings: Settings) -> None:
    policy = await desk_of.policy()
    await write_to_us(world, 60)
    await desk_of.change(policy, targets={"first_response": every(1200)})
    async with world.database.write() as session:
        await recount.start(session, world.cast.lead.id, at(30))
    other = Database(settings.database)

    async def work(database: Database) -> None:
        for _ in range(30):
            async with database.write() as session:
                await recount.step(session, at(31), most=7)

    await asyncio.gather(work(world.database), work(other))
    await other.close()
    done = await world.one(Recount)
    assert (done.tickets, done.changed, done.done_at) == (60, 60, at(31))
    assert len(await desk_of.told("clock.retargeted")) == 60
    assert done.created_at - START == timedelta(seconds=30)
