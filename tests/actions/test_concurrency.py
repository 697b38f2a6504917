"""Many at once: one ticket for one conversation, one winner of a claim, a log of which no reader misses a row."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from app import feed
from app.actions import desk, outbox, reply
from app.actions.receive import Arrival
from app.config import Settings
from app.db import Database, GroupCommit
from app.models import Identity, Message, RawHook, Ticket
from app.parts import assemble
from channels.contract import Placement
from tests.actions.world import World, arrival, at, said
from tests.conftest import settings_for


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Settings:
    """PostgreSQL alone: SQLite has one writer."""
    return settings_for(postgres_url, tmp_path)


async def processes(settings: Settings, many: int) -> list[GroupCommit[Arrival, list[Placement]]]:
    """The intakes of several processes over one database."""
    return [assemble(settings).intake for _ in range(many)]


async def close(intakes: Sequence[GroupCommit[Arrival, list[Placement]]]) -> None:
    for each in intakes:
        await each.drain()
        await each._database.close()


async def test_six_processes_hear_the_same_new_customer_at_once(world: World, settings: Settings) -> None:
    """Each has another message of the same conversation: one person, one ticket, six messages, nothing set aside."""
    intakes = await processes(settings, 6)
    for round_ in range(5):
        items = [said(f"{round_}-{n}", f"{n}", who=f"c{round_}") for n in range(6)]
        await asyncio.gather(*[i.put(arrival(world.line, item)) for i, item in zip(intakes, items, strict=True)])
    await close(intakes)
    assert await world.all(RawHook, state="failed") == []
    assert (len(await world.tickets()), len(await world.messages()), len(await world.all(Identity))) == (5, 30, 5)
    for ticket in await world.tickets():
        seqs = [m.seq for m in await world.all(Message, ticket_id=ticket.id)]
        assert sorted(seqs) == [1, 2, 3, 4, 5, 6]


async def test_the_same_webhook_in_several_processes_is_one_message(world: World, settings: Settings) -> None:
    intakes = await processes(settings, 5)
    placed = await asyncio.gather(*[i.put(arrival(world.line, said(1), said(2))) for i in intakes])
    await close(intakes)
    assert await world.all(RawHook, state="failed") == []
    assert len(await world.messages()) == 2
    assert len({p[0].message for p in placed}) == len({p[1].message for p in placed}) == 1


async def test_batches_that_meet_in_any_order_lose_nothing(world: World, settings: Settings) -> None:
    """Deadlocks and races are the database's to break, and ours to try again."""
    intakes, chance = await processes(settings, 4), random.Random(3)
    for turn in range(6):
        hooks = []
        for process in range(4):
            users = [f"u{n}" for n in range(8)]
            chance.shuffle(users)
            hooks += [(process, said(f"{turn}-{process}-{u}", who=u)) for u in users]
        chance.shuffle(hooks)
        await asyncio.gather(*[intakes[p].put(arrival(world.line, item)) for p, item in hooks])
    await close(intakes)
    assert await world.all(RawHook, state="failed") == []
    assert (len(await world.tickets()), len(await world.messages())) == (8, 4 * 8 * 6)


async def test_one_of_twenty_claims_wins(world: World) -> None:
    await world.take(said(0))
    agents = [world.cast.hanako.agent, world.cast.jiro.agent]

    async def claim(n: int) -> str:
        try:
            async with world.database.write() as session:
                await desk.claim(session, await desk.locked(session, 1), agents[n % 2], at(n))
        except desk.AlreadyAssigned:
            return "taken"
        return agents[n % 2].email

    told = await asyncio.gather(*[claim(n) for n in range(20)])
    winners = {t for t in told if t != "taken"}
    assert len(winners) == 1 and told.count("taken") == 10
    ticket = await world.ticket()
    assert [a.email for a in agents if a.id == ticket.assignee_id] == list(winners)


async def test_answers_and_messages_at_once_keep_one_sequence(world: World, settings: Settings) -> None:
    await world.take(said(0))
    (intake,) = await processes(settings, 1)

    async def answer(n: int) -> None:
        async with world.database.write() as session:
            ticket = await desk.locked(session, 1)
            await reply.reply(session, ticket, world.cast.hanako.agent, reply.Draft(text=f"{n}"), now=at(n))

    await asyncio.gather(
        *[answer(n) for n in range(10)], *[intake.put(arrival(world.line, said(n))) for n in range(1, 11)]
    )
    await close([intake])
    assert await world.all(RawHook, state="failed") == []
    messages = await world.messages()
    assert sorted(m.seq or 0 for m in messages) == list(range(1, 22))
    assert (await world.threads())[0].last_seq == 21


async def test_the_same_answer_posted_twice_at_once_is_one(world: World) -> None:
    await world.take(said(0))

    async def answer() -> int:
        async with world.database.write() as session:
            ticket = await desk.locked(session, 1)
            draft = reply.Draft(text="一度だけ", client_id="c1")
            return (await reply.reply(session, ticket, world.cast.hanako.agent, draft, now=at(1)))[0].id

    assert len(set(await asyncio.gather(*[answer() for _ in range(8)]))) == 1


async def test_two_clocks_never_claim_the_same_message(world: World, settings: Settings) -> None:
    await world.take(*[said(n, who=f"c{n}") for n in range(20)])
    for number in range(1, 21):
        async with world.database.write() as session:
            ticket = await desk.locked(session, number)
            await reply.reply(session, ticket, world.cast.hanako.agent, reply.Draft(text="x"), now=at(1))
    others = [Database(settings.database) for _ in range(4)]

    async def claim(database: Database) -> list[int]:
        async with database.write() as session:
            return list(await outbox.claim(session, at(5), 7))

    claimed = [m for found in await asyncio.gather(*[claim(d) for d in others * 2]) for m in found]
    for each in others:
        await each.close()
    assert len(claimed) == len(set(claimed)) and len(claimed) >= 7


# -- the log ------------------------------------------------------------------------------------------------------------


async def numbers(database: Database, cursor: str) -> tuple[list[int], str]:
    async with database.read() as session:
        events, after = await feed.tail(session, cursor)
    return [e.params["n"] for e in events], after


async def test_a_row_that_becomes_visible_late_is_not_missed(world: World) -> None:
    """house.md 7: a transaction that began first and commits last. Following by id alone would lose its row."""
    database = world.database
    async with database.read() as session:
        cursor = await feed.now_cursor(session)
    async with database.write() as slow:
        await feed.record(slow, feed.event("slow", at(0), n=1))
        async with database.write() as quick:
            await feed.record(quick, feed.event("quick", at(0), n=2))
        seen, cursor = await numbers(database, cursor)
        assert seen == [], "the quick one waits for the slow one"
    late, cursor = await numbers(database, cursor)
    assert sorted(late) == [1, 2]
    assert (await numbers(database, cursor))[0] == []


async def test_a_reader_beside_many_writers_sees_each_row_once(world: World) -> None:
    database, chance = world.database, random.Random(5)
    async with database.read() as session:
        cursor = await feed.now_cursor(session)
    writing = 30

    async def write(n: int) -> None:
        async with database.write() as session:
            await feed.record(session, feed.event("x", at(0), n=n * 2))
            await session.execute(text("SELECT pg_sleep(:s)"), {"s": chance.random() / 30})
            await feed.record(session, feed.event("x", at(0), n=n * 2 + 1))

    tasks = [asyncio.create_task(write(n)) for n in range(writing)]
    seen: list[int] = []
    while not all(task.done() for task in tasks) or len(seen) < writing * 2:
        found, cursor = await numbers(database, cursor)
        seen += found
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert sorted(seen) == list(range(writing * 2)) and len(set(seen)) == len(seen)


async def test_tickets_number_themselves_without_collisions(world: World, settings: Settings) -> None:
    intakes = await processes(settings, 3)
    await asyncio.gather(*[intakes[n % 3].put(arrival(world.line, said(n, who=f"c{n}"))) for n in range(60)])
    await close(intakes)
    assert len({t.id for t in await world.all(Ticket)}) == 60
