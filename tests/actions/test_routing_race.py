"""Several processes and twenty agents at once: nobody gets more than they can hold, no ticket goes to two (R4)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert

from app.actions import desk, offers, presence, routing
from app.db import Database
from app.models import Agent, Assignment, Mode, Offer, Presence, TeamMember, TeamRouting, Ticket
from tests.actions.world import World, arrival, at, said
from tests.cast import START

AGENTS, TICKETS, CAPACITY = 20, 120, 45  # three tickets of LINE each: half of the tickets must wait


@pytest.fixture
async def others(world: World) -> AsyncIterator[list[Database]]:
    """Databases of other processes."""
    made = [Database(world.database.url) for _ in range(3)]
    yield made
    for each in made:
        await each.close()


async def enter(world: World, mode: str) -> list[Agent]:
    async with world.database.write() as session:
        agents = [
            Agent(
                email=f"a{n}@mikawaya.example", name=f"a{n}", created_at=START, capacity=CAPACITY,
                presence=Presence.AVAILABLE, presence_at=START,
            )
            for n in range(AGENTS)
        ]  # fmt: skip
        session.add_all(agents)
        session.add(TeamRouting(team_id=world.cast.team.id, mode=mode, strategy="least_occupied"))
        await session.flush()
        links = [{"team_id": world.cast.team.id, "agent_id": each.id} for each in agents]
        await session.execute(insert(TeamMember), links)
    await world.batch([arrival(world.line, said(n, who=f"c{n}")) for n in range(TICKETS)])
    return agents


async def clock(database: Database, first: int = 0) -> None:
    """What one process's clock does until it finds nothing more. `first`: which of the tickets it takes to begin with, so
    that others do not only skip what this one holds."""
    while True:
        async with database.read() as session:
            numbers, _ = await routing.look(session, at(200), {})
        if not numbers:
            return
        async with database.write() as session:
            await routing.route(session, numbers[first::3] or numbers, at(200))


async def held(world: World) -> Counter[int | None]:
    found = Counter(ticket.assignee_id for ticket in await world.tickets())
    assert all(count * 15 <= CAPACITY for agent, count in found.items() if agent is not None), found
    return found


async def test_r4_three_clocks_never_over_assign(world: World, others: list[Database]) -> None:
    agents = await enter(world, Mode.PUSH)
    await asyncio.gather(*[clock(each, n) for n, each in enumerate(others)])
    await clock(world.database)
    found = await held(world)
    assert {found[agent.id] for agent in agents} == {3}, "and nobody's hands stay empty while tickets wait"
    assert found[None] == TICKETS - 3 * AGENTS
    assert len(await world.all(Assignment)) == 3 * AGENTS, "each was given once"


async def test_r4_clocks_and_agents_who_take_and_leave_at_the_same_time(world: World, others: list[Database]) -> None:
    """Presence changes and answers of people go on meanwhile: nothing waits in a circle, nothing is given twice."""
    agents = await enter(world, Mode.PUSH)

    async def restless(database: Database, agent: Agent) -> None:
        for state in (Presence.BREAK, Presence.AVAILABLE):
            async with database.write() as session:
                await presence.declare(session, agent.id, state, by=agent.id, now=at(200))

    async def takes(database: Database, number: int) -> None:
        async with database.write() as session:
            ticket = await desk.locked(session, number)
            if ticket.assignee_id is None:
                await desk.claim(session, ticket, world.cast.lead.agent, at(200))

    numbers = [ticket.id for ticket in await world.tickets()]
    await asyncio.gather(
        *[clock(each, n) for n, each in enumerate(others)],
        *[restless(others[n % 3], agent) for n, agent in enumerate(agents[:6])],
        *[takes(others[n % 3], number) for n, number in enumerate(numbers[:12])],
    )
    await clock(world.database)
    found = Counter(ticket.assignee_id for ticket in await world.tickets())
    assert {found[agent.id] for agent in agents} == {3}
    assert Counter(each.ticket_id for each in await world.all(Assignment)).most_common(1)[0][1] == 1


async def test_r4_twenty_agents_ask_for_the_next_at_once(world: World, others: list[Database]) -> None:
    agents = await enter(world, Mode.PULL)

    async def ask(n: int) -> int | None:
        async with others[n % 3].write() as session:
            return await routing.next_ticket(session, agents[n], at(200))

    got = [number for _ in range(4) for number in await asyncio.gather(*map(ask, range(AGENTS)))]
    given = [number for number in got if number is not None]
    assert len(set(given)) == len(given) == 3 * AGENTS, "the fourth is more than their hands hold"
    await held(world)


async def test_r4_offers_reserve_and_are_accepted_once(world: World, others: list[Database]) -> None:
    agents = {agent.id: agent for agent in await enter(world, Mode.OFFER)}
    await asyncio.gather(*[clock(each, n) for n, each in enumerate(others)])
    made = await world.all(Offer)
    assert Counter(Counter(each.agent_id for each in made).values()) == {3: AGENTS}

    async def accept(database: Database, offer: Offer) -> int:
        async with database.write() as session:
            return await offers.accept(session, offer.id, agents[offer.agent_id], at(201))

    await asyncio.gather(*[accept(others[n % 3], each) for each in made for n in range(2)])
    await held(world)
    assert len(await world.all(Assignment)) == 3 * AGENTS
    assert {each.state for each in await world.all(Offer)} == {"accepted"}
    assert len(await world.all(Ticket, assignee_id=None)) == TICKETS - 3 * AGENTS
