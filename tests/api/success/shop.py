"""A desk with an account of high touch, and a ticket of it, as the tests of success begin."""

from types import SimpleNamespace
from typing import Any, cast

import httpx2
from sqlalchemy import select
from sqlmodel import col

from app.jobs.success import FollowSuccess
from app.models import Handover, Ticket
from app.parts import Parts
from tests.api.conftest import Desk
from tests.cast import Member


class Shop:
    """A desk with an account and a ticket of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.follower = FollowSuccess(cast(Parts, SimpleNamespace(database=desk.database)))
        self.number = self.account = 0

    async def open(self, text: str = "醤油が届きません", *, role: str = "champion") -> "Shop":
        await self.follow()
        await self.desk.say(1, text)
        owner = self.desk.client(self.desk.cast.owner)
        self.account = (await owner.post("/api/v1/accounts", json={"name": "豆腐屋", "tier": "high"})).json()["id"]
        async with self.desk.database.read() as session:
            ticket = (await session.scalars(select(Ticket))).one()
        self.number = ticket.id
        await owner.put(f"/api/v1/success/accounts/{self.account}/people/{ticket.person_id}", json={"role": role})
        given = {"owner_id": self.desk.cast.success.id}
        await owner.patch(f"/api/v1/success/accounts/{self.account}", json=given)
        return self

    async def call(self, method: str, path: str, who: Member, **json: Any) -> httpx2.Response:
        return await self.desk.client(who).request(method, f"/api/v1{path}", json=json or None)

    async def offer(self, **more: Any) -> httpx2.Response:
        given = {"form": "transfer", "reason": "契約のご相談"} | more
        return await self.call("POST", f"/tickets/{self.number}/handovers", self.desk.cast.hanako, **given)

    async def reply(self, who: Member, **more: Any) -> httpx2.Response:
        return await self.call("POST", f"/tickets/{self.number}/replies", who, text="こんにちは", **more)

    async def follow(self) -> None:
        while await self.follower.step():
            pass

    async def all(self) -> list[Handover]:
        async with self.desk.database.read() as session:
            return list((await session.scalars(select(Handover).order_by(col(Handover.id)))).all())
