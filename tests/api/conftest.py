"""A desk that is served over real HTTP, with the cast and an inbox of each kind."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.db import Database
from app.models import Inbox
from app.security import Vault
from tests import cast as people
from tests.cast import Cast, Member
from tests.servers import Running, product

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BOT = "U8e742f61d673b39c7fff3cecb7536ef0"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers
CONFIGS: dict[str, dict[str, Any]] = {
    "line": {
        "channel_id": "1650000000", "channel_secret": SECRET, "access_token": "token", "bot_user_id": BOT,
        "api_base": NOWHERE, "data_base": NOWHERE,
    },
    "email": {"address": "support@mikawaya.example", "mime_secret": "m" * 32, "smtp_host": "127.0.0.1", "smtp_port": 9},
    "chat": {"allowed_origins": ["https://shop.example"]},
    "phone": {
        "account_sid": "AC" + "0" * 32, "auth_token": "token-of-the-account", "number": "+815012345678", "api_base": NOWHERE,
    },
}  # fmt: skip


@dataclass
class Desk:
    """The product as its clients see it, and its database beside it."""

    running: Running
    database: Database
    cast: Cast
    inboxes: dict[str, Inbox]
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def client(self, who: Member | None = None, *, browser: bool = False, **headers: str) -> httpx2.AsyncClient:
        """A program of this member, or their browser; nobody's without a member."""
        own = {} if who is None else who.browser if browser else who.bearer
        # It talks to this machine without TLS: reading the certificates of the world takes longer than most requests.
        made = httpx2.AsyncClient(
            base_url=self.running.url, headers={**own, **headers}, timeout=20, verify=False, trust_env=False
        )
        self.clients.append(made)
        return made

    def socket(self, path: str, who: Member | None = None, *, origin: str | None = None) -> connect:
        headers = {} if who is None else {"Cookie": f"mikawaya_session={who.cookie}"}
        url = self.running.url.replace("http://", "ws://")
        return connect(f"{url}{path}", additional_headers=headers, origin=origin, proxy=None)  # type: ignore[arg-type]

    async def webhook(self, *events: dict[str, Any], secret: str = SECRET) -> httpx2.Response:
        """LINE calls."""
        body = json.dumps({"destination": BOT, "events": list(events)}, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        path = f"/hooks/{self.inboxes['line'].token}"
        return await self.client().post(path, content=body, headers={"x-line-signature": signature})

    async def say(self, number: int, text: str = "醤油が届きません", user: str = "U" + "1" * 32) -> httpx2.Response:
        """A LINE user writes."""
        return await self.webhook(line_text(number, text, user))


def line_text(number: int, text: str, user: str = "U" + "1" * 32) -> dict[str, Any]:
    return {
        "type": "message", "webhookEventId": f"01EVENT{number:019d}", "mode": "active",
        "timestamp": int(clock.utcnow().timestamp() * 1000), "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": user}, "replyToken": f"{number:032x}",
        "message": {"type": "text", "id": f"{number}", "text": text, "quoteToken": "q"},
    }  # fmt: skip


@pytest.fixture
async def desk(settings: Settings, database: Database) -> AsyncIterator[Desk]:
    vault = Vault(settings.key())
    async with database.write() as session:
        cast = await people.enter(session)
        opened = {
            kind: await inboxes.add(session, vault, kind=kind, name=kind, config=config, now=people.START)
            for kind, config in CONFIGS.items()
        }
    with product(settings, clocks=False) as running:
        made = Desk(running, database, cast, opened)
        yield made
        for each in made.clients:
            await each.aclose()


async def heard(socket: ClientConnection, op: str) -> dict[str, Any]:
    """The next frame of this kind; others are passed over."""
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["op"] == op:
            return frame
