"""A telephone inbox of the real product, and a TelephoneCloud that plays Twilio, each behind its own HTTP server.

The product runs without its clocks: a test carries out orders (`deliver`) and asks after calls (`follow`) when it wants.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.routing import Mount

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.jobs.calls import FollowCalls
from app.jobs.deliver import Deliver
from app.models import Agent, Call, Inbox, Order
from app.parts import Parts, assemble
from demo.telephone import TelephoneCloud
from demo.telephone_leg import Leg
from tests import servers
from tests.cast import Cast, Member

ACCOUNT = "AC" + "0" * 32
TOKEN = "token-of-the-account"
NUMBER = "+815012345678"
CUSTOMER = "+819011112222"
AGENT = "+819055556666"
PACE = 0.01
# At this pace a minute is 0.6 s, which a busy machine may sleep through: nobody waits or rings for so long here.
PATIENT = {"voicemail_after_s": 3600, "ring_s": 120, "dial_s": 120}


@dataclass
class Desk:
    parts: Parts  # of the clocks, which the test turns by hand
    cloud: TelephoneCloud
    http: httpx2.AsyncClient
    cast: Cast
    inbox: Inbox

    async def post(self, path: str, body: dict[str, Any] | None = None, *, by: Member | None = None) -> httpx2.Response:
        headers = (by or self.cast.hanako).bearer
        return await self.http.post(f"/api/v1{path}", json=body or {}, headers=headers)

    async def get(self, path: str) -> Any:
        got = await self.http.get(f"/api/v1{path}", headers=self.cast.hanako.bearer)
        assert got.status_code == 200, got.text
        return got.json()

    async def deliver_once(self) -> None:
        """Carries out what is due now, and nothing that follows from it."""
        await Deliver(self.parts).step()
        await self.cloud.settle()

    async def deliver(self) -> None:
        """Carries out the orders that are due, and those that follow from them without anybody's doing."""
        while await Deliver(self.parts).step():
            await self.cloud.settle()

    async def follow(self) -> int:
        return await FollowCalls(self.parts).step()

    async def missed(self, caller: str = CUSTOMER) -> int:
        """Somebody called and hung up before anybody answered: the ticket's number."""
        leg = await self.waiting(caller)
        await leg.hang_up()
        await self.cloud.settle()
        return int((await self.get("/tickets?sort=updated"))["items"][0]["number"])

    async def waiting(self, caller: str = CUSTOMER) -> Leg:
        leg = await self.cloud.dial(caller)
        await leg.until(lambda: leg.doing == "Pause")
        return leg

    async def dialled(self, ticket: int, via: str = "browser") -> tuple[Leg, Leg]:
        """A call-back as far as the customer's telephone rings: the agent's leg and the customer's."""
        begun = await self.post(f"/tickets/{ticket}/calls", {"via": via})
        assert begun.status_code == 201, begun.text
        await self.deliver()
        agent = self.cloud.agent_legs[-1]
        if via == "phone":
            agent.answer()
            await agent.until(lambda: agent.doing == "Gather")
            agent.press("1")
        await agent.until(lambda: agent.doing == "Dial")
        await self.deliver()
        customer = self.cloud.customer_legs[-1]
        await customer.until(lambda: customer.status == "ringing")
        await self.cloud.settle()
        return agent, customer

    async def talking(self, ticket: int, via: str = "browser") -> tuple[Leg, Leg]:
        agent, customer = await self.dialled(ticket, via)
        customer.answer()
        await customer.until(lambda: customer.with_sids)
        await self.cloud.settle()
        return agent, customer

    @asynccontextmanager
    async def unheard(self) -> AsyncIterator[None]:
        """Nothing that the provider tells reaches us: we are down, or the network is."""
        post = self.cloud.post

        async def nobody(url: str, params: dict[str, str]) -> None:
            return None

        self.cloud.post = nobody  # type: ignore[method-assign]
        try:
            yield
            for _ in range(5):  # what was to be told is told, to nobody
                await asyncio.sleep(0)
            await self.cloud.settle()
        finally:
            self.cloud.post = post  # type: ignore[method-assign]
            self.cloud.alerts.clear()

    async def call(self, ticket: int) -> dict[str, Any]:
        """The ticket's latest call, as the screens get it."""
        messages = (await self.get(f"/tickets/{ticket}/messages"))["items"]
        found: dict[str, Any] = next(each for each in reversed(messages) if each["kind"] == "call")["call"]
        return found

    async def row(self, call_id: int) -> Call:
        async with self.parts.database.read() as session:
            return await session.get_one(Call, call_id)

    async def orders(self, call_id: int) -> list[tuple[str, str]]:
        """(kind, state), oldest first."""
        async with self.parts.database.read() as session:
            query = select(Order).where(col(Order.call_id) == call_id).order_by(col(Order.id))
            return [(each.kind, each.state) for each in (await session.scalars(query)).all()]


def config(**changes: Any) -> dict[str, Any]:
    return {"account_sid": ACCOUNT, "auth_token": TOKEN, "number": NUMBER, **PATIENT, **changes}


@asynccontextmanager
async def open_desk(given: Settings, cast: Cast, *, clocks: bool = False, **changes: Any) -> AsyncIterator[Desk]:
    with socket.socket() as door, servers.product(given, clocks=clocks) as running:
        door.bind(("127.0.0.1", 0))
        api_base = f"http://127.0.0.1:{door.getsockname()[1]}/twilio"
        parts = assemble(running.settings)
        async with parts.database.write() as session:
            inbox = await inboxes.add(
                session, parts.vault, kind="phone", name="電話", config=config(api_base=api_base, **changes),
                now=clock.utcnow(),
            )  # fmt: skip
            hanako = await session.get_one(Agent, cast.hanako.id)
            hanako.phone = AGENT
        hook_url = f"{running.url}/hooks/{inbox.token}"
        cloud = TelephoneCloud(ACCOUNT, TOKEN, hook_url, NUMBER, api_base=api_base, pace=PACE, ring_pace=1.0)
        twilio = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=[Mount("/twilio", routes=cloud.routes())]), log_level="critical", lifespan="off",
                ws="none", timeout_graceful_shutdown=2,
            )
        )  # fmt: skip
        serving = asyncio.create_task(twilio.serve(sockets=[door]))
        while not twilio.started:
            await asyncio.sleep(0)
        async with httpx2.AsyncClient(base_url=running.url, timeout=30, verify=False) as http:
            try:
                yield Desk(parts, cloud, http, cast, inbox)
            finally:
                await cloud.close()
                await parts.stop()
                twilio.should_exit = True
                await serving
