"""Merges at the same moment, from several processes: never a circle, and no message falls between two tickets."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.actions.cases import merge, unmerge
from app.actions.receive import receive
from app.db import Database
from app.errors import Problem
from app.models import Episode, Message, Thread, Ticket
from tests.actions.world import RULES, World, arrival, at, said

WHO = ("sato", "tanaka", "mori", "abe")


@pytest.fixture
async def others(world: World) -> AsyncIterator[list[Database]]:
    """Databases of other processes."""
    made = [Database(world.database.url) for _ in range(3)]
    yield made
    for each in made:
        await each.close()


async def merging(database: Database, world: World, number: int, into: int) -> bool:
    try:
        async with database.write() as session:
            await merge.merge(session, number, into, agent=world.cast.lead.agent, now=at(100), other_customer=True)
    except Problem:
        return False
    return True


async def test_merges_that_meet_make_no_circle(world: World, others: list[Database]) -> None:
    """Each into the next, the last into the first: whoever comes last is refused."""
    for number, who in enumerate(WHO, 1):
        await world.take(said(number, who=who), now=at(number))
    databases = [world.database, *others]
    ring = [(1, 2), (2, 3), (3, 4), (4, 1)]
    done = await asyncio.gather(*(merging(d, world, *pair) for d, pair in zip(databases, ring, strict=True)))
    assert sum(done) == 3, done
    tickets = {each.id: each for each in await world.tickets()}
    masters = [number for number, each in tickets.items() if each.merged_into_id is None]
    assert len(masters) == 1
    assert {each.ticket_id for each in await world.all(Thread)} == set(masters)
    assert {each.ticket_id for each in await world.all(Message)} == set(masters)
    waiting = [each for each in await world.episodes() if not each.void]
    assert [(each.ticket_id, each.opened_at) for each in waiting] == [(masters[0], at(1))]


async def test_messages_that_come_while_it_is_merged_and_undone_are_all_there_and_wait(
    world: World, others: list[Database]
) -> None:
    """The master's row is written by both: what one of them says of it must not undo the other."""
    for number, who in enumerate(WHO[:2], 1):
        await world.take(said(number, who=who), now=at(number))

    async def write(database: Database, first: int) -> None:
        for number in range(first, first + 12):
            async with database.write() as session:
                item = said(number, who=WHO[number % 2])
                await receive(session, [arrival(world.line, item)], now=at(number), rules=RULES)

    async def shuffle(database: Database) -> None:
        for _ in range(6):
            assert await merging(database, world, 2, 1)
            async with database.write() as session:
                await unmerge.unmerge(session, 2, agent=world.cast.lead.agent, now=at(101))

    await asyncio.gather(write(others[0], 10), write(others[1], 40), shuffle(others[2]))
    assert len(await world.messages()) == 26
    tickets = await world.all(Ticket)
    assert [each.merged_into_id for each in tickets] == [None, None]
    for ticket, thread in zip(tickets, await world.threads(), strict=True):
        own = await world.all(Message, ticket_id=ticket.id)
        assert {each.thread_id for each in own} == {thread.id} and thread.ticket_id == ticket.id
        assert sorted(each.seq or 0 for each in own) == list(range(1, len(own) + 1))
        assert ticket.needs_reply_since == at(ticket.id)
    waiting = [each for each in await world.all(Episode) if not each.void]
    assert sorted(each.ticket_id for each in waiting) == [1, 2]
