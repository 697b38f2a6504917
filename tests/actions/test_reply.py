"""An agent's answer: queued once, in the right line, with what it does to the ticket."""

import pytest

from app.actions import desk, reply, uploads
from app.actions.reply import Draft
from app.models import Attachment, Event, Inbox, Message, Ticket
from app.models.columns import NEVER
from channels.contract import Address, Reach
from tests.actions.world import World, at, mail, ring, said
from tests.cast import Member, block, person


async def answer(
    world: World, text: str = "お調べします", *, by: Member | None = None, now: float = 60, **more: object
) -> Message:
    agent = (by or world.cast.hanako).agent
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        message, _ = await reply.reply(session, ticket, agent, Draft(text=text, **more), now=at(now))  # type: ignore[arg-type]
        return message


async def test_an_answer_is_queued_and_ends_the_waiting(world: World) -> None:
    await world.take(said(0))
    message = await answer(world)
    ticket = await world.ticket()
    assert (message.state, message.direction, message.seq, message.retry_at) == ("queued", "out", 2, at(60))
    assert message.send_key and message.thread_id == 1 and message.inbox_id == world.line.id
    assert (ticket.needs_reply_since, ticket.due_at, ticket.first_response_at) == (None, NEVER, at(60))
    assert (ticket.assignee_id, ticket.preview, ticket.preview_from) == (world.cast.hanako.id, "お調べします", "agent")
    (clock,), (episode,) = await world.clocks(), await world.episodes()
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", at(60), None)
    assert (episode.answered_at, episode.answer_id, episode.agent_id) == (at(60), message.id, world.cast.hanako.id)


async def test_the_same_client_id_is_the_same_answer(world: World) -> None:
    await world.take(said(0))
    one = await answer(world, client_id="c-1")
    two = await answer(world, "something else", client_id="c-1", now=90)
    assert one.id == two.id and len(await world.all(Message, direction="out")) == 1
    await answer(world, client_id="c-2")
    assert len(await world.all(Message, direction="out")) == 2


async def test_what_came_since_the_writer_looked_holds_the_answer(world: World) -> None:
    await world.take(said(0))
    (first,) = await world.all(Message)
    await world.take(said(30))
    with pytest.raises(reply.NewsSince) as held:
        await answer(world, seen=first.id, client_id="c-1")
    newest = (await world.all(Message))[-1].id
    assert held.value.params == {"messages": [newest]} and not await world.all(Message, direction="out")
    sent = await answer(world, seen=newest, client_id="c-1")
    assert (await answer(world, seen=first.id, client_id="c-1")).id == sent.id, "the same answer again is no news"


async def test_a_colleagues_answer_or_note_is_news_and_ones_own_or_a_machines_is_not(world: World) -> None:
    await world.take(said(0))
    (first,) = await world.all(Message)
    mine = await answer(world)
    await answer(world, "追記です", seen=first.id)
    async with world.database.write() as session:
        session.add(
            Message(
                ticket_id=1,
                author="machine",
                auto=True,
                text="受付",
                sent_at=at(61),
                created_at=at(61),
                direction="out",
            )
        )
    await answer(world, "さらに", seen=mine.id)
    with pytest.raises(reply.NewsSince) as held:
        await answer(world, "私も答えます", by=world.cast.jiro, seen=first.id)
    assert len(held.value.params["messages"]) == 3
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        note, _ = await reply.note(
            session, ticket, world.cast.jiro.agent, Draft(text="電話しました", audience="internal"), now=at(62)
        )
    with pytest.raises(reply.NewsSince) as held:
        await answer(world, "まだ", seen=note.id - 1)
    assert held.value.params == {"messages": [note.id]}


async def test_an_answer_does_not_take_a_ticket_from_its_agent(world: World) -> None:
    await world.take(said(0))
    await answer(world)
    await answer(world, by=world.cast.jiro)
    assert (await world.ticket()).assignee_id == world.cast.hanako.id


@pytest.mark.parametrize(
    ("before", "then", "after"),
    [
        ("open", "", "open"), ("pending", "", "pending"), ("snoozed", "", "open"), ("resolved", "", "open"),
        ("spam", "", "open"), ("open", "pending", "pending"), ("open", "resolved", "resolved"),
        ("resolved", "resolved", "resolved"),
        ("pending", "open", "open"),
    ],
)  # fmt: skip
async def test_what_an_answer_does_to_the_status(world: World, before: str, then: str, after: str) -> None:
    await world.take(said(0))
    if before != "open":
        await world.status(1, before, now=at(10), until=at(999) if before == "snoozed" else None)
    await answer(world, then=then)
    assert (await world.ticket()).status == after


async def test_resolving_with_the_answer_leaves_an_answered_episode(world: World) -> None:
    await world.take(said(0))
    await answer(world, then="resolved")
    (episode,), (clock,) = await world.episodes(), await world.clocks()
    assert (episode.void, episode.answered_at, clock.state) == (False, at(60), "met")


async def test_nothing_to_say_is_refused(world: World) -> None:
    await world.take(said(0))
    with pytest.raises(reply.EmptyMessage):
        await answer(world, "  \n　")
    assert len(await world.messages()) == 1


async def test_only_ones_own_unused_uploads_go_out(world: World) -> None:
    await world.take(said(0))
    kept = uploads.Kept("a.pdf", "application/pdf", 3, "k", "")
    async with world.database.write() as session:
        mine = (await uploads.add(session, kept, agent_id=world.cast.hanako.id, now=at(1))).public_id
        other = (await uploads.add(session, kept, agent_id=world.cast.jiro.id, now=at(1))).public_id
        visitors = (await uploads.add(session, kept, agent_id=None, now=at(1))).public_id
    for stolen in (other, visitors, "unknown"):
        with pytest.raises(reply.NoUpload):
            await answer(world, attachments=(mine, stolen))
    message = await answer(world, "", attachments=(mine,))
    assert [a.public_id for a in await world.all(Attachment, message_id=message.id)] == [mine]
    with pytest.raises(reply.NoUpload):
        await answer(world, attachments=(mine,))


async def test_a_customer_who_blocked_us_cannot_be_answered_there(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        await block(session, person("sato").key)
    with pytest.raises(reply.CannotReply) as refused:
        await answer(world)
    assert refused.value.params == {"reason": "blocked"}
    await world.take(Reach(sender=person("sato"), reachable=True, at=at(5), code="followed"))
    await answer(world)


async def test_an_inbox_that_is_off_sends_nothing(world: World) -> None:
    await world.take(said(0))
    await world.set(Inbox, world.line.id, enabled=False)
    with pytest.raises(reply.CannotReply):
        await answer(world)


async def test_the_line_is_the_latest_customer_thread_unless_said(world: World) -> None:
    await world.take(said(0))
    await world.take(mail(5, thread=1), inbox=world.email, now=at(5))
    assert (await answer(world)).inbox_id == world.email.id
    assert (await answer(world, thread_id=1)).inbox_id == world.line.id
    await world.take(said(9), now=at(9))
    assert (await answer(world)).inbox_id == world.line.id
    with pytest.raises(reply.NoThread):
        await answer(world, thread_id=99)


async def test_a_call_alone_cannot_be_answered_in_writing(world: World) -> None:
    await world.take(ring(), inbox=world.phone)
    with pytest.raises(reply.NoThread):
        await answer(world)


async def test_another_tickets_thread_is_no_way_out(world: World) -> None:
    await world.take(said(0), said(1, who="suzuki"))
    with pytest.raises(reply.NoThread):
        await answer(world, thread_id=2)


async def test_a_note_goes_nowhere_and_meets_nothing(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        draft = Draft(text="社内メモ", client_id="n1", audience="internal")
        made, fresh = await reply.note(session, ticket, world.cast.success.agent, draft, now=at(5))
        again, twice = await reply.note(session, ticket, world.cast.success.agent, draft, now=at(6))
    assert (made.state, made.thread_id, made.seq, made.audience, fresh, again.id, twice) == (
        "noted", None, None, "internal", True, made.id, False,
    )  # fmt: skip
    ticket = await world.ticket()
    assert (ticket.preview, ticket.needs_reply_since, ticket.assignee_id) == ("醤油が届きません", at(0), None)
    assert [c.state for c in await world.clocks()] == ["running"]


async def test_writing_first_makes_an_outbound_ticket_once(world: World) -> None:
    async with world.database.read() as session:
        inbox = await session.get_one(Inbox, world.email.id)
    numbers = []
    for _ in range(2):
        async with world.database.write() as session:
            draft = Draft(text="ご注文の件", client_id="first-1")
            made = await reply.write_first(
                session,
                inbox,
                world.cast.hanako.agent,
                to="sato@customer.example",
                subject="ご注文",
                draft=draft,
                now=at(5),
            )
            numbers.append(made.id)
    assert numbers[0] == numbers[1], "a browser that posts again must not write twice"
    ticket = await world.ticket()
    assert (ticket.origin, ticket.status, ticket.assignee_id, ticket.needs_reply_since) == (
        "outbound", "pending", world.cast.hanako.id, None,
    )  # fmt: skip
    assert len(await world.all(Message, direction="out")) == 1


async def test_the_customers_answer_to_what_we_wrote_first_comes_back_to_it(world: World) -> None:
    async with world.database.read() as session:
        inbox = await session.get_one(Inbox, world.email.id)
    async with world.database.write() as session:
        await reply.write_first(
            session,
            inbox,
            world.cast.hanako.agent,
            to="sato@customer.example",
            subject="件",
            draft=Draft(text="x"),
            now=at(5),
        )
    await world.take(mail(9, thread=1), inbox=world.email, now=at(9))
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since) == ("open", at(9))


async def test_a_person_decides_about_what_is_not_known_to_have_arrived(world: World) -> None:
    await world.take(said(0))
    message = await answer(world)
    agent = world.cast.hanako.agent
    for state in ("queued", "sending", "sent", "delivered", "received", "discarded"):
        await world.set(Message, message.id, state=state)
        with pytest.raises(reply.NotRetryable):
            async with world.database.write() as session:
                await reply.decide(session, message.id, "retry", agent=agent, now=at(99))
    for what, after in (("retry", "queued"), ("sent", "sent"), ("discard", "discarded")):
        await world.set(Message, message.id, state="unconfirmed", failure="timeout", attempts=3, handle="h")
        async with world.database.write() as session:
            decided = await reply.decide(session, message.id, what, agent=agent, now=at(99))
        assert (decided.state, decided.failure) == (after, "")
        if what == "retry":
            assert decided.send_key != message.send_key and (decided.attempts, decided.handle) == (0, "")
    with pytest.raises(reply.NoMessage):
        async with world.database.write() as session:
            await reply.decide(session, 999, "retry", agent=agent, now=at(99))
    with pytest.raises(reply.NotRetryable):
        async with world.database.write() as session:
            await reply.decide(session, 1, "retry", agent=agent, now=at(99))


async def test_html_of_an_answer_is_cleaned(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    message = await answer(world, html='<p onclick="x()">a<script>alert(1)</script></p>')
    assert message.html == "<p>a</p>"


async def test_what_was_said_in_public_is_logged_once(world: World) -> None:
    await world.take(said(0))
    await answer(world, then="resolved")
    assert [e.kind for e in await world.all(Event)][2:] == ["ticket.assigned", "ticket.status", "message.queued"]
    assert (await world.one(Ticket)).resolved_at == at(60)


def test_addresses_are_one_row_each() -> None:
    assert Address(kind="email", value="a@x").key != Address(kind="line", value="a@x").key
