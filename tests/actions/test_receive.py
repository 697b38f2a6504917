"""What customers send becomes tickets: where each message goes, in any order, once."""

import random
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from app.actions import reply
from app.models import (
    Account,
    AccountPerson,
    Attachment,
    Clock,
    Event,
    Identity,
    Message,
    Person,
    Thread,
    Ticket,
)
from app.models.columns import NEVER
from channels.contract import Address, Handle, Inbound, Noticed, Part, Reach
from tests.actions.world import World, arrival, at, mail, said
from tests.cast import START, inbox, person


async def test_a_first_message_opens_a_ticket_with_a_clock_and_an_episode(world: World) -> None:
    (placed,) = await world.take(said(0))
    ticket = await world.ticket()
    assert (placed.ticket, placed.opened, placed.duplicate) == (ticket.id, True, False)
    assert (ticket.status, ticket.channel, ticket.team_id, ticket.preview) == (
        "open", "line", world.cast.team.id, "醤油が届きません",
    )  # fmt: skip
    assert (ticket.needs_reply_since, ticket.due_at) == (START, START + timedelta(hours=1))
    (clock,) = await world.clocks()
    assert (clock.metric, clock.state, clock.due_at, clock.target_s) == ("first_response", "running", at(3600), 3600)
    (episode,) = await world.episodes()
    assert (episode.opened_at, episode.answered_at, episode.message_id) == (START, None, placed.message)
    (raw,) = await world.raws()
    assert (raw.body, raw.headers, raw.state) == (b"{}", {"x": "y"}, "taken")
    assert [e.kind for e in await world.all(Event)] == ["ticket.opened", "message.received"]


async def test_SLA3_later_messages_of_the_same_run_move_no_clock(world: World) -> None:
    await world.take(said(0))
    await world.take(said(60, "もしもし"), now=at(60))
    ticket = await world.ticket()
    assert (ticket.due_at, ticket.needs_reply_since, ticket.preview) == (at(3600), START, "もしもし")
    assert len(await world.clocks()) == len(await world.episodes()) == 1
    assert [m.seq for m in await world.messages()] == [1, 2]


async def test_two_customers_of_one_webhook_are_two_tickets(world: World) -> None:
    await world.take(said(0), said(1, who="suzuki"))
    assert len(await world.tickets()) == 2
    assert len({t.person_id for t in await world.tickets()}) == 2


@pytest.mark.parametrize("status", ["pending", "snoozed"])
async def test_a_message_wakes_a_waiting_ticket(world: World, status: str) -> None:
    await world.take(said(0))
    await world.status(1, status, now=at(10), until=at(9999) if status == "snoozed" else None)
    await world.take(said(20), now=at(20))
    ticket = await world.ticket()
    assert (ticket.status, ticket.snoozed_until, ticket.reopened) == ("open", None, 0)


async def test_a_message_reopens_a_resolved_ticket_and_starts_anew(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "resolved", now=at(10))
    assert (await world.ticket()).due_at == NEVER
    await world.take(said(20), now=at(20))
    ticket = await world.ticket()
    assert (ticket.status, ticket.reopened, ticket.resolved_at, ticket.needs_reply_since) == ("open", 1, None, at(20))
    (period,) = await world.resolutions()
    assert (period.resolved_at, period.reopened_at, period.reopened_by) == (at(10), at(20), "customer")
    assert [c.state for c in await world.clocks()] == ["cancelled", "running"]
    assert [e.void for e in await world.episodes()] == [True, False]


async def test_after_the_reopening_time_a_message_opens_a_related_ticket(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "resolved", now=at(10))
    late = START + timedelta(days=14, seconds=11)
    await world.take(said("late", sent_at=late), now=late)
    old, new = await world.tickets()
    assert (old.status, new.status) == ("resolved", "open")
    assert (await world.messages())[-1].meta["related"] == old.id
    assert [t.current for t in await world.threads()] == [False, True]
    await world.take(said("later", sent_at=late + timedelta(seconds=5)), now=late + timedelta(seconds=5))
    assert len(await world.tickets()) == 2


async def test_a_closed_ticket_is_not_reopened(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "closed", now=at(10))
    await world.take(said(20), now=at(20))
    assert [t.status for t in await world.tickets()] == ["closed", "open"]


async def test_spam_stays_spam(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "spam", now=at(10))
    await world.take(said(20), now=at(20))
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since, ticket.due_at) == ("spam", None, NEVER)
    assert len(await world.messages()) == 2


# -- order and duplicates -----------------------------------------------------------------------------------------------


async def test_L9_a_late_message_does_not_reopen_what_was_resolved_after_it(world: World) -> None:
    await world.take(said(100))
    await world.status(1, "resolved", now=at(200))
    await world.take(said(50), now=at(300))
    assert (await world.ticket()).status == "resolved"
    await world.take(said(150), now=at(301))
    assert (await world.ticket()).status == "open"  # the newest word of the customer, though sent before the resolution


async def test_L9_a_late_messages_handle_does_not_replace_the_newer_one(world: World) -> None:
    await world.take(said(100, handle=Handle(token="new", received_at=at(100))), now=at(100))
    await world.take(said(50, handle=Handle(token="old", received_at=at(101))), now=at(101))
    assert (await world.threads())[0].handle == "new"


async def test_L8_duplicates_change_nothing(world: World) -> None:
    (first,) = await world.take(said(0))
    (second,) = await world.take(said(0), now=at(5))
    assert second.duplicate and (second.ticket, second.message) == (first.ticket, first.message)
    placed = await world.take(said(7), said(7), now=at(7))
    assert [p.duplicate for p in placed] == [False, True] and placed[0].message == placed[1].message
    assert len(await world.messages()) == 2
    assert len([e for e in await world.all(Event) if e.kind == "message.received"]) == 2


async def test_L8_duplicates_across_the_hooks_of_one_batch(world: World) -> None:
    a, b = await world.batch([arrival(world.line, said(0)), arrival(world.line, said(0))])
    assert (a[0].duplicate, b[0].duplicate) == (False, True) and a[0].message == b[0].message
    assert len(await world.raws()) == 2


async def test_two_inboxes_may_use_the_same_external_id(world: World) -> None:
    await world.take(said(0))
    await world.take(said(0), inbox=world.chat)
    assert len(await world.messages()) == 2 and len(await world.tickets()) == 2
    assert len(await world.all(Identity)) == 1


# -- what opens, reopens and waits --------------------------------------------------------------------------------------


async def test_L15_group_chatter_goes_into_an_open_ticket(world: World) -> None:
    await world.take(said(0, conversation="group:G1"))
    (placed,) = await world.take(said(5, who="suzuki", conversation="group:G1", opens=False), now=at(5))
    assert placed.ticket == 1 and len(await world.all(Identity)) == 2


async def test_a_thank_you_sticker_does_not_reopen(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "resolved", now=at(10))
    await world.take(said(20, "", kind="sticker", reopens=False), now=at(20))
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since, len(await world.messages())) == ("resolved", None, 2)


async def test_E8_automatic_mail_reopens_nothing_and_starts_no_clock(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.status(1, "resolved", now=at(10))
    await world.take(mail(20, answers=["m0"], auto=True), inbox=world.email, now=at(20))
    ticket = await world.ticket()
    assert (ticket.status, ticket.needs_reply_since, ticket.due_at) == ("resolved", None, NEVER)


async def test_E8_automatic_mail_to_a_pending_ticket_keeps_it_pending(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.status(1, "pending", now=at(10))
    await world.take(mail(20, answers=["m0"], auto=True), inbox=world.email, now=at(20))
    assert (await world.ticket()).status == "pending"


async def test_E11_automatic_mail_alone_waits_for_nobody(world: World) -> None:
    await world.take(mail(0, auto=True), inbox=world.email)
    ticket = await world.ticket()
    assert (ticket.needs_reply_since, ticket.due_at, await world.clocks(), await world.episodes()) == (
        None,
        NEVER,
        [],
        [],
    )


async def test_a_message_dated_in_the_future_starts_its_clock_now(world: World) -> None:
    await world.take(said("f", sent_at=START + timedelta(days=400)))
    assert (await world.ticket()).needs_reply_since == START


# -- mail threads -------------------------------------------------------------------------------------------------------


async def test_E1_an_answer_is_placed_by_its_references(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.take(mail(5, answers=["unknown", "m0"]), inbox=world.email, now=at(5))
    assert len(await world.tickets()) == len(await world.threads()) == 1


async def test_E1_an_answer_in_the_same_batch_as_what_it_answers(world: World) -> None:
    await world.take(mail(5, answers=["m0"]), mail(0), inbox=world.email)
    assert len(await world.tickets()) == 1


async def test_E7_a_strangers_reference_opens_a_related_ticket(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.take(mail(5, who="evil", answers=["m0"], sender=Address(kind="email", value="x@evil.example")),
                     inbox=world.email, now=at(5))  # fmt: skip
    one, two = await world.tickets()
    assert (await world.messages())[1].meta["related"] == one.id and two.id == one.id + 1


async def test_E7_a_colleague_and_a_participant_may_continue(world: World) -> None:
    cc = Address(kind="email", value="partner@other.example", name="相棒")
    await world.take(mail(0, participants=(cc,)), inbox=world.email)
    await world.take(mail(5, who="suzuki", answers=["m0"]), inbox=world.email, now=at(5))
    await world.take(mail(6, sender=cc, answers=["m5"]), inbox=world.email, now=at(6))
    assert len(await world.tickets()) == 1 and len(await world.messages()) == 3


async def test_E7_a_public_mail_domain_is_nobodys_company(world: World) -> None:
    await world.take(mail(0, sender=Address(kind="email", value="a@gmail.com")), inbox=world.email)
    await world.take(mail(5, sender=Address(kind="email", value="b@gmail.com"), answers=["m0"]), inbox=world.email)
    assert len(await world.tickets()) == 2


async def test_E1_a_signed_thread_wins_over_references_and_senders(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    await world.take(
        mail(1, who="suzuki", sender=person("suzuki", kind="email", value="s@x.example")), inbox=world.email
    )
    private = Address(kind="email", value="sato.private@mail.com")
    (placed,) = await world.take(mail(5, sender=private, thread=1, answers=["m1"]), inbox=world.email, now=at(5))
    assert placed.ticket == 1


async def test_a_signed_thread_that_is_gone_opens_a_ticket(world: World) -> None:
    (placed,) = await world.take(mail(5, thread=999), inbox=world.email)
    assert placed.opened


async def test_a_thread_of_another_inbox_continues_the_case_in_a_line_of_its_own(world: World) -> None:
    await world.take(said(0))
    (placed,) = await world.take(mail(5, thread=1), inbox=world.email, now=at(5))
    assert placed.ticket == 1 and [t.channel for t in await world.threads()] == ["line", "email"]
    assert (await world.ticket()).channel == "email"


async def test_accounts_are_found_by_the_senders_company(world: World) -> None:
    async with world.database.write() as session:
        session.add(Account(name="佐藤商店", domain="customer.example", created_at=START))
    await world.take(mail(0), mail(1, who="suzuki"), inbox=world.email)
    await world.take(mail(2, sender=Address(kind="email", value="a@elsewhere.example")), inbox=world.email)
    assert [t.account_id for t in await world.tickets()] == [1, 1, None]
    async with world.database.read() as session:
        assert len((await session.scalars(select(AccountPerson))).all()) == 2
    await world.status(1, "closed", now=at(3))
    await world.take(mail(5), inbox=world.email, now=at(5))
    assert (await world.tickets())[-1].account_id == 1


# -- attachments, odd values, names -------------------------------------------------------------------------------------


async def test_attachments_with_bytes_are_ready_and_others_wait(world: World) -> None:
    from_mail = Part(name="写真.jpg", media_type="image/jpeg", content=b"jpeg", content_id="c1", inline=True)
    remote = Part(name="", media_type="image/jpeg", remote="line:1", duration_ms=5)
    key = "ffff"
    stored = {sha256(b"jpeg").hexdigest(): key}
    await world.batch([arrival(world.line, said(0, parts=(from_mail, remote)), uploads=stored)])
    ready, waiting = await world.all(Attachment)
    assert (ready.state, ready.file_key, ready.size, ready.retry_at, ready.inline) == ("ready", key, 4, None, True)
    assert (waiting.state, waiting.remote, waiting.retry_at, waiting.duration_ms) == ("waiting", "line:1", START, 5)


async def test_an_upload_is_taken_once(world: World) -> None:
    async with world.database.write() as session:
        session.add(Attachment(public_id="p1", created_at=START, file_key="k"))
    part = Part(name="a", remote="upload:p1")
    await world.take(said(0, parts=(part,)), inbox=world.chat)
    await world.take(said(1, parts=(part,)), inbox=world.chat, now=at(1))
    assert [a.message_id for a in await world.all(Attachment)] == [1]


@pytest.mark.parametrize("size", [300, 900])
async def test_long_identifiers_are_no_error(world: World, size: int) -> None:
    """Message-IDs of any length, on PostgreSQL too, whose columns have a width; and answers find them."""
    long = "x" * size
    await world.take(mail(long, subject=long, text=long * 10), inbox=world.email)
    await world.take(mail("b", answers=[f"m{long}"]), inbox=world.email, now=at(5))
    assert len(await world.tickets()) == 1
    (again,) = await world.take(mail(long), inbox=world.email, now=at(6))
    assert again.duplicate


async def test_the_channel_is_asked_for_names_only_when_it_tells_them(world: World) -> None:
    world.line.tells_names = True
    await world.take(said(0), said(1, who="suzuki"))
    await world.take(mail(2), inbox=world.email)
    assert [i.ask_at for i in await world.all(Identity)] == [START, START, None]


async def test_L10_standby_messages_are_stored_and_shown(world: World) -> None:
    await world.take(said(0, meta={"standby": True}, reopens=False))
    (message,) = await world.messages()
    assert message.meta["standby"] is True


# -- other words --------------------------------------------------------------------------------------------------------


async def test_reach_marks_the_identity_and_opens_no_ticket(world: World) -> None:
    sato = person("sato")
    await world.take(Reach(sender=sato, reachable=True, at=START, code="followed"))
    assert await world.tickets() == []
    await world.take(said(0))
    await world.take(Reach(sender=sato, reachable=False, at=at(5), code="blocked"), now=at(5))
    identity = await world.one(Identity)
    assert (identity.reachable, identity.reach_code) == (False, "blocked")
    assert (await world.all(Event))[-1].ticket_id == 1


async def test_noticed_stands_in_the_tickets_log(world: World) -> None:
    await world.take(said(0))
    note = Noticed(code="line.postback", at=START, conversation=said(0).conversation, params={"data": "x"})
    (placed,) = await world.take(note)
    event = (await world.all(Event))[-1]
    assert placed.ticket == 1 and (event.kind, event.ticket_id, event.params["code"]) == (
        "inbox.noticed",
        1,
        "line.postback",
    )


async def test_a_message_after_an_answer_starts_a_next_response_clock(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        ticket = await session.get_one(Ticket, 1)
        agent = world.cast.hanako.agent
        await reply.reply(session, ticket, agent, reply.Draft(text="お調べします"), now=at(600))
    await world.take(said(700), now=at(700))
    first, following = await world.clocks()
    assert (first.state, first.met_at, first.breached_at) == ("met", at(600), None)
    assert (following.metric, following.due_at) == ("next_response", at(700 + 3600))


async def test_batches_hold_what_one_by_one_would(world: World) -> None:
    """40 customers with 5 messages each, in one batch and shuffled."""
    items = [said(n, f"{n}", who=f"c{n % 40}") for n in range(200)]
    random.Random(1).shuffle(items)
    await world.batch([arrival(world.line, *items[i : i + 7]) for i in range(0, 200, 7)], now=at(300))
    tickets, messages = await world.tickets(), await world.messages()
    assert (len(tickets), len(messages), len(await world.clocks())) == (40, 200, 40)
    for thread in await world.threads():
        mine = [m for m in messages if m.thread_id == thread.id]
        assert [m.seq for m in mine] == [1, 2, 3, 4, 5] and thread.last_seq == 5
        assert [m.sent_at for m in mine] == sorted(m.sent_at for m in mine)
        assert tickets[thread.ticket_id - 1].preview == mine[-1].text


async def test_first_contact_by_two_inboxes_in_one_batch_is_one_person(world: World) -> None:
    async with world.database.write() as session:
        second = await inbox(session, "line", name="二つめ")
    await world.batch([arrival(world.line, said(0)), arrival(second, said(1))])
    assert len(await world.all(Person)) == 1 and len(await world.tickets()) == 2


async def test_conversations_that_are_retired_in_the_same_batch(world: World) -> None:
    """A closed ticket's customer writes three times at once: one new ticket holds all three."""
    await world.take(said(0))
    await world.status(1, "closed", now=at(5))
    await world.take(said(10), said(11), said(12), now=at(12))
    assert len(await world.tickets()) == 2
    assert [(t.current, t.last_seq) for t in await world.threads()] == [(False, 1), (True, 3)]
    assert len(await world.all(Thread)) == 2 and len(await world.all(Message)) == 4
    assert len([c for c in await world.all(Clock) if c.state == "running"]) == 1


def test_items_are_values() -> None:
    assert said(1) == said(1) and isinstance(said(1), Inbound)


async def test_E19_html_that_was_not_cleaned_before_the_transaction_is_not_kept(world: World) -> None:
    """Cleaning takes long for a large mail, and the writer has no time for it."""
    html = "<p>届きません</p><script>alert(1)</script>"
    raw, made = mail(0, html=html), mail(1, html=html)
    await world.batch([arrival(world.email, raw, cleaned={}), arrival(world.email, made)])
    assert [each.html for each in await world.messages()] == ["", "<p>届きません</p>"]
