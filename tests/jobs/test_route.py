"""Routing and presence by the product's own clocks, over HTTP and the agents' socket (R1, R5)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.db import Database
from app.jobs.route import Route
from app.models import Agent, Event, Mode, RoutingSetup, TeamRouting
from app.parts import Parts
from app.security import Vault
from tests import cast as people
from tests.api.conftest import CONFIGS, Desk, heard
from tests.cast import Member
from tests.servers import product


@pytest.fixture
async def desk(settings: Settings, database: Database) -> AsyncIterator[Desk]:
    """The product with its clocks, one routed team, and LINE."""
    async with database.write() as session:
        cast = await people.enter(session)
        line = await inboxes.add(
            session, Vault(settings.key()), kind="line", name="line", config=CONFIGS["line"], now=people.START,
            team_id=cast.team.id,
        )  # fmt: skip
        session.add(TeamRouting(team_id=cast.team.id, mode=Mode.PUSH))
        session.add(RoutingSetup(id=1, weights={}, away_after_s=1))
    with product(settings) as running:
        made = Desk(running, database, cast, {"line": line})
        yield made
        for each in made.clients:
            await each.aclose()


async def event(socket: Any, kind: str, **params: Any) -> dict[str, Any]:
    """The next event of this kind that says this."""
    while True:
        for each in (await heard(socket, "news"))["events"]:
            if each["kind"] == kind and params.items() <= each["params"].items():
                found: dict[str, Any] = each
                return found


async def be(desk: Desk, who: Member, state: str) -> None:
    answer = await desk.client(who).put("/api/v1/me/presence", json={"presence": state})
    assert answer.status_code == 200, answer.text


async def open_ears(socket: Any) -> None:
    await socket.send('{"op": "hello"}')
    await heard(socket, "ready")


async def test_r1_a_new_ticket_finds_its_agent_and_every_screen_hears_of_it(desk: Desk) -> None:
    await be(desk, desk.cast.hanako, "available")
    async with desk.socket("/live", desk.cast.lead) as socket:
        await open_ears(socket)
        await desk.say(1)
        told = await event(socket, "ticket.assigned", to=desk.cast.hanako.id)
    assert (told["agent_id"], told["params"]["reason"]) == (None, "routed")


async def test_r1_who_becomes_available_gets_what_waits(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.lead) as socket:
        await open_ears(socket)
        await desk.say(1)
        await event(socket, "ticket.opened")
        await be(desk, desk.cast.jiro, "available")
        await event(socket, "ticket.assigned", to=desk.cast.jiro.id)


async def test_r5_a_lost_connection_makes_away_and_a_new_one_brings_back(desk: Desk) -> None:
    hanako = desk.cast.hanako.id
    async with desk.socket("/live", desk.cast.lead) as screen:
        await open_ears(screen)
        async with desk.socket("/live", desk.cast.hanako) as own:
            await open_ears(own)
            browser = desk.client(desk.cast.hanako, browser=True)
            assert (await browser.put("/api/v1/me/presence", json={"presence": "available"})).status_code == 200
            await event(screen, "agent.presence", who=hanako, presence="available")
        await event(screen, "agent.presence", who=hanako, presence="away", reason="disconnected")
        async with desk.socket("/live", desk.cast.hanako) as own:
            await open_ears(own)
            await event(screen, "agent.presence", who=hanako, presence="available", reason="connected")


async def test_r5_a_wrap_up_ends_by_itself(desk: Desk) -> None:
    async with desk.database.write() as session:
        agent = await session.get_one(Agent, desk.cast.hanako.id)
        agent.presence, agent.presence_before, agent.presence_until = "wrap_up", "training", clock.utcnow()
    while True:
        async with desk.database.read() as session:
            agent = await session.get_one(Agent, desk.cast.hanako.id)
        if (agent.presence, agent.presence_reason) == ("training", "wrapped_up"):
            return
        await asyncio.sleep(0.02)


async def test_a_look_that_finds_nothing_writes_nothing(parts: Parts) -> None:
    async with parts.database.write() as session:
        cast = await people.enter(session)
        session.add(TeamRouting(team_id=cast.team.id, mode=Mode.PUSH))
    told: list[Any] = []
    parts.database.on_news.append(told.append)
    assert [await Route(parts).step() for _ in range(3)] == [0, 0, 0]
    assert told == []
    async with parts.database.read() as session:
        assert await session.get(Event, 1) is None
