"""A desk that is nothing but the channel, and a TelephoneCloud, behind one real HTTP server on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from channels.contract import Address, CallUpdate, Forged, Hook, Inbound, Item, Outbound, Placement
from channels.phone import Phone
from demo.telephone import TelephoneCloud
from tests.channels.phone.sample import ACCOUNT, NOW, NUMBER, TOKEN, config, site

PACE = 0.01
# At this pace a minute is 0.6 s, which a busy machine may sleep through: only tests of a limit choose a short one.
PATIENT: dict[str, object] = {"voicemail_after_s": 3600, "ring_s": 120}


class Desk:
    """The app's part in the smallest: takes hooks, remembers the items, tells the facts of each call."""

    def __init__(self, base: str, **changes: object):
        self.base = base
        self.hook_url = f"{base}/hooks/tok"
        self.api_base = f"{base}/twilio"
        self.phone = Phone(config(api_base=self.api_base, **(PATIENT | changes)), site(self.hook_url))
        self.cloud = TelephoneCloud(ACCOUNT, TOKEN, self.hook_url, NUMBER, api_base=self.api_base, pace=PACE)
        self.items: list[Item] = []
        self.facts: dict[str, dict[str, Any]] = {}
        self.is_down = False

    async def take(self, request: Request) -> Response:
        if self.is_down:
            return Response(status_code=503)
        hook = Hook(
            route=request.path_params["route"],
            body=await request.body(),
            received_at=NOW,
            headers={key.lower(): value for key, value in request.headers.items()},
            method=request.method,
            url=f"{self.base}{request.scope['raw_path'].decode()}?{request.url.query}".removesuffix("?"),
        )
        try:
            self.phone.verify(hook)
        except Forged as forged:
            return Response(status_code=forged.status)
        items = self.phone.parse(hook)
        self.items += items
        placements = [Placement(item=item, facts=self.facts.get(self._call(item), {})) for item in items]
        answer = self.phone.answer(hook, placements)
        self.cloud.touch()
        return Response(answer.body, answer.status, media_type=answer.media_type)

    def events(self, call: str) -> list[str]:
        return [item.event for item in self.items if isinstance(item, CallUpdate) and item.call == call]

    def update(self, event: str) -> CallUpdate:
        """The latest update of this kind."""
        return next(i for i in reversed(self.items) if isinstance(i, CallUpdate) and i.event == event)

    def order(self, kind: str, call: str, agent: str = "", key: str = "order-1", **more: Any) -> Outbound:
        params = {"call": call} | ({"agent": agent} if agent else {})
        to = Address(kind="phone", value="+819011112222")
        return Outbound(key=key, to=to, conversation=call, now=NOW, kind=kind, params=params, **more)

    @staticmethod
    def _call(item: Item) -> str:
        if isinstance(item, CallUpdate):
            return item.call
        return item.conversation if isinstance(item, Inbound) else ""


@asynccontextmanager
async def open_desk(**changes: object) -> AsyncIterator[Desk]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        desk = Desk(f"http://127.0.0.1:{listening.getsockname()[1]}", **changes)
        routes = [
            Route("/hooks/tok/{route:path}", desk.take, methods=["GET", "POST"]),
            Mount("/twilio", routes=desk.cloud.routes()),
            Mount("/demo/phone", routes=desk.cloud.controls()),
        ]
        server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes), log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=2
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0)
        try:
            yield desk
        finally:
            await desk.cloud.close()
            await desk.phone.close()
            server.should_exit = True
            await serving
