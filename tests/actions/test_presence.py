"""Presence on both databases: its history has no gaps and no overlaps, and what is lost comes back (R5)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.actions import people, presence
from app.db import Database
from app.models import Agent, Call, CallState, Event, Mode, Presence, PresenceSpan, RoutingSetup, TeamRouting, Ticket
from app.rules.presence import NotChosen
from tests.actions.world import World, at, ring, said
from tests.cast import START


async def settle(world: World, now: datetime) -> int:
    """One look of the clock."""
    async with world.database.read() as session:
        due = await presence.due(session, now)
    async with world.database.write() as session:
        return await presence.settle(session, due, now)


async def be(world: World, state: str | None, now: datetime, **more: Any) -> None:
    hanako = world.cast.hanako.id
    async with world.database.write() as session:
        await presence.declare(session, hanako, state, by=hanako, now=now, **more)


async def hanako(world: World) -> Agent:
    return await world.one(Agent, id=world.cast.hanako.id)


async def spans(world: World) -> list[PresenceSpan]:
    """Hanako's history, which must have no hole."""
    found = await world.all(PresenceSpan, agent_id=world.cast.hanako.id)
    assert [each.ended_at for each in found[:-1]] == [each.began_at for each in found[1:]], "a gap or an overlap"
    assert not found or found[-1].ended_at is None
    return found


async def test_r5_each_change_ends_one_span_and_begins_the_next(world: World) -> None:
    await be(world, Presence.AVAILABLE, at(10))
    await be(world, Presence.AVAILABLE, at(15))
    await be(world, Presence.BREAK, at(20))
    assert [(each.state, each.began_at) for each in await spans(world)] == [
        (Presence.OFFLINE, START), (Presence.AVAILABLE, at(10)), (Presence.BREAK, at(20))
    ]  # fmt: skip
    assert (await hanako(world)).presence_at == at(20)
    told = [each.params["presence"] for each in await world.all(Event, kind="agent.presence")]
    assert told == [Presence.AVAILABLE, Presence.BREAK], "the same again is no news"


async def test_r5_a_channel_switched_off_is_a_span_of_its_own_in_the_same_state(world: World) -> None:
    await be(world, Presence.AVAILABLE, at(10))
    await be(world, None, at(20), channels_off=["phone", "chat", "phone"])
    last = (await spans(world))[-1]
    assert (last.state, last.channels_off, last.began_at) == (Presence.AVAILABLE, ["chat", "phone"], at(20))
    assert (await hanako(world)).presence_at == at(10), "available since then"
    with pytest.raises(presence.UnknownChannel):
        await be(world, None, at(30), channels_off=["telegraph"])


async def test_r5_nobody_chooses_to_be_busy(world: World) -> None:
    with pytest.raises(NotChosen):
        await be(world, Presence.BUSY, at(10))
    with pytest.raises(people.NoAgent):
        async with world.database.write() as session:
            await presence.declare(session, 4711, Presence.AVAILABLE, by=world.cast.lead.id, now=START)


async def test_r5_away_sixty_seconds_after_the_last_connection_and_back_with_it(world: World) -> None:
    me = world.cast.hanako.id
    await be(world, Presence.AVAILABLE, at(0))
    async with world.database.write() as session:
        await presence.connected(session, me, at(0))
    async with world.database.write() as session:
        await presence.disconnected(session, me, at(100))
    assert await settle(world, at(159)) == 0
    assert await settle(world, at(160)) == 1
    assert (await hanako(world)).presence == Presence.AWAY
    assert await settle(world, at(161)) == 0
    async with world.database.write() as session:
        await presence.connected(session, me, at(200))
    assert (await hanako(world)).presence == Presence.AVAILABLE
    assert [each.reason for each in await spans(world)] == ["", "set", "disconnected", "connected"]


async def test_r5_a_program_has_no_connection_to_lose(world: World) -> None:
    async with world.database.write() as session:
        await presence.connected(session, world.cast.hanako.id, at(0))
    await be(world, Presence.AVAILABLE, at(1), expects_browser=False)
    assert await settle(world, at(4000)) == 0


async def test_r5_a_process_that_dies_leaves_nobody_available_for_ever(world: World) -> None:
    """Crash-safe: the connection's last sign of life stands in the database, whoever looks at it afterwards."""
    async with world.database.write() as session:
        await presence.connected(session, world.cast.hanako.id, at(0))
    await be(world, Presence.AVAILABLE, at(0))
    other = Database(world.database.url)
    try:
        async with other.read() as session:
            assert await presence.due(session, at(60)) == [world.cast.hanako.id]
        async with other.write() as session:
            assert await presence.settle(session, [world.cast.hanako.id], at(60)) == 1
    finally:
        await other.close()
    assert (await hanako(world)).presence == Presence.AWAY


async def calling(world: World, state: str, **more: Any) -> None:
    call = await world.one(Call)
    await world.set(Call, call.id, state=state, agent_id=world.cast.hanako.id, **more)


async def test_r5_a_call_makes_busy_and_its_end_wraps_up(world: World) -> None:
    async with world.database.write() as session:
        session.add(RoutingSetup(id=1, weights={}, wrap_up_s=45))
    await world.take(ring(1), inbox=world.phone)
    await be(world, Presence.TRAINING, at(0))
    await calling(world, CallState.CONNECTING)
    assert await settle(world, at(5)) == 1
    await calling(world, CallState.CONNECTED)
    assert await settle(world, at(9)) == 1
    await be(world, Presence.AVAILABLE, at(20))
    assert (await hanako(world)).presence == Presence.BUSY, "chosen during a call: holds from its end"
    await calling(world, CallState.ENDED)
    assert await settle(world, at(60)) == 1
    assert (await hanako(world)).presence_until == at(105)
    assert await settle(world, at(104)) == 0
    assert await settle(world, at(105)) == 1
    assert [(each.state, each.reason) for each in await spans(world)] == [
        ("offline", ""), ("training", "set"), ("busy", "ringing"), ("busy", "call"), ("wrap_up", "after_call"),
        ("available", "wrapped_up"),
    ]  # fmt: skip


async def test_r5_full_hands_are_busy_only_where_routing_counts(world: World) -> None:
    await be(world, Presence.AVAILABLE, at(0))
    await world.set(Agent, world.cast.hanako.id, capacity=10)
    number = (await world.take(said(1)))[0].ticket
    assert number is not None
    await world.set(Ticket, number, assignee_id=world.cast.hanako.id)
    assert await settle(world, at(5)) == 0
    async with world.database.write() as session:
        session.add(TeamRouting(team_id=world.cast.team.id, mode=Mode.PUSH))
    assert await settle(world, at(6)) == 1
    assert (await hanako(world)).presence == Presence.BUSY
    await world.status(number, "pending", now=at(7))
    assert await settle(world, at(8)) == 1
    assert (await hanako(world)).presence == Presence.AVAILABLE, "R4: who waits for the customer has free hands"


async def test_r5_who_is_let_go_is_offline(world: World) -> None:
    await be(world, Presence.AVAILABLE, at(0))
    async with world.database.write() as session:
        await people.change_agent(session, world.cast.hanako.id, {"active": False}, now=at(5))
    assert await settle(world, at(6)) == 1
    assert [(each.state, each.reason) for each in await spans(world)][-1] == ("offline", "left")


async def test_r5_two_processes_that_settle_at_once_write_one_span(world: World) -> None:
    await be(world, Presence.AVAILABLE, at(0))
    async with world.database.write() as session:
        await presence.connected(session, world.cast.hanako.id, at(0))
    others = [Database(world.database.url) for _ in range(2)]

    async def settled(database: Database) -> int:
        async with database.write() as session:
            return await presence.settle(session, [world.cast.hanako.id], START + timedelta(minutes=5))

    try:
        assert sorted(await asyncio.gather(*map(settled, others))) == [0, 1]
    finally:
        for each in others:
            await each.close()
    assert [each.state for each in await spans(world)] == ["offline", "available", "away"]
