"""Which promise holds is known at once in every process, and never from what was rolled back (SLA2)."""

import pytest
from sqlalchemy import Connection

from app.actions import desk, policies
from app.actions.receive import take
from app.config import Settings
from app.db import Database
from app.queries.sla import Versions
from tests.actions.promised import Promised, every, spec
from tests.actions.world import RULES, World, arrival, at, said
from tests.cast import START, Cast, inbox


@pytest.fixture
async def world(database: Database, cast: Cast) -> World:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return World(database=database, cast=cast, **kinds)


async def targets(database: Database) -> list[int]:
    """Of what is promised now, as this process knows it."""

    def read(connection: Connection) -> list[int]:
        return [policy.targets["resolution"]["normal"] for policy in Versions(connection).now.active]

    async with database.read() as session:
        return await (await session.connection()).run_sync(read)


async def test_a_change_is_seen_at_once_by_another_process(world: World, settings: Settings) -> None:
    here, there = Promised(world), Database(settings.database)
    assert await targets(there) == []
    policy = await here.policy(targets={"resolution": every(600)})
    assert await targets(there) == await targets(world.database) == [600]
    await here.change(policy, targets={"resolution": every(1200)})
    assert await targets(there) == [1200]
    await here.change(policy, archived=True)
    assert await targets(there) == []
    await there.close()


async def test_what_was_rolled_back_is_not_remembered(world: World) -> None:
    class Broken(Exception):
        """Something else in the transaction."""

    desk_of = Promised(world)
    policy = await desk_of.policy(targets={"resolution": every(600)})
    await world.take(said(0))
    with pytest.raises(Broken):
        async with world.database.write() as session:
            lost = spec(targets={"resolution": every(60)})
            await policies.change(session, policy.id, agent_id=world.cast.lead.id, now=START, spec=lost)
            ticket = await desk.locked(session, 1)  # a verb that judges by what was just written
            await desk.set_priority(session, ticket, "high", by=1, now=START)
            raise Broken
    await desk_of.change(policy, targets={"resolution": every(1200)})  # takes the same number
    assert await targets(world.database) == [1200]
    await world.take(said(1, who="suzuki"))
    assert [(clock.policy_version, clock.target_s) for clock in await world.clocks()] == [(1, 600), (2, 1200)]


async def test_the_doors_own_way_of_writing_promises_the_same(world: World) -> None:
    """On SQLite a batch goes through a thread and a connection of its own."""
    calendar = await Promised(world).calendar()
    await Promised(world).policy(hours="business", calendar_id=calendar.id)
    given = [arrival(world.line, said(n, who=f"p{n}")) for n in range(3)]
    await world.database.bulk(lambda connection: take(connection, given, now=at(5), rules=RULES))
    assert [ticket.due_at for ticket in await world.tickets()] == [at(600 + n) for n in range(3)]
    clocks = await world.clocks()
    assert {(clock.metric, clock.policy_id, clock.calendar_version) for clock in clocks} == {
        ("first_response", 1, 1), ("resolution", 1, 1),
    }  # fmt: skip
