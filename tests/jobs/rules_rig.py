"""A desk with rules, for the tests of rules at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.actions import automations, desk
from app.db import Database
from app.jobs.automate import Automate
from app.models import AutomationRun, Tag, Ticket, TicketTag
from app.parts import Parts
from tests.actions.world import M, World, at, mail, said
from tests.cast import Cast, inbox
from tests.conftest import Hands

HOUR = 3600
NONE: dict[str, Any] = {"all": []}
URGENT = {"do": "priority", "to": "urgent"}


def when(field: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, **more}


@dataclass
class Shop:
    """A desk with rules."""

    world: World
    parts: Parts
    hands: Hands
    clock: Automate

    async def rule(
        self, trigger: Sequence[str] | None, conditions: Any, *actions: Any, stop: bool = False, name: str = "r"
    ) -> int:
        """On events, or on time without any."""
        given = {
            "name": name, "stop": stop, "active": True, "conditions": conditions, "actions": list(actions),
            "trigger": {"on": list(trigger)} if trigger else {"time": True},
        }  # fmt: skip
        async with self.world.database.write() as session:
            await automations.rehearsed(session, given, by=None, now=self.hands.now)
            return (await automations.add(session, given, by=None, now=self.hands.now)).id

    async def tag(self, name: str) -> int:
        async with self.world.database.write() as session:
            made = Tag(name=name)
            session.add(made)
            await session.flush()
            return made.id

    async def hear(self, seconds: int, *, text: str = "醤油が届きません", who: str = "sato") -> None:
        """A customer writes on LINE at this second."""
        self.hands.now = at(seconds)
        await self.world.take(said(seconds, text, who=who), now=at(seconds))

    async def letter(self, seconds: int, who: str, *, auto: bool = False) -> None:
        self.hands.now = at(seconds)
        await self.world.take(mail(seconds, who=who, auto=auto), now=at(seconds), inbox=self.world.email)

    async def rows(self, model: type[M]) -> list[M]:
        async with self.world.database.read() as session:
            keys = model.__table__.primary_key.columns  # type: ignore[attr-defined]
            return list((await session.scalars(select(model).order_by(*keys))).all())

    async def run(self, seconds: float | None = None) -> None:
        if seconds is not None:
            self.hands.now = at(seconds)
        while await self.clock.step():
            pass

    async def ticket(self, number: int = 1) -> Ticket:
        async with self.world.database.read() as session:
            return await session.get_one(Ticket, number)

    async def tags(self, number: int = 1) -> set[int]:
        return {each.tag_id for each in await self.rows(TicketTag) if each.ticket_id == number}

    async def did(self) -> list[tuple[int, str, list[tuple[str, str]]]]:
        runs = await self.rows(AutomationRun)
        return [(each.automation_id, each.outcome, [(d["do"], d["why"]) for d in each.did]) for each in runs]

    async def change(self, verb: Any, *args: Any, **more: Any) -> None:
        async with self.world.database.write() as session:
            ticket = await desk.locked(session, 1)
            await verb(session, ticket, *args, now=self.hands.now, **more)


async def open_shop(database: Database, cast: Cast, parts: Parts, hands: Hands) -> Shop:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return Shop(World(database=database, cast=cast, **kinds), parts, hands, Automate(parts))
