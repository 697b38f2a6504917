"""The product without its clocks, beside demo LINE and a demo mail provider: a test turns each clock when it wants."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.routing import Mount

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.jobs.deliver import Deliver
from app.models import Event, Inbox, Message
from app.parts import Parts, assemble
from demo.line import LineCloud
from demo.line_chat import Person as Customer
from demo.mail import MailCloud
from tests import servers
from tests.cast import Cast
from tests.channels.line.conftest import serving

SECRET, TOKEN = "a-channel-secret", "long-lived"
MIME = "m" * 32


@dataclass
class Desk:
    """An agent's side of one inbox, and the clocks' parts."""

    parts: Parts
    inbox: Inbox
    http: httpx2.AsyncClient
    cast: Cast

    async def post(self, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        return await self.http.post(f"/api/v1{path}", json=body or {}, headers=self.cast.hanako.bearer)

    async def reply(self, text: str, *, ticket: int = 1) -> int:
        """The message's id."""
        written = await self.post(f"/tickets/{ticket}/replies", {"text": text})
        assert written.status_code == 201, written.text
        return int(written.json()["id"])

    async def deliver(self) -> int:
        return await Deliver(self.parts).step()

    async def shown(self, message: int, *, ticket: int = 1) -> dict[str, Any]:
        """The message as the screens get it."""
        got = await self.http.get(f"/api/v1/tickets/{ticket}/messages", headers=self.cast.hanako.bearer)
        found: dict[str, Any] = next(each for each in got.json()["items"] if each["id"] == message)
        return found

    async def row(self, message: int) -> Message:
        async with self.parts.database.read() as session:
            return await session.get_one(Message, message)

    async def told(self, message: int) -> list[str]:
        """The log's lines about a message."""
        async with self.parts.database.read() as session:
            query = select(col(Event.kind)).where(col(Event.message_id) == message)
            return list((await session.scalars(query.order_by(col(Event.id)))).all())

    async def alarm(self) -> str:
        async with self.parts.database.read() as session:
            return (await session.get_one(Inbox, self.inbox.id)).alarm


@dataclass
class LineDesk(Desk):
    cloud: LineCloud

    @property
    def customer(self) -> Customer:
        return self.cloud.users[0]

    async def wrote(self, text: str = "届きません") -> None:
        """The customer writes."""
        assert await self.cloud.send_text(self.customer.id, text) == 200
        await self.parts.inboxes.refresh()

    @property
    def seen(self) -> list[str]:
        """What the customer sees of ours."""
        return [each.text for each in self.cloud.history(self.customer.id) if each.side == "desk"]

    @property
    def keys(self) -> list[str]:
        """The retry keys of all pushes, in order."""
        return [each.headers["x-line-retry-key"] for each in self.cloud.calls if each.path.endswith("/push")]


@dataclass
class MailDesk(Desk):
    cloud: MailCloud

    async def wrote(self, mail: str) -> None:
        """A customer's mail, as a relay posts it."""
        body = mail.replace("\n", "\r\n").encode()
        signature = hmac.new(MIME.encode(), body, hashlib.sha256).hexdigest()
        path = f"/hooks/{self.inbox.token}/mime"
        took = await self.http.post(path, content=body, headers={"x-mikawaya-signature": signature})
        assert took.status_code == 200, took.text

    async def write_first(self, to: str, text: str = "お待たせしました") -> int:
        """A new ticket with one mail to somebody: the message's id. Its ticket is the newest."""
        body = {"inbox_id": self.inbox.id, "to": to, "subject": "注文の件", "text": text}
        made = await self.post("/tickets", body)
        assert made.status_code == 201, made.text
        async with self.parts.database.read() as session:
            newest = select(col(Message.id)).order_by(col(Message.id).desc()).limit(1)
            return (await session.scalars(newest)).one()


@asynccontextmanager
async def line_desk(
    settings: Settings, cast: Cast, *, wall: Callable[[], float] | None = None
) -> AsyncIterator[LineDesk]:
    cloud = LineCloud(SECRET, TOKEN, "", **({"clock": wall} if wall else {}))
    async with serving(Starlette(routes=[Mount("/line", routes=cloud.routes())])) as url:
        config = {
            "channel_id": cloud.channel_id, "channel_secret": SECRET, "access_token": TOKEN,
            "bot_user_id": cloud.bot_user_id, "api_base": f"{url}/line", "data_base": f"{url}/line",
        }  # fmt: skip
        async with _desk(settings, "line", config) as (parts, inbox, http):
            cloud.hook_url = f"{parts.settings.public_url}/hooks/{inbox.token}"
            yield LineDesk(parts, inbox, http, cast, cloud)


@asynccontextmanager
async def mail_desk(settings: Settings, cast: Cast) -> AsyncIterator[MailDesk]:
    cloud = MailCloud()
    await cloud.start()
    config = {
        "address": cloud.inbox,
        "smtp_host": "127.0.0.1",
        "smtp_port": cloud.port,
        "smtp_tls": "none",
        "mime_secret": MIME,
    }
    try:
        async with _desk(settings, "email", config) as (parts, inbox, http):
            yield MailDesk(parts, inbox, http, cast, cloud)
    finally:
        await cloud.stop()


@asynccontextmanager
async def _desk(
    settings: Settings, kind: str, config: dict[str, Any]
) -> AsyncIterator[tuple[Parts, Inbox, httpx2.AsyncClient]]:
    with servers.product(settings, clocks=False) as running:
        parts = assemble(running.settings)
        async with parts.database.write() as session:
            inbox = await inboxes.add(session, parts.vault, kind=kind, name=kind, config=config, now=clock.utcnow())
        async with httpx2.AsyncClient(base_url=running.url, timeout=30, trust_env=False) as http:
            yield parts, inbox, http
        await parts.stop()
