"""Outgoing webhooks against a real receiver: signed, at least once, under one id, tried for a day, never to ourselves."""

import asyncio
import hashlib
import hmac
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions import desk as ticket_verbs
from app.actions import webhooks
from app.config import Settings
from app.db import Database
from app.jobs.hooks import Hooks
from app.models import Event, Message, Notification, Webhook, WebhookDelivery
from app.parts import Parts
from app.rules.retry import HOOK_S
from tests import servers
from tests.actions.world import World, at, said
from tests.cast import Cast, inbox
from tests.conftest import Hands
from tests.receiver import Receiver, receiving

KINDS = ["ticket.opened", "message.received", "ticket.priority"]


@pytest.fixture
async def world(database: Database, cast: Cast) -> World:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return World(database=database, cast=cast, **kinds)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def hooks(parts: Parts) -> AsyncIterator[Hooks]:
    made = Hooks(parts)
    yield made
    await made.close()


async def told(parts: Parts, url: str, kinds: list[str] = KINDS) -> tuple[int, str]:
    async with parts.database.write() as session:
        made, key = await webhooks.add(session, parts.vault, name="CRM", url=url, kinds=kinds, by=None, now=at(0))
    return made.id, key


async def run(hooks: Hooks) -> None:
    while await hooks.step():
        pass
    await hooks.idle()


def signed(headers: dict[str, str], body: bytes, key: str) -> bool:
    stamp, *macs = headers["mikawaya-signature"].split(",")
    said_at = stamp.removeprefix("t=").encode()
    expected = hmac.new(key.encode(), said_at + b"." + body, hashlib.sha256).hexdigest()
    return f"v1={expected}" in macs


async def test_what_happens_from_now_on_is_told_signed_and_once(
    world: World, parts: Parts, hooks: Hooks, receiver: Receiver, hands: Hands
) -> None:
    await world.take(said(0))  # before it was there: none of its business
    number, key = await told(parts, receiver.url)
    await world.take(said(1, who="other"))
    async with world.database.write() as session:
        ticket = await ticket_verbs.locked(session, 2)
        await ticket_verbs.set_priority(session, ticket, "urgent", by=world.cast.hanako.id, now=at(2))
        await ticket_verbs.set_subject(session, ticket, "not subscribed", by=world.cast.hanako.id, now=at(2))
    await run(hooks)
    await run(hooks)
    assert sorted(each["event"] for each in receiver.said) == sorted(KINDS)
    assert all(signed(headers, body, key) for headers, body in receiver.told)
    assert {each["id"] for each in receiver.said} == {headers["mikawaya-event"] for headers, _ in receiver.told}
    change = next(each for each in receiver.said if each["event"] == "ticket.priority")
    assert (change["ticket"]["number"], change["ticket"]["priority"], change["params"]["was"]) == (
        2,
        "urgent",
        "normal",
    )
    word = next(each for each in receiver.said if each["event"] == "message.received")
    (message,) = [each for each in await world.all(Message) if each.ticket_id == 2]
    assert word["message"]["text"] == message.text
    rows = await world.all(WebhookDelivery)
    assert [(r.webhook_id, r.state, r.attempts, r.code) for r in rows] == [(number, "delivered", 1, 200)] * 3


async def test_a_receiver_that_fails_is_tried_for_a_day_then_the_owner_hears_of_it(
    world: World, parts: Parts, hooks: Hooks, receiver: Receiver, hands: Hands
) -> None:
    number, _ = await told(parts, receiver.url, ["ticket.opened"])
    receiver.answers = [500, 302, *[503] * (len(HOOK_S) - 1)]
    await world.take(said(0))
    hands.now = at(1)
    began = hands.now
    for wait in HOOK_S:
        await run(hooks)
        (row,) = await world.all(WebhookDelivery)
        assert (row.state, (row.next_at - hands.now).total_seconds()) == ("queued", wait)
        await run(hooks)  # too early: nothing
        hands.advance(seconds=wait)
    await run(hooks)
    (row,) = await world.all(WebhookDelivery)
    assert (row.state, row.attempts, len(receiver.told)) == ("failed", len(HOOK_S) + 1, len(HOOK_S) + 1)
    assert (row.done_at - began).total_seconds() <= 24 * 3600  # type: ignore[operator]
    assert [each["code"] for each in row.tries[:2]] == [500, 302]
    (hook,) = await world.all(Webhook)
    assert hook.alarm == "http_503"
    (note,) = await world.all(Notification)
    assert (note.agent_id, note.kind, note.params["name"]) == (world.cast.owner.id, "webhook.failed", "CRM")
    assert len({body["id"] for body in receiver.said}) == 1
    async with parts.database.write() as session:
        await webhooks.replay(session, number, row.id, now=hands.now)
    await run(hooks)
    (row,), (hook,) = await world.all(WebhookDelivery), await world.all(Webhook)
    assert (row.state, row.attempts, hook.alarm) == ("delivered", 1, "")
    assert len({body["id"] for body in receiver.said}) == 1


async def test_who_dies_between_sending_and_writing_it_down_sends_again_under_the_same_id(
    world: World, parts: Parts, settings: Settings, receiver: Receiver, hands: Hands
) -> None:
    await told(parts, receiver.url, ["ticket.opened"])
    await world.take(said(0))
    script = f"""
import asyncio
from datetime import datetime
from app import clock
from app.config import Settings
from app.jobs.hooks import Hooks
from app.parts import assemble
clock.utcnow = lambda: datetime.fromisoformat({at(5).isoformat()!r})
async def main():
    parts = assemble(Settings())
    await parts.start()
    hooks = Hooks(parts)
    while await hooks.step():
        pass
    await hooks.idle()
asyncio.run(main())
"""
    environment = servers.environment(settings) | {"MIKAWAYA_PRIVATE_HOSTS": '["127.0.0.1"]'}
    process = subprocess.Popen([sys.executable, "-c", script], cwd=servers.ROOT, env=environment)
    receiver.before = lambda: os.kill(process.pid, signal.SIGKILL)
    assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
    (row,) = await world.all(WebhookDelivery)
    assert (row.state, row.attempts, len(receiver.told)) == ("sending", 1, 1)
    receiver.before = lambda: None
    hooks = Hooks(parts)
    hands.now = at(5 + 59)
    await run(hooks)
    assert len(receiver.told) == 1  # the dead process's lease
    hands.now = at(5 + 60)
    await run(hooks)
    await hooks.close()
    (row,) = await world.all(WebhookDelivery)
    assert (row.state, row.attempts) == ("delivered", 2)
    first, second = receiver.said
    assert first["id"] == second["id"]


async def test_L13_nothing_goes_to_a_private_address(
    world: World, parts: Parts, receiver: Receiver, hands: Hands
) -> None:
    parts.settings = parts.settings.model_copy(update={"private_hosts": frozenset()})
    await told(parts, receiver.url, ["ticket.opened"])
    await world.take(said(0))
    hooks = Hooks(parts)
    hands.now = at(1)
    await run(hooks)
    await hooks.close()
    (row,) = await world.all(WebhookDelivery)
    assert (row.state, row.failure, receiver.told) == ("queued", "private_address", [])


async def test_two_processes_pass_each_event_on_once(
    world: World, parts: Parts, receiver: Receiver, hands: Hands
) -> None:
    await told(parts, receiver.url, ["message.received"])
    for n in range(12):
        await world.take(said(n, who=f"p{n}"))
    hands.now = at(20)
    crowd = [Hooks(parts) for _ in range(3)]
    await asyncio.gather(*[run(each) for each in crowd])
    await asyncio.gather(*[each.close() for each in crowd])
    assert len({each["id"] for each in receiver.said}) == len(receiver.told) == 12


async def test_a_renewed_key_signs_beside_the_old_one_for_a_day(
    world: World, parts: Parts, hooks: Hooks, receiver: Receiver, hands: Hands
) -> None:
    number, old = await told(parts, receiver.url, ["ticket.opened"])
    async with parts.database.write() as session:
        _, new = await webhooks.renew_key(session, parts.vault, number, by=world.cast.owner.id, now=at(0))
    for n, hands.now in enumerate((at(1), at(86401))):
        await world.take(said(n, who=f"p{n}"))
        await run(hooks)
    (first, body), (second, later) = receiver.told
    assert signed(first, body, old) and signed(first, body, new)
    assert signed(second, later, new) and not signed(second, later, old)


async def test_a_taken_back_word_is_not_sent_on_by_a_late_attempt(
    world: World, parts: Parts, hooks: Hooks, receiver: Receiver, hands: Hands
) -> None:
    """The body is made at each attempt, so an unsend reaches what still waits (L: unsend)."""
    await told(parts, receiver.url, ["message.received"])
    receiver.answers = [500]
    await world.take(said(0))
    hands.now = at(1)
    await run(hooks)
    async with parts.database.write() as session:
        message = (await session.scalars(select(Message))).one()
        message.text, message.unsent_at = "", at(2)
        await session.flush()
    hands.advance(seconds=10)
    await run(hooks)
    first, second = receiver.said
    assert first["message"]["text"] and second["message"]["text"] == ""
    assert first["id"] == second["id"]


async def test_events_that_concern_nobody_cost_no_write(world: World, parts: Parts, hooks: Hooks, hands: Hands) -> None:
    await told(parts, "http://127.0.0.1:9/", ["ticket.subject"])
    before = (await world.all(Webhook))[0].cursor
    await world.take(said(0))
    await run(hooks)
    assert (await world.all(Webhook))[0].cursor == before and await world.all(WebhookDelivery) == []
    async with world.database.write() as session:
        ticket = await ticket_verbs.locked(session, 1)
        await ticket_verbs.set_subject(session, ticket, "x", by=world.cast.hanako.id, now=at(2))
    await run(hooks)
    (row,) = await world.all(WebhookDelivery)
    async with world.database.read() as session:
        kind: Any = await session.scalar(select(col(Event.kind)).where(col(Event.id) == row.event_id))
    assert kind == "ticket.subject" and (await world.all(Webhook))[0].cursor != before
