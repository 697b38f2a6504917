"""Outgoing webhooks: each follows the event log with its own cursor; what it is to hear is sent until it is taken."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from app import clock, feed, log
from app.actions import webhooks as verbs
from app.actions.webhooks import Answer, Claimed
from app.models import Webhook
from app.parts import Parts
from app.queries import webhooks as queries
from app.rules.webhooks import keys, signature, wants
from app.version import VERSION
from channels.net import PrivateAddress, guarded_client

logger = log.get("hooks")
AT_ONCE = 8  # to one webhook
TIMEOUT_S = 15.0
WRITE_EVERY = 5000  # events that concern nobody: after so many the cursor is written all the same
FORGET_EVERY_S = 3600.0


@dataclass(slots=True)
class Seen:
    """How far this process has looked beyond the cursor that is written down."""

    written: str
    cursor: str
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook's bodies go, and the keys that sign them."""

    url: str
    keys: Sequence[str]


class Hooks:
    """A slow receiver holds up nobody else: each webhook has a lane of its own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen: dict[int, Seen] = {}
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._client: httpx2.AsyncClient | None = None
        self._forget_at = 0.0

    async def step(self) -> int:
        """How many events were passed on. What is sent goes on beside it."""
        passed = 0
        async with self._parts.database.read() as session:
            hooks = await queries.active(session)
        for hook in hooks:
            passed += await self._follow(hook)
        async with self._parts.database.read() as session:
            due = await queries.due(session, clock.utcnow())
        for webhook_id in due:
            if webhook_id not in self._lanes:
                self._lanes[webhook_id] = asyncio.create_task(self._lane(webhook_id), name=f"webhook {webhook_id}")
        await self._forget()
        return passed

    async def idle(self) -> None:
        """Returns when nothing that was due is left."""
        while self._lanes:
            await asyncio.wait(list(self._lanes.values()))

    async def close(self) -> None:
        """What is being sent has its lease: it is sent again, under the same id."""
        for lane in (running := list(self._lanes.values())):
            lane.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _follow(self, hook: queries.Hook) -> int:
        seen = self._seen.get(hook.id)
        if seen is None or seen.written != hook.cursor:
            seen = self._seen[hook.id] = Seen(hook.cursor, hook.cursor)
        async with self._parts.database.read() as session:
            events, cursor = await feed.tail(session, seen.cursor)
        wanted = [each for each in events if wants(hook.id, hook.kinds, each.kind, each.params)]
        seen.passed += len(events)
        if not wanted and seen.passed < WRITE_EVERY:
            seen.cursor = cursor
            return len(events)
        async with self._parts.database.write() as session:
            now = clock.utcnow()
            mine = await verbs.follow(session, hook.id, wanted, was=seen.written, cursor=cursor, now=now)
        self._seen.pop(hook.id)
        return len(events) if mine else 0

    async def _forget(self) -> None:
        if clock.monotonic() >= self._forget_at:
            self._forget_at = clock.monotonic() + FORGET_EVERY_S
            async with self._parts.database.read() as session:
                if not await queries.any_old(session, clock.utcnow() - verbs.KEPT_FOR):
                    return
            async with self._parts.database.write() as session:
                await verbs.forget(session, clock.utcnow())

    # -- sending --------------------------------------------------------------------------------------------------------

    async def _lane(self, webhook_id: int) -> None:
        try:
            while await self._batch(webhook_id):
                pass
        except Exception as bug:
            logger.error("webhook.bug", webhook=webhook_id, error=type(bug).__name__, detail=str(bug)[:300])
            await asyncio.sleep(1)
        finally:
            self._lanes.pop(webhook_id, None)

    async def _batch(self, webhook_id: int) -> int:
        database, now = self._parts.database, clock.utcnow()
        async with database.write() as session:
            hook = await session.get(Webhook, webhook_id)
            claimed = await verbs.claim(session, webhook_id, now, AT_ONCE) if hook and hook.active else []
        if hook is None or not claimed:
            return 0
        async with database.read() as session:
            bodies = await queries.bodies(session, [each.event_id for each in claimed])
        to = Target(hook.url, keys(self._parts.vault.unseal(hook.secrets), hook.renewed_at, now))
        answers = await asyncio.gather(*[self._send(to, each, bodies[each.event_id]) for each in claimed])
        async with database.write() as session:
            await verbs.settle(session, webhook_id, answers, clock.utcnow())
        return len(claimed)

    async def _send(self, to: Target, each: Claimed, body: bytes) -> Answer:
        began, at = clock.monotonic(), clock.utcnow()
        code, failure = None, ""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                code = await self._post(to, each, body)
            failure = "" if 200 <= code < 300 else f"http_{code}"
        except PrivateAddress:
            failure = "private_address"
        except (TimeoutError, httpx2.TimeoutException):
            failure = "timeout"
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as broken:
            failure = "unreachable"
            logger.info("webhook.unreachable", delivery=each.id, error=type(broken).__name__)
        return Answer(each.id, at, code, round((clock.monotonic() - began) * 1000), failure)

    async def _post(self, to: Target, each: Claimed, body: bytes) -> int:
        """A redirect is no delivery, and what is answered is not read: only the status counts."""
        if self._client is None:
            hosts = self._parts.settings.private_hosts
            self._client = guarded_client(hosts, timeout_s=TIMEOUT_S, follows=False)
        headers = {
            "content-type": "application/json",
            "user-agent": f"Mikawaya/{VERSION}",
            "mikawaya-event": queries.event_name(each.event_id),
            "mikawaya-signature": signature(body, to.keys, clock.utcnow()),
        }
        async with self._client.stream("POST", to.url, content=body, headers=headers) as answer:
            return answer.status_code
