"""A LINE that listens on a free port, and a door that hears its webhooks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from channels.contract import Forged, Hook, Inbound, Item
from channels.line import Line
from channels.line.rates import RATES, Rates
from demo.line import LineCloud
from tests.channels.line.sample import SECRET, site


@contextlib.asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The URL under which an app answers, over real HTTP, as long as the block lasts."""
    config = uvicorn.Config(app, port=0, lifespan="off", ws="none", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Desk:
    """Our side: the channel, and what its hooks door heard."""

    cloud: LineCloud
    line: Line
    url: str
    hooks: list[Hook] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # answered instead of 200, first to last

    @property
    def user(self) -> str:
        return self.cloud.users[0].id

    async def heard(self, text: str = "注文した醤油がまだ届きません。") -> Inbound:
        """The customer writes; what reached us."""
        assert await self.cloud.send_text(self.user, text) == 200
        item = self.items[-1]
        assert isinstance(item, Inbound)
        return item

    async def door(self, request: Request) -> Response:
        hook = Hook(route="", body=await request.body(), received_at=datetime.now(UTC), headers=dict(request.headers))
        try:
            self.line.verify(hook)
        except Forged:
            return Response(status_code=401)
        self.hooks.append(hook)
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        self.items += self.line.parse(hook)
        answer = self.line.answer(hook, [])
        return Response(answer.body, answer.status)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    cloud = LineCloud(SECRET, "long-lived", "")
    cloud.redelivery_pause_s = 0

    async def knock(request: Request) -> Response:
        return await made.door(request)

    door = Route("/hooks/t0ken", knock, methods=["POST"])
    app = Starlette(routes=[Mount("/line", routes=cloud.routes()), Mount("/page", routes=cloud.controls()), door])
    async with serving(app) as url:
        cloud.hook_url = f"{url}/hooks/t0ken"
        made = Desk(cloud, open_line(cloud, url), url)
        yield made
        await made.line.close()


def open_line(cloud: LineCloud, url: str, *, timeout_s: float = 15, rates: Rates = RATES, **config: object) -> Line:
    """An inbox whose LINE is the one at `url`."""
    given = {"channel_id": cloud.channel_id, "channel_secret": SECRET, "access_token": "long-lived"}
    given |= {"bot_user_id": cloud.bot_user_id, "api_base": f"{url}/line", "data_base": f"{url}/line"}
    return Line(Line.Config.model_validate(given | config), site(cloud.hook_url), timeout_s=timeout_s, rates=rates)
