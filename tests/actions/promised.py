"""What the tests of promises share: a policy of numbers that are easy to follow, and the desk's verbs in one line."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import desk, hours, policies, recount, timers
from app.models import Calendar, Clock, Event, Policy, Team, Ticket
from app.queries import ledger
from app.rules.ledger import differences
from tests.actions.world import World
from tests.cast import START

PRIORITIES = ("urgent", "high", "normal", "low")
OFFICE: dict[str, Any] = {
    "zone": "Asia/Tokyo", "week": [[["09:00", "18:00"]]] * 5 + [[], []], "country": "", "closures": [], "days": {},
}  # fmt: skip


def spec(**more: Any) -> dict[str, Any]:
    """Ten minutes to an answer, an hour to a solution; a tenth of it when it is urgent."""
    return {
        "conditions": [], "hours": "elapsed", "calendar_id": None, "by_team": False,
        "targets": {
            "first_response": every(600), "next_response": every(300), "resolution": every(3600),
        },
        "pauses": {"resolution": ["pending", "snoozed"]}, "reopen": "resume", "steps": [],
    } | more  # fmt: skip


def every(seconds: int) -> dict[str, int]:
    return {"urgent": seconds // 10} | dict.fromkeys(PRIORITIES[1:], seconds)


class Promised:
    """A world with promises in it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def policy(self, name: str = "標準", **more: Any) -> Policy:
        async with self.world.database.write() as session:
            return await policies.add(session, name=name, spec=spec(**more), agent_id=None, now=START)

    async def change(self, policy: Policy, **more: Any) -> None:
        async with self.world.database.write() as session:
            given = {"spec": spec(**more)} if "archived" not in more else more
            await policies.change(session, policy.id, agent_id=self.world.cast.lead.id, now=START, **given)

    async def calendar(self, name: str = "平日", **more: Any) -> Calendar:
        async with self.world.database.write() as session:
            return await hours.add(session, name=name, spec={**OFFICE, **more}, agent_id=None, now=START)

    async def team(self, name: str, calendar: Calendar | None = None) -> Team:
        async with self.world.database.write() as session:
            made = Team(name=name, calendar_id=calendar.id if calendar else None, created_at=START)
            session.add(made)
            await session.flush()
            return made

    async def do(self, verb: Callable[[AsyncSession, Ticket], Awaitable[Any]], number: int = 1) -> None:
        async with self.world.database.write() as session:
            await verb(session, await desk.locked(session, number))

    async def answer(self, at: datetime, number: int = 1) -> None:
        hanako = self.world.cast.hanako.id
        await self.do(lambda s, t: desk.answered(s, t, at=at, agent_id=hanako, message_id=1), number)

    async def priority(self, priority: str, now: datetime, number: int = 1) -> None:
        await self.do(lambda s, t: desk.set_priority(s, t, priority, by=1, now=now), number)

    async def assign(self, agent: int | None, now: datetime, number: int = 1) -> None:
        await self.do(lambda s, t: desk.assign(s, t, agent_id=agent, by=1, reason="assigned", now=now), number)

    async def ring(self, now: datetime, most: int = 500) -> int:
        async with self.world.database.write() as session:
            return await timers.ring(session, now, most)

    async def recount(self, now: datetime, *, begin: bool = True, most: int = 200) -> int:
        """Steps until nothing is left; how many there were."""
        if begin:
            async with self.world.database.write() as session:
                await recount.start(session, self.world.cast.lead.id, now)
        steps = 0
        while True:
            async with self.world.database.write() as session:
                if not await recount.step(session, now, most):
                    return steps
            steps += 1

    async def clock(self, metric: str) -> Clock:
        """The latest of its kind."""
        return (await self.world.all(Clock, metric=metric))[-1]

    async def states(self) -> dict[str, str]:
        return {clock.metric: clock.state for clock in await self.world.clocks()}

    async def told(self, kind: str) -> list[Event]:
        return await self.world.all(Event, kind=kind)


async def agrees(world: World) -> None:
    """Every clock's row is what its ledger tells anew (SLA2)."""
    rows = await world.clocks()
    async with world.database.read() as session:
        numbers = [each.ticket_id for each in rows]
        told = await (await session.connection()).run_sync(ledger.clocks, numbers)
    assert {each.id for each in rows} == told.keys()
    assert {each.id: found for each in rows if (found := differences(each, told[each.id]))} == {}
