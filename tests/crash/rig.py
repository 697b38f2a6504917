"""What the crash tests share: a product that dies, its desk, a client that remembers what was acknowledged."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.db import Database
from app.security import Vault
from tests import cast as people
from tests import servers
from tests.cast import Cast

LEASE_OVER_S = 61  # app.actions.outbox.LEASE is a minute
PATIENCE_S = 120.0  # a busy machine takes its time; nothing waits that long when all is well
LINE_SECRET = "a-channel-secret"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # one push and all webhooks: on both


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Asks again and again; returns the first true answer, fails with `what` when none comes."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if found := await condition():
                    return found
                await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain until {what}")


# -- the product --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Product:
    """`python -m app serve` with an appointed death."""

    url: str
    process: asyncio.subprocess.Process
    log: Path

    async def died(self) -> None:
        """Waits for the appointed death. Any other end, or none, is a failure: then the test would prove nothing."""
        try:
            code = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        except TimeoutError:
            raise AssertionError(f"the appointed moment never came: {self.log.read_text()[-2000:]}") from None
        assert code == -signal.SIGKILL, self.log.read_text()[-2000:]

    def kill(self) -> None:
        """kill -9, from outside."""
        self.process.kill()


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, point: str = "none", *, nth: int = 1, later_s: float = 0
) -> AsyncIterator[Product]:
    """The product on the port of `settings`, ready. At the end it is stopped as an operator would, if it still lives."""
    log = Path(tempfile.mkstemp(prefix="mikawaya-crash-", suffix=".log")[1])
    command = [sys.executable, "-m", "tests.crash.doomed", point, str(nth), str(later_s), "serve"]
    environment = servers.environment(settings) | {"MIKAWAYA_PRIVATE_HOSTS": '["127.0.0.1"]'}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=servers.ROOT, env=environment, stdout=out, stderr=out
        )
    product = Product(settings.public_url, process, log)
    try:
        await until(lambda: _ready(product), "the product is ready")
        yield product
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE_S)
        log.unlink()


async def _ready(product: Product) -> bool:
    assert product.process.returncode is None, f"it ended: {product.log.read_text()[-2000:]}"
    with contextlib.suppress(httpx2.HTTPError):
        async with httpx2.AsyncClient(timeout=2) as client:
            return (await client.get(f"{product.url}/readyz")).status_code == 200
    return False


# -- its desk -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """A migrated database with the cast and one inbox, at a fixed address: it is the same after every death."""

    settings: Settings
    cast: Cast
    hook: str  # the inbox's URL
    token: str

    @property
    def url(self) -> str:
        return self.settings.public_url

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Hanako asks the API."""
        async with httpx2.AsyncClient(base_url=f"{self.url}/api/v1", headers=self.cast.hanako.bearer) as client:
            answer = await client.request(method, path, json=body, timeout=10)
        assert answer.is_success, answer.text
        return answer.json()

    async def tickets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GET", "/tickets?view=all"))["items"]
        return found

    async def only_ticket(self) -> dict[str, Any]:
        """The one ticket there is, with its messages."""
        tickets = await until(self.tickets, "there is a ticket")
        assert len(tickets) == 1, tickets
        found: dict[str, Any] = await self.ask("GET", f"/tickets/{tickets[0]['number']}")
        return found

    async def reply(self, words: str) -> None:
        """Hanako answers; the connection may break under her, but what she wrote is committed by then."""
        number = (await self.tickets())[0]["number"]
        body = {"text": words, "attachments": [], "client_id": hashlib.sha256(words.encode()).hexdigest()[:32]}
        with contextlib.suppress(httpx2.HTTPError):
            await self.ask("POST", f"/tickets/{number}/replies", body)

    async def answers(self) -> list[dict[str, Any]]:
        """What the desk wrote, once nothing of it is on its way any more."""

        async def settled() -> list[dict[str, Any]]:
            out = [one for one in (await self.only_ticket())["messages"] if one["direction"] == "out"]
            under_way = [one for one in out if one["state"] in ("queued", "sending")]
            return out if not under_way else []

        found: list[dict[str, Any]] = await until(settled, "every answer has an outcome")
        return found

    async def rows(self, query: str) -> list[Any]:
        """What stands in the database, with no product beside."""
        database = Database(self.settings.database, pool=1)
        try:
            async with database.read() as session:
                return [tuple(row) for row in (await session.execute(text(query))).all()]
        finally:
            await database.close()

    async def is_sound(self) -> None:
        """What must hold after any death: no gap in a thread, an event for each message, no failed hook, a whole file."""
        gaps = "SELECT t.id FROM thread t LEFT JOIN message m ON m.thread_id = t.id GROUP BY t.id, t.last_seq"
        assert await self.rows(f"{gaps} HAVING COUNT(m.id) <> t.last_seq OR MAX(m.seq) <> t.last_seq") == []
        events = "SELECT message_id FROM event WHERE kind = 'message.received'"
        told = Counter(row[0] for row in await self.rows(events))
        customers = {row[0] for row in await self.rows("SELECT id FROM message WHERE direction = 'in'")}
        assert told == dict.fromkeys(customers, 1)
        assert await self.rows("SELECT id FROM raw_hook WHERE state = 'failed'") == []
        if self.settings.is_sqlite:
            assert await self.rows("PRAGMA integrity_check") == [("ok",)]


async def open_desk(settings: Settings, kind: str, config: dict[str, Any]) -> Desk:
    port = free_port()
    given = settings.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    database = Database(given.database)
    async with database.write() as session:
        cast = await people.enter(session)
        vault = Vault(given.key())
        inbox = await inboxes.add(
            session, vault, kind=kind, name=kind, config=config, now=clock.utcnow(), language="ja"
        )
    await database.close()
    return Desk(given, cast, f"{given.public_url}/hooks/{inbox.token}", inbox.token)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


# -- providers ----------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def provider(routes: list[Route], port: int) -> AsyncIterator[str]:
    """The provider's endpoints, as long as the block lasts."""
    app = Starlette(routes=[Mount("/provider", routes=routes)])
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="off", ws="none", log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/provider"
    finally:
        server.should_exit = True
        await task


@dataclass
class LineSender:
    """LINE under load: many customers write at once. It remembers which webhooks were acknowledged, and which not."""

    hook: str
    customers: int = 7
    acknowledged: set[str] = field(default_factory=set)  # texts of messages
    unanswered: list[list[dict[str, Any]]] = field(default_factory=list)
    broken: bool = False
    _said: int = 0

    @property
    def said(self) -> set[str]:
        return {f"message {n}" for n in range(self._said)}

    async def write(self, count: int, *, at_once: int = 8) -> None:
        """Sends webhooks with one to three messages each until `count` are said or nobody answers any more."""
        limits = httpx2.Limits(max_connections=at_once)
        self.broken = False
        end = self._said + count
        async with httpx2.AsyncClient(timeout=10, limits=limits, trust_env=False) as client:

            async def one() -> None:
                while self._said < end and not self.broken:
                    await self._post(client, self._events(self._said % 3 + 1))

            await asyncio.gather(*[one() for _ in range(at_once)])

    async def redeliver(self) -> None:
        """What was not acknowledged comes again, as LINE sends it again (L2)."""
        waiting, self.unanswered, self.broken = self.unanswered, [], False
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client:
            for events in waiting:
                again = [{**each, "deliveryContext": {"isRedelivery": True}} for each in events]
                await self._post(client, again)
        assert not self.unanswered

    async def _post(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> None:
        body = json.dumps({"destination": "U" + "0" * 32, "events": events}).encode()
        proof = base64.b64encode(hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).digest()).decode()
        try:
            answer = await client.post(self.hook, content=body, headers={"x-line-signature": proof})
            taken = answer.status_code == 200
        except httpx2.HTTPError:
            taken = False
        if taken:
            self.acknowledged |= {each["message"]["text"] for each in events}
        else:
            self.unanswered.append(events)
            self.broken = True

    def _events(self, count: int) -> list[dict[str, Any]]:
        return [self._event() for _ in range(count)]

    def _event(self) -> dict[str, Any]:
        number, self._said = self._said, self._said + 1
        user = "U" + hashlib.md5(f"customer {number % self.customers}".encode()).hexdigest()
        return {
            "type": "message",
            "message": {"type": "text", "id": str(500_000_000 + number), "text": f"message {number}"},
            "webhookEventId": f"01CRASH{number:019d}",
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(clock.utcnow().timestamp() * 1000),
            "source": {"type": "user", "userId": user},
            "replyToken": os.urandom(16).hex(),
            "mode": "active",
        }


def line_config(api: str = "http://127.0.0.1:9") -> dict[str, Any]:
    """Port 9 discards: nobody is there, and nothing is asked of LINE."""
    secrets = {"channel_secret": LINE_SECRET, "access_token": "long-lived"}
    return {"channel_id": "1650000000", "api_base": api, "data_base": api} | secrets
