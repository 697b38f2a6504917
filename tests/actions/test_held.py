"""E7: who writes to a forwarded reply address is not in the conversation: their reply is held until an agent decides."""

from datetime import timedelta
from typing import Any

import pytest

from app.actions import desk, held, reply
from app.models import Delivery, Event, Message, Status, Thread
from app.models.columns import NEVER
from app.queries import outgoing
from channels.contract import Address
from tests.actions.world import World, at, mail

EVE = Address(kind="email", value="eve@elsewhere.example", name="Eve")
FRIEND = Address(kind="email", value="friend@evil.example")


async def forwarded(world: World, *, seconds: int = 10, sender: Address = EVE, **more: Any) -> Message:
    """The customer wrote, and somebody writes to the signed reply address of our answer's thread."""
    if not await world.tickets():
        await world.take(mail(0), inbox=world.email)
    (thread,) = await world.threads()
    item = mail(seconds, sender=sender, thread=thread.id, text="私にも教えてください", **more)
    (placed,) = await world.take(item, inbox=world.email, now=at(seconds))
    return await world.one(Message, id=placed.message)


async def answered(world: World, *, now: float, then: str = "") -> Message:
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        draft = reply.Draft(text="お調べします", then=then)
        message, _ = await reply.reply(session, ticket, world.cast.hanako.agent, draft, now=at(now))
        return message


async def decide(world: World, message: Message, what: str, *, now: float = 60) -> None:
    async with world.database.write() as session:
        verb = held.approve if what == "approve" else held.refuse
        await verb(session, message.id, agent=world.cast.hanako.agent, now=at(now))


async def cited(world: World, message: Message) -> tuple[str, ...]:
    async with world.database.read() as session:
        return await outgoing._cited(session, message.thread_id or 0, message.id)


async def test_E7_a_strangers_reply_is_held_and_changes_nothing_of_the_conversation(world: World) -> None:
    message = await forwarded(world, subject="another subject", participants=(FRIEND,))
    (thread,), ticket = await world.threads(), await world.ticket()
    assert (message.state, message.ticket_id, message.text) == (Delivery.HELD, 1, "私にも教えてください")
    assert (thread.participants, thread.subject, thread.customer_at) == ([], "注文の件", at(0))
    assert (ticket.preview_kind, ticket.needs_reply_since) == ("held", at(0))
    answer = await answered(world, now=20)
    assert await cited(world, answer) == ("m0",), "nor do our answers tell the customer of it"


async def test_E7_nobody_is_promised_an_answer_before_it_is_let_in(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await answered(world, now=5)
    await forwarded(world)
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since, ticket.due_at) == ("open", None, NEVER)
    assert len(await world.episodes()) == len(await world.clocks()) == 1


@pytest.mark.parametrize("status", ["pending", "resolved"])
async def test_E7_a_held_reply_brings_its_ticket_back_for_the_decision(world: World, status: str) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.status(1, status, now=at(5))
    await forwarded(world)
    assert (await world.ticket()).status == Status.OPEN


async def test_E7_approved_it_is_in_the_conversation_and_waits_since_it_was_written(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await answered(world, now=5)
    message = await forwarded(world)
    await decide(world, message, "approve")
    after, (thread,), ticket = await world.one(Message, id=message.id), await world.threads(), await world.ticket()
    assert after.state == Delivery.RECEIVED
    assert thread.participants == [{"value": EVE.value, "name": "Eve"}]
    assert (ticket.needs_reply_since, ticket.preview_kind, ticket.preview) == (at(10), "text", "私にも教えてください")
    assert ticket.due_at > at(10) and ticket.due_at != NEVER
    again = await forwarded(world, seconds=90)
    assert again.state == Delivery.RECEIVED, "they belong to it now"
    answer = await answered(world, now=100)
    assert await cited(world, answer) == ("m0", "m10", "m90")
    assert (await world.ticket()).needs_reply_since is None
    assert [each.answered_at for each in await world.episodes()] == [at(5), at(100)]


async def test_E7_refused_it_stays_outside_and_may_still_be_let_in(world: World) -> None:
    message = await forwarded(world)
    await decide(world, message, "refuse")
    ticket = await world.ticket()
    assert (await world.one(Message, id=message.id)).state == Delivery.REFUSED
    assert (ticket.preview, ticket.preview_kind) == ("醤油が届きません", "text")
    assert (await forwarded(world, seconds=30)).state == Delivery.HELD, "the next one is asked about again"
    with pytest.raises(held.NotHeld):
        await decide(world, message, "refuse")
    await decide(world, message, "approve")
    assert (await world.one(Thread)).participants[0]["value"] == EVE.value
    assert (await world.ticket()).preview_kind == "held", "of the other one"
    with pytest.raises(held.NotHeld):
        await decide(world, message, "approve")
    kinds = [each.kind for each in await world.all(Event) if each.message_id == message.id]
    assert kinds == ["message.received", "message.refused", "message.approved"]


async def test_E7_only_what_is_held_can_be_decided(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    first = await world.one(Message)
    for what in ("approve", "refuse"):
        with pytest.raises(held.NotHeld):
            await decide(world, first, what)
    with pytest.raises(reply.NoMessage):
        await decide(world, Message(id=99), "approve")


async def test_E7_approving_in_a_solved_ticket_leaves_it_solved(world: World) -> None:
    message = await forwarded(world)
    await world.status(1, "resolved", now=at(20))
    await decide(world, message, "approve")
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since, ticket.due_at) == ("resolved", None, NEVER)


async def test_E11_a_machines_reply_that_was_held_meets_no_clock_when_approved(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await answered(world, now=5)
    message = await forwarded(world, auto=True, reopens=False)
    assert message.state == Delivery.HELD
    await decide(world, message, "approve")
    assert (await world.ticket()).needs_reply_since is None


@pytest.mark.parametrize("who", ["sato", "suzuki"])
async def test_E7_the_customer_and_their_colleague_are_never_held(world: World, who: str) -> None:
    await world.take(mail(0), inbox=world.email)
    (thread,) = await world.threads()
    await world.take(mail(10, who=who, thread=thread.id), inbox=world.email, now=at(10))
    assert {each.state for each in await world.messages()} == {Delivery.RECEIVED}


async def test_E7_long_after_the_end_a_stranger_begins_a_case_of_their_own(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.status(1, "resolved", now=at(5))
    (thread,) = await world.threads()
    late = int(timedelta(days=60).total_seconds())
    await world.take(mail(late, sender=EVE, thread=thread.id), inbox=world.email, now=at(late))
    assert [each.state for each in await world.messages()] == [Delivery.RECEIVED, Delivery.RECEIVED]
    assert len(await world.tickets()) == 2
