"""A team whose tickets are routed, and one look of the clock at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.actions import calls, offers, overflow, presence, ringing, routing
from app.models import (
    Agent,
    Call,
    Decision,
    Offer,
    Queued,
    TeamRouting,
)  # fmt: skip
from tests.actions.world import World, at, ring, said


@dataclass(frozen=True, slots=True)
class Floor:
    """The world with Hanako's and Jiro's team routed, and both of them available."""

    world: World

    @property
    def hanako(self) -> int:
        return self.world.cast.hanako.id

    @property
    def jiro(self) -> int:
        return self.world.cast.jiro.id

    @property
    def team(self) -> int:
        return self.world.cast.team.id

    async def plan(self, **fields: Any) -> None:
        await self.world.set(TeamRouting, self.team, **fields)

    async def be(self, agent: int, state: str, now: datetime) -> None:
        async with self.world.database.write() as session:
            await presence.declare(session, agent, state, by=agent, now=now)

    async def ask(self, number: int, **more: Any) -> int:
        """A customer of their own writes on LINE, `number` seconds after the start."""
        placed = await self.world.take(said(number, who=f"customer{number}", **more), now=at(number))
        assert placed[0].ticket is not None
        return placed[0].ticket

    async def call(self, number: int, **more: Any) -> Call:
        """Somebody calls, `number` seconds after the start, and waits."""
        placed = await self.world.take(
            ring(number, who=f"caller{number}", **more), inbox=self.world.phone, now=at(number)
        )  # fmt: skip
        return await self.world.one(Call, message_id=placed[0].message)

    async def rings(self, call: Call) -> list[int]:
        """With whom."""
        return [each.agent_id for each in await self.world.all(Offer, call_id=call.id, state="open")]

    async def answer(self, call: Call, who: Agent, now: datetime) -> Call:
        async with self.world.database.write() as session:
            return await calls.answer(session, call.id, who, via="browser", now=now)

    async def look(self, now: datetime) -> int:
        """One look of the clock, as jobs/route.py does it."""
        database = self.world.database
        async with database.read() as session:
            agents, over, due = (
                await presence.due(session, now), await offers.over(session, now), await overflow.due(session, now)
            )  # fmt: skip
            left, called = await overflow.stranded(session, now), await ringing.look(session, now)
        async with database.write() as session:
            await presence.settle(session, agents, now)
            await (ringing.settle(session, now) if called else session.flush())
            await offers.finish(session, over, now)
            await overflow.step(session, due, now)
            await overflow.rescue(session, left, now)
        async with database.read() as session:
            numbers, _ = await routing.look(session, now, {})
        async with database.write() as session:
            done = await routing.route(session, numbers, now)
        async with database.read() as session:
            crowded = await overflow.crowds(session, now)
        async with database.write() as session:
            return done + (await overflow.spread(session, now) if crowded else 0)

    async def assignee(self, number: int) -> int | None:
        return (await self.world.ticket(number)).assignee_id

    async def queued(self) -> list[Queued]:
        async with self.world.database.read() as session:
            return list((await session.scalars(select(Queued).order_by(col(Queued.ticket_id)))).all())

    async def log(self, number: int) -> list[tuple[str, str, int | None]]:
        found = await self.world.all(Decision, ticket_id=number)
        return [(each.outcome, each.why, each.agent_id) for each in found]
